"""URLs are judged before anything is sent to them."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import any_text
from userlink.protocol.urls import (
    Issuer,
    add_query,
    form_encode,
    is_absolute_web_url,
    is_loopback_host,
    is_secure_web_url,
    is_sendable,
    origin_of,
)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LocalHost", "app.localhost", "127.0.0.1", "127.255.0.9", "::1"],
)
def test_loopback_hosts_are_this_machine(host: str) -> None:
    """RFC 8252, 7.3 and RFC 6761, 6.3."""
    assert is_loopback_host(host)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "localhost.evil.example",
        "notlocalhost",
        "127.0.0.1.evil.example",
        "127.1",
        "128.0.0.1",
        "127.\u0660.0.1",
        "127.999.999.999",
        "127.0.0.256",
        "127.0.0.010",
        "127.0.0.0x1",
        "127.0.0.1.",
        "127.0.0.1 ",
        "::ffff:127.0.0.1",
        "0.0.0.0",  # noqa: S104  # a name to judge, nothing binds to it
        "::2",
        "[::1]",
    ],
)
def test_other_hosts_are_not(host: str | None) -> None:
    """Names that only begin or end alike, short forms, digits of other scripts, what is no address at all."""
    assert not is_loopback_host(host)


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example",
        "HTTPS://App.Example/",
        "http://app.example:8080/path?x=y#z",
        "https://[::1]:443/",
        "https://192.0.2.1/a;b,c(d)",
        "https://xn--bcher-kva.example/%C3%A4",
    ],
)
def test_absolute_web_urls_are_known(url: str) -> None:
    """RFC 3986, 3: a scheme of the web and a host, a port perhaps."""
    assert is_absolute_web_url(url)


NOT_ABSOLUTE = [
    "",
    "/callback",
    "//app.example/",
    "app.example",
    "https:app.example",
    "https:/app.example",
    "https:///app.example",
    "https://",
    "https://:443/",
    "https://app.example:/",
    "https://app.example:port/",
    "https://app.example:65536/",
    "https://app.example:\u0663/",
    "https://user@app.example/",
    "https://user:password@app.example/",
    "https://app.example@evil.example/",
    "https://@app.example/",
    "https://app.example\\@evil.example/",
    "https://app.example\t/",
    "https://app.example\n/",
    " https://app.example/",
    "https://app example/",
    "https://bücher.example/",
    "https://app.example/ü",
    'https://app.example/"',
    "https://[::1",
    "https://[::g]/",
    "https://[1::2::3]/",
    "https://[app.example]/",
    "https://-app.example/",
    "https://app-.example/",
    "https://app..example/",
    "https://.example/",
    "https://app_1.example/",
    "ftp://app.example/",
    "javascript://app.example/%0aalert(1)",
    "https://app.example/\ud800",
]


@pytest.mark.parametrize("url", NOT_ABSOLUTE)
def test_other_strings_are_not_absolute_web_urls(url: str) -> None:
    """Relative ones, user information, white space, letters beyond ASCII, hosts and ports that are none."""
    assert not is_absolute_web_url(url)


@given(any_text)
def test_no_text_raises(text: str) -> None:
    """Whatever comes, the answers are yes or no, and the stricter one never says more."""
    assert is_absolute_web_url(text) or not is_secure_web_url(text)
    assert is_absolute_web_url(f"https://{text}") or not is_secure_web_url(f"https://{text}")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://app.example/", True),
        ("http://localhost:3000/auth/callback", True),
        ("http://127.0.0.1/", True),
        ("http://[::1]:8000/", True),
        ("http://app.example/", False),
        ("http://localhost.evil.example/", False),
        ("/callback", False),
    ],
)
def test_plain_http_is_for_loopback_only(url: str, expected: bool) -> None:
    """RFC 9700, 2.6; RFC 8252, 7.3."""
    assert expected is is_secure_web_url(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://App.example:443/x?y", "https://app.example"),
        ("https://app.example:8443/", "https://app.example:8443"),
        ("http://app.example:80/", "http://app.example"),
        ("http://app.example:443/", "http://app.example:443"),
        ("http://[::1]:3000/x", "http://[::1]:3000"),
        ("https://[2001:DB8::1]/", "https://[2001:db8::1]"),
    ],
)
def test_the_origin_leaves_default_ports_out(url: str, expected: str) -> None:
    """RFC 6454, 6.2."""
    assert expected == origin_of(url)


def test_a_query_is_appended_to_what_is_there() -> None:
    """RFC 6749, 3.1: the endpoint's own query must stay."""
    assert "https://t.example/a?b=c+%26" == add_query("https://t.example/a", [("b", "c &")])
    assert "https://t.example/a?x=y&b=c" == add_query("https://t.example/a?x=y", [("b", "c")])


