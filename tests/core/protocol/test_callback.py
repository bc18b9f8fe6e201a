"""The callback URL is written by whoever likes; what comes of it is well-formed or an InvalidCallback."""

from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import any_text
from userlink.errors import AuthorizationDenied, CallbackIssuerMismatch, InvalidCallback
from userlink.protocol.callback import (
    LONGEST_CALLBACK,
    Callback,
    check_issuer,
    parse_callback,
    parse_logout_return,
    require_code,
)
from userlink.protocol.values import Secret

CANARY = "canary-9f4c1b7e"
BASE = "https://app.example/auth/callback"
ISSUER = "https://tenant.example.com/"


def test_a_callback_with_a_code() -> None:
    """RFC 6749, 4.1.2, with the issuer of RFC 9207, 2."""
    url = f"{BASE}?code=a%2Bb&state=s1&iss=https%3A%2F%2Ftenant.example.com%2F&session_state=x"

    assert Callback("s1", Secret("a+b"), None, None, ISSUER) == parse_callback(url)


def test_a_callback_with_an_error() -> None:
    """RFC 6749, 4.1.2.1."""
    url = f"{BASE}?error=access_denied&error_description=User+said%20no.&state=s1"

    assert Callback("s1", None, "access_denied", "User said no.", None) == parse_callback(url)


def test_path_and_query_are_enough() -> None:
    """Frameworks behind a proxy may not know the rest, and it is not believed anyway."""
    assert parse_callback(f"{BASE}?code=c&state=s") == parse_callback(
        "/auth/callback?code=c&state=s"
    )


@pytest.mark.parametrize("url", [None, 5, b"https://app.example/?code=c&state=s", ["x"]])
def test_a_callback_is_a_string(url: object) -> None:
    """A framework's URL object must be turned into one; the hint says how."""
    with pytest.raises(InvalidCallback, match="not a string") as caught:
        parse_callback(url)  # type: ignore[arg-type]  # what may not be done

    assert "str(request.url)" in caught.value.hint


def test_a_callback_has_a_longest_length() -> None:
    """One character more is refused before anything is parsed."""
    start = f"{BASE}?state=s&code="
    longest = start + "c" * (LONGEST_CALLBACK - len(start))

    assert parse_callback(longest).code is not None
    with pytest.raises(InvalidCallback, match="longer than 16384 characters"):
        parse_callback(longest + "c")


def test_a_callback_has_at_most_so_many_parameters() -> None:
    """A flood of them is refused before they are taken apart."""
    with pytest.raises(InvalidCallback, match="cannot be parsed"):
        parse_callback(f"{BASE}?code=c&state=s" + "&a" * 31)

    assert "s" == parse_callback(f"{BASE}?code=c&state=s" + "&a" * 30).state.reveal()


@pytest.mark.parametrize(
    "name",
    ["state", "code", "error", "error_description", "error_uri", "iss", "session_state"],
)
@pytest.mark.parametrize(
    "again", ["{0}=x&{0}=x", "{0}=x&{0}=y", "{0}=x&{0}=", "{0}&{0}=x", "{0}=x&{1}=y"]
)
def test_a_parameter_given_twice_is_refused(name: str, again: str) -> None:
    """RFC 6749, 3.1, also when the second name is percent-encoded: readers would disagree on which counts."""
    encoded = f"%{ord(name[0]):x}{name[1:]}"
    rest = {"state": "code=c", "code": "state=s", "error": "state=s"}.get(name, "code=c&state=s")

    with pytest.raises(InvalidCallback, match=f"parameter {name} more than once"):
        parse_callback(f"{BASE}?{rest}&{again.format(name, encoded)}")


def test_an_unknown_parameter_is_ignored() -> None:
    """RFC 6749, 4.1.2: a client ignores what it does not know, twice or not."""
    assert "s" == parse_callback(f"{BASE}?code=c&state=s&tenant=a&tenant=b&=&Code=d").state.reveal()


