"""Codes and refresh tokens of a provider in memory."""

from attrs import evolve

from userlink.testing.fixed import FixedEntropy
from userlink.testing.grants import Grant, Grants

GRANT = Grant(
    family="",
    subject="auth0|alice",
    client_id="app",
    redirect_uri="https://app.example/callback",
    scope="openid",
    audience=None,
    nonce="nonce",
    code_challenge="challenge",
    authenticated_at=0,
    expires_at=60,
)


def test_a_code_is_good_until_it_is_spent() -> None:
    """RFC 6749, 4.1.2: single use."""
    grants = Grants(FixedEntropy())
    code = grants.keep(GRANT)

    assert evolve(GRANT, family=code) == grants.look(code)
    grants.spend(code)
    assert grants.look(code) is None
    assert grants.look("never given") is None


def test_a_second_use_revokes_what_the_first_led_to_and_nothing_else() -> None:
    """RFC 6749, 4.1.2 and RFC 9700, 4.14.2."""
    grants = Grants(FixedEntropy())
    code, stranger = grants.keep(GRANT), grants.keep(GRANT)
    grant = grants.look(code)
    assert grant is not None
    grants.spend(code)
    refresh_token = grants.keep(grant)
    assert grants.look(refresh_token) is not None

    grants.look(code)

    assert grants.look(refresh_token) is None
    assert grants.look(stranger) is not None
