"""Findings about linking and logout: what the client asks for, and whether this provider has it."""

from urllib.parse import urlsplit

from userlink.errors import MetadataInvalid, PushedAuthorizationMismatch
from userlink.protocol.dialects.auth0 import Auth0Dialect
from userlink.protocol.dialects.oidc import OidcDialect
from userlink.protocol.params import merge
from userlink.protocol.pushed_authorization import pushed_endpoint

from .evidence import Evidence, StoreKind
from .finding import Finding, Protection

__all__ = [
    "BACKCHANNEL_LOGOUT",
    "DIALECT",
    "FRESHNESS",
    "LOGOUT_RETURN",
    "PROVIDER_LOGOUT",
    "PUSHED_REQUESTS",
    "REVOCATION",
    "USERINFO",
    "backchannel_logout",
    "dialect",
    "freshness",
    "logout_return",
    "provider_logout",
    "pushed_requests",
    "revocation",
    "userinfo",
]

DIALECT = Protection("dialect", "OIDC Core 1.0, 3.1.2.1")
FRESHNESS = Protection("freshness", "OIDC Core 1.0, 3.1.2.1; RFC 9470, 3")
USERINFO = Protection("userinfo", "OIDC Core 1.0, 5.3.2")
PUSHED_REQUESTS = Protection("pushed-requests", "RFC 9126, 1 and 5; RFC 9700, 4.2")
PROVIDER_LOGOUT = Protection("provider-logout", "OIDC RP-Initiated Logout 1.0, 2 and 3")
LOGOUT_RETURN = Protection("logout-return", "OIDC RP-Initiated Logout 1.0, 3; RFC 9700, 4.11")
BACKCHANNEL_LOGOUT = Protection("backchannel-logout", "OIDC Back-Channel Logout 1.0, 2.2 and 2.7")
REVOCATION = Protection("revocation", "RFC 7009, 2; RFC 9700, 4.14")


def dialect(evidence: Evidence) -> Finding:
    """Judge whether what asks for a link would be understood."""
    spoken, metadata = evidence.settings.dialect, evidence.published.metadata
    host = (urlsplit(metadata.issuer).hostname or "").lower()
    if isinstance(spoken, OidcDialect):
        if host.endswith(".auth0.com"):
            return DIALECT.off(
                f"oidc, which links nothing, at {host}", "Leave dialect out, to link identities."
            )
        return DIALECT.on("oidc: nothing is linked, and nothing is asked for that could be ignored")
    if not isinstance(spoken, Auth0Dialect):
        return DIALECT.on(f"{type(spoken).__name__}, the application's own")
    # Auth0 has the same paths at custom domains too.
    places = [
        urlsplit(url).path for url in (metadata.authorization_endpoint, metadata.token_endpoint)
    ]
    if host.endswith(".auth0.com") or places == ["/authorize", "/oauth/token"]:
        return DIALECT.on(f"auth0, and {host} looks like it")
    return DIALECT.off(
        f"auth0, and {host} does not look like it: a provider that ignores what asks for a link completes it unlinked",
        "Pass dialect='oidc', or a Dialect of your own when this provider links in another way.",
    )


def freshness(evidence: Evidence) -> Finding:
    """Judge how fresh a sign-in must be for a link: an idle, stolen session would link a way back in."""
    settings = evidence.settings
    asked = settings.link_freshness.and_by(merge(settings.authorization_params, {}))
    if not asked:
        return FRESHNESS.off(
            "any session may link and unlink, however long ago its user signed in",
            "Set link_max_age_seconds, to 300 for instance.",
        )
    known = evidence.published.listed("acr_values_supported")
    if asked.acr_values and known is not None and not set(asked.acr_values) & set(known):
        return FRESHNESS.impossible(
            "the provider lists none of link_acr_values: no link can succeed",
            f"Choose among {', '.join(known) or 'none'}, or ask for an age alone.",
        )
    if asked.max_age_seconds is None:
        return FRESHNESS.on(
            f"links need one of {', '.join(asked.acr_values)}, however long ago",
            "Set link_max_age_seconds too.",
        )
    return FRESHNESS.on(f"links need a sign-in of the last {asked.max_age_seconds} seconds")