@pytest.mark.parametrize(
    "query",
    [
        "code=c",
        "code=c&state=",
        "code=c&state",
        "code=c&State=s",
        "code=c&state=%C3%A4",
        "code=c&state=\u0430",
        "code=c&state=a%0Ab",
        "code=c&state=a%00",
        "code=c&state=%7F",
        "code=c;state=s",
        "",
    ],
)
def test_a_state_that_is_missing_or_not_visible_ascii_is_refused(query: str) -> None:
    """RFC 6749, A.5. A semicolon separates nothing."""
    with pytest.raises(InvalidCallback, match="no usable state"):
        parse_callback(f"{BASE}?{query}")


def test_a_semicolon_belongs_to_the_value() -> None:
    """Were it a separator, a proxy and we could see two different states."""
    assert "s;code=d" == parse_callback(f"{BASE}?code=c&state=s;code=d").state.reveal()


def test_the_fragment_is_not_read() -> None:
    """A code in the fragment is of another response mode, and browsers do not send it."""
    with pytest.raises(InvalidCallback, match="no usable state"):
        parse_callback(f"{BASE}#code=c&state=s")
    with pytest.raises(InvalidCallback, match="neither"):
        parse_callback(f"{BASE}?state=s#&code=c")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("code=c&error=access_denied", "both"),
        ("code=&error=", "both"),
        ("", "neither"),
        ("Code=c", "neither"),
        ("error_description=no", "neither"),
    ],
)
def test_a_callback_has_either_a_code_or_an_error(query: str, count: str) -> None:
    """One that has both, or neither, is nothing that the specification knows."""
    with pytest.raises(InvalidCallback, match=f"{count} of the parameters code and error"):
        parse_callback(f"{BASE}?state=s&{query}")


@pytest.mark.parametrize("code", ["", "%C3%A4", "a%0D%0Ab", "%00", "\ud800"])
def test_a_code_is_visible_ascii(code: str) -> None:
    """RFC 6749, A.11."""
    with pytest.raises(InvalidCallback, match="code is empty or has characters"):
        parse_callback(f"{BASE}?state=s&code={code}")


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}?code=c&state=%FF",
        f"{BASE}?code=%C3&state=s",
        f"{BASE}?code=c&state=s&x=%ED%A0%80",
        "https://[app.example/?code=c&state=s",
        "https://[::g]/?code=c&state=s",
        "https://app\u2100.example/?code=c&state=s",
    ],
)
def test_what_cannot_be_decoded_is_refused(url: str) -> None:
    """Bytes that are not UTF-8, surrogates, hosts that are none: nothing is replaced or guessed."""
    with pytest.raises(InvalidCallback, match="cannot be parsed"):
        parse_callback(url)


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("access_denied", "access_denied"),
        ("a%0D%0ASet-Cookie:+x", "aSet-Cookie: x"),
        ("%22%3E%5Cx", ">x"),
        ("%C3%A4b", "b"),
        ("%00", "invalid_error"),
        ("", "invalid_error"),
        ("e" * 2000, "e" * 1024),
    ],
)
def test_an_error_keeps_the_characters_of_the_specification(given_text: str, kept: str) -> None:
    """RFC 6749, A.7: no line break splits a header, no quotation mark ends an attribute (CWE-113)."""
    assert kept == parse_callback(f"{BASE}?state=s&error={given_text}").error


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [("", None), ("%0A", None), ("say+%22no%22", "say no"), ("d" * 2000, "d" * 1024)],
)
def test_a_description_keeps_the_characters_of_the_specification(
    given_text: str, kept: str | None
) -> None:
    """RFC 6749, A.8."""
    callback = parse_callback(f"{BASE}?state=s&error=e&error_description={given_text}")

    assert kept == callback.error_description


PIECES = st.sampled_from(
    (
        "state code error iss session_state = & ; # ? % %26 %3D %73tate %00 %FF %C3%A4 + / : @ [ ]"
        " \\ s c https:// //"
    ).split()
)


@given(any_text | st.lists(PIECES | any_text).map("".join))
def test_only_invalid_callback_comes_of_any_url(text: str) -> None:
    """And what passes can be sent and hashed: state and code are visible ASCII, one of code and error is there."""
    try:
        callback = parse_callback(f"{BASE}?{text}")
    except InvalidCallback:
        return
    assert callback.state.reveal().isascii()
    assert (callback.code is None) is (callback.error is not None)
    assert callback.code is None or callback.code.reveal().isascii()


