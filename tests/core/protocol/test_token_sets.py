"""The tokens that a session holds say what they are good for, and keep saying it in its record."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from strategies import connection_token_sets, raw_json_values, refresh_tokens, token_sets
from userlink.protocol.token_sets import ConnectionTokenSet, RefreshToken, TokenSet
from userlink.protocol.transaction import TransactionKind
from userlink.protocol.values import Secret

CANARY = "canary-9f4c1b7e"
HELD = [
    TokenSet("urn:one", Secret(CANARY), "openid", 1_800_003_600, TransactionKind.LINK),
    RefreshToken(Secret(CANARY), "urn:one", "openid", TransactionKind.UNLINK),
    ConnectionTokenSet("github", "octocat", Secret(CANARY), "repo", 1_800_003_600),
]
READERS: list[Callable[[object], object]] = [
    TokenSet.from_values,
    RefreshToken.from_values,
    ConnectionTokenSet.from_values,
]


@given(token_sets | refresh_tokens | connection_token_sets)
def test_the_values_give_the_tokens_back(
    held: TokenSet | RefreshToken | ConnectionTokenSet,
) -> None:
    """As a list too, which is what JSON makes of them."""
    assert held == type(held).from_values(held.to_values())
    assert held == type(held).from_values(list(held.to_values()))


def test_a_rotated_refresh_token_is_good_for_what_the_old_one_was() -> None:
    """RFC 6749, 6: the scope of the new one is identical; where none came, there is nothing new."""
    old = RefreshToken(Secret("old"), "urn:one", "openid", TransactionKind.LINK)

    assert evolve(old, token=Secret("new")) == old.rotated(Secret("new"))
    assert old.rotated(None) is None


@pytest.mark.parametrize("held", HELD, ids=lambda held: type(held).__name__)
def test_no_token_prints(held: object) -> None:
    """What it is good for does."""
    assert CANARY not in repr(held)
    assert CANARY not in str(held)
    assert type(held).__name__ in repr(held)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "values",
    [
        None,
        "text",
        [],
        {},
        ["urn:one", 5, "openid", None, "login"],
        ["urn:one", "token", "openid", None, "payment"],
        ["urn:one", "token", "openid", None],
        ["token", None, "openid", "payment"],
        ["token", 5, "openid", "login"],
        [None, None, "openid", "login"],
        [None, None, "token", "repo", 1],
    ],
)
def test_what_is_almost_a_token_is_a_value_error(
    read: Callable[[object], object], values: object
) -> None:
    """A part missing, of another type, of another kind of flow."""
    with pytest.raises(ValueError, match=r"."):
        read(values)


@given(st.sampled_from(READERS), raw_json_values | st.lists(raw_json_values, max_size=6))
def test_any_json_is_tokens_or_a_value_error(
    read: Callable[[object], object], document: Any
) -> None:
    """Whatever another release wrote."""
    try:
        assert read(document) is not None
    except ValueError:
        return
