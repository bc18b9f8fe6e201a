"""The client's configuration, validated and normalised once: a wrong one fails here, not at the first request."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from attrs import frozen

from userlink.errors import ConfigurationError

from .client_assertion import ClientAssertionKey
from .client_auth import AuthMethod
from .dialects import Dialect, dialect_named
from .freshness import NOTHING_ASKED, Freshness, checked_acr_values, checked_max_age
from .json_object import is_sequence
from .options import nearest
from .params import Params, check_authorization_params, merge
from .pushed_authorization import PushedAuthorization
from .urls import Issuer, is_secure_web_url
from .values import Secret

__all__ = ["DEFAULT_ALGORITHMS", "ClientSettings", "checked_secrets"]

DEFAULT_ALGORITHMS = ("RS256", "ES256", "PS256", "EdDSA")
_KNOWN_ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    "Ed25519",
)  # fmt: skip
_PRINTABLE = re.compile(r"[\x20-\x7e]+")  # RFC 6749, A.1 and A.2: VSCHAR
_LEAST_SECRET_BYTES = 32  # as many as the AES-256 keys derived from it


@frozen
class ClientSettings:
    """
    What a client was configured with.

    Attributes:
        issuer: the provider.
        client_id: the client's name at the provider.
        client_secret: its proof, or None.
        client_assertion_key: what it signs its proofs with, or None; with neither, it is a public client.
        authorization_params: defaults for every authorization request.
        dialect: how this kind of provider is spoken to.
        algorithms: the signature algorithms that ID tokens may have.
        token_endpoint_auth_method: how the client authenticates, or None to choose by the metadata.
        pushed_authorization: whether authorization requests are pushed.
        session_idle_seconds: how long a session lives unused.
        session_absolute_seconds: how long it lives in any case.
        transaction_seconds: how long a user may take at the provider.
        clock_skew_seconds: how far the provider's clock may be off.
        link_freshness: what links and unlinks ask of the user's authentication.
        userinfo: whether the userinfo endpoint is asked for more about the user.
        secure_cookies: whether cookies are for https only and carry the ``__Host-`` prefix.
        cookie_prefix: what the names of the client's cookies begin with.
        timeout_seconds: how long a request to the provider may take.
        post_logout_redirect_uris: where a logout may lead besides the application's own origin.
    """

    issuer: Issuer
    client_id: str
    client_secret: Secret | None
    client_assertion_key: ClientAssertionKey | None
    authorization_params: Params
    dialect: Dialect
    algorithms: tuple[str, ...]
    token_endpoint_auth_method: AuthMethod | None
    pushed_authorization: PushedAuthorization
    session_idle_seconds: int
    session_absolute_seconds: int
    transaction_seconds: int
    clock_skew_seconds: int
    link_freshness: Freshness
    userinfo: bool
    secure_cookies: bool
    cookie_prefix: str
    timeout_seconds: float
    post_logout_redirect_uris: tuple[str, ...]

    @classmethod
    def read(
        cls,
        *,
        domain: str | None,
        client_id: str | None,
        client_secret: str | None,
        client_assertion_signing_key: str | bytes | Mapping[str, Any] | None = None,
        client_assertion_signing_alg: str | None = None,
        authorization_params: Mapping[str, Any] | None = None,
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
        timeout_seconds: float = 10.0,
        post_logout_redirect_uris: Sequence[str] = (),
    ) -> "ClientSettings":
        """
        Check the arguments of a client.

        Raises:
            ConfigurationError: naming the argument and what is wrong with it.
        """
        params = check_authorization_params(
            {} if authorization_params is None else authorization_params
        )
        _ = NOTHING_ASKED.and_by(merge(params, {}))
        return cls(
            issuer=_checked_issuer(domain),
            client_id=_checked_credential("client_id", client_id),
            client_secret=_checked_client_secret(client_secret, token_endpoint_auth_method),
            client_assertion_key=_checked_assertion_key(
                client_assertion_signing_key,
                client_assertion_signing_alg,
                token_endpoint_auth_method,
            ),
            authorization_params=params,
            dialect=dialect_named(dialect),
            algorithms=_checked_algorithms(algorithms),
            token_endpoint_auth_method=_checked_auth_method(token_endpoint_auth_method),
            pushed_authorization=_checked_pushed(pushed_authorization),
            session_idle_seconds=_checked_seconds("session_idle_seconds", session_idle_seconds, 60),
            session_absolute_seconds=_checked_seconds(
                "session_absolute_seconds", session_absolute_seconds, 60
            ),
            transaction_seconds=_checked_seconds("transaction_seconds", transaction_seconds, 1),
            clock_skew_seconds=_checked_skew(clock_skew_seconds),
            link_freshness=Freshness(
                checked_max_age("link_max_age_seconds", link_max_age_seconds),
                checked_acr_values("link_acr_values", link_acr_values),
            ),
            userinfo=_checked_switch("userinfo", userinfo),
            secure_cookies=_secure_cookies(secure_cookies, params),
            cookie_prefix=_checked_prefix(cookie_prefix),
            timeout_seconds=timeout_seconds,  # judged by the HTTP policy
            post_logout_redirect_uris=_checked_targets(post_logout_redirect_uris),
        )


def checked_secrets(secret: str | bytes | Sequence[str | bytes] | None) -> tuple[bytes, ...]:
    """
    Check ``secret``: one, or a list of which the first seals and any opens.

    Raises:
        ConfigurationError: when there is none, or one is shorter than 32 bytes.
    """
    hint = 'Make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"'
    if not secret and (secret is None or is_sequence(secret) or isinstance(secret, str | bytes)):
        raise ConfigurationError("The argument secret is missing.", hint=hint)
    given: object = [secret] if isinstance(secret, str | bytes) else secret
    if not is_sequence(given) or not all(isinstance(item, str | bytes) for item in given):
        raise ConfigurationError(
            "The argument secret is not a string or a list of strings.", hint=hint
        )
    secrets = tuple(
        item.encode("utf-8", "surrogatepass") if isinstance(item, str) else bytes(item)
        for item in given
    )
    for number, item in enumerate(secrets, start=1):
        if len(item) < _LEAST_SECRET_BYTES:
            raise ConfigurationError(
                f"Secret number {number} has {len(item)} bytes; at least {_LEAST_SECRET_BYTES} are needed.",
                hint=hint,
            )
    return secrets


def _checked_issuer(domain: object) -> Issuer:
    text = _checked_string("domain", domain)
    try:
        return Issuer.from_domain(text)
    except ValueError as error:
        raise ConfigurationError(
            f"The argument domain is malformed: {error}.",
            hint="Give a host such as tenant.example.com, or the issuer's complete URL.",
        ) from None


def _checked_string(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(
            f"The argument {name} is missing.", hint=f"Pass {name} as a string to the client."
        )
    return value


def _checked_credential(name: str, value: object) -> str:
    text = _checked_string(name, value)
    if _PRINTABLE.fullmatch(text) is None:
        raise ConfigurationError(
            f"The argument {name} has characters that are not printable ASCII.",
            hint="Look for a line break at its end, or a character that came in by copying.",
        )
    return text


def _checked_client_secret(client_secret: object, method: AuthMethod | None) -> Secret | None:
    if client_secret is None:
        if method in ("client_secret_basic", "client_secret_post"):
            raise ConfigurationError(
                f"token_endpoint_auth_method is {method}, and there is no client_secret.",
                hint="Pass client_secret, or token_endpoint_auth_method='none' for a public client.",
            )
        return None
    return Secret(_checked_credential("client_secret", client_secret))


def _checked_assertion_key(
    key: object, alg: object, method: AuthMethod | None
) -> ClientAssertionKey | None:
    if key is not None:
        return ClientAssertionKey.read(key, alg)
    if method == "private_key_jwt":
        raise ConfigurationError(
            "token_endpoint_auth_method is private_key_jwt, and there is no key.",
            hint="Pass client_assertion_signing_key, the private key of which the provider has the public half.",
        )
    if alg is not None:
        raise ConfigurationError(
            "There is a client_assertion_signing_alg, and no key that signs with it.",
            hint="Pass client_assertion_signing_key too, or leave the algorithm out.",
        )
    return None


def _checked_algorithms(algorithms: Sequence[str]) -> tuple[str, ...]:
    if not is_sequence(algorithms) or not algorithms:
        raise ConfigurationError(
            "The argument algorithms is not a list of signature algorithms.",
            hint="Pass a list such as ['RS256'].",
        )
    for algorithm in algorithms:
        if algorithm not in _KNOWN_ALGORITHMS:
            raise ConfigurationError(
                f"The signature algorithm {algorithm!r} is not one that ID tokens may have.",
                hint=f"Choose among {', '.join(_KNOWN_ALGORITHMS)}.",
            )
    return tuple(algorithms)


def _checked_auth_method(method: AuthMethod | None) -> AuthMethod | None:
    known: tuple[str, ...] = get_args(AuthMethod)
    if method is not None and method not in known:
        raise ConfigurationError(
            f"There is no token_endpoint_auth_method {method!r}.", hint=nearest(str(method), known)
        )
    return method


def _checked_pushed(choice: PushedAuthorization) -> PushedAuthorization:
    known: tuple[str, ...] = get_args(PushedAuthorization)
    if choice not in known:
        raise ConfigurationError(
            f"There is no pushed_authorization {choice!r}.", hint=nearest(str(choice), known)
        )
    return choice


def _checked_seconds(name: str, value: object, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigurationError(
            f"The argument {name} is not a whole number of seconds, at least {least}.",
            hint=f"Pass {name} as an int.",
        )
    return value


def _checked_skew(value: object) -> int:
    seconds = _checked_seconds("clock_skew_seconds", value, 0)
    if seconds > 60:
        raise ConfigurationError(
            "The argument clock_skew_seconds is more than 60.",
            hint="Correct this machine's clock instead of accepting expired tokens.",
        )
    return seconds


def _checked_switch(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ConfigurationError(
            f"The argument {name} is neither True nor False.", hint=f"Pass {name} as a bool."
        )
    return value


def _secure_cookies(given: object, params: Params) -> bool:
    if isinstance(given, bool):
        return given
    if given is not None:
        raise ConfigurationError(
            "The argument secure_cookies is not True, False or None.",
            hint="Leave it out: cookies are secure unless redirect_uri is http to a loopback host.",
        )
    redirect_uri = params.get("redirect_uri")
    return not (isinstance(redirect_uri, str) and redirect_uri.lower().startswith("http:"))


def _checked_prefix(prefix: object) -> str:
    text = _checked_string("cookie_prefix", prefix)
    if not text.replace("_", "").replace("-", "").isalnum() or not text.isascii():
        raise ConfigurationError(
            "The argument cookie_prefix has characters that a cookie's name may not have.",
            hint="Use letters, digits, hyphens and underscores.",
        )
    return text


def _checked_targets(targets: object) -> tuple[str, ...]:
    if not is_sequence(targets):
        raise ConfigurationError(
            "The argument post_logout_redirect_uris is not a list.",
            hint="Pass a list such as ['https://www.example/goodbye'].",
        )
    for target in targets:
        if not isinstance(target, str) or not is_secure_web_url(target):
            raise ConfigurationError(
                "One of post_logout_redirect_uris is not an absolute https URL, nor http to a loopback host.",
                hint="Give complete URLs as they are registered at the provider.",
            )
    return tuple(targets)
