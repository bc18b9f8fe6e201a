"""Every target of the fuzzer keeps its promises on what Hypothesis makes up, and notices when one is broken."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.targets import TARGETS

NAMES = sorted(TARGETS)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.binary(max_size=400))
def test_any_bytes_at_all(name: str, data: bytes) -> None:
    """What comes from outside may be anything (RFC 9700, 4; THREATS to every parser)."""
    TARGETS[name].run(data)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_well_formed_input_that_was_damaged(name: str, data: st.DataObject) -> None:
    """Most attacks are nearly well-formed: a piece is cut out, doubled, or replaced."""
    seed = data.draw(st.sampled_from(TARGETS[name].seeds))
    start = data.draw(st.integers(0, len(seed)))
    end = data.draw(st.integers(start, len(seed)))
    piece = data.draw(st.one_of(st.binary(max_size=8), st.just(seed[start:end] * 2)))

    TARGETS[name].run(seed[:start] + piece + seed[end:])


@pytest.mark.parametrize("name", NAMES)
def test_the_seeds_themselves(name: str) -> None:
    """From them a fuzzer learns the form."""
    assert TARGETS[name].seeds
    for seed in TARGETS[name].seeds:
        TARGETS[name].run(seed)


def accept_anything(*_: Any) -> None:
    """Check nothing."""


@pytest.mark.parametrize(
    ("name", "place", "harmful"),
    [
        (
            "id_token_claims",
            "fuzz.provider.check_claims",
            b'{"iss":"https://evil.example/","sub":"a","aud":"app","exp":9e9,"nonce":"nonce"}',
        ),
        ("return_to", "fuzz.browser.safe_return_to", b"//evil.example"),
        ("callback", "fuzz.browser.parse_callback", b"?state=a&code=b"),
    ],
)
def test_a_broken_promise_is_noticed(
    name: str, place: str, harmful: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that is left out, an address let through, and an error of no type."""
    broken: dict[str, Any] = {
        "fuzz.provider.check_claims": accept_anything,
        "fuzz.browser.safe_return_to": lambda value, **_: value,
        "fuzz.browser.parse_callback": lambda url: url["state"],
    }
    monkeypatch.setattr(place, broken[place])

    with pytest.raises((AssertionError, TypeError)):
        TARGETS[name].run(harmful)
