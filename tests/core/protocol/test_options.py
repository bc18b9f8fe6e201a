"""Options are read strictly: an unknown key is a mistake, and the error names the one that was meant."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import any_text, json_objects, json_values
from userlink.errors import InvalidOption
from userlink.protocol.freshness import Freshness
from userlink.protocol.options import (
    AccessTokenOptions,
    ConnectionTokenOptions,
    LinkOptions,
    LoginOptions,
    LogoutOptions,
    Options,
    UnlinkOptions,
    camel_case,
    nearest,
)

KINDS: list[type[Options]] = [
    LoginOptions,
    LinkOptions,
    UnlinkOptions,
    LogoutOptions,
    ConnectionTokenOptions,
]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("app_state", "appState"), ("connection", "connection"), ("a_b_c", "aBC")],
)
def test_camel_case(name: str, expected: str) -> None:
    """The spelling that users of other SDKs have in their fingers."""
    assert expected == camel_case(name)


@pytest.mark.parametrize(
    ("given_name", "suggestion"),
    [
        ("conection", "Did you mean connection?"),
        ("app_stat", "Did you mean app_state?"),
        ("zzz", "Known are connection, app_state."),
    ],
)
def test_the_nearest_name_is_suggested(given_name: str, suggestion: str) -> None:
    """Where none is near, all are named."""
    assert suggestion == nearest(given_name, ("connection", "app_state"))


def test_options_may_be_given_as_their_class() -> None:
    """The very object is used."""
    options = LinkOptions(connection="github")

    assert options is LinkOptions.read(options)


def test_options_may_be_given_as_a_mapping() -> None:
    """In either spelling of each key."""
    expected = LinkOptions("github", "read:user", {"return_to": "/profile"}, {"foo": "bar"})

    assert expected == LinkOptions.read(
        {
            "connection": "github",
            "connection_scope": "read:user",
            "app_state": {"return_to": "/profile"},
            "authorization_params": {"foo": "bar"},
        }
    )
    assert expected == LinkOptions.read(
        MappingProxyType(
            {
                "connection": "github",
                "connectionScope": "read:user",
                "appState": {"return_to": "/profile"},
                "authorizationParams": {"foo": "bar"},
            }
        )
    )


@pytest.mark.parametrize("kind", [LoginOptions, LinkOptions, UnlinkOptions])
@pytest.mark.parametrize("acr_values", [["gold", "silver"], ("gold", "silver"), "gold silver"])
def test_freshness_is_asked_for_by_two_options(kind: type[Any], acr_values: object) -> None:
    """The names are those of the request's parameters (OIDC Core, 3.1.2.1)."""
    given = {"max_age": 300, "acr_values": acr_values}
    options = kind.read(given if kind is LoginOptions else {"connection": "github", **given})

    assert Freshness(300, ("gold", "silver")) == options.freshness


@pytest.mark.parametrize("kind", [LoginOptions, LinkOptions, UnlinkOptions])
@pytest.mark.parametrize("wrong", [{"max_age": "300"}, {"max_age": True}, {"acr_values": [""]}])
def test_freshness_of_another_form_is_refused(kind: type[Any], wrong: dict[str, object]) -> None:
    """When the options are read, before anything is done."""
    with pytest.raises(InvalidOption, match=next(iter(wrong))):
        kind.read(wrong if kind is LoginOptions else {"connection": "github", **wrong})


def test_no_options_are_the_defaults() -> None:
    """A login and a logout need none."""
    assert LoginOptions(app_state=None, authorization_params=None) == LoginOptions.read(None)
    assert LogoutOptions(return_to=None, app_state=None) == LogoutOptions.read({})


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (LinkOptions, None),
        (LinkOptions, {}),
        (LinkOptions, {"app_state": {}}),
        (UnlinkOptions, None),
        (UnlinkOptions, {"app_state": {}}),
        (ConnectionTokenOptions, None),
        (ConnectionTokenOptions, {"login_hint": "1002"}),
    ],
)
def test_a_connection_must_be_named(kind: type[Options], options: Mapping[str, Any] | None) -> None:
    """There is nothing to link or unlink without one; the hint shows how."""
    with pytest.raises(InvalidOption, match="connection is missing") as caught:
        kind.read(options)

    assert '{"connection": "github"}' in caught.value.hint


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(kind: type[Options]) -> None:
    """An option that is silently ignored is a login that does not do what it was asked for."""
    with pytest.raises(InvalidOption, match="There is no option 'apState'") as caught:
        kind.read(
            {"connection": "github", "apState": {}} if kind is LinkOptions else {"apState": {}}
        )

    has_app_state = kind is not ConnectionTokenOptions
    assert ("Did you mean app_state?" == caught.value.hint) is has_app_state


