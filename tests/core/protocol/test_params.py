"""Authorization parameters: the call's over the client's, and neither over the flow's."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import any_text, authorization_params, json_values
from userlink.errors import InvalidOption, ReservedParameter
from userlink.protocol.params import (
    RESERVED,
    check_authorization_params,
    merge,
    pairs,
    scope_set,
)

OWNED = (
    "client_id response_type response_mode state nonce code_challenge code_challenge_method"
    " id_token_hint requested_connection requested_connection_scope request request_uri"
).split()


def test_the_reserved_names_are_those_the_flow_owns() -> None:
    """RFC 9700, 4.7 and 4.8: state, nonce and PKCE are nobody else's."""
    assert set(OWNED) == set(RESERVED)


@pytest.mark.parametrize("name", OWNED)
@pytest.mark.parametrize("spelling", [str.lower, str.upper, str.title, str.swapcase])
def test_a_reserved_name_is_refused_in_any_letter_case(name: str, spelling: type[str]) -> None:
    """Some providers read names without regard to case; the error says what to use instead."""
    with pytest.raises(ReservedParameter, match=re.escape(spelling(name))) as caught:
        check_authorization_params({spelling(name): "x"})

    assert RESERVED[name] == caught.value.hint


@pytest.mark.parametrize("value", [None, "", 1, ["a"]])
def test_a_reserved_name_is_refused_whatever_its_value(value: object) -> None:
    """Removing ``state`` with None would be as bad as setting it."""
    with pytest.raises(ReservedParameter):
        check_authorization_params({"state": value})


@pytest.mark.parametrize(
    "name",
    [
        " state",
        "state ",
        "state\n",
        "sta\tte",
        "state\x00",
        "st\u0430te",  # Cyrillic a
        "\u017ftate",  # long s, which case folding makes an s
        "\uff53\uff54\uff41\uff54\uff45",  # full width
        "state\u200b",
        "state[]",
        "state;",
        "state=x&nonce",
        "sta%74e",
        "\ud800",
        "",
    ],
)
def test_names_that_only_look_right_are_refused(name: str) -> None:
    """A name has letters, digits, ``-``, ``.`` and ``_`` (RFC 6749, 8.2)."""
    with pytest.raises(InvalidOption):
        check_authorization_params({name: "x"})


@pytest.mark.parametrize("name", [None, 5, b"audience", ("a",)])
def test_a_name_that_is_no_string_is_refused(name: object) -> None:
    """A dict can have any keys."""
    with pytest.raises(InvalidOption, match="a name that is not a string"):
        check_authorization_params({name: "x"})


@pytest.mark.parametrize("params", [None, "audience=x", ["audience"], 5])
def test_parameters_are_a_mapping(params: object) -> None:
    """Anything else is refused before its parts are looked at."""
    with pytest.raises(InvalidOption, match="not a mapping"):
        check_authorization_params(params)


def test_values_come_into_one_form() -> None:
    """Integers become digits, lists of a repeatable parameter become tuples, None stays (RFC 8707, 2)."""
    assert {
        "audience": "urn:my:api",
        "max_age": "0",
        "prompt": None,
        "resource": ("urn:one", "urn:two"),
        "ext-x.y_1": "",
    } == check_authorization_params(
        {
            "audience": "urn:my:api",
            "max_age": 0,
            "prompt": None,
            "resource": ["urn:one", "urn:two"],
            "ext-x.y_1": "",
        }
    )


@pytest.mark.parametrize("value", [["a"], ("a", "b"), []])
@pytest.mark.parametrize("name", ["audience", "scope", "prompt", "Resource"])
def test_a_list_is_for_resource_only(name: str, value: object) -> None:
    """Where no specification lets a parameter repeat, the provider must refuse it (RFC 6749, 3.1)."""
    with pytest.raises(InvalidOption, match="may not be sent repeatedly"):
        check_authorization_params({name: value})


@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        1.5,
        b"x",
        {"a": 1},
        object(),
        "\ud800",
        2**63,
        pytest.param(10**5000, id="huge"),
    ],
)
def test_other_values_are_refused(value: object) -> None:
    """True would be sent as the text ``True``; half a surrogate pair cannot be sent at all."""
    with pytest.raises(InvalidOption, match="The value of the parameter foo is not"):
        check_authorization_params({"foo": value})


