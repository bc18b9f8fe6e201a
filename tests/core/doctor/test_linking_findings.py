"""Findings about linking and logout: each protection at work, missing, and unsafe where it is."""

from typing import Any

import pytest

from support.doctor_evidence import evidence_of
from userlink.doctor import linking_findings as judge
from userlink.doctor.evidence import StoreKind
from userlink.doctor.finding import Severity, State

ON, OFF, IMPOSSIBLE = State.ON, State.OFF, State.IMPOSSIBLE
FINE, ADVICE, UNSAFE = Severity.FINE, Severity.ADVICE, Severity.UNSAFE
ELSEWHERE = {"token_endpoint": "https://tenant.example/token"}


class UnrelatedDialect:
    """One that shares nothing with the built-in ones."""

    preferred_auth_method = "client_secret_basic"
    link_scopes = unlink_scopes = ("openid",)

    def link_params(self, options: object) -> dict[str, str]:
        return {}


@pytest.mark.parametrize(
    ("domain", "document", "dialect", "state", "severity"),
    [
        ("https://tenant.example/", {}, "auth0", ON, FINE),
        ("tenant.eu.auth0.com", ELSEWHERE, "auth0", ON, FINE),
        ("https://tenant.example/", ELSEWHERE, "auth0", OFF, ADVICE),
        ("https://tenant.example/", ELSEWHERE, UnrelatedDialect(), ON, FINE),
        ("https://tenant.example/", ELSEWHERE, "oidc", ON, FINE),
        ("tenant.eu.auth0.com", {}, "oidc", OFF, ADVICE),
    ],
)
def test_dialect(
    domain: str, document: dict[str, object], dialect: Any, state: State, severity: Severity
) -> None:
    """What a provider ignores is not refused by it (OIDC Core, 3.1.2.1)."""
    finding = judge.dialect(evidence_of(domain=domain, document=document, dialect=dialect))

    assert (state, severity) == (finding.state, finding.severity)


@pytest.mark.parametrize(
    ("arguments", "document", "state", "severity"),
    [
        ({}, {}, OFF, ADVICE),
        ({"link_max_age_seconds": 300}, {}, ON, FINE),
        ({"authorization_params": {"max_age": 300}}, {}, ON, FINE),
        ({"link_acr_values": ["mfa"]}, {}, ON, ADVICE),
        (
            {"link_acr_values": ["mfa"], "link_max_age_seconds": 300},
            {"acr_values_supported": ["mfa"]},
            ON,
            FINE,
        ),
        ({"link_acr_values": ["mfa"]}, {"acr_values_supported": ["pwd"]}, IMPOSSIBLE, ADVICE),
        ({"link_acr_values": ["mfa"]}, {"acr_values_supported": []}, IMPOSSIBLE, ADVICE),
    ],
)
def test_freshness(
    arguments: dict[str, Any], document: dict[str, object], state: State, severity: Severity
) -> None:
    """The client's policy and its parameters count together, as they do in flows."""
    finding = judge.freshness(evidence_of(document=document, **arguments))

    assert (state, severity) == (finding.state, finding.severity)


@pytest.mark.parametrize(
    ("asked", "endpoint", "state", "severity"),
    [
        (False, None, ON, FINE),
        (True, "https://tenant.example/userinfo", ON, FINE),
        (True, None, IMPOSSIBLE, UNSAFE),
    ],
)
def test_userinfo(asked: bool, endpoint: str | None, state: State, severity: Severity) -> None:
    """A client that asks an endpoint that is not there signs nobody in."""
    document = {"userinfo_endpoint": endpoint}

    finding = judge.userinfo(evidence_of(document=document, userinfo=asked))

    assert (state, severity) == (finding.state, finding.severity)


PUSHED = "https://tenant.example/oauth/par"


@pytest.mark.parametrize(
    ("choice", "endpoint", "required", "state", "severity"),
    [
        ("auto", PUSHED, False, ON, FINE),
        ("required", PUSHED, True, ON, FINE),
        ("never", PUSHED, False, OFF, ADVICE),
        ("auto", None, False, IMPOSSIBLE, FINE),
        ("never", None, False, IMPOSSIBLE, FINE),
        ("never", PUSHED, True, IMPOSSIBLE, UNSAFE),
        ("required", None, False, IMPOSSIBLE, UNSAFE),
        ("auto", None, True, IMPOSSIBLE, UNSAFE),
    ],
)
def test_pushed_requests(
    choice: Any, endpoint: str | None, required: bool, state: State, severity: Severity
) -> None:
    """Client and provider may exclude each other (RFC 9126, 5)."""
    document = {
        "pushed_authorization_request_endpoint": endpoint,
        "require_pushed_authorization_requests": required,
    }

    finding = judge.pushed_requests(evidence_of(document=document, pushed_authorization=choice))

    assert (state, severity) == (finding.state, finding.severity)


@pytest.mark.parametrize(
    ("endpoint", "dialect", "state", "severity"),
    [
        ("https://tenant.example/oidc/logout", "oidc", ON, FINE),
        (None, "auth0", ON, ADVICE),
        (None, "oidc", IMPOSSIBLE, ADVICE),
    ],
)
def test_provider_logout(
    endpoint: str | None, dialect: str, state: State, severity: Severity
) -> None:
    """Auth0 has had an endpoint of its own before the specification."""
    document = {"end_session_endpoint": endpoint}

    finding = judge.provider_logout(evidence_of(document=document, dialect=dialect))

    assert (state, severity) == (finding.state, finding.severity)


@pytest.mark.parametrize(
    ("listed", "redirect_uri", "state", "severity"),
    [
        ([], "https://app.example/callback", ON, FINE),
        (["https://www.app.example/"], "https://app.example/callback", ON, FINE),
        (["http://localhost:3000/"], "http://localhost:3000/callback", ON, FINE),
        (["http://localhost:3000/"], "https://app.example/callback", OFF, ADVICE),
    ],
)
def test_logout_return(
    listed: list[str], redirect_uri: str, state: State, severity: Severity
) -> None:
    """What was listed for development has no place in production (OIDC RP-Initiated Logout, 3)."""
    finding = judge.logout_return(
        evidence_of(
            post_logout_redirect_uris=listed, authorization_params={"redirect_uri": redirect_uri}
        )
    )

    assert (state, severity) == (finding.state, finding.severity)


@pytest.mark.parametrize(
    ("promised", "kind", "state", "severity"),
    [
        (True, StoreKind.SERVER, ON, FINE),
        (True, StoreKind.MEMORY, ON, FINE),
        (True, StoreKind.COOKIES, OFF, ADVICE),
        (False, StoreKind.SERVER, IMPOSSIBLE, ADVICE),
    ],
)
def test_backchannel_logout(
    promised: bool, kind: StoreKind, state: State, severity: Severity
) -> None:
    """It takes a provider that sends logout tokens, and sessions that can be found."""
    document = {"backchannel_logout_supported": promised}

    finding = judge.backchannel_logout(evidence_of(document=document, sessions=kind))

    assert (state, severity) == (finding.state, finding.severity)


@pytest.mark.parametrize(
    ("endpoint", "state", "severity"),
    [("https://tenant.example/revoke", ON, FINE), (None, IMPOSSIBLE, ADVICE)],
)
def test_revocation(endpoint: str | None, state: State, severity: Severity) -> None:
    """Without the endpoint, tokens live on after a logout (RFC 7009)."""
    finding = judge.revocation(evidence_of(document={"revocation_endpoint": endpoint}))

    assert (state, severity) == (finding.state, finding.severity)