@given(any_text)
def test_no_text_at_all_raises_anything_else(text: str) -> None:
    """Also when it is no URL."""
    with suppress(InvalidCallback):
        assert parse_callback(text).state


@given(st.from_regex(r"[ -~]+", fullmatch=True), st.from_regex(r"[ -~]+", fullmatch=True))
def test_what_a_provider_sends_is_what_is_read(state: str, code: str) -> None:
    """Every state and every code of the specification's characters arrives as it was sent."""
    callback = parse_callback(f"{BASE}?{urlencode({'state': state, 'code': code})}")

    assert (Secret(state), Secret(code)) == (callback.state, callback.code)


def a_callback(issuer: str | None = None, error: str | None = None) -> Callback:
    """A callback that says what a test needs."""
    return Callback("s", None if error else Secret("c"), error, "no" if error else None, issuer)


@pytest.mark.parametrize("required", [True, False])
def test_the_right_issuer_passes(required: bool) -> None:
    """RFC 9207, 2.4."""
    check_issuer(a_callback(ISSUER), ISSUER, required)


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize(
    "issuer",
    [
        "https://tenant.example.com",
        "https://TENANT.example.com/",
        "https://evil.example/",
        "https://tenant.example.com/ ",
        "",
        "ä",
        "\ud800",
    ],
)
def test_another_issuer_is_refused(issuer: str, required: bool) -> None:
    """When present it must be the one asked, promised or not, character by character (mix-up, RFC 9700, 4.4)."""
    with pytest.raises(CallbackIssuerMismatch, match="names another issuer"):
        check_issuer(a_callback(issuer), ISSUER, required)


def test_a_promised_issuer_must_be_there() -> None:
    """RFC 9207, 2.4; without the promise its absence is in order."""
    with pytest.raises(CallbackIssuerMismatch, match="lacks iss"):
        check_issuer(a_callback(None), ISSUER, required=True)

    check_issuer(a_callback(None), ISSUER, required=False)


def test_an_error_is_judged_by_its_issuer_too() -> None:
    """RFC 9207, 2: error responses carry ``iss`` as well."""
    with pytest.raises(CallbackIssuerMismatch):
        check_issuer(
            a_callback("https://evil.example/", error="access_denied"), ISSUER, required=False
        )


def test_the_code_of_a_callback_is_handed_out() -> None:
    """As a secret."""
    assert Secret("c") == require_code(a_callback())


def test_an_error_is_a_denial_that_says_what_the_provider_said() -> None:
    """The application sees the error code; the description waits to be escaped."""
    with pytest.raises(
        AuthorizationDenied, match="answered with the error access_denied"
    ) as caught:
        require_code(a_callback(error="access_denied"))

    assert ("access_denied", "no") == (caught.value.error, caught.value.error_description)
    assert "no" not in caught.value.message.split()


def test_neither_state_nor_code_prints() -> None:
    """Not in the value, and in no error about it."""
    callback = parse_callback(f"{BASE}?code=code-{CANARY}&state=state-{CANARY}")
    assert CANARY not in repr(callback)

    for query in (
        "code={0}&state={0}&state={0}",
        "code={0}",
        "code={0}&state={0}&error={0}",
        "state={0}",
    ):
        with pytest.raises(InvalidCallback) as caught:
            parse_callback(f"{BASE}?{query.format(CANARY)}")
        assert CANARY not in str(caught.value)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


# ---------------------------------------------------------------------------- back from a logout


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example/?state=s-1",
        "/bye?x=y&state=s-1&x=z",
        "?state=s-1#fragment",
        "/?state=s-1&code=c&error=e",
    ],
)
def test_the_state_of_a_logout_is_read_from_wherever_it_comes_back_to(url: str) -> None:
    """OIDC RP-Initiated Logout 1.0, 3: nothing but the state counts."""
    assert Secret("s-1") == parse_logout_return(url)


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/?state=",
        "/?state=a&state=a",
        "/?state=%0d%0a",
        "/?state=%ff",
        f"/?state={'x' * LONGEST_CALLBACK}",
        None,
    ],
)
def test_a_return_without_one_usable_state_is_refused(url: Any) -> None:
    """Missing, empty, doubled, unprintable, oversized; no string at all."""
    with pytest.raises(InvalidCallback):
        parse_logout_return(url)
