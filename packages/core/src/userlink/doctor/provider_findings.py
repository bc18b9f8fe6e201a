"""Findings about the provider: who it is, how it answers, and what it signs with."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from userlink.protocol.client_auth import AuthMethod, choose_method
from userlink.protocol.keys import KEY_TYPES, LEAST_RSA_BITS
from userlink.protocol.urls import is_loopback_host

from .evidence import Evidence
from .finding import Finding, Protection

__all__ = [
    "CALLBACK_ISSUER",
    "CLIENT_AUTHENTICATION",
    "CLOCK",
    "ISSUER",
    "KEYS",
    "PKCE",
    "SIGNATURE_ALGORITHMS",
    "callback_issuer",
    "client_authentication",
    "clock",
    "issuer",
    "keys",
    "pkce",
    "signature_algorithms",
]

ISSUER = Protection("issuer", "OIDC Discovery 1.0, 4.3; RFC 8414, 2")
PKCE = Protection("pkce", "RFC 7636, 4.2; RFC 9700, 2.1.1")
CALLBACK_ISSUER = Protection("callback-issuer", "RFC 9207, 3; RFC 9700, 4.4")
CLIENT_AUTHENTICATION = Protection("client-authentication", "RFC 9700, 2.5; OIDC Core 1.0, 9")
SIGNATURE_ALGORITHMS = Protection("signature-algorithms", "RFC 8725, 3.1; OIDC Core 1.0, 3.1.3.7")
KEYS = Protection("keys", "RFC 7517, 5; RFC 7518, 3.3; RFC 8725, 3.5")
CLOCK = Protection("clock", "OIDC Core 1.0, 3.1.3.7; RFC 7519, 4.1.4")


def issuer(evidence: Evidence) -> Finding:
    """Judge by which way the provider is reached."""
    name = evidence.published.metadata.issuer
    if name.lower().startswith("https:"):
        return ISSUER.on(f"the metadata of {name} name that very issuer, over https")
    uri = evidence.redirect_uri
    is_for_development = uri is not None and is_loopback_host(urlsplit(uri).hostname)
    return ISSUER.off(
        f"{name} is plain http on this machine",
        "Use the provider's https issuer in production; this one is for development.",
        is_unsafe=not is_for_development,
    )


def pkce(evidence: Evidence) -> Finding:
    """Judge whether the provider checks the challenge that userlink always sends."""
    methods = evidence.published.listed("code_challenge_methods_supported")
    if methods is not None and "S256" in methods:
        return PKCE.on("S256 is sent in every flow, and the provider lists it")
    if methods:
        return PKCE.impossible(
            f"S256 is sent in every flow, and the provider lists only {_list(methods)}",
            "Ask the provider to support S256; plain protects nobody who sees the request.",
            is_unsafe=True,
        )
    return PKCE.impossible(
        "S256 is sent in every flow, and the provider does not say that it checks it",
        "Ask the provider. Until then a stolen code is stopped by the nonce and the client's authentication alone.",
        is_unsafe=_method(evidence) == "none",
    )


def callback_issuer(evidence: Evidence) -> Finding:
    """Judge whether callbacks say which provider they are from."""
    if evidence.published.metadata.authorization_response_iss_parameter_supported:
        return CALLBACK_ISSUER.on(
            "the provider promises iss in callbacks, and one without it is refused"
        )
    return CALLBACK_ISSUER.impossible(
        "the provider does not promise iss in callbacks; one that is there is compared",
        "If the application has a second provider, give each a redirect_uri of its own.",
    )


def client_authentication(evidence: Evidence) -> Finding:
    """Judge how the client proves itself, and whether the provider knows that way."""
    method, key = _method(evidence), evidence.settings.client_assertion_key
    supported = evidence.published.metadata.token_endpoint_auth_methods_supported
    if method == "none":
        return CLIENT_AUTHENTICATION.off(
            "none: whoever has a code and its verifier can exchange it",
            "Register the application as a confidential client, and give it client_assertion_signing_key.",
        )
    if method not in supported:
        return CLIENT_AUTHENTICATION.impossible(
            f"{method}, and the provider lists only {_list(supported)}",
            "Choose a token_endpoint_auth_method among those, or have the provider support this one.",
        )
    algorithms = evidence.published.listed("token_endpoint_auth_signing_alg_values_supported")
    if method == "private_key_jwt" and key is not None:
        if algorithms is not None and key.alg not in algorithms:
            return CLIENT_AUTHENTICATION.impossible(
                f"{method} with {key.alg}, and the provider lists only {_list(algorithms)}",
                "Make a key for one of these algorithms, and register its public half.",
            )
        return CLIENT_AUTHENTICATION.on(f"{method} with {key.alg}, which the provider lists")
    advice = None
    if "private_key_jwt" in supported:
        advice = (
            "The provider knows private_key_jwt: a key that never leaves is better than a secret."
        )
    return CLIENT_AUTHENTICATION.on(f"{method}, which the provider lists", advice)


def signature_algorithms(evidence: Evidence) -> Finding:
    """Judge whether the provider signs with what the client accepts."""
    accepted = evidence.settings.algorithms
    offered = evidence.published.listed("id_token_signing_alg_values_supported")
    if offered is None:
        return SIGNATURE_ALGORITHMS.on(
            f"{_list(accepted)} alone are accepted; the provider does not say what it signs with"
        )
    common = [name for name in accepted if name in offered]
    if not common:
        return SIGNATURE_ALGORITHMS.impossible(
            f"the provider signs with {_list(offered)}, and {_list(accepted)} are accepted: no login can succeed",
            "Have the provider sign with a key pair, and name the algorithm in the client's algorithms.",
            is_unsafe=True,
        )
    advice = f"Narrow the client's algorithms to {_list(common)}." if len(accepted) > 4 else None
    return SIGNATURE_ALGORITHMS.on(
        f"{_list(common)}; neither none nor a shared secret is accepted", advice
    )


def keys(evidence: Evidence) -> Finding:
    """Judge the key set: usable, strong, and public."""
    published, accepted = evidence.published, evidence.settings.algorithms
    private = [entry for entry in published.key_entries if "d" in entry]
    if private:
        return KEYS.off(
            f"the provider publishes {len(private)} private keys: anybody can sign ID tokens",
            "Tell the provider at once, and let nobody sign in until the keys are replaced.",
            is_unsafe=True,
        )
    usable = () if published.keys is None else published.keys.keys
    fitting = [key for key in usable if any(key.fits(name) for name in accepted)]
    if not fitting:
        return KEYS.impossible(
            f"no published key can verify {_list(accepted)}: no login can succeed",
            f"Have the provider publish a key for one of these; RSA keys need {LEAST_RSA_BITS} bits.",
            is_unsafe=True,
        )
    kinds = sorted({KEY_TYPES[name][0] for name in accepted if any(k.fits(name) for k in fitting)})
    passed_over = len(published.key_entries) - len(fitting)
    rest = f"; {passed_over} others are passed over" if passed_over else ""
    return KEYS.on(f"{len(fitting)} usable ({_list(kinds)}){rest}")


def clock(evidence: Evidence) -> Finding:
    """Compare this machine's clock with the provider's, as far as the time of the request lets."""
    published, allowed = evidence.published, evidence.settings.clock_skew_seconds
    if published.date is None:
        return CLOCK.impossible(
            "the provider sent no time to compare with", "See to it that this machine uses NTP."
        )
    # The header tells whole seconds, rounded down.
    ahead = published.asked_at - (published.date + 1)
    behind = published.date - published.answered_at
    seconds = max(ahead, behind, 0)
    if seconds > allowed:
        return CLOCK.off(
            f"this machine's clock is {seconds} seconds {'ahead' if ahead > 0 else 'behind'}; {allowed} are allowed",
            "Correct the clock (NTP): expired tokens pass, or good ones do not.",
            is_unsafe=True,
        )
    return CLOCK.on(f"within {seconds + 1} s of the provider's; {allowed} s are allowed")


def _method(evidence: Evidence) -> AuthMethod:
    settings = evidence.settings
    return choose_method(
        settings.token_endpoint_auth_method,
        settings.client_assertion_key is not None,
        settings.client_secret is not None,
        evidence.published.metadata.token_endpoint_auth_methods_supported,
        settings.dialect.preferred_auth_method,
    )


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) or "nothing"
