"""Options of a reauthentication, and the link or unlink that follows it."""

import json
from typing import Any

import pytest

from userlink.errors import InvalidOption, ReservedParameter
from userlink.protocol.freshness import Freshness
from userlink.protocol.options import LinkOptions, UnlinkOptions
from userlink.protocol.reauthentication import ReauthenticationOptions, options_to_go_on

STEPS: list[LinkOptions | UnlinkOptions] = [
    LinkOptions("github"),
    LinkOptions(
        "github", ["read:user", "repo"], {"return_to": "/"}, {"resource": ["a", "b"]}, 5, "x y"
    ),
    UnlinkOptions("github"),
    UnlinkOptions("github", {"n": 1}, {"audience": None, "foo": 3}, 300, ("gold",)),
]


@pytest.mark.parametrize("step", STEPS)
def test_what_is_to_follow_survives_json(step: LinkOptions | UnlinkOptions) -> None:
    """It waits in a record, and means the same afterwards."""
    kept = json.loads(json.dumps(options_to_go_on(step)))
    read = ReauthenticationOptions.read(kept).next_step

    assert type(step) is type(read)
    assert read is not None
    assert options_to_go_on(step) == options_to_go_on(read) or kept == json.loads(
        json.dumps(options_to_go_on(read))
    )
    assert (step.connection, step.app_state, step.freshness) == (
        read.connection,
        read.app_state,
        read.freshness,
    )


def test_it_is_as_short_as_can_be() -> None:
    """What is not given is not kept: it travels in a cookie."""
    assert {"link": {"connection": "github"}} == options_to_go_on(LinkOptions("github"))
    assert {"unlink": {"connection": "github"}} == options_to_go_on(UnlinkOptions("github"))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (None, None),
        ({}, None),
        (
            {"link": {"connection": "github", "connectionScope": "repo"}},
            LinkOptions("github", "repo"),
        ),
        ({"link": LinkOptions("github")}, LinkOptions("github")),
        ({"unlink": {"connection": "github"}}, UnlinkOptions("github")),
        ({"unlink": UnlinkOptions("github")}, UnlinkOptions("github")),
    ],
)
def test_one_thing_follows_or_nothing(options: Any, expected: object) -> None:
    """As the class or as a dict, like all options."""
    assert expected == ReauthenticationOptions.read(options).next_step


@pytest.mark.parametrize(
    "options",
    [
        {"link": {"connection": "github"}, "unlink": {"connection": "github"}},
        {"link": {}},
        {"link": {"conection": "github"}},
        {"unlink": "github"},
        {"max_age": 300},
        {"acr_values": 5},
        {"app_state": []},
    ],
)
def test_wrong_options_are_refused_when_they_are_read(options: dict[str, Any]) -> None:
    """Not when the user comes back; ``max_age`` has no meaning where the answer is now."""
    with pytest.raises(InvalidOption):
        ReauthenticationOptions.read(options)


def test_reserved_parameters_do_not_hide_in_what_follows() -> None:
    """They are refused before the user is sent away."""
    with pytest.raises(ReservedParameter):
        options_to_go_on(LinkOptions("github", authorization_params={"state": "mine"}))


def test_a_class_may_be_asked_for() -> None:
    """Step-up without anything to follow (RFC 9470)."""
    assert Freshness(acr_values=("gold",)) == ReauthenticationOptions(acr_values=["gold"]).freshness
