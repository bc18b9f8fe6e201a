"""
The options of the public methods.

Each may be given as its class or as a plain dict. In a dict, the camelCase spelling of a known key is accepted; any
other unknown key is refused, with the nearest known one named.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Self, TypeAlias

from attrs import fields, frozen

from userlink.errors import InvalidOption

from .freshness import Freshness
from .json_object import is_sequence
from .params import AuthorizationParams
from .urls import is_secure_web_url, is_sendable

__all__ = [
    "AccessTokenOptions",
    "AccessTokenOptionsLike",
    "ConnectionTokenOptions",
    "ConnectionTokenOptionsLike",
    "LinkOptions",
    "LinkOptionsLike",
    "LoginOptions",
    "LoginOptionsLike",
    "LogoutOptions",
    "LogoutOptionsLike",
    "Options",
    "UnlinkOptions",
    "UnlinkOptionsLike",
    "camel_case",
    "check_app_state",
    "nearest",
]

_ENCODE = json.JSONEncoder(allow_nan=False).encode


def camel_case(name: str) -> str:
    """Return the camelCase spelling of a name: ``app_state`` gives ``appState``."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def nearest(name: str, known: Sequence[str]) -> str:
    """Return a sentence that suggests the known name closest to an unknown one."""
    from difflib import get_close_matches

    close = get_close_matches(name, known)
    return f"Did you mean {close[0]}?" if close else f"Known are {', '.join(known)}."


@frozen
class Options:
    """What all option classes share: reading a mapping strictly."""

    @classmethod
    def read(cls, given: "Self | Mapping[str, Any] | None") -> Self:
        """
        Bring what a caller gave into the class.

        Raises:
            InvalidOption: when a key is unknown or given twice, a value is of the wrong form, or a required
                option is missing.
        """
        if isinstance(given, cls):
            return given
        if given is None:
            given = {}
        if not isinstance(given, Mapping):
            raise InvalidOption(f"The options are neither {cls.__name__} nor a mapping.")
        names = tuple(field.name for field in fields(cls))
        spellings = _spellings(names)
        values: dict[str, Any] = {}
        for key, value in given.items():
            name = spellings.get(key)
            if name is None:
                raise InvalidOption(f"There is no option {key!r}.", hint=nearest(str(key), names))
            if name in values:
                raise InvalidOption(f"The option {name} is given in both spellings.")
            values[name] = value
        if "connection" in names and "connection" not in values:
            raise InvalidOption(
                "The option connection is missing.",
                hint='Name the connection, such as {"connection": "github"}.',
            )
        return cls(**values)


@cache  # one entry for each class of options
def _spellings(names: tuple[str, ...]) -> Mapping[str, str]:
    return {camel_case(name): name for name in names} | {name: name for name in names}


def check_app_state(app_state: object) -> None:
    """
    Check what an application wants back.

    Raises:
        InvalidOption: when it is no mapping, or JSON cannot hold it.
    """
    if app_state is None:
        return
    if not isinstance(app_state, Mapping):
        raise InvalidOption("The option app_state is not a mapping.")
    try:
        _ENCODE(app_state)
    except (TypeError, ValueError, RecursionError):
        raise InvalidOption(
            "The option app_state cannot be written as JSON.",
            hint="Keep strings, numbers, booleans, lists and mappings of them in app_state.",
        ) from None


def _check_connection(connection: object) -> None:
    if not isinstance(connection, str) or not connection or not is_sendable(connection):
        raise InvalidOption(
            "The option connection is not the name of a connection.",
            hint='Name the connection, such as {"connection": "github"}.',
        )


def _check_scope(name: str, scope: object) -> None:
    if scope is None:
        return
    parts = [scope] if isinstance(scope, str) else scope
    if not is_sequence(parts) or not all(
        isinstance(item, str) and is_sendable(item) for item in parts
    ):
        raise InvalidOption(f"The option {name} is neither a string nor a list of them.")


def _check_return_to(return_to: object) -> None:
    if return_to is None:
        return
    if not isinstance(return_to, str) or not is_secure_web_url(return_to):
        raise InvalidOption(
            "The option return_to is not an absolute https URL, nor http to a loopback host.",
            hint="Give the complete URL as it is registered at the provider.",
        )


@frozen
class LoginOptions(Options):
    """
    Options of ``start_interactive_login()``.

    Attributes:
        app_state: what the completion gives back: a mapping that JSON can hold, or None.
        authorization_params: parameters of the authorization request; they override the client's, key by key.
        max_age: how many seconds ago the user may have authenticated at the provider; None for any time.
        acr_values: the classes of authentication that will do; None for all.
    """

    app_state: Mapping[str, Any] | None = None
    authorization_params: AuthorizationParams | None = None
    max_age: int | None = None
    acr_values: str | Sequence[str] | None = None

    def __attrs_post_init__(self) -> None:
        check_app_state(self.app_state)
        _ = self.freshness

    @property
    def freshness(self) -> Freshness:
        """What ``max_age`` and ``acr_values`` ask for."""
        return Freshness.asked(self.max_age, self.acr_values)


