"""
Everything that userlink raises, one tree.

UserlinkError
├── ConfigurationError                the application set something up wrongly
│   ├── InvalidOption                 an option of a call is unknown, missing or of the wrong form
│   ├── ReservedParameter             ``authorization_params`` names a parameter that the flow owns
│   ├── ExchangeNotRecognised         no plugin understands these ``store_options``
│   ├── CookiesNotWritable            cookies must be set, and there is no response to set them on
│   ├── LinkingNotSupported           this provider's dialect has no linking
│   ├── ConnectionTokensNotSupported  it hands out no tokens of linked accounts
│   ├── BackchannelLogoutNotSupported  sessions in sealed cookies cannot be ended from elsewhere
│   └── PushedAuthorizationMismatch   client and provider disagree on pushed requests
├── CallbackError                     the callback that the browser brought cannot be accepted
│   ├── InvalidCallback               malformed: too long, a parameter missing or doubled
│   ├── TransactionNotFound           this browser has not started such a transaction
│   ├── TransactionExpired            it was started too long ago
│   ├── TransactionAlreadyUsed        the same callback was delivered before
│   ├── TransactionKindMismatch       a login's callback given to a link's completion, and so on
│   ├── CallbackIssuerMismatch        the answer comes from another issuer (RFC 9207)
│   └── AuthorizationDenied           the provider or the user said no
├── RequestOriginRefused              a page of another origin asked for a change
├── SessionError                      the session does not allow what was asked
│   ├── SessionRequired               nobody is signed in
│   ├── SessionChanged                another session is here than the one that started
│   ├── SessionIdTokenExpired         its ID token is past its time, with nothing to renew it
│   ├── ReauthenticationRequired      the user has not authenticated as recently, or as well, as asked
│   ├── RefreshTokenMissing           a token must be renewed, and nothing is there to renew it with
│   ├── LinkedUserMismatch            the provider answered for another user
│   └── SessionConflict               the session kept changing under our hands
├── ProviderError                     the provider failed or broke the rules
│   ├── ProviderUnreachable           no answer, none in time, or none that may be used
│   ├── MetadataInvalid               its discovery document is wrong
│   ├── KeysInvalid                   its key set is wrong
│   ├── PushedAuthorizationRefused    it said no to a pushed authorization request
│   ├── PushedAuthorizationResponseInvalid  its answer to one is malformed
│   ├── TokenRequestRefused           the token endpoint said no
│   │   └── GrantRefused              it no longer accepts the session's refresh token
│   ├── InsufficientScope             a token does not allow as much as was asked for
│   ├── TokenResponseInvalid          the token endpoint's answer is malformed
│   ├── IdTokenInvalid                the ID token fails a check
│   ├── UserinfoInvalid               the userinfo endpoint's answer cannot be used
│   └── LogoutTokenInvalid            a logout token fails a check, or was used before
└── StoreError                        a store could not do its work
    └── SessionTooLarge               the session does not fit into cookies

Every class has a stable ``code``, a ``hint`` that says what to do, and the ``fault``: whose move it is. No text of
an error holds a secret, a token, a code, a verifier or a cookie.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

__all__ = [
    "AuthorizationDenied",
    "BackchannelLogoutNotSupported",
    "CallbackError",
    "CallbackIssuerMismatch",
    "ConfigurationError",
    "ConnectionTokensNotSupported",
    "CookiesNotWritable",
    "ExchangeNotRecognised",
    "Fault",
    "GrantRefused",
    "IdTokenInvalid",
    "InsufficientScope",
    "InvalidCallback",
    "InvalidOption",
    "KeysInvalid",
    "LinkedUserMismatch",
    "LinkingNotSupported",
    "LogoutTokenInvalid",
    "MetadataInvalid",
    "ProviderError",
    "ProviderUnreachable",
    "PushedAuthorizationMismatch",
    "PushedAuthorizationRefused",
    "PushedAuthorizationResponseInvalid",
    "ReauthenticationRequired",
    "RefreshTokenMissing",
    "RequestOriginRefused",
    "ReservedParameter",
    "SessionChanged",
    "SessionConflict",
    "SessionError",
    "SessionIdTokenExpired",
    "SessionRequired",
    "SessionTooLarge",
    "StoreError",
    "TokenRequestRefused",
    "TokenResponseInvalid",
    "TransactionAlreadyUsed",
    "TransactionExpired",
    "TransactionKindMismatch",
    "TransactionNotFound",
    "UserinfoInvalid",
    "UserlinkError",
]

Fault = Literal["application", "browser", "provider", "store"]


class UserlinkError(Exception):
    """
    The root of all errors of userlink.

    Attributes:
        code: a stable identifier of the failure, for programs.
        message: what happened, for people.
        hint: what to do next.
        fault: who can do it: the application, the browser's user, the provider or the store.
        app_state: what the application gave when it started the flow, once that is known; else None.
    """

    code: ClassVar[str] = "userlink_error"
    fault: ClassVar[Fault] = "application"
    hint: str = "Read the message; every more particular class has a hint of its own."

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        app_state: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.app_state = app_state
        if hint is not None:
            self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}"

    def __reduce__(self) -> tuple[Any, ...]:
        # Copied and pickled without the constructor, whose arguments differ from class to class.
        return _rebuilt, (type(self), self.args, self.__dict__)


def _rebuilt(
    kind: type[UserlinkError], arguments: tuple[Any, ...], attributes: Mapping[str, Any]
) -> UserlinkError:
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(attributes)
    return error


class ConfigurationError(UserlinkError, ValueError):
    """The application has set something up in a way that cannot work."""

    code = "configuration_error"
    hint = "Correct the arguments that the client is built with."


class InvalidOption(ConfigurationError):
    """An option of a call is unknown, missing or of the wrong form."""

    code = "invalid_option"
    hint = "Correct the options of this call; the reference lists the options of each method."


class ReservedParameter(ConfigurationError):
    """``authorization_params`` names a parameter that the flow itself decides."""

    code = "reserved_parameter"
    hint = "Leave the parameter out of authorization_params."


class ExchangeNotRecognised(ConfigurationError):
    """No plugin can read cookies from these ``store_options``."""

    code = "exchange_not_recognised"
    hint = (
        'Pass store_options={"request": request, "response": response}, or install the adapter'
        " of your framework."
    )


class CookiesNotWritable(ConfigurationError):
    """Cookies must be set, and these ``store_options`` offer nowhere to set them."""

    code = "cookies_not_writable"
    hint = (
        "Add the response to store_options, or install the middleware of your adapter, and call userlink before the"
        " response starts."
    )


class LinkingNotSupported(ConfigurationError):
    """The dialect in use knows no way to ask this provider for linking."""

    code = "linking_not_supported"
    hint = (
        "Use a provider that links accounts during login, and its dialect, such as dialect='auth0'."
    )


class ConnectionTokensNotSupported(ConfigurationError):
    """The dialect in use knows no way to get a linked account's own token from this provider."""

    code = "connection_tokens_not_supported"
    hint = (
        "Use a provider that keeps the tokens of linked accounts, and its dialect, such as"
        " dialect='auth0'."
    )


