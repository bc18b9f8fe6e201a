"""What both clients are built from: one list of arguments, validated and handed to an engine."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from inspect import Parameter, signature
from typing import Generic, Never, TypeVar

from userlink.plugins.manager import Plugins
from userlink.protocol.client_auth import AuthMethod
from userlink.protocol.dialects import Dialect
from userlink.protocol.options import nearest
from userlink.protocol.params import AuthorizationParams
from userlink.protocol.pushed_authorization import PushedAuthorization
from userlink.protocol.settings import DEFAULT_ALGORITHMS, ClientSettings, checked_secrets
from userlink.runtime.clock import Clock, system_clock
from userlink.runtime.entropy import EntropySource, system_entropy
from userlink.runtime.forgetting import forgetful
from userlink.runtime.http_policy import HttpPolicy
from userlink.runtime.parts import EngineParts

from .errors import ConfigurationError

__all__ = ["BaseClient", "parts_of"]

StateStoreT = TypeVar("StateStoreT")
TransactionStoreT = TypeVar("TransactionStoreT")
TransportT = TypeVar("TransportT")


class BaseClient(ABC, Generic[StateStoreT, TransactionStoreT, TransportT]):
    """
    The arguments of ``ServerClient`` and ``SyncServerClient``.

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
        state_store: where sessions are kept: a store, a location that a plugin knows, or None for sealed cookies.
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

    @forgetful  # what it was given, secrets among them, would stand in the frames of a refusal
    def __init__(
        self,
        *,
        domain: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        client_assertion_signing_key: str | bytes | Mapping[str, object] | None = None,
        client_assertion_signing_alg: str | None = None,
        secret: str | bytes | Sequence[str | bytes] | None = None,
        authorization_params: AuthorizationParams | None = None,
        state_store: StateStoreT | str | None = None,
        transaction_store: TransactionStoreT | str | None = None,
        transport: TransportT | None = None,
        plugins: Iterable[object] = (),
        installed_plugins: bool = True,
        dialect: str | Dialect = "auth0",
        algorithms: Sequence[str] = DEFAULT_ALGORITHMS,
        token_endpoint_auth_method: AuthMethod | None = None,
        pushed_authorization: PushedAuthorization = "auto",
        session_idle_seconds: int = 86_400,
        session_absolute_seconds: int = 259_200,
        transaction_seconds: int = 600,
        clock_skew_seconds: int = 60,
        link_max_age_seconds: int | None = None,
        link_acr_values: Sequence[str] = (),
        userinfo: bool = False,
        secure_cookies: bool | None = None,
        cookie_prefix: str = "userlink",
        post_logout_redirect_uris: Sequence[str] = (),
        timeout_seconds: float = 10.0,
        clock: Clock = system_clock,
        entropy: EntropySource = system_entropy,
        **unknown: Never,
    ) -> None:
        if unknown:
            _refuse_unknown(type(self), unknown)
        self._settings = ClientSettings.read(
            domain=domain,
            client_id=client_id,
            client_secret=client_secret,
            client_assertion_signing_key=client_assertion_signing_key,
            client_assertion_signing_alg=client_assertion_signing_alg,
            authorization_params=authorization_params,
            dialect=dialect,
            algorithms=algorithms,
            token_endpoint_auth_method=token_endpoint_auth_method,
            pushed_authorization=pushed_authorization,
            session_idle_seconds=session_idle_seconds,
            session_absolute_seconds=session_absolute_seconds,
            transaction_seconds=transaction_seconds,
            clock_skew_seconds=clock_skew_seconds,
            link_max_age_seconds=link_max_age_seconds,
            link_acr_values=link_acr_values,
            userinfo=userinfo,
            secure_cookies=secure_cookies,
            cookie_prefix=cookie_prefix,
            timeout_seconds=timeout_seconds,
            post_logout_redirect_uris=post_logout_redirect_uris,
        )
        self._parts = EngineParts(
            settings=self._settings,
            secrets=checked_secrets(secret),
            plugins=Plugins(plugins, installed_plugins),
            state_store=state_store,
            transaction_store=transaction_store,
            transport=transport,
            policy=HttpPolicy(timeout_seconds=timeout_seconds),
            clock=clock,
            entropy=entropy,
        )
        self._start(self._parts)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._settings.issuer.accepted[0]!r})"

    @property
    def settings(self) -> ClientSettings:
        """The configuration, validated; adapters read redirect URIs and cookie rules from it."""
        return self._settings

    @abstractmethod
    def _start(self, parts: EngineParts[StateStoreT, TransactionStoreT, TransportT]) -> None:
        """Build the engine."""


def parts_of(
    client: BaseClient[StateStoreT, TransactionStoreT, TransportT],
) -> EngineParts[StateStoreT, TransactionStoreT, TransportT]:
    """Return what a client was built with: for ``userlink doctor``, and not part of what applications may rely on."""
    # It is this module's own.
    return client._parts  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


def _refuse_unknown(kind: type, unknown: Mapping[str, object]) -> None:
    parameters = signature(kind).parameters.values()
    known = [parameter.name for parameter in parameters if parameter.kind is Parameter.KEYWORD_ONLY]
    name = next(iter(unknown))
    raise ConfigurationError(f"There is no argument {name!r}.", hint=nearest(name, known))