@frozen
class LinkOptions(Options):
    """
    Options of ``start_link_user()``.

    Attributes:
        connection: the connection to link, such as ``github``.
        connection_scope: what to ask of that connection: a string, or a list of scopes; None asks for nothing.
        app_state: what the completion gives back: a mapping that JSON can hold, or None.
        authorization_params: parameters of the authorization request; they override the client's, key by key.
        max_age: how many seconds ago the user may have authenticated at the provider; None for any time.
        acr_values: the classes of authentication that will do; None for all.
    """

    connection: str
    connection_scope: str | Sequence[str] | None = None
    app_state: Mapping[str, Any] | None = None
    authorization_params: AuthorizationParams | None = None
    max_age: int | None = None
    acr_values: str | Sequence[str] | None = None

    def __attrs_post_init__(self) -> None:
        _check_connection(self.connection)
        check_app_state(self.app_state)
        _ = self.freshness
        _check_scope("connection_scope", self.connection_scope)

    @property
    def requested_connection_scope(self) -> str | None:
        """The scope as it is sent: separated by spaces, None when there is none."""
        if self.connection_scope is None or isinstance(self.connection_scope, str):
            return self.connection_scope or None
        return " ".join(self.connection_scope) or None

    @property
    def freshness(self) -> Freshness:
        """What ``max_age`` and ``acr_values`` ask for."""
        return Freshness.asked(self.max_age, self.acr_values)


@frozen
class UnlinkOptions(Options):
    """
    Options of ``start_unlink_user()``.

    Attributes:
        connection: the connection to unlink, such as ``github``.
        app_state: what the completion gives back: a mapping that JSON can hold, or None.
        authorization_params: parameters of the authorization request; they override the client's, key by key.
        max_age: how many seconds ago the user may have authenticated at the provider; None for any time.
        acr_values: the classes of authentication that will do; None for all.
    """

    connection: str
    app_state: Mapping[str, Any] | None = None
    authorization_params: AuthorizationParams | None = None
    max_age: int | None = None
    acr_values: str | Sequence[str] | None = None

    def __attrs_post_init__(self) -> None:
        _check_connection(self.connection)
        check_app_state(self.app_state)
        _ = self.freshness

    @property
    def freshness(self) -> Freshness:
        """What ``max_age`` and ``acr_values`` ask for."""
        return Freshness.asked(self.max_age, self.acr_values)


@frozen
class LogoutOptions(Options):
    """
    Options of ``logout()``.

    Attributes:
        return_to: the absolute URL, registered at the provider, that it sends the browser back to; or None. It is of
            the origin of ``redirect_uri``, or one of the client's ``post_logout_redirect_uris``.
        app_state: what ``complete_logout()`` gives back: a mapping that JSON can hold, or None.
    """

    return_to: str | None = None
    app_state: Mapping[str, Any] | None = None

    def __attrs_post_init__(self) -> None:
        _check_return_to(self.return_to)
        check_app_state(self.app_state)


@frozen
class AccessTokenOptions(Options):
    """
    Options of ``get_access_token()``.

    Attributes:
        audience: what the token is for, such as the identifier of an API; None for what the login asked for.
        scope: what it must allow: a string, or a list of scopes; None for whatever was granted.
    """

    audience: str | None = None
    scope: str | Sequence[str] | None = None

    def __attrs_post_init__(self) -> None:
        audience: object = self.audience
        if audience is not None and not (
            isinstance(audience, str) and audience and is_sendable(audience)
        ):
            raise InvalidOption("The option audience is not a string that can be sent.")
        _check_scope("scope", self.scope)

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scope as a set in the order given (RFC 6749, 3.3)."""
        joined = self.scope if isinstance(self.scope, str) else " ".join(self.scope or ())
        return tuple(dict.fromkeys(joined.split()))


@frozen
class ConnectionTokenOptions(Options):
    """
    Options of ``get_access_token_for_connection()``.

    Attributes:
        connection: the linked connection whose token is wanted, such as ``github``.
        login_hint: which of several accounts of that connection, as the provider names them; or None.
    """

    connection: str
    login_hint: str | None = None

    def __attrs_post_init__(self) -> None:
        _check_connection(self.connection)
        hint: object = self.login_hint
        if hint is not None and (not isinstance(hint, str) or not hint or not is_sendable(hint)):
            raise InvalidOption(
                "The option login_hint is not a string that can be sent.",
                hint="Name the account as the provider does, or leave login_hint out.",
            )


LoginOptionsLike: TypeAlias = LoginOptions | Mapping[str, Any] | None
LinkOptionsLike: TypeAlias = LinkOptions | Mapping[str, Any] | None
UnlinkOptionsLike: TypeAlias = UnlinkOptions | Mapping[str, Any] | None
ConnectionTokenOptionsLike: TypeAlias = ConnectionTokenOptions | Mapping[str, Any] | None
LogoutOptionsLike: TypeAlias = LogoutOptions | Mapping[str, Any] | None
AccessTokenOptionsLike: TypeAlias = AccessTokenOptions | Mapping[str, Any] | None
