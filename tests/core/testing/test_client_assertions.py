"""A provider in memory accepts an assertion of the client, once, and nothing that only resembles one."""

from typing import Any

import pytest

from support.signing import compact, hmac_token, jwk_of, key_pair, pem_of, signed
from userlink.testing.client_assertions import ClientAssertions
from userlink.testing.fixed import FixedClock
from userlink.testing.registration import Registration

ISSUER = "https://tenant.example/"
PAIR = key_pair("ES256")
CLOCK = FixedClock()
CLAIMS: dict[str, Any] = {
    "iss": "app",
    "sub": "app",
    "aud": ISSUER,
    "jti": "jti-1",
    "iat": CLOCK.now,
    "exp": CLOCK.now + 60,
}


def judge(**members: Any) -> ClientAssertions:
    """Return a judge that has seen nothing."""
    return ClientAssertions("app", ISSUER, jwk_of(PAIR, **members), CLOCK)


def form(assertion: str, **changes: str) -> dict[str, str]:
    """Return the parameters that carry an assertion (RFC 7523, 2.2)."""
    return {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
        **changes,
    }


@pytest.mark.parametrize("changes", [{}, {"client_id": "app"}])
def test_an_assertion_counts_once(changes: dict[str, str]) -> None:
    """RFC 7523, 3, item 7: a jti is not accepted again."""
    assertions = judge()
    sent = form(signed(CLAIMS, PAIR, "ES256"), **changes)

    assert assertions.accept(sent)
    assert not assertions.accept(sent)
    assert assertions.accept(form(signed({**CLAIMS, "jti": "jti-2"}, PAIR, "ES256")))


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_every_algorithm_of_its_key_is_accepted(alg: str) -> None:
    """OIDC Core, 9."""
    pair = key_pair(alg)
    assertions = ClientAssertions("app", ISSUER, jwk_of(pair, kid="key-1"), CLOCK)

    assert assertions.accept(form(signed(CLAIMS, pair, alg, kid="key-1")))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "other"},
        {"sub": "other"},
        {"aud": f"{ISSUER}oauth/token"},
        {"aud": [ISSUER]},
        {"aud": ISSUER.rstrip("/")},
        {"exp": CLOCK.now},
        {"exp": CLOCK.now + 301},
        {"exp": "soon"},
        {"jti": 1},
    ],
)
def test_wrong_claims_are_refused(changes: dict[str, Any]) -> None:
    """RFC 7523, 3, with the issuer as the one audience."""
    assert not judge().accept(form(signed({**CLAIMS, **changes}, PAIR, "ES256")))


@pytest.mark.parametrize(
    "assertion",
    [
        "",
        "a.b.c",
        compact({"alg": "none"}, CLAIMS),
        hmac_token(CLAIMS, pem_of(PAIR)),
        signed(CLAIMS, key_pair("ES256", 1), "ES256"),
        signed(b"[]", PAIR, "ES256"),
    ],
)
def test_wrong_signatures_are_refused(assertion: str) -> None:
    """Whatever else the token says."""
    assert not judge().accept(form(assertion))


def test_an_assertion_of_another_kind_or_client_is_refused() -> None:
    """RFC 7521, 4.2."""
    assertion = signed(CLAIMS, PAIR, "ES256")

    assert not judge().accept({"client_assertion": assertion})
    assert not judge().accept(form(assertion, client_assertion_type="urn:other"))
    assert not judge().accept(form(assertion, client_id="other"))


def test_a_client_with_a_key_proves_itself_in_no_other_way() -> None:
    """RFC 6749, 2.3: nor in two ways at once."""
    client = Registration("app", "secret", (), (), judge())
    sent = form(signed(CLAIMS, PAIR, "ES256"))

    assert not client.is_proved_by(None, {"client_id": "app", "client_secret": "secret"})
    assert not client.is_proved_by(None, {**sent, "client_secret": "secret"})
    assert not client.is_proved_by("Basic YXBwOnNlY3JldA==", sent)
    assert client.is_proved_by(None, sent)


def test_a_client_without_a_key_has_no_assertions() -> None:
    """Whoever signed them."""
    client = Registration("app", "secret", (), ())
    sent = form(signed(CLAIMS, PAIR, "ES256"), client_id="app", client_secret="secret")

    assert not client.is_proved_by(None, sent)
