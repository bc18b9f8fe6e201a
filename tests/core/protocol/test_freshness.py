"""How recently, and how, a user must have authenticated: what is asked, what is sent, what does."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import NOW, authentications, demands, raw_json_values, unix_seconds
from userlink.errors import InvalidOption, ReauthenticationRequired, UserlinkError
from userlink.protocol.freshness import (
    NOTHING_ASKED,
    NOTHING_KNOWN,
    Authentication,
    Freshness,
    checked_acr_values,
    checked_max_age,
)

SKEW = 60


def failing(asked: Freshness, authentication: Authentication, skew: int = SKEW) -> str | None:
    """Return what of an authentication does not do, or None."""
    try:
        asked.check(authentication, NOW, skew)
    except ReauthenticationRequired as error:
        return error.check
    return None


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({}, NOTHING_KNOWN),
        ({"auth_time": 5, "acr": "gold"}, Authentication(5, "gold")),
        ({"auth_time": 5.9}, Authentication(5)),
        ({"auth_time": 0}, Authentication(0)),
        ({"acr": ["gold"]}, NOTHING_KNOWN),
        ({"acr": 0}, NOTHING_KNOWN),
    ],
)
def test_an_id_token_says_when_and_how(claims: dict[str, Any], expected: Authentication) -> None:
    """OIDC Core, 2: ``acr`` is a string; anything else is no class that anybody asked for."""
    assert expected == Authentication.of(claims)


@pytest.mark.parametrize(
    ("age_seconds", "does"),
    [
        (0, True),
        (300, True),
        (300 + SKEW, True),
        (301 + SKEW, False),
        (10**9, False),
        (-SKEW, True),
        (-SKEW - 1, False),
        (-(10**9), False),
    ],
)
def test_an_age_has_two_ends(age_seconds: int, does: bool) -> None:
    """OIDC Core, 3.1.3.7 (13); one from the future would be fresh for as long as it likes."""
    assert (None if does else "auth_time") == failing(
        Freshness(300), Authentication(NOW - age_seconds)
    )


def test_a_time_that_is_not_known_does_not_do() -> None:
    """A provider that leaves ``auth_time`` out, though it was asked (OIDC Core, 2)."""
    assert "auth_time" == failing(Freshness(300), NOTHING_KNOWN)
    assert "auth_time" == failing(Freshness(since=NOW), NOTHING_KNOWN)


@pytest.mark.parametrize(
    ("acr", "does"), [("gold", True), ("silver", True), ("Gold", False), ("", False), (None, False)]
)
def test_the_class_is_one_of_those_asked_for(acr: str | None, does: bool) -> None:
    """To the letter (RFC 9470, 6)."""
    asked = Freshness(acr_values=("gold", "silver"))

    assert (None if does else "acr") == failing(asked, Authentication(None, acr))


@pytest.mark.parametrize(("seconds_before", "does"), [(0, True), (SKEW, True), (SKEW + 1, False)])
def test_an_authentication_of_now_is_not_one_of_before(seconds_before: int, does: bool) -> None:
    """However young: a provider that ignores ``prompt=login`` answers with the old one."""
    asked = Freshness(since=NOW - 10)

    assert (None if does else "auth_time") == failing(
        asked, Authentication(NOW - 10 - seconds_before)
    )


@given(authentications)
def test_nothing_asked_is_met_by_anything(authentication: Authentication) -> None:
    """An unknown authentication too."""
    assert failing(NOTHING_ASKED, authentication) is None
    assert not NOTHING_ASKED


@given(demands, authentications, st.integers(0, SKEW))
def test_what_passes_is_known_recent_and_of_a_class_asked_for(
    asked: Freshness, authentication: Authentication, skew: int
) -> None:
    """The whole rule, said the other way round: exactly this passes."""
    time = authentication.time
    floor = max(
        -1 if asked.since is None else asked.since,
        -1 if asked.max_age_seconds is None else NOW - asked.max_age_seconds,
    )
    timely = floor == -1 or (time is not None and floor - skew <= time <= NOW + skew)
    does = timely and (not asked.acr_values or authentication.acr in asked.acr_values)

    assert does is (failing(asked, authentication, skew) is None)


@given(demands, demands, authentications)
def test_two_demands_together_are_met_when_both_are(
    one: Freshness, other: Freshness, authentication: Authentication
) -> None:
    """The strictest counts; a call never softens what its client asks."""
    both = failing(one, authentication) is None and failing(other, authentication) is None
    try:
        joined = one.and_(other)
    except InvalidOption:
        assert not set(one.acr_values) & set(other.acr_values)
        return

    assert both is (failing(joined, authentication) is None)


@pytest.mark.parametrize(("one", "other"), [(5, None), (None, 5), (4, 5), (5, 4)])
def test_the_later_start_counts_of_two(one: int | None, other: int | None) -> None:
    """Whichever side asks for it."""
    assert Freshness(since=5) == Freshness(since=one).and_(Freshness(since=other))


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, Freshness(300, ("gold", "silver"))),
        ({"max_age": "60"}, Freshness(60, ("gold", "silver"))),
        ({"max_age": "900"}, Freshness(300, ("gold", "silver"))),
        ({"max_age": "0", "acr_values": "silver  bronze"}, Freshness(0, ("silver",))),
    ],
)
def test_authorization_params_ask_too(params: dict[str, Any], expected: Freshness) -> None:
    """What is sent to the provider is verified, whichever way it came in."""
    assert expected == Freshness(300, ("gold", "silver")).and_by(params)


@pytest.mark.parametrize(
    "params",
    [
        {"max_age": "soon"},
        {"max_age": "-1"},
        {"max_age": ""},
        {"max_age": "9" * 40},
        {"max_age": "000000000060"},
        {"max_age": "\u0661\u0662", "acr_values": "bronze"},
        {"acr_values": "bronze"},
        {"max_age": ("1", "2")},
    ],
)
def test_params_that_cannot_be_met_or_read_are_refused(params: dict[str, Any]) -> None:
    """Before anything is sent; twelve digits are not even read."""
    with pytest.raises(InvalidOption):
        Freshness(300, ("gold",)).and_by(params)


@pytest.mark.parametrize(
    ("asked", "params"),
    [
        (NOTHING_ASKED, {}),
        (Freshness(300), {"max_age": "300"}),
        (Freshness(0, ("gold", "silver")), {"max_age": "0", "acr_values": "gold silver"}),
        (Freshness(acr_values=("gold",)), {"acr_values": "gold"}),
        (Freshness(300, since=NOW), {"max_age": "0"}),
    ],
)
def test_what_is_asked_is_sent(asked: Freshness, params: dict[str, str]) -> None:
    """OIDC Core, 3.1.2.1; an age of zero makes the provider say when."""
    assert params == asked.params()


def test_a_demand_for_nothing_takes_no_room() -> None:
    """Most transactions have none, and they travel in cookies."""
    assert None is NOTHING_ASKED.to_values()


@given(demands)
def test_a_record_gives_the_demand_back(asked: Freshness) -> None:
    """After JSON has made lists of tuples."""
    assert asked == Freshness.from_values(json.loads(json.dumps(asked.to_values())))


@given(st.lists(raw_json_values | unix_seconds | st.lists(st.text(), max_size=2), max_size=4))
def test_other_values_are_a_value_error_or_a_demand(values: list[Any]) -> None:
    """A record is of this release or of none."""
    try:
        read = Freshness.from_values(values)
    except ValueError:
        return
    assert isinstance(read.max_age_seconds, int | None)
    assert all(isinstance(each, str) for each in read.acr_values)
    assert isinstance(read.since, int | None)


@pytest.mark.parametrize(
    "values", [[], [300, []], [300, "gold", None], ["300", [], None], [1, [5], None]]
)
def test_what_is_almost_a_demand_is_a_value_error(values: list[Any]) -> None:
    """Too short, or of another type."""
    with pytest.raises(ValueError, match="not a demand for freshness"):
        Freshness.from_values(values)


@pytest.mark.parametrize("value", [-1, True, 1.5, "300", 10**11, [300], float("nan")])
def test_an_age_is_a_whole_number_of_seconds(value: object) -> None:
    """The message names the option."""
    with pytest.raises(InvalidOption, match="my_option is not a whole number of seconds"):
        checked_max_age("my_option", value)


@pytest.mark.parametrize("value", [5, {"gold"}, ["two words"], [""], [5], ["\ud800"], ["tab\t"]])
def test_classes_are_strings_without_spaces(value: object) -> None:
    """They are sent separated by spaces."""
    with pytest.raises(InvalidOption, match="my_option is not a list of strings without spaces"):
        checked_acr_values("my_option", value)


def test_classes_are_kept_in_order_and_once() -> None:
    """Providers may prefer the first (OIDC Core, 3.1.2.1)."""
    assert ("gold", "silver") == checked_acr_values("acr_values", ["gold", "silver", "gold"])
    assert () == checked_acr_values("acr_values", "  ") == checked_acr_values("acr_values", None)


@pytest.mark.parametrize(("max_age", "acr_values", "name"), [("x", None, "max_age"), (1, 5, "acr")])
def test_the_option_that_is_wrong_is_named(max_age: Any, acr_values: Any, name: str) -> None:
    """By the name that the caller gave it."""
    with pytest.raises(InvalidOption, match=f"^{name}"):
        Freshness.asked(max_age, acr_values)


@given(raw_json_values, raw_json_values)
def test_only_invalid_option_comes_of_any_input(max_age: Any, acr_values: Any) -> None:
    """Whatever a caller passes."""
    try:
        asked = Freshness.asked(max_age, acr_values)
    except UserlinkError as error:
        assert isinstance(error, InvalidOption)
    else:
        assert asked == Freshness.asked(asked.max_age_seconds, asked.acr_values)