class BackchannelLogoutNotSupported(ConfigurationError):
    """Sessions are sealed in cookies, and only their browsers have those: nothing here can end them."""

    code = "backchannel_logout_not_supported"
    hint = (
        "Build the client with a state_store that all processes share, such as one of userlink-sqlalchemy, or take the"
        " back-channel logout URI out of the application's settings at the provider."
    )


class PushedAuthorizationMismatch(ConfigurationError):
    """The client must push its authorization requests and the provider takes none, or the reverse (RFC 9126, 5)."""

    code = "pushed_authorization_mismatch"
    hint = "Give the client pushed_authorization='auto', or change the provider's configuration."


class CallbackError(UserlinkError):
    """The callback that the browser brought cannot be accepted."""

    code = "callback_error"
    fault: ClassVar[Fault] = "browser"
    hint = "Start again from the application."


class InvalidCallback(CallbackError):
    """The callback URL is malformed (RFC 6749, 3.1 and 4.1.2)."""

    code = "invalid_callback"
    hint = "Pass the complete URL that the browser requested, unchanged."


class TransactionNotFound(CallbackError):
    """This browser has not started the transaction that the callback answers."""

    code = "transaction_not_found"
    hint = "Start again from the application, in the same browser, with cookies allowed."


class TransactionExpired(CallbackError):
    """The transaction was started too long ago."""

    code = "transaction_expired"
    hint = "Start again, and finish within the transaction's lifetime."


