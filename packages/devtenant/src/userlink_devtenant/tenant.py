"""The development tenant as an object: what tests and demos hold in their hands."""

import contextlib
from collections.abc import Generator, Mapping
from typing import Any, Self

from .accounts import Identity
from .application import create_application
from .backchannel import BackChannel, Delivery
from .config import Client, PushedAuthorization, TenantConfig, User
from .errors import TenantConfigError
from .request_log import RecordedRequest
from .server import HttpServer, is_loopback, open_socket
from .state import TenantState

__all__ = ["DevTenant"]


class DevTenant:
    """
    An OpenID Provider for development and tests.

    Args:
        config: users, connections and clients; without it, those of ``TenantConfig.default()``.

    Example::

        with DevTenant().running() as tenant:
            print(tenant.issuer)
    """

    def __init__(self, config: TenantConfig | None = None) -> None:
        self.config = config or TenantConfig.default()
        self._state = TenantState(self.config)
        self._back_channel = BackChannel(self._state)
        self._server: HttpServer | None = None

    @contextlib.contextmanager
    def running(
        self,
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        expose_insecure_tenant_to_the_network: bool = False,
    ) -> Generator[Self]:
        """
        Serve over HTTP for the length of a ``with`` block.

        Args:
            port: 0 takes a free one.
            host: where to listen.
            expose_insecure_tenant_to_the_network: allow a host that others can reach, although
                anybody who reaches this tenant can sign in as everybody.

        Raises:
            TenantConfigError: when the address cannot be used.
        """
        self.start(
            port,
            host,
            expose_insecure_tenant_to_the_network=expose_insecure_tenant_to_the_network,
        )
        try:
            yield self
        finally:
            self.stop()

    def start(
        self,
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        expose_insecure_tenant_to_the_network: bool = False,
    ) -> None:
        """Start serving; the arguments are those of ``running``."""
        if self._server is not None:
            raise TenantConfigError("The tenant is running already.", "Stop it first.")
        exposed = not is_loopback(host)
        if exposed and not expose_insecure_tenant_to_the_network:
            raise TenantConfigError(
                f"The host {host} can be reached from other machines, and anybody who reaches this"
                " tenant can sign in as everybody.",
                "Use 127.0.0.1; to do it all the same, pass"
                " --expose-insecure-tenant-to-the-network.",
            )
        app = create_application(self._state, self._back_channel)
        if not exposed:
            # Other names for this machine come from DNS rebinding (a web page's attack) only.
            app.config["TRUSTED_HOSTS"] = ["localhost", "127.0.0.1", "[::1]", host]
        listener = open_socket(host, port)
        shown = f"[{host}]" if ":" in host else host
        self._state.issuer = f"http://{shown}:{listener.getsockname()[1]}/"
        self._server = HttpServer(app, listener)

    def stop(self) -> None:
        """Stop serving."""
        if self._server is not None:
            self._server.close()
            self._server = None
            self._state.issuer = None

    @property
    def issuer(self) -> str:
        """
        The issuer; it ends with a slash.

        Raises:
            TenantNotRunning: before the start.
        """
        return self._state.issuer

    @property
    def requests(self) -> list[RecordedRequest]:
        """What was sent to the tenant since the start or the last reset, oldest first."""
        return self._state.requests.snapshot()

    def requests_to(self, path: str) -> list[RecordedRequest]:
        """Return what was sent to one path, such as ``/oauth/token``."""
        return self._state.requests.snapshot(path)

    def identities_of(self, user: str) -> tuple[Identity, ...]:
        """
        Return a user's identities, the primary one first.

        Args:
            user: username, subject or e-mail address.

        Raises:
            LookupError: when there is no such user.
        """
        return self._state.directory.identities(self._user(user).username)

    def add_client(self, client: Client) -> None:
        """Register a client until the next reset; one with the same client_id is replaced."""
        self._state.add_client(client)

    def set_lifetimes(self, **seconds: int) -> None:
        """
        Change lifetimes until the next reset.

        Args:
            seconds: fields of ``Lifetimes``; negative makes things that have expired already.
        """
        self._state.set_lifetimes(**seconds)

    def set_pushed_authorization(self, choice: PushedAuthorization) -> None:
        """
        Change, until the next reset, whether authorization requests may be pushed (RFC 9126).

        Args:
            choice: ``offered``, ``required`` or ``off``.
        """
        self._state.set_pushed_authorization(choice)

    def advance_clock(self, seconds: int) -> None:
        """Move the tenant's clock forward until the next reset, instead of waiting."""
        self._state.clock.advance(seconds)

    def rotate_keys(self, *, keep_old: bool = True) -> str:
        """
        Sign with a new key from now on.

        Args:
            keep_old: keep publishing the keys before it.

        Returns:
            the new key's ``kid``.
        """
        return self._state.keys.rotate(keep_old=keep_old)

    def sign(self, claims: Mapping[str, Any], *, token_type: str = "JWT") -> str:
        """Sign any claims with the tenant's key, to test how others judge them."""
        return self._state.keys.sign(claims, token_type=token_type)

    def logout_token(self, client_id: str, user: str, sid: str) -> str:
        """Make the logout token that would be posted to a client."""
        return self._back_channel.logout_token(client_id, self._user(user), sid)

    def send_backchannel_logout(self, user: str) -> list[Delivery]:
        """
        End a user's sessions at the tenant, and tell the clients that took part in them.

        Returns:
            what came of each logout token; clients without ``backchannel_logout_uri`` get none.
        """
        found = self._user(user)
        self._state.sessions.end(found.username)
        return self._back_channel.announce(found)

    def reset(self) -> None:
        """Forget everything that happened; keys and address stay."""
        self._state.reset()

    def _user(self, name: str) -> User:
        user = self._state.directory.user(name)
        if user is None:
            raise LookupError(f"The tenant has no user {name!r}.")
        return user
