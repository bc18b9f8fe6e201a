"""All protections that are looked at, and the judgement of all of them."""

from collections.abc import Callable, Mapping

from . import linking_findings as linking
from . import provider_findings as provider
from . import session_findings as session
from .evidence import Evidence
from .finding import Finding, Protection, Severity

__all__ = ["JUDGES", "find", "is_unsafe"]

JUDGES: Mapping[Protection, Callable[[Evidence], Finding]] = {
    provider.ISSUER: provider.issuer,
    session.REDIRECT_URI: session.redirect_uri,
    session.COOKIES: session.cookies,
    session.SECRETS: session.secrets,
    provider.PKCE: provider.pkce,
    provider.CALLBACK_ISSUER: provider.callback_issuer,
    provider.CLIENT_AUTHENTICATION: provider.client_authentication,
    provider.SIGNATURE_ALGORITHMS: provider.signature_algorithms,
    provider.KEYS: provider.keys,
    provider.CLOCK: provider.clock,
    session.SINGLE_USE: session.single_use,
    session.SESSIONS: session.sessions,
    session.LIFETIMES: session.lifetimes,
    linking.DIALECT: linking.dialect,
    linking.FRESHNESS: linking.freshness,
    linking.USERINFO: linking.userinfo,
    linking.PUSHED_REQUESTS: linking.pushed_requests,
    linking.PROVIDER_LOGOUT: linking.provider_logout,
    linking.LOGOUT_RETURN: linking.logout_return,
    linking.BACKCHANNEL_LOGOUT: linking.backchannel_logout,
    linking.REVOCATION: linking.revocation,
}


def find(evidence: Evidence) -> tuple[Finding, ...]:
    """Judge every protection; the same evidence gives the same findings."""
    return tuple(judge(evidence) for judge in JUDGES.values())


def is_unsafe(findings: tuple[Finding, ...]) -> bool:
    """Tell whether one of them makes the configuration unfit to go live."""
    return any(finding.severity is Severity.UNSAFE for finding in findings)