@pytest.mark.parametrize("value", [["a", 1], [None], ["\udfff"]])
def test_a_repeated_parameter_has_strings_only(value: object) -> None:
    """Each of them is sent as it is."""
    with pytest.raises(InvalidOption, match="The value of the parameter resource is not"):
        check_authorization_params({"resource": value})


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://app.example/auth/callback",
        "https://app.example/auth/callback?tenant=a",
        "http://localhost:3000/auth/callback",
        "http://127.0.0.1/",
    ],
)
def test_a_redirect_uri_is_absolute_and_secure(redirect_uri: str) -> None:
    """It is kept byte for byte (RFC 6749, 3.1.2; RFC 8252, 7.3)."""
    assert {"redirect_uri": redirect_uri} == check_authorization_params(
        {"redirect_uri": redirect_uri}
    )


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "",
        "/auth/callback",
        "app.example/auth/callback",
        "http://app.example/auth/callback",
        "https://app.example/auth/callback#fragment",
        "https://user@app.example/auth/callback",
        "https://app.example\\@evil.example/",
        "https://app.example/auth callback",
        "javascript:alert(1)",
        5,
        ["https://app.example/auth/callback"],
    ],
)
def test_another_redirect_uri_is_refused(redirect_uri: object) -> None:
    """Relative, plain http elsewhere than on loopback, with a fragment or user information (RFC 9700, 2.6)."""
    with pytest.raises(InvalidOption, match="redirect_uri is not an absolute https URL"):
        check_authorization_params({"redirect_uri": redirect_uri})


def test_a_redirect_uri_of_none_removes_the_default() -> None:
    """As with every other parameter."""
    assert {"redirect_uri": None} == check_authorization_params({"redirect_uri": None})


@given(
    json_values
    | st.dictionaries(
        any_text | st.sampled_from([*OWNED, "resource", "redirect_uri", "State "]) | st.integers(),
        json_values | st.binary() | st.floats() | st.integers(),
    )
)
def test_only_two_errors_come_of_any_input(params: object) -> None:
    """And what passes can be sent: names of the specification's letters, values that a form can carry."""
    try:
        checked = check_authorization_params(params)
    except (InvalidOption, ReservedParameter):
        return
    assert RESERVED.keys().isdisjoint(name.lower() for name in checked)
    for name, value in pairs(merge({}, checked)):
        assert re.fullmatch(r"[-._0-9A-Za-z]+", name)
        assert value == value.encode().decode()


def test_the_documented_example() -> None:
    """The call's audience overrides the client's, and ``foo`` is added."""
    client = check_authorization_params({"audience": "urn:my:api"})
    call = check_authorization_params({"audience": "urn:another:api", "foo": "bar"})

    assert {"audience": "urn:another:api", "foo": "bar"} == merge(client, call)


def test_none_removes_a_default() -> None:
    """The call's None takes the client's value away, and the call's value comes in for the client's None."""
    assert {"foo": "bar"} == merge(
        {"audience": "urn:my:api", "foo": None}, {"audience": None, "foo": "bar"}
    )


@given(authorization_params, authorization_params, authorization_params)
def test_the_laws_of_merging(one: object, two: object, three: object) -> None:
    """The call wins key by key, nothing else is lost, and merging in steps is merging at once."""
    client, call, last = (check_authorization_params(params) for params in (one, two, three))
    merged = merge(client, call)

    assert None not in merged.values()
    assert merge({}, client) == merge(client, {})
    assert merge(client, client) == merge({}, client)
    assert merge({**client, **call}, last) == merge(client, {**call, **last})
    for name in {*client, *call}:
        expected = call[name] if name in call else client[name]
        assert expected == merged.get(name)


def test_merging_leaves_the_given_parameters_alone() -> None:
    """The client's defaults are shared by all calls."""
    client = {"audience": "urn:my:api"}
    merge(client, {"audience": None})

    assert {"audience": "urn:my:api"} == client


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (None, "openid link_account"),
        ("", "openid link_account"),
        ("openid email", "openid link_account email"),
        ("email  link_account\temail", "openid link_account email"),
    ],
)
def test_scopes_are_a_set(asked: str | None, expected: str) -> None:
    """What the flow needs comes first, and nothing is there twice (RFC 6749, 3.3)."""
    assert expected == scope_set(("openid", "link_account"), asked)


@given(st.lists(st.sampled_from("abcdef")), st.lists(st.sampled_from("abcdef")))
def test_a_scope_set_holds_all_scopes_once(required: list[str], asked: list[str]) -> None:
    """Asking again for what is there changes nothing."""
    joined = scope_set(required, " ".join(asked))

    assert {*required, *asked} == set(joined.split())
    assert len(set(joined.split())) == len(joined.split())
    assert joined == scope_set(required, joined)


def test_a_repeated_parameter_is_laid_out_once_for_each_value() -> None:
    """RFC 8707, 2: ``resource`` repeats; an empty list sends nothing."""
    assert [("a", "1"), ("resource", "x"), ("resource", "y")] == pairs(
        {"a": "1", "resource": ("x", "y")}
    )
    assert [] == pairs({"resource": ()})
