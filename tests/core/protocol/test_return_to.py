"""Where a user may be sent after a flow: RFC 9700, 4.11.1, read as browsers read addresses."""

from urllib.parse import quote, unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from support.whatwg_url import origin_reached
from userlink.protocol.return_to import LONGEST_RETURN_TO, safe_return_to

APP = "https://app.example"
ALLOWED = frozenset({APP, "http://localhost:3000"})
DEFAULT = "/default"

# Pieces of addresses that have fooled somebody's check, and what they were mixed with.
WRITTEN = (
    "/ // \\ \\\\ . .. ./ ../ /..// %2f %2F %5c %5C %252f %255c %2e %252e %09 %0a %00 %c0%af %ef%bc%8f %e2%88%95 @"
    " : :443 :80 ? # ; & = https: http: https:// HTTPS:// https:/ javascript: data: ftp:// file:// ws:// app.example"
    " localhost:3000 evil.example evil [::1] 127.0.0.1 user:pass@"
)
UNWRITTEN = (
    " \t\n\r\x00\x1f\x7f\x85\xa0\u2028\u200b\ufeff\u2025\u2044\u2215\u3002\uff0e\uff0f\uff3c"
)
PIECES = (*WRITTEN.split(), *UNWRITTEN)
addresses = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=8).map("".join)

segments = st.text("abcXYZ019-_~!$&'()*+,;=:@", max_size=6).filter(bool)
encoded = st.sampled_from(["%20", "%C3%A9", "%E4%BD%A0", "%3F", "%23", "%25"])
honest_paths = st.builds(
    lambda parts, query, fragment: "/" + "/".join(parts) + query + fragment,
    st.lists(st.one_of(segments, encoded), max_size=5),
    st.just("") | segments.map("?a={0}&b=%2F%0A".format),
    st.just("") | segments.map("#{0}".format),
)


def safe(value: object) -> str:
    """Judge a value as an application with one more allowed origin would."""
    return safe_return_to(value, allowed_origins=ALLOWED, default=DEFAULT)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/profile",
        "/profile?tab=identities&next=%2F%2Fevil#github",
        "/a//b",
        "/a/b/..//c",
        "/a/../b",
        "/./a",
        "/@name",
        "/search?q=%E4%BD%A0%0D%0A",
        "/caf%C3%A9/100%25",
        "/a:b;c=d,e",
        "/?userlink_error=authorization_denied",
        "/user|name?x={y}",
    ],
)
def test_a_path_of_the_application_is_kept_as_it_is(path: str) -> None:
    """What an honest link says comes back unchanged, query and fragment included."""
    assert path == safe(path)


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example",
        "https://app.example/profile?x#y",
        "https://app.example:443/",
        "HTTPS://App.Example/",
        "http://localhost:3000/x",
    ],
)
def test_an_absolute_url_of_an_allowed_origin_is_kept(url: str) -> None:
    """Origins are compared as RFC 6454 says: scheme and host in any case, default port or none."""
    assert url == safe(url)


def test_without_an_allow_list_only_paths_are_kept() -> None:
    """An application that lists nothing sends nobody to an absolute URL, not even its own."""
    assert "/" == safe_return_to("https://app.example/profile")


@pytest.mark.parametrize(
    "value",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "\\\\evil.example",
        "/\\/evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        " /profile",
        "/profile ",
        "\x00/profile",
        "/pro\x7ffile",
        "/pro file",
    ],
)
def test_slashes_that_name_a_host_and_characters_that_browsers_drop_are_refused(value: str) -> None:
    """URL Standard, basic parser: tabs and newlines vanish, spaces at the ends too, a backslash is a slash."""
    assert DEFAULT == safe(value)


@pytest.mark.parametrize(
    "value",
    [
        "/%2fevil.example",
        "/%2F/evil.example",
        "%2f%2fevil.example",
        "/%5cevil.example",
        "/%5C%5Cevil.example",
        "/%252f/evil.example",
        "/%25252fevil.example",
        "/%255cevil.example",
        "/%09/evil.example",
        "/%0d%0aLocation:%20https://evil.example",
        "/%00",
        "/a%00b",
        "/%c0%af/evil.example",
        "/%ff",
        "/%25252525252561",
    ],
)
def test_paths_that_name_a_host_once_they_are_decoded_are_refused(value: str) -> None:
    """A proxy or a framework may decode a path before it redirects again; so deep an encoding has no honest use."""
    assert DEFAULT == safe(value)