class TransactionAlreadyUsed(CallbackError):
    """The same callback was delivered before: a reload, a double click, or a replay."""

    code = "transaction_already_used"
    hint = "Send the user on to where the first delivery went; nothing was done twice."


class TransactionKindMismatch(CallbackError):
    """The callback answers another kind of transaction than the one being completed."""

    code = "transaction_kind_mismatch"
    fault: ClassVar[Fault] = "application"
    hint = "Complete each kind with its own method, or use complete_callback() for all kinds."


class CallbackIssuerMismatch(CallbackError):
    """The callback's ``iss`` is not the issuer that was asked, or is missing (RFC 9207, 2.4)."""

    code = "callback_issuer_mismatch"
    fault: ClassVar[Fault] = "provider"
    hint = "Start again; if it happens again, check which provider answers at this redirect_uri."


class AuthorizationDenied(CallbackError):
    """
    The provider answered with an error: the user cancelled, or the provider refused (RFC 6749, 4.1.2.1).

    Attributes:
        error: the error code of the provider; characters outside the specification's set are dropped.
        error_description: the provider's text, or None. It comes from the URL: escape it before showing it.
    """

    code = "authorization_denied"
    hint = "Tell the user that nothing was changed, and offer to try again."

    def __init__(
        self,
        message: str,
        *,
        error: str,
        error_description: str | None = None,
        hint: str | None = None,
        app_state: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, hint=hint, app_state=app_state)
        self.error = error
        self.error_description = error_description


class RequestOriginRefused(UserlinkError):
    """A request that would change something does not come from a page of the application (RFC 9700, 4.7)."""

    code = "request_origin_refused"
    fault: ClassVar[Fault] = "browser"
    hint = "Send the request from a form on a page of the application."


class SessionError(UserlinkError):
    """The session, or its absence, does not allow what was asked."""

    code = "session_error"
    fault: ClassVar[Fault] = "browser"
    hint = "Let the user sign in, then try again."


class SessionRequired(SessionError):
    """Nobody is signed in in this browser."""

    code = "session_required"


class SessionChanged(SessionError):
    """The session in this browser is not the one that started the transaction."""

    code = "session_changed"
    hint = "Start again from the account that shall be changed; nothing was changed."


class SessionIdTokenExpired(SessionError):
    """The session's ID token is past its ``exp`` and could not be renewed."""

    code = "session_id_token_expired"
    hint = "Let the user sign in again; the scope offline_access at login makes renewal possible."


class ReauthenticationRequired(SessionError):
    """
    The user has not authenticated as recently, or in such a way, as ``max_age`` and ``acr_values`` ask (RFC 9470, 3).

    Attributes:
        check: what does not do: ``auth_time`` or ``acr``.
        options: for ``start_reauthentication()``, which then goes on with the link or unlink that was to be started;
            None when it was one already started that failed.
    """

    code = "reauthentication_required"
    hint = (
        "Let the user authenticate anew: start_reauthentication(error.options) goes on from there."
    )

    def __init__(
        self,
        message: str,
        *,
        check: str,
        options: Mapping[str, Any] | None = None,
        hint: str | None = None,
        app_state: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, hint=hint, app_state=app_state)
        self.check = check
        self.options = options


class RefreshTokenMissing(SessionError):
    """A token must be renewed or exchanged, and the session holds no refresh token (RFC 6749, 1.5)."""

    code = "refresh_token_missing"
    hint = "Let the user sign in again with the scope offline_access, and allow refresh tokens at the provider."


class LinkedUserMismatch(SessionError):
    """The provider answered for another user than the one signed in; the session is unchanged."""

    code = "linked_user_mismatch"
    fault: ClassVar[Fault] = "provider"
    hint = "Sign out at the provider, sign in as the user of this session, and start again."


class SessionConflict(SessionError):
    """The session was changed by other requests each time it was to be saved."""

    code = "session_conflict"
    fault: ClassVar[Fault] = "store"
    hint = "Try again."


class ProviderError(UserlinkError):
    """The provider failed, or sent what the specifications forbid."""

    code = "provider_error"
    fault: ClassVar[Fault] = "provider"
    hint = (
        "Try again later; if it lasts, check the provider's status and the client's configuration."
    )


