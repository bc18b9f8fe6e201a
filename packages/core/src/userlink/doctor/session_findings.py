"""Findings about what the application itself keeps: redirect URI, cookies, stores, lifetimes, secrets."""

from urllib.parse import urlsplit

from userlink.protocol.urls import is_loopback_host

from .evidence import Evidence, StoreKind
from .finding import Finding, Protection

__all__ = [
    "COOKIES",
    "LIFETIMES",
    "REDIRECT_URI",
    "SECRETS",
    "SESSIONS",
    "SINGLE_USE",
    "cookies",
    "lifetimes",
    "redirect_uri",
    "secrets",
    "sessions",
    "single_use",
]

REDIRECT_URI = Protection("redirect-uri", "RFC 9700, 2.6 and 4.1; RFC 8252, 7.3")
COOKIES = Protection("cookies", "RFC 6265bis, 4.1.3.2 and 5.7")
SINGLE_USE = Protection("single-use", "RFC 9700, 2.1.1 and 4.5")
SESSIONS = Protection("sessions", "OIDC Back-Channel Logout 1.0, 2.7")
LIFETIMES = Protection("lifetimes", "NIST SP 800-63B, 7.2")
SECRETS = Protection("secrets", "RFC 5869, 4")

_LONGEST_SESSION_DAYS = (
    30  # NIST SP 800-63B, 4.1.3: users authenticate again after this, at the latest
)
_LONGEST_TRANSACTION_SECONDS = 3600
_MOST_SECRETS = 3  # the new one, the old one, and one more that somebody forgot


def redirect_uri(evidence: Evidence) -> Finding:
    """Judge where the provider sends codes."""
    uri = evidence.redirect_uri
    if uri is None:
        return REDIRECT_URI.off(
            "the client has none, so that each call must bring it",
            "Put redirect_uri into the client's authorization_params, and take it from nowhere else.",
        )
    if uri.startswith("https:"):
        return REDIRECT_URI.on(f"{uri}, from the configuration")
    return REDIRECT_URI.off(
        f"{uri} is plain http on this machine",
        "Use the application's https URL in production; this one is for development.",
    )


def cookies(evidence: Evidence) -> Finding:
    """Judge whether cookies leave over https only, and whether a sibling domain could plant one."""
    if evidence.settings.secure_cookies:
        return COOKIES.on("Secure, HttpOnly, SameSite=Lax, and named __Host-")
    uri = evidence.redirect_uri
    is_for_development = uri is not None and is_loopback_host(urlsplit(uri).hostname)
    if is_for_development and uri is not None and uri.startswith("http:"):
        return COOKIES.off(
            "without Secure and __Host-, because redirect_uri is plain http",
            "Nothing for development; with an https redirect_uri they come by themselves.",
        )
    return COOKIES.off(
        "without Secure and __Host-: they leave over http, and a sibling domain can plant them",
        "Leave secure_cookies out.",
        is_unsafe=True,
    )


def single_use(evidence: Evidence) -> Finding:
    """Judge how surely a callback counts once."""
    kind = evidence.transactions
    if kind is StoreKind.SERVER:
        return SINGLE_USE.on("a callback counts once among all processes")
    return SINGLE_USE.off(
        f"transactions are in {kind.value}: within one process a callback counts once,"
        " beyond it the provider's single-use code is the guard",
        "With several processes, give the client a transaction_store on the server.",
    )


def sessions(evidence: Evidence) -> Finding:
    """Judge whether sessions can be ended from elsewhere, and whether writes can be lost."""
    kind = evidence.sessions
    if kind is StoreKind.SERVER:
        return SESSIONS.on("ended everywhere at once; of two writes at once none is lost")
    if kind is StoreKind.MEMORY:
        return SESSIONS.off(
            "sessions are in the memory of one process",
            "With several processes, give the client a state_store that they share.",
        )
    return SESSIONS.off(
        "sessions are in sealed cookies: a copy opens until it expires, and the last write wins",
        "Give the client a state_store on the server, to end sessions for certain.",
    )


def lifetimes(evidence: Evidence) -> Finding:
    """Judge how long a stolen session, or a started flow, is worth something."""
    settings = evidence.settings
    days = settings.session_absolute_seconds / 86_400
    seen = (
        f"sessions end after {settings.session_idle_seconds} seconds unused and {days:.1f} days in any case,"
        f" transactions after {settings.transaction_seconds} seconds"
    )
    if days > _LONGEST_SESSION_DAYS:
        return LIFETIMES.off(
            seen, f"Lower session_absolute_seconds to {_LONGEST_SESSION_DAYS} days or less."
        )
    if settings.session_idle_seconds > settings.session_absolute_seconds:
        return LIFETIMES.off(
            seen, "Lower session_idle_seconds: above session_absolute_seconds it means nothing."
        )
    if settings.transaction_seconds > _LONGEST_TRANSACTION_SECONDS:
        return LIFETIMES.off(
            seen, f"Lower transaction_seconds to {_LONGEST_TRANSACTION_SECONDS} or less."
        )
    return LIFETIMES.on(seen)


def secrets(evidence: Evidence) -> Finding:
    """Judge the sealing secrets by what can be said of them without telling them."""
    found = evidence.secrets
    if not found:
        return SECRETS.off("none was shown", "Set USERLINK_SECRET, or name the client to look at.")
    for number, traits in enumerate(found, start=1):
        weakness = traits.weakness
        if traits.is_client_secret:
            weakness = "is the client secret, which the provider knows"
        if weakness is not None:
            return SECRETS.off(
                f"number {number} of {len(found)} {weakness}: cookies could be forged",
                'Make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"',
                is_unsafe=True,
            )
    lengths = ", ".join(str(traits.byte_count) for traits in found)
    seen = f"{len(found)}, of {lengths} bytes"
    if any(traits.is_repeated for traits in found):
        return SECRETS.on(seen, "One of them is there twice: a rotation was left half done.")
    if len(found) > _MOST_SECRETS:
        return SECRETS.on(seen, "Drop old ones: each opens sessions for as long as it is listed.")
    return SECRETS.on(seen)