@pytest.mark.parametrize(
    "value",
    [
        "/..//evil.example",
        "/.//evil.example",
        "/a/..//evil.example",
        "/a/b/../..//evil.example",
        "/%2e%2e//evil.example",
        "/%2e/%2fevil.example",
        "/a/..%2f/evil.example",
        "/a/%252e%252e//evil.example",
        "/../..//evil.example/%2f..",
        "//evil.example/..",
        "//evil.example/../..",
        "/%2fevil.example/../..",
    ],
)
def test_paths_that_name_a_host_once_dot_segments_are_removed_are_refused(value: str) -> None:
    """RFC 3986, 5.2.4: whoever tidies the path and redirects again would be sent away."""
    assert DEFAULT == safe(value)


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize(
    "slash", ["\u2044", "\u2215", "\u2216", "\u2571", "\u29f5", "\u29f8", "\uff0f", "\uff3c"]
)
def test_letters_that_look_like_slashes_are_refused(slash: str, count: int) -> None:
    """Written as they are, or percent-encoded behind the first slash, they are slashes to somebody."""
    assert DEFAULT == safe(slash * count + "evil.example")
    assert DEFAULT == safe("/" + slash + "evil.example")
    assert DEFAULT == safe("/" + quote(slash * count) + "evil.example")


def test_dots_that_unicode_normalises_are_dots() -> None:
    """U+2025, a two-dot leader, and U+FF0E, a full-width full stop, normalise to the dots of a dot segment."""
    assert DEFAULT == safe("/%E2%80%A5//evil.example")
    assert DEFAULT == safe("/a/%EF%BC%8E%EF%BC%8E//evil.example")


def test_a_percent_sign_that_unicode_normalises_is_a_percent_sign() -> None:
    """U+FF05 followed by ``2f`` is an encoded slash to whoever normalises before decoding."""
    assert DEFAULT == safe("/%EF%BC%852fevil.example")


@pytest.mark.parametrize(
    "value",
    [
        "https://evil.example",
        "https://app.example@evil.example",
        "https://app.example:443@evil.example/",
        "https://user@app.example/",
        "https://user:password@app.example/",
        "https://app.example.evil.example/",
        "https://app.example\\@evil.example",
        "https://app.example%2f@evil.example",
        "https://app.example%00.evil.example",
        "https://evil.example#https://app.example",
        "https://evil.example/https://app.example",
        "http://app.example/",
        "https://app.example:8443/",
        "https://app.example:443443/",
        "https://app.example:/",
        "https://app.example:443x/",
        "https://app.example:-443/",
        "https://app.example./",
        "https:evil.example",
        "https:/evil.example",
        "https:app.example",
        "https:/app.example",
        "https:///app.example",
        "https:\\\\app.example",
        "https://\tapp.example",
        "https://app.exam\u0440le/",
        "https://app\u3002example/",
        "https://[app.example]/",
        "http://[::1/",
        "http://127.0.0.1:3000/",
        "ws://app.example/",
        "ftp://app.example/",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "javascript://app.example/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "app.example",
        "profile",
        "./profile",
        "?x",
        "#x",
        "",
    ],
)
def test_other_origins_other_schemes_and_half_addresses_are_refused(value: str) -> None:
    """Only http(s) with two slashes, no user information, and an origin of the list: the rest is the default."""
    assert DEFAULT == safe(value)


@pytest.mark.parametrize("value", ['/"onmouseover=', "/<script>", "/a>b", "/\u00e9", "/\u4f60"])
def test_what_a_url_may_not_hold_unencoded_is_refused(value: str) -> None:
    """Browsers percent-encode these (RFC 3986, 2): unencoded they come from somebody's hand."""
    assert DEFAULT == safe(value)


@pytest.mark.parametrize("value", [None, 1, True, b"/profile", ["/profile"], {"a": "/"}, object()])
def test_what_is_not_a_string_gives_the_default(value: object) -> None:
    """A stored app_state may hold anything that JSON can."""
    assert DEFAULT == safe(value)


def test_the_length_is_limited() -> None:
    """It travels in a cookie and a query: the longest is kept, one character more is not."""
    longest = "/" + "a" * (LONGEST_RETURN_TO - 1)

    assert longest == safe(longest)
    assert DEFAULT == safe(longest + "a")


def test_the_default_of_the_default_is_the_root() -> None:
    """An application that says nothing sends users to its root."""
    assert "/" == safe_return_to("//evil.example")


@given(addresses)
@example("/..//evil.example")
@example("/%2e%2e/%5cevil.example")
def test_whatever_is_given_a_browser_stays_on_an_allowed_origin(address: str) -> None:
    """The one property that counts, judged by another reading of the URL Standard."""
    assert origin_reached(safe(address), APP) in ALLOWED


@given(addresses)
def test_a_path_that_is_decoded_on_the_way_still_stays(address: str) -> None:
    """Once or twice decoded by proxies, and resolved again, a kept path leads to the application."""
    kept = safe("/" + address)
    if kept.startswith("/"):
        path = kept.partition("?")[0].partition("#")[0]

        assert APP == origin_reached(unquote(path), APP)
        assert APP == origin_reached(unquote(unquote(path)), APP)


@given(addresses)
def test_the_answer_is_the_value_or_the_default_and_asking_again_changes_nothing(
    address: str,
) -> None:
    """Nothing is repaired: what is checked at the start is what is checked, and used, at the end."""
    kept = safe(address)

    assert kept in (address, DEFAULT)
    assert kept == safe(kept)


@given(honest_paths)
def test_honest_paths_are_kept(path: str) -> None:
    """The rule refuses attacks, not applications: segments, encoded letters, a query, a fragment."""
    assert path == safe(path)
