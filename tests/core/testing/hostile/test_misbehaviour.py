"""A misbehaviour of which nothing is given changes nothing."""

from userlink.testing.hostile import HostileNetwork
from userlink.testing.hostile.answers import json_answer
from userlink.testing.hostile.misbehaviour import HONEST


def test_honesty_changes_nothing(network: HostileNetwork) -> None:
    """Each part returns what it was given; the signature is the provider's."""
    provider = network.provider
    answer, claims = json_answer({"a": 1}), {"sub": "a"}

    assert claims == HONEST.claims(claims, provider)
    assert answer == HONEST.discovery(answer, provider)
    assert answer == HONEST.jwks(answer, provider)
    assert answer == HONEST.pushed(answer, provider)
    assert answer == HONEST.token(answer, provider)
    assert answer == HONEST.userinfo(answer, provider)
    assert [("a", "b")] == HONEST.callback([("a", "b")], provider)
    assert claims == provider.keys.signing.claims_of(HONEST.sign(claims, provider))