class ProviderUnreachable(ProviderError):
    """The provider gave no answer, none in time, or one that policy forbids to use."""

    code = "provider_unreachable"
    hint = "Check the domain, the network and the provider's status, then try again."


class MetadataInvalid(ProviderError):
    """The discovery document is malformed or speaks for another issuer (OIDC Discovery, 4.3)."""

    code = "metadata_invalid"
    hint = "Check that domain is exactly the provider's issuer, its trailing slash included."


class KeysInvalid(ProviderError):
    """The provider's key set is malformed or holds no usable key (RFC 7517)."""

    code = "keys_invalid"


class PushedAuthorizationRefused(ProviderError):
    """
    The provider refused an authorization request that was pushed to it (RFC 9126, 2.3).

    Attributes:
        error: the provider's error code, such as ``invalid_request``.
        status: the HTTP status of the answer.
    """

    code = "pushed_authorization_refused"
    hint = (
        "Compare redirect_uri and authorization_params with what is registered at the provider; invalid_client means"
        " that the client's secret or key is wrong."
    )

    def __init__(self, message: str, *, error: str, status: int, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.error = error
        self.status = status


class PushedAuthorizationResponseInvalid(ProviderError):
    """The answer to a pushed authorization request is not what RFC 9126, 2.2 describes."""

    code = "pushed_authorization_response_invalid"


class TokenRequestRefused(ProviderError):
    """
    The token endpoint refused the request (RFC 6749, 5.2).

    Attributes:
        error: the provider's error code, such as ``invalid_grant``.
        status: the HTTP status of the answer.
    """

    code = "token_request_refused"
    hint = "Start again; invalid_client means that client_id or client_secret are wrong."

    def __init__(self, message: str, *, error: str, status: int, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.error = error
        self.status = status


class GrantRefused(TokenRequestRefused):
    """The provider no longer accepts the session's refresh token: expired, revoked or used before (RFC 6749, 5.2)."""

    code = "grant_refused"
    fault: ClassVar[Fault] = "browser"
    hint = "Let the user sign in again; the session here is as it was."


class InsufficientScope(ProviderError):
    """The provider grants less than the scope that was asked for (RFC 6749, 3.3 and 5.1)."""

    code = "insufficient_scope"
    fault: ClassVar[Fault] = "application"
    hint = "Ask for the scope at login, and allow it for this client and audience at the provider."


class TokenResponseInvalid(ProviderError):
    """The token endpoint's answer is not what RFC 6749, 5.1 and OIDC Core, 3.1.3.3 describe."""

    code = "token_response_invalid"


class IdTokenInvalid(ProviderError):
    """
    The ID token fails validation (OIDC Core, 3.1.3.7).

    Attributes:
        check: the claim, header or step that failed, such as ``signature``, ``nonce`` or ``aud``.
    """

    code = "id_token_invalid"
    hint = (
        "Nothing was changed. If it lasts, compare the provider's configuration with the client's."
    )

    def __init__(self, message: str, *, check: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.check = check


class UserinfoInvalid(ProviderError):
    """The userinfo endpoint refused the access token, or its answer is not about this user (OIDC Core, 5.3)."""

    code = "userinfo_invalid"
    hint = "Nothing was changed. If it lasts, build the client with userinfo=False."


class LogoutTokenInvalid(ProviderError):
    """
    A logout token fails validation, or was used before (OIDC Back-Channel Logout, 2.6). No session was ended.

    Attributes:
        check: the claim, header or step that failed, such as ``signature``, ``events``, ``jti`` or ``request``.
    """

    code = "logout_token_invalid"
    hint = (
        "Nothing was ended. If the provider sent it, compare its configuration with the client's."
    )

    def __init__(self, message: str, *, check: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.check = check


class StoreError(UserlinkError):
    """A store could not read or write; what it held is intact."""

    code = "store_error"
    fault: ClassVar[Fault] = "store"
    hint = "Try again; if it lasts, check the store's server and its log."


class SessionTooLarge(StoreError):
    """The sealed session does not fit into the cookies a browser may be given."""

    code = "session_too_large"
    fault: ClassVar[Fault] = "application"
    hint = "Use a server-side state_store, or ask for fewer scopes and claims."