@pytest.mark.parametrize(
    "key", [5, None, ("connection",), "", "Connection", "CONNECTION", "App_State"]
)
def test_other_spellings_are_unknown(key: object) -> None:
    """Only the two spellings count, and a key need not be a string to be refused."""
    with pytest.raises(InvalidOption, match="There is no option"):
        LinkOptions.read({key: "github"})  # type: ignore[dict-item]  # what may not be done


def test_both_spellings_of_one_key_are_refused() -> None:
    """Which one was meant cannot be known."""
    with pytest.raises(InvalidOption, match="app_state is given in both spellings"):
        LoginOptions.read({"app_state": {"a": 1}, "appState": {"a": 2}})


@pytest.mark.parametrize("options", ["connection", 5, [("connection", "github")], LoginOptions()])
def test_what_is_neither_class_nor_mapping_is_refused(options: Any) -> None:
    """The options of another method are another class."""
    with pytest.raises(InvalidOption, match="neither LinkOptions nor a mapping"):
        LinkOptions.read(options)


@pytest.mark.parametrize("kind", [LinkOptions, UnlinkOptions, ConnectionTokenOptions])
@pytest.mark.parametrize("connection", ["", None, 5, ["github"], b"github", "git\ud800hub"])
def test_a_connection_is_a_name(
    kind: type[LinkOptions | UnlinkOptions | ConnectionTokenOptions], connection: Any
) -> None:
    """One that can be sent, given to the class or in a mapping."""
    with pytest.raises(InvalidOption, match="not the name of a connection"):
        kind(connection=connection)
    with pytest.raises(InvalidOption, match="not the name of a connection"):
        kind.read({"connection": connection})


@pytest.mark.parametrize(
    ("scope", "sent"),
    [
        (None, None),
        ("", None),
        ([], None),
        ("read:user", "read:user"),
        (["read:user", "repo"], "read:user repo"),
        (("read:user",), "read:user"),
    ],
)
def test_a_connection_scope_is_sent_separated_by_spaces(scope: Any, sent: str | None) -> None:
    """Nothing asked for sends nothing; never the text ``None``."""
    assert sent == LinkOptions("github", scope).requested_connection_scope


@pytest.mark.parametrize("scope", [5, ["a", 5], {"a": 1}, {"a"}, b"read", "\ud800", ["\ud800"]])
def test_another_connection_scope_is_refused(scope: Any) -> None:
    """A set has no order, and a mapping is no scope."""
    with pytest.raises(InvalidOption, match="connection_scope is neither a string nor a list"):
        LinkOptions("github", scope)
    with pytest.raises(InvalidOption, match=" scope is neither a string nor a list"):
        AccessTokenOptions(scope=scope)


@pytest.mark.parametrize("kind", [LoginOptions, LinkOptions, UnlinkOptions, LogoutOptions])
@pytest.mark.parametrize("app_state", ["/profile", 5, ["/profile"], True])
def test_app_state_is_a_mapping(kind: type[Options], app_state: object) -> None:
    """``result.get("app_state").get("return_to")`` is how it is read."""
    with pytest.raises(InvalidOption, match="app_state is not a mapping"):
        kind.read(
            {
                "appState": app_state,
                **({"connection": "x"} if kind in (LinkOptions, UnlinkOptions) else {}),
            }
        )


def endless() -> dict[str, Any]:
    """A mapping that holds itself."""
    state: dict[str, Any] = {}
    state["state"] = state
    return state