def userinfo(evidence: Evidence) -> Finding:
    """Judge whether claims can come from elsewhere than the ID token."""
    if not evidence.settings.userinfo:
        return USERINFO.on("claims come from the signed ID token alone")
    if evidence.published.metadata.userinfo_endpoint is None:
        return USERINFO.impossible(
            "the provider has no userinfo_endpoint, and the client asks it: no login can succeed",
            "Leave userinfo out.",
            is_unsafe=True,
        )
    return USERINFO.on("claims of the userinfo endpoint count for the ID token's sub only")


def pushed_requests(evidence: Evidence) -> Finding:
    """Judge whether ``id_token_hint`` and the other parameters stay out of the browser's URL."""
    choice, metadata = evidence.settings.pushed_authorization, evidence.published.metadata
    try:
        endpoint = pushed_endpoint(choice, metadata)
    except (MetadataInvalid, PushedAuthorizationMismatch) as error:
        return PUSHED_REQUESTS.impossible(
            f"{choice}: {str(error).rstrip('.')}: no login can start",
            "Leave pushed_authorization out, or have the provider take such requests.",
            is_unsafe=True,
        )
    if endpoint is not None:
        return PUSHED_REQUESTS.on(
            f"{choice}: requests are pushed, and the URL holds their name only"
        )
    if metadata.pushed_authorization_request_endpoint is not None:
        return PUSHED_REQUESTS.off(
            "the provider takes pushed requests, and id_token_hint goes through the browser's URL",
            "Leave pushed_authorization out.",
        )
    return PUSHED_REQUESTS.impossible(
        "the provider takes no pushed requests: id_token_hint goes through the browser's URL", None
    )


def provider_logout(evidence: Evidence) -> Finding:
    """Judge whether signing out ends the provider's session too."""
    if evidence.published.metadata.end_session_endpoint is not None:
        return PROVIDER_LOGOUT.on("the provider has an end_session_endpoint")
    if isinstance(evidence.settings.dialect, Auth0Dialect):
        return PROVIDER_LOGOUT.on(
            "by /v2/logout, without a hint of whose session it is",
            "Have the tenant publish its end_session_endpoint (Advanced, RP-Initiated Logout).",
        )
    return PROVIDER_LOGOUT.impossible(
        "the provider has no end_session_endpoint: the next login may pass without a question",
        'Tell users of shared machines, or log in with {"prompt": "login"}.',
    )


def logout_return(evidence: Evidence) -> Finding:
    """Judge where the provider may be told to send users after a logout."""
    listed = evidence.settings.post_logout_redirect_uris
    uri = evidence.redirect_uri
    plain = [each for each in listed if each.lower().startswith("http:")]
    if plain and uri is not None and uri.startswith("https:"):
        return LOGOUT_RETURN.off(
            f"{plain[0]} on this machine is listed, and the application is elsewhere",
            "Take it from post_logout_redirect_uris: whatever listens there on a user's machine gets the state.",
        )
    return LOGOUT_RETURN.on(
        f"to the application's own origin and {len(listed)} listed URLs, and nowhere else"
    )


def backchannel_logout(evidence: Evidence) -> Finding:
    """Judge whether the provider can end sessions here."""
    if not evidence.published.promises("backchannel_logout_supported"):
        return BACKCHANNEL_LOGOUT.impossible(
            "the provider sends no logout tokens",
            "Keep sessions short: one that ends at the provider lives on here.",
        )
    if evidence.sessions is StoreKind.COOKIES:
        return BACKCHANNEL_LOGOUT.off(
            "the provider sends logout tokens, and sessions in sealed cookies cannot be ended by them",
            "Give the client a state_store, and register the route /auth/backchannel-logout.",
        )
    return BACKCHANNEL_LOGOUT.on(
        f"the provider sends logout tokens, and sessions are in {evidence.sessions.value};"
        " see that its logout URL is registered"
    )


def revocation(evidence: Evidence) -> Finding:
    """Judge whether tokens die with the session."""
    if evidence.published.metadata.revocation_endpoint is not None:
        return REVOCATION.on("tokens are revoked at logout")
    return REVOCATION.impossible(
        "the provider has no revocation_endpoint: a copied refresh token outlives the logout",
        "Have refresh tokens rotate and expire at the provider.",
    )
