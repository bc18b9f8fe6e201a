"""Keys that rotate, and tokens that are signed wrongly."""

from userlink.testing.hostile.signatures import (
    ALGORITHMS,
    ProviderKeys,
    compact,
    hmac_signed,
    shared_key,
    with_broken_signature,
)


def test_there_is_a_key_for_each_algorithm() -> None:
    """What it signs, it verifies; no other does."""
    keys = ProviderKeys("test")
    token = keys.of("PS256").sign({"sub": "a"})

    assert list(ALGORITHMS) == [key.algorithm for key in keys.published]
    assert [None, None, {"sub": "a"}, None] == [key.claims_of(token) for key in keys.published]


def test_rotation_publishes_the_new_key_beside_the_old_ones() -> None:
    """Who has cached the old set must not be left without the keys that come back after a reset."""
    keys = ProviderKeys("test")
    before = list(keys.published)
    first, second = keys.rotate(), keys.rotate()

    assert [*before, first, second] == keys.published
    assert second is keys.signing
    assert first.kid != second.kid
    keys.reset()
    assert (before, before[0]) == (keys.published, keys.signing)
    assert keys.rotate().kid not in (first.kid, second.kid)


def test_a_broken_signature_does_not_verify() -> None:
    """One character differs."""
    key = shared_key("test-broken", "ES256")
    good = key.sign({"sub": "a"})
    broken = with_broken_signature(good)

    assert 1 == sum(a != b for a, b in zip(good, broken, strict=True))
    assert (good.rpartition(".")[0], None) == (broken.rpartition(".")[0], key.claims_of(broken))


def test_any_header_can_be_written() -> None:
    """Header, payload and signature are base64url, in that order."""
    assert "YQ.Yg.Yw" == compact(b"a", b"b", lambda data: b"c")
    assert hmac_signed({}, b"k", kid="x") != hmac_signed({}, b"l", kid="x")
