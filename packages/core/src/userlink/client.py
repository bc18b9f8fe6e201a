"""``ServerClient``: options in, a flow chosen, the async driver, a result out. Nothing is decided here."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from userlink.plugins.hookspecs import Transport
from userlink.protocol.flows.access_tokens import get_access_token
from userlink.protocol.flows.backchannel_logout import backchannel_logout
from userlink.protocol.flows.completion import (
    complete_any,
    complete_link,
    complete_login,
    complete_reauthentication,
    complete_unlink,
)
from userlink.protocol.flows.connection_token import get_connection_token
from userlink.protocol.flows.link import start_link
from userlink.protocol.flows.login import start_login
from userlink.protocol.flows.logout import complete_logout, logout
from userlink.protocol.flows.reauthentication import start_reauthentication
from userlink.protocol.flows.session import get_session
from userlink.protocol.flows.unlink import start_unlink
from userlink.protocol.options import (
    AccessTokenOptions,
    AccessTokenOptionsLike,
    ConnectionTokenOptions,
    ConnectionTokenOptionsLike,
    LinkOptions,
    LinkOptionsLike,
    LoginOptions,
    LoginOptionsLike,
    LogoutOptions,
    LogoutOptionsLike,
    UnlinkOptions,
    UnlinkOptionsLike,
)
from userlink.protocol.reauthentication import (
    ReauthenticationOptions,
    ReauthenticationOptionsLike,
)
from userlink.protocol.results import (
    AccessToken,
    CallbackResult,
    LinkResult,
    LoginResult,
    LogoutResult,
    ReauthenticationResult,
    SessionData,
    UnlinkResult,
)
from userlink.protocol.values import Secret
from userlink.runtime.engine import AsyncEngine, AsyncParts
from userlink.runtime.forgetting import forgetful_async
from userlink.stores.protocols import (
    BlockingStateStore,
    BlockingTransactionStore,
    StateStore,
    StoreOptions,
    TransactionStore,
)

from .base_client import BaseClient

__all__ = ["ServerClient"]


class ServerClient(
    BaseClient[
        StateStore | BlockingStateStore, TransactionStore | BlockingTransactionStore, Transport
    ]
):
    """
    Logs users in, links identities to them, and keeps their sessions, on asyncio or trio.

    One client serves a whole application; it holds no user's data. Use it as an async context manager, or call
    ``aclose()`` when the application ends.

    Every method takes ``store_options``: the request and response at hand, as ``{"request": …, "response": …}`` or
    whatever an installed adapter understands.

    Args:
        domain: the provider: a host such as ``tenant.example.com``, or an issuer URL, which is kept as given.
        client_id: the application's name at the provider.
        client_secret: its proof; with neither this nor a key, it is a public client.
        client_assertion_signing_key: a private key, as PEM or as a JWK in a dict; the client then proves itself with
            what it signs (``private_key_jwt``), also when there is a client_secret.
        client_assertion_signing_alg: what that key signs with; None for its own or its kind's usual algorithm.
        secret: at least 32 unpredictable bytes, from which sealing keys are derived; of a list, the first seals and
            any opens.
        authorization_params: defaults for every authorization request; usually holds ``redirect_uri``.
        state_store: where sessions are kept: a store, a location that a plugin knows, or None for sealed cookies. A
            blocking store works in worker threads.
        transaction_store: where started transactions are kept, likewise.
        transport: sends HTTP requests; None for that of the plugins. It is not closed by the client.
        plugins: plugins for this client alone, asked before installed ones.
        installed_plugins: whether plugins installed under the entry-point group ``userlink`` take part.
        dialect: how the provider is asked for linking: ``auth0``, ``oidc`` (no linking), or a ``Dialect``.
        algorithms: the signature algorithms that ID tokens may have.
        token_endpoint_auth_method: how the client authenticates; None for its key, else by the provider's metadata.
        pushed_authorization: ``auto`` pushes authorization requests where the provider takes them (RFC 9126),
            ``required`` refuses a provider that does not, ``never`` leaves them in the browser's URL.
        session_idle_seconds: how long a session lives unused.
        session_absolute_seconds: how long a session lives in any case.
        transaction_seconds: how long a user may take at the provider.
        clock_skew_seconds: how far the provider's clock may be off, at most 60.
        link_max_age_seconds: how long ago the user may have authenticated when linking or unlinking; None for any time.
        link_acr_values: the classes of authentication that will do for it; empty for all.
        userinfo: whether completing a flow also asks the provider's userinfo endpoint about the user.
        secure_cookies: whether cookies are for https only; None means yes, unless ``redirect_uri`` is http to a
            loopback host.
        cookie_prefix: what the names of cookies begin with.
        post_logout_redirect_uris: where a logout may lead besides the application's own origin, exactly as listed.
        timeout_seconds: for each request to the provider.
        clock: returns the time in Unix seconds.
        entropy: returns this many unpredictable bytes.

    Raises:
        ConfigurationError: when an argument is missing, malformed or unknown.
    """

    def _start(self, parts: AsyncParts) -> None:
        self._engine = AsyncEngine(parts)

    @forgetful_async
    async def start_interactive_login(
        self, options: LoginOptionsLike = None, store_options: StoreOptions | None = None
    ) -> str:
        """
        Start a login (OIDC Core, 3.1.2).

        Args:
            options: ``LoginOptions``, or a dict of them.
            store_options: the request and response at hand.

        Returns:
            The URL to redirect the browser to.

        Raises:
            ConfigurationError: when an option or parameter is wrong, or cookies would have nowhere to go.
            ProviderError: when the provider's metadata cannot be had.
            StoreError: when the transaction cannot be kept.
        """
        read = LoginOptions.read(options)
        call = self._engine.bind(store_options, writing=True)
        return await self._engine.run(start_login(self._settings, read), call)

    @forgetful_async
    async def complete_interactive_login(
        self, url: str, store_options: StoreOptions | None = None
    ) -> LoginResult:
        """
        Complete a login: validate the callback, exchange the code, validate the ID token, begin a session.

        Args:
            url: the URL that the browser requested.
            store_options: the request and response at hand.

        Returns:
            What was given at the start, and who signed in.

        Raises:
            CallbackError: when the callback cannot be accepted; ``AuthorizationDenied`` when the user cancelled.
            ReauthenticationRequired: when the user has not authenticated as asked.
            ProviderError: when the provider fails or its ID token does not validate.
            StoreError: when a store fails.
            Whatever is raised, an existing session is as it was.
        """
        flow = complete_login(self._settings, url)
        call = self._engine.bind(store_options, writing=True)
        return await self._engine.run(flow, call)

    @forgetful_async
    async def start_link_user(
        self, options: LinkOptionsLike = None, store_options: StoreOptions | None = None
    ) -> str:
        """
        Start linking a second identity to the signed-in user.

        Args:
            options: ``LinkOptions``, or a dict of them; ``connection`` is required.
            store_options: the request and response at hand.

        Returns:
            The URL to redirect the browser to.

        Raises:
            ConfigurationError: when an option or parameter is wrong, or cookies would have nowhere to go.
            SessionRequired: when nobody is signed in.
            ReauthenticationRequired: when the user has not authenticated as recently, or as well, as asked.
            SessionIdTokenExpired: when the session's ID token has expired and cannot be renewed.
            ProviderError: when the provider fails.
            StoreError: when a store fails.
        """
        read = LinkOptions.read(options)
        call = self._engine.bind(store_options, writing=True)
        return await self._engine.run(start_link(self._settings, read), call)

    @forgetful_async
    async def complete_link_user(
        self, url: str, store_options: StoreOptions | None = None
    ) -> LinkResult:
        """
        Complete a link: only for the session that started it, and only if the provider answers for its user.

        Args:
            url: the URL that the browser requested.
            store_options: the request and response at hand.

        Returns:
            What was given at the start, and the user's claims after the link.

        Raises:
            CallbackError: when the callback cannot be accepted; ``AuthorizationDenied`` when the user cancelled.
            SessionRequired: when nobody is signed in any more.
            SessionChanged: when another session is here than the one that started.
            LinkedUserMismatch: when the provider answered for another user.
            ReauthenticationRequired: when the user has not authenticated as asked.
            ProviderError: when the provider fails or its ID token does not validate.
            StoreError: when a store fails.
            Whatever is raised, the session is as it was.
        """
        flow = complete_link(self._settings, url)
        call = self._engine.bind(store_options, writing=True)
        return await self._engine.run(flow, call)

    @forgetful_async
    async def start_unlink_user(
        self, options: UnlinkOptionsLike = None, store_options: StoreOptions | None = None
    ) -> str:
        """
        Start disconnecting an identity from the signed-in user.

        Args:
            options: ``UnlinkOptions``, or a dict of them; ``connection`` is required.
            store_options: the request and response at hand.

        Returns:
            The URL to redirect the browser to.

        Raises:
            The same as ``start_link_user()``.
        """
        read = UnlinkOptions.read(options)
        call = self._engine.bind(store_options, writing=True)
        return await self._engine.run(start_unlink(self._settings, read), call)

    @forgetful_async
    async def complete_unlink_user(
        self, url: str, store_options: StoreOptions | None = None
    ) -> UnlinkResult:
        """
        Complete an unlink: only for the session that started it, and only if the provider answers for its user.

        Args:
            url: the URL that the browser requested.
            store_options: the request and response at hand.

        Returns:
            What was given at the start, and the user's claims after the unlink.

        Raises:
            The same as ``complete_link_user()``.
        """
        flow = complete_unlink(self._settings, url)
        call = self._engine.bind(store_options, writing=True)
        return await self._engine.run(flow, call)

    @forgetful_async
    async def start_reauthentication(
        self,
        options: ReauthenticationOptionsLike = None,
        store_options: StoreOptions | None = None,
    ) -> str:
        """
        Have the signed-in user authenticate anew, and go on with a link or an unlink if one is named.

        After ``ReauthenticationRequired``, its ``options`` are those to pass.

        Args:
            options: ``ReauthenticationOptions``, or a dict of them.
            store_options: the request and response at hand.

        Returns:
            The URL to redirect the browser to.

        Raises:
            ConfigurationError: when an option or parameter is wrong, or cookies would have nowhere to go.
            SessionRequired: when nobody is signed in.
            ProviderError: when the provider's metadata cannot be had.
            StoreError: when a store fails.
        """
        read = ReauthenticationOptions.read(options)
        call = self._engine.bind(store_options, writing=True)
        return await self._engine.run(start_reauthentication(self._settings, read), call)

    @forgetful_async
    async def complete_reauthentication(
        self, url: str, store_options: StoreOptions | None = None
    ) -> ReauthenticationResult:
        """
        Complete a reauthentication: the session goes on under a fresh id, and the link or unlink begins that waited.

        Args:
            url: the URL that the browser requested.
            store_options: the request and response at hand.

        Returns:
            What was given at the start, and where to redirect the browser to for the link or unlink.

        Raises:
            CallbackError: when the callback cannot be accepted; ``AuthorizationDenied`` when the user cancelled.
            SessionRequired: when nobody is signed in any more.
            SessionChanged: when another session is here than the one that started.
            LinkedUserMismatch: when another user authenticated.
            ReauthenticationRequired: when the provider's answer shows that the user did not, or not as asked.
            ProviderError: when the provider fails or its ID token does not validate.
            StoreError: when a store fails.
            Whatever is raised, the session is as it was.
        """
        flow = complete_reauthentication(self._settings, url)
        call = self._engine.bind(store_options, writing=True)
        return await self._engine.run(flow, call)

    @forgetful_async
    async def complete_callback(
        self, url: str, store_options: StoreOptions | None = None
    ) -> CallbackResult:
        """
        Complete whatever a callback answers, by the rules of its kind: for one callback URL that serves all.

        Args:
            url: the URL that the browser requested.
            store_options: the request and response at hand.

        Returns:
            ``LoginResult``, ``LinkResult``, ``UnlinkResult`` or ``ReauthenticationResult``.

        Raises:
            The same as the method of that kind.
        """
        flow = complete_any(self._settings, url)
        call = self._engine.bind(store_options, writing=True)
        return await self._engine.run(flow, call)

    @forgetful_async
    async def get_user(self, store_options: StoreOptions | None = None) -> Mapping[str, Any] | None:
        """
        Return the claims of the signed-in user, or None.

        Args:
            store_options: the request at hand; with a response, the session's idle time can roll on.

        Raises:
            ExchangeNotRecognised: when the store options are not understood.
            StoreError: when the state store fails.
        """
        call = self._engine.bind(store_options, writing=False)
        session = await self._engine.run(get_session(self._settings), call)
        return None if session is None else session.user

    @forgetful_async
    async def get_session(self, store_options: StoreOptions | None = None) -> SessionData | None:
        """
        Return the session, or None when nobody is signed in.

        Args:
            store_options: the request at hand; with a response, the session's idle time can roll on.

        Raises:
            ExchangeNotRecognised: when the store options are not understood.
            StoreError: when the state store fails.
        """
        call = self._engine.bind(store_options, writing=False)
        session = await self._engine.run(get_session(self._settings), call)
        return None if session is None else SessionData.of(session)

    @forgetful_async
    async def get_access_token(
        self, options: AccessTokenOptionsLike = None, store_options: StoreOptions | None = None
    ) -> AccessToken:
        """
        Return an access token of the signed-in user, renewed when it expires within half a minute (RFC 6749, 6).

        Of any number of calls for a session at the same time, one sends a request, also where a state store is shared
        by processes.

        Args:
            options: ``AccessTokenOptions``, or a dict of them; without an audience, the login's.
            store_options: the request at hand; with sessions in cookies, the response too.

        Returns:
            The token, what it allows and until when.

        Raises:
            ConfigurationError: when an option is wrong, or cookies would have nowhere to go.
            SessionRequired: when nobody is signed in.
            RefreshTokenMissing: when no token that is held will do, and there is nothing to renew it with.
            GrantRefused: when the provider no longer accepts the refresh token.
            InsufficientScope: when the provider grants less than the scope that was asked for.
            ProviderError: when the provider fails otherwise.
            LinkedUserMismatch: when the provider answers for another user.
            StoreError: when a store fails before anything was sent.
            Whatever is raised, the session is as it was.
        """
        read = AccessTokenOptions.read(options)
        call = self._engine.bind(store_options, writing=self._engine.saves_in_cookies)
        return await self._engine.run(get_access_token(self._settings, read), call)

    @forgetful_async
    async def get_access_token_for_connection(
        self,
        options: ConnectionTokenOptionsLike = None,
        store_options: StoreOptions | None = None,
    ) -> AccessToken:
        """
        Return the access token of a linked account at its own provider: for GitHub's API, say.

        The session keeps it until it expires, or the connection is linked anew or unlinked.

        Args:
            options: ``ConnectionTokenOptions``, or a dict of them; ``connection`` is required.
            store_options: the request at hand; with sessions in cookies, the response too.

        Returns:
            The token, its scope and its expiry.

        Raises:
            ConfigurationError: when an option is wrong, or cookies would have nowhere to go;
                ``ConnectionTokensNotSupported`` when the dialect knows no such tokens.
            SessionRequired: when nobody is signed in.
            RefreshTokenMissing: when the session has no refresh token to exchange.
            GrantRefused: when the connection is not linked, or the refresh token is not accepted any more.
            SessionChanged: when the session ended meanwhile.
            ProviderError: when the provider fails.
            StoreError: when a store fails, or the session no longer fits into cookies.
            Whatever is raised, the session is as it was.
        """
        read = ConnectionTokenOptions.read(options)
        call = self._engine.bind(store_options, writing=self._engine.saves_in_cookies)
        return await self._engine.run(get_connection_token(self._settings, read), call)

    @forgetful_async
    async def logout(
        self, options: LogoutOptionsLike = None, store_options: StoreOptions | None = None
    ) -> str:
        """
        End the session here (OIDC RP-Initiated Logout 1.0), also when the provider cannot be reached.

        Args:
            options: ``LogoutOptions``, or a dict of them.
            store_options: the request and response at hand.

        Returns:
            The URL to redirect the browser to, so that the provider ends its own session too.

        Raises:
            ConfigurationError: when an option is wrong, or cookies would have nowhere to go.
            StoreError: when the state store fails.
        """
        read = LogoutOptions.read(options)
        call = self._engine.bind(store_options, writing=True)
        return await self._engine.run(logout(self._settings, read), call)

    @forgetful_async
    async def complete_logout(
        self, url: str, store_options: StoreOptions | None = None
    ) -> LogoutResult:
        """
        Check the state with which the provider's logout sends the browser back. The session has ended before.

        Args:
            url: the URL that the browser requested.
            store_options: the request and response at hand.

        Returns:
            What was given at the start.

        Raises:
            CallbackError: when the URL has no state, or none that a logout of this browser sent, once and not long ago.
            StoreError: when a store fails.
        """
        flow = complete_logout(url)
        call = self._engine.bind(store_options, writing=True)
        return await self._engine.run(flow, call)

    @forgetful_async
    async def handle_backchannel_logout(
        self, logout_token: str, store_options: StoreOptions | None = None
    ) -> None:
        """
        End the sessions that the provider says have ended (OIDC Back-Channel Logout 1.0), on every process at once.

        Args:
            logout_token: the form field ``logout_token`` of the provider's request.
            store_options: what the stores are given; no browser takes part, so that nothing need be in it.

        Raises:
            BackchannelLogoutNotSupported: when sessions are sealed in cookies.
            LogoutTokenInvalid: when the token fails a check, or was used before; no session was ended.
            ProviderError: when the provider's metadata or keys cannot be had.
            StoreError: when the state store fails; the same token may be sent again.
        """
        flow = backchannel_logout(self._settings, Secret(logout_token))
        call = self._engine.bind_no_browser(store_options)
        await self._engine.run(flow, call)

    @forgetful_async
    async def aclose(self) -> None:
        """Close the connections to the provider. The client can be used again; it connects anew."""
        await self._engine.aclose()

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        await self.aclose()