@given(st.lists(st.tuples(any_text, any_text).filter(lambda pair: is_sendable("".join(pair)))))
def test_what_is_added_is_what_arrives(parameters: list[tuple[str, str]]) -> None:
    """No name and no value can break out of its place."""
    query = urlsplit(add_query("https://t.example/a", parameters)).query

    assert parameters == parse_qsl(query, keep_blank_values=True)


@given(st.lists(st.tuples(any_text, any_text).filter(lambda pair: is_sendable("".join(pair)))))
def test_forms_are_encoded_as_the_standard_library_encodes_them(
    parameters: list[tuple[str, str]],
) -> None:
    """RFC 6749, appendix B: passing over what needs no quoting changes no character."""
    assert urlencode(parameters) == form_encode(parameters)


def test_half_a_surrogate_pair_cannot_be_sent() -> None:
    """RFC 3629, 3: UTF-8 has no form for it."""
    assert is_sendable("grüße 🙂")
    assert not is_sendable("\ud83d")


def test_a_bare_host_is_looked_for_with_and_without_slash() -> None:
    """Auth0's issuer ends with a slash, other providers' does not."""
    issuer = Issuer.from_domain("tenant.example.com")

    assert ("https://tenant.example.com/", "https://tenant.example.com") == issuer.accepted
    assert "https://tenant.example.com/.well-known/openid-configuration" == issuer.discovery_url


@pytest.mark.parametrize(
    "domain", ["tenant.example.com:8443", "[::1]:9000", "localhost", "192.0.2.1"]
)
def test_a_bare_host_may_have_a_port(domain: str) -> None:
    """An address is a host too; it is asked over https."""
    assert f"https://{domain}/" in Issuer.from_domain(domain).accepted


@pytest.mark.parametrize(
    ("domain", "discovery_url"),
    [
        ("https://t.example", "https://t.example/.well-known/openid-configuration"),
        ("https://t.example/", "https://t.example/.well-known/openid-configuration"),
        ("https://t.example/r/one", "https://t.example/r/one/.well-known/openid-configuration"),
        ("https://t.example/r/one/", "https://t.example/r/one/.well-known/openid-configuration"),
        ("https://t.example/r/X", "https://t.example/r/X/.well-known/openid-configuration"),
        ("http://localhost:9000", "http://localhost:9000/.well-known/openid-configuration"),
    ],
)
def test_an_issuer_url_is_kept_as_given(domain: str, discovery_url: str) -> None:
    """OIDC Discovery, 4.1 and 4.3: the document's issuer must equal it; the path stays before ``/.well-known``."""
    assert Issuer((domain,), discovery_url) == Issuer.from_domain(domain)


@pytest.mark.parametrize(
    ("domain", "message"),
    [
        ("tenant.example.com/", "neither a host name nor an issuer URL"),
        ("tenant example.com", "neither a host name nor an issuer URL"),
        (" tenant.example.com", "neither a host name nor an issuer URL"),
        ("tenant.example.com\n", "neither a host name nor an issuer URL"),
        ("user@tenant.example.com", "neither a host name nor an issuer URL"),
        ("tenant.example.com?x", "neither a host name nor an issuer URL"),
        ("tenant.example.com#x", "neither a host name nor an issuer URL"),
        ("tenant.example.com:99999", "neither a host name nor an issuer URL"),
        ("tenant.example.com:\u0663\u0663", "neither a host name nor an issuer URL"),
        ("tenant.example.com:", "neither a host name nor an issuer URL"),
        ("tenant..example.com", "neither a host name nor an issuer URL"),
        ("tenänt.example.com", "neither a host name nor an issuer URL"),
        ("[:::::]", "neither a host name nor an issuer URL"),
        ("::1", "neither a host name nor an issuer URL"),
        ("https:/tenant.example.com", "neither a host name nor an issuer URL"),
        ("https://user@tenant.example.com", "not an absolute http or https URL"),
        ("https://tenant.example.com:port", "not an absolute http or https URL"),
        ("https://tenant example.com", "not an absolute http or https URL"),
        ("ftp://tenant.example.com", "not an absolute http or https URL"),
        ("https://", "not an absolute http or https URL"),
        ("https://tenant.example.com?x=y", "no query and no fragment"),
        ("https://tenant.example.com/#x", "no query and no fragment"),
        ("http://tenant.example.com", "plain http is accepted for loopback hosts only"),
    ],
)
def test_a_malformed_domain_says_what_is_wrong(domain: str, message: str) -> None:
    """The text becomes part of the error of the client's construction."""
    with pytest.raises(ValueError, match=message):
        Issuer.from_domain(domain)


@given(any_text)
def test_a_domain_is_secure_or_refused(domain: str) -> None:
    """Whatever text is configured, what comes of it is a URL that may be asked."""
    try:
        issuer = Issuer.from_domain(domain)
    except ValueError:
        return
    assert is_secure_web_url(issuer.discovery_url)
