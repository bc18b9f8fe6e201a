"""Whose pages may ask for changes: RFC 9700, 4.7; Fetch Metadata Request Headers, 2.4; RFC 6454, 7."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from userlink import ConfigurationError, RequestOriginRefused
from userlink.protocol.request_origin import application_origins, check_request_origin

APP = "https://app.example"
TRUSTED = "https://admin.example:8443"
ALLOWED = frozenset({APP, TRUSTED})


def check(origin: list[str], sec_fetch_site: list[str]) -> None:
    """Check a request of these headers."""
    check_request_origin(origin=origin, sec_fetch_site=sec_fetch_site, allowed_origins=ALLOWED)


@pytest.mark.parametrize("origin", [[APP], ["null"], []])
def test_a_form_on_a_page_of_the_application_is_accepted(origin: list[str]) -> None:
    """``same-origin`` cannot be forged; a page with ``no-referrer`` sends ``Origin: null`` beside it."""
    check(origin, ["same-origin"])


@pytest.mark.parametrize("origin", [APP, TRUSTED])
def test_a_browser_that_sends_no_fetch_metadata_is_judged_by_origin(origin: str) -> None:
    """Old browsers, and all browsers on plain http, send ``Origin`` alone."""
    check([origin], [])


@pytest.mark.parametrize("site", ["same-site", "cross-site", "none"])
def test_a_page_of_a_trusted_origin_may_ask(site: str) -> None:
    """An origin on the list is accepted whatever its relation to this host."""
    check([TRUSTED], [site])


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", "", "SAME-ORIGIN", "x"])
@pytest.mark.parametrize("origin", [["https://evil.example"], ["null"], []])
def test_any_other_page_is_refused(site: str, origin: list[str]) -> None:
    """A sibling host is foreign too, and so is what no page asked for."""
    with pytest.raises(RequestOriginRefused, match="another origin"):
        check(origin, [site])


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "http://app.example",
        "https://app.example:8443",
        "https://app.example.evil.example",
        "https://app.example/",
        "https://app.example, https://app.example",
        "https://evil.example,https://app.example",
        "HTTPS://APP.EXAMPLE",
    ],
)
def test_without_fetch_metadata_another_origin_is_refused(origin: str) -> None:
    """The header is compared as a whole, as browsers write it (RFC 6454, 6.2)."""
    with pytest.raises(RequestOriginRefused, match="another origin"):
        check([origin], [])


def test_a_request_that_says_nothing_is_refused() -> None:
    """Neither header: not a browser of this decade, or a proxy took them away."""
    with pytest.raises(RequestOriginRefused, match="does not say where"):
        check([], [])


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        ([APP, APP], []),
        ([APP, "https://evil.example"], ["same-origin"]),
        ([APP], ["same-origin", "cross-site"]),
        ([], ["same-origin", "same-origin"]),
    ],
)
def test_a_doubled_header_is_refused(origin: list[str], site: list[str]) -> None:
    """Two stations may each believe another one."""
    with pytest.raises(RequestOriginRefused, match="more than once"):
        check(origin, site)


def test_null_is_never_trusted_even_if_listed() -> None:
    """Sandboxed frames and data: URLs of anybody have the origin ``null``."""
    with pytest.raises(RequestOriginRefused):
        check_request_origin(origin=["null"], sec_fetch_site=[], allowed_origins={"null"})


def test_the_refusal_says_what_to_do_and_whose_move_it_is() -> None:
    """An adapter answers 403; a handler can tell it from other errors by its code."""
    with pytest.raises(RequestOriginRefused) as refusal:
        check(["https://evil.example"], [])

    assert "request_origin_refused" == refusal.value.code
    assert "browser" == refusal.value.fault
    assert "evil" not in str(refusal.value)


HEADERS = st.lists(
    st.sampled_from([APP, TRUSTED, "null", "https://evil.example", "same-origin", "none", ""]),
    max_size=3,
)


@given(HEADERS, HEADERS)
def test_whatever_is_accepted_was_vouched_for(origin: list[str], site: list[str]) -> None:
    """Acceptance has exactly two reasons: the browser's own word, or an origin of the list."""
    vouched = site == ["same-origin"] or (len(origin) == 1 and origin[0] in ALLOWED)
    expected = vouched and len(origin) < 2 and len(site) < 2
    try:
        check(origin, site)
    except RequestOriginRefused:
        accepted = False
    else:
        accepted = True

    assert expected is accepted


def test_the_origins_of_an_application_are_those_of_its_redirect_uri_and_its_configuration() -> (
    None
):
    """Each as a browser writes it: lower case, no default port, no path."""
    origins = application_origins(
        "https://App.example:443/auth/callback", ["https://Admin.example:8443/", "http://[::1]:80"]
    )

    assert {APP, TRUSTED, "http://[::1]"} == origins


def test_an_application_without_a_redirect_uri_has_its_configured_origins() -> None:
    """Nothing is derived from a request."""
    assert {APP} == application_origins(None, [APP])
    assert set() == application_origins(None)


@pytest.mark.parametrize(
    "text",
    [
        "app.example",
        "https://app.example/path",
        "https://app.example?",
        "https://app.example/#",
        "https://user@app.example",
        "*",
        "https://*.app.example",
        "null",
        "",
        None,
    ],
)
def test_what_is_not_an_origin_is_refused_when_it_is_configured(text: object) -> None:
    """A wrong entry would never match, and nobody would notice."""
    with pytest.raises(ConfigurationError, match="is not an origin"):
        application_origins(None, [text])  # type: ignore[list-item]  # the wrong type on purpose


def test_one_string_is_not_a_list_of_origins() -> None:
    """Its letters would be taken for origins."""
    with pytest.raises(ConfigurationError, match="one string"):
        application_origins(None, APP)
