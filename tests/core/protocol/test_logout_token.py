"""Logout tokens are validated in full, and are told from ID tokens (OIDC Back-Channel Logout 1.0, 2.4 and 2.6)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import NOW, raw_json_values
from userlink.errors import IdTokenInvalid, LogoutTokenInvalid
from userlink.protocol.id_token import LOGOUT_EVENT, Expected, check_claims
from userlink.protocol.logout_token import LogoutToken, check_logout_claims

ISSUER = "https://tenant.example.com/"
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "client-1",
    "iat": NOW,
    "exp": NOW + 120,
    "jti": "canary-jti",
    "sub": "auth0|1",
    "sid": "sid-1",
    "events": {LOGOUT_EVENT: {}},
}


def checked(**changes: Any) -> LogoutToken:
    """Check claims of which some are changed; a value of ``...`` leaves the claim out."""
    changed = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not ...}
    return check_logout_claims(changed, ISSUER, "client-1", NOW, 60)


def refused_claim(**changes: Any) -> str:
    """Say which claim is refused."""
    with pytest.raises(LogoutTokenInvalid) as caught:
        checked(**changes)
    assert f"The logout token's {caught.value.check} " in caught.value.message
    return caught.value.check


def test_a_token_in_order_says_whose_sessions_end() -> None:
    """Its use is remembered for as long as it would be accepted, skew included."""
    assert checked() == LogoutToken(
        ISSUER, "client-1", "auth0|1", "sid-1", "canary-jti", NOW + 120 + 60 + 1
    )
    assert "canary" not in repr(checked())


@pytest.mark.parametrize(
    ("changes", "subject", "sid"),
    [
        ({"sub": ...}, None, "sid-1"),
        ({"sid": ...}, "auth0|1", None),
        ({"sid": None}, "auth0|1", None),
        ({"sub": "x" * 255}, "x" * 255, "sid-1"),
    ],
)
def test_a_user_or_a_session_is_enough(
    changes: dict[str, Any], subject: str | None, sid: str | None
) -> None:
    """Section 2.4: sub, sid or both."""
    token = checked(**changes)

    assert (subject, sid) == (token.subject, token.sid)


@pytest.mark.parametrize(
    ("claim", "changes"),
    [
        ("iss", {"iss": ...}),
        ("iss", {"iss": "https://evil.example/"}),
        ("iss", {"iss": ISSUER.rstrip("/")}),
        ("iss", {"iss": [ISSUER]}),
        ("aud", {"aud": ...}),
        ("aud", {"aud": "client-2"}),
        ("azp", {"aud": ["client-1", "client-2"]}),
        ("exp", {"exp": ...}),
        ("exp", {"exp": NOW - 60}),
        ("exp", {"exp": str(NOW + 120)}),
        ("iat", {"iat": ...}),
        ("iat", {"iat": NOW + 61}),
        ("iat", {"iat": True}),
        ("nbf", {"nbf": NOW + 61}),
        ("nbf", {"nbf": None}),
        ("events", {"events": ...}),
        ("events", {"events": None}),
        ("events", {"events": {}}),
        ("events", {"events": {"http://schemas.openid.net/event/other": {}}}),
        ("events", {"events": {LOGOUT_EVENT: None}}),
        ("events", {"events": {LOGOUT_EVENT: "{}"}}),
        ("events", {"events": {LOGOUT_EVENT: []}}),
        ("events", {"events": [LOGOUT_EVENT]}),
        ("events", {"events": LOGOUT_EVENT}),
        ("nonce", {"nonce": "n"}),
        ("nonce", {"nonce": None}),
        ("jti", {"jti": ...}),
        ("jti", {"jti": ""}),
        ("jti", {"jti": 7}),
        ("jti", {"jti": "x" * 256}),
        ("sub", {"sub": 7}),
        ("sub", {"sub": "a\x00b"}),
        ("sub", {"sub": ""}),
        ("sid", {"sid": ["sid-1"]}),
        ("sid", {"sid": ""}),
        ("sid", {"sub": ..., "sid": ...}),
        ("sid", {"sub": None, "sid": None}),
    ],
)
def test_a_claim_that_is_missing_or_wrong_is_refused(claim: str, changes: dict[str, Any]) -> None:
    """Section 2.6, steps 3 to 7, each for itself."""
    assert claim == refused_claim(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": NOW - 59},
        {"iat": NOW + 60},
        {"nbf": NOW + 60},
        {"aud": ["client-1"]},
        {"events": {LOGOUT_EVENT: {"more": 1}, "https://other.example/event": {}}},
        {"trace_id": "abc"},
    ],
)
def test_what_is_within_the_rules_is_accepted(changes: dict[str, Any]) -> None:
    """The last second of the skew, and what may stand beside."""
    assert "sid-1" == checked(**changes).sid


def test_an_id_token_is_no_logout_token() -> None:
    """Even without a nonce it announces no logout (section 4.1)."""
    assert "events" == refused_claim(events=..., nonce=...)


@pytest.mark.parametrize("event", [{}, None, "logout"])
def test_a_logout_token_is_no_id_token(event: object) -> None:
    """Nor is one whose type does not say so, where no nonce is awaited, as after a renewal (section 4.1)."""
    expected = Expected(ISSUER, "client-1", NOW, 60, nonce=None)
    with pytest.raises(IdTokenInvalid) as caught:
        check_claims({**CLAIMS, "events": {LOGOUT_EVENT: event}}, "ES256", expected)

    assert "events" == caught.value.check
    others: list[Any] = [{}, [LOGOUT_EVENT], "calendar", None]
    for events in others:
        check_claims({**CLAIMS, "events": events}, "ES256", expected)


@given(st.dictionaries(st.sampled_from([*CLAIMS, "nonce", "nbf", "azp"]), raw_json_values))
def test_only_one_error_comes_of_any_claims(changes: dict[str, Any]) -> None:
    """Whatever a provider signs."""
    try:
        assert "client-1" == checked(**changes).client_id
    except LogoutTokenInvalid as error:
        assert error.check in {*CLAIMS, "nonce", "nbf", "azp"}