def deep() -> dict[str, Any]:
    """A mapping nested more deeply than JSON's writer goes."""
    state: dict[str, Any] = {}
    for _ in range(100_000):
        state = {"s": state}
    return state


@pytest.mark.parametrize(
    "app_state",
    [
        {"a": object()},
        {"a": {1, 2}},
        {"a": b"x"},
        {("a",): 1},
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": 10**5000},
        MappingProxyType({"a": 1}),
        endless(),
    ],
    ids=lambda value: type(next(iter(value.values()))).__name__,
)
def test_app_state_is_json(app_state: Mapping[str, Any]) -> None:
    """It travels in a record; what cannot be written fails when it is given, not when it is saved."""
    with pytest.raises(InvalidOption, match="app_state cannot be written as JSON"):
        LoginOptions(app_state=app_state)


def test_app_state_may_not_be_nested_without_end() -> None:
    """The writer's limit is an error of ours, not a crash."""
    with pytest.raises(InvalidOption, match="app_state cannot be written as JSON"):
        LoginOptions(app_state=deep())


@given(json_objects)
def test_any_json_object_is_an_app_state(app_state: dict[str, Any]) -> None:
    """It is kept as it was given."""
    assert app_state == UnlinkOptions("github", app_state).app_state


@pytest.mark.parametrize(
    "return_to", [None, "https://app.example/bye?x=y", "http://localhost:3000/"]
)
def test_a_logout_may_return_to_an_absolute_url(return_to: str | None) -> None:
    """It must be registered at the provider (OIDC RP-Initiated Logout, 3)."""
    assert return_to == LogoutOptions.read({"returnTo": return_to}).return_to


@pytest.mark.parametrize(
    "return_to", ["", "/bye", "//evil.example/", "http://app.example/", "javascript:alert(1)", 5]
)
def test_a_logout_returns_nowhere_else(return_to: Any) -> None:
    """Relative, plain http, other schemes, no string at all."""
    with pytest.raises(InvalidOption, match="return_to is not an absolute https URL"):
        LogoutOptions(return_to=return_to)


NAMES = st.sampled_from(
    "connection connectionScope connection_scope app_state appState authorization_params return_to".split()
)


@given(st.sampled_from(KINDS), json_values | st.dictionaries(NAMES | any_text, json_values))
def test_only_invalid_option_comes_of_any_input(kind: type[Options], options: Any) -> None:
    """Whatever an application passes, it learns what is wrong with it."""
    try:
        read = kind.read(options)
    except InvalidOption:
        return
    assert isinstance(read, kind)


@pytest.mark.parametrize("login_hint", [None, "1002", "alice@example.com"])
def test_a_login_hint_names_an_account(login_hint: str | None) -> None:
    """As the provider does; None leaves it to the provider."""
    assert login_hint == ConnectionTokenOptions("github", login_hint).login_hint


@pytest.mark.parametrize("login_hint", ["", 5, b"1002", ["1002"], "\ud800"])
def test_another_login_hint_is_refused(login_hint: Any) -> None:
    """It could not be sent, or would say nothing."""
    with pytest.raises(InvalidOption):
        ConnectionTokenOptions("github", login_hint)


@pytest.mark.parametrize("audience", ["", 5, b"urn:api", "\ud800"])
def test_an_audience_is_a_string_that_can_be_sent(audience: Any) -> None:
    """Or it is left out, and the login's is meant."""
    with pytest.raises(InvalidOption, match="audience"):
        AccessTokenOptions(audience=audience)

    assert AccessTokenOptions().audience is None


@pytest.mark.parametrize("scope", [5, b"read", ["read", 5], {"read": True}, "\ud800"])
def test_a_scope_is_a_string_or_a_list_of_them(scope: Any) -> None:
    """RFC 6749, 3.3."""
    with pytest.raises(InvalidOption, match="scope"):
        AccessTokenOptions(scope=scope)


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [(None, ()), ("", ()), ("b  a b", ("b", "a")), (["b", "a b"], ("b", "a"))],
)
def test_a_scope_is_a_set_in_the_order_given(scope: Any, scopes: tuple[str, ...]) -> None:
    """RFC 6749, 3.3."""
    assert scopes == AccessTokenOptions(scope=scope).scopes
