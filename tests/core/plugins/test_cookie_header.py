"""The raw ``Cookie`` header: whatever another host plants, no cookie of another name is taken for ours."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from userlink.plugins.cookie_header import parse_cookie_header

OURS = b"__Host-userlink_session"
# What strip(), isspace(), quoting, percent-decoding or Unicode normalisation would take away from around a name.
TROUBLE = [
    *(bytes([code]) for code in (*range(0x09, 0x0E), *range(0x1C, 0x21), 0x7F, 0x85, 0xA0, 0xAD)),
    *(text.encode() for text in ("\x85", "\xa0", "\u2000", "\u200b", "\u2028", "\u3000", "\ufeff")),
    *(b"%20", b"%5F", b"$", b'"', b"'", b"\\", b",", b"+", b".", b"_", b"=", b"\xff"),
]
around = st.lists(st.sampled_from(TROUBLE), max_size=3).map(b"".join)
names_like_ours = st.builds(
    lambda before, name, after: before + name + after,
    around,
    st.sampled_from([OURS, OURS.lower(), OURS.upper(), OURS.replace(b"_", b"%5F"), b'"' + OURS]),
    around,
)
# No semicolon and no control character but the tab: browsers refuse such cookies (RFC 6265bis, 5.6).
octets = st.binary(max_size=12).map(
    lambda value: bytes(
        octet for octet in value if octet == 9 or (octet > 31 and octet not in b";\x7f")
    )
)
set_cookies = st.tuples(names_like_ours | octets, octets | names_like_ours)


def parsed(*fields: bytes) -> dict[str, str]:
    """Parse fields as they come over the wire."""
    return parse_cookie_header([field.decode("latin-1") for field in fields])


def kept_by_browser(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """Return name and value as a browser keeps those of ``Set-Cookie: name=value`` (RFC 6265bis, 5.6)."""
    name, _, value = (name + b"=" + value).partition(b"=")
    return name.strip(b" \t"), value.strip(b" \t")


def sent_by_browser(cookies: list[tuple[bytes, bytes]]) -> bytes:
    """Write the header as a browser does (RFC 6265bis, 5.8.3): a cookie without a name is its bare value."""
    return b"; ".join(name + b"=" + value if name else value for name, value in cookies)


def may_be_planted(cookie: tuple[bytes, bytes]) -> bool:
    """Tell whether a browser takes a cookie from a sibling host: not under our name, nor hidden behind no name."""
    name, value = cookie
    return not name.lower().startswith(b"__host-") and (
        bool(name) or not value.lower().startswith(b"__host-")
    )


@given(st.lists(set_cookies, max_size=6), st.integers(0, 6))
@example([(b"\xa0" + OURS, b"evil")], 0)
@example([(b"\x85" + OURS, b"evil"), (b"", b"\xa0" + OURS + b"=evil")], 1)
def test_whatever_a_sibling_host_plants_our_cookie_is_what_we_have_set(
    planted: list[tuple[bytes, bytes]], place: int
) -> None:
    """RFC 6265bis, 4.1.3.2: a host that may not set a name cannot set what is read as that name."""
    foreign = [
        each for each in (kept_by_browser(*each) for each in planted) if may_be_planted(each)
    ]
    mine = (OURS, b"mine")

    assert OURS.decode() not in parsed(sent_by_browser(foreign))
    everything = sent_by_browser([*foreign[:place], mine, *foreign[place:]])
    assert "mine" == parsed(everything)[OURS.decode()]


@given(st.lists(st.lists(set_cookies.map(b"=".join) | octets, max_size=5), max_size=3))
def test_our_name_is_found_where_these_very_bytes_stand_once(parts: list[list[bytes]]) -> None:
    """For every header, also one that no browser writes: spaces and tabs around the name, and nothing else."""
    fields = [b";".join(each) for each in parts]
    split = b";".join(fields).split(b";")
    ours = [
        each for each in split if each.partition(b"=")[0].strip(b" \t") == OURS and b"=" in each
    ]

    assert (len(ours) == 1) == (OURS.decode() in parsed(*fields))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"", {}),
        (b"a=1", {"a": "1"}),
        (b"a=1; b=2;c=3 ;\td\t=\t4\t", {"a": "1", "b": "2", "c": "3", "d": "4"}),
        (b"a==1=; b=", {"a": "=1=", "b": ""}),
        (b'a="1"; b="\\073"; c=%41', {"a": '"1"', "b": '"\\073"', "c": "%41"}),
        (b"a; =b; ;; c=1", {"c": "1"}),
        (b"A=1; a=2", {"A": "1", "a": "2"}),
        (b"a=1,b=2", {"a": "1,b=2"}),
        (b"\xc3\xa9=\xff", {"\u00c3\u00a9": "\u00ff"}),
    ],
)
def test_names_and_values_are_taken_as_they_are(header: bytes, expected: dict[str, str]) -> None:
    """Neither quotes nor percent signs are undone, and letter case counts (RFC 6265bis, 5.6)."""
    assert expected == parsed(header)


@pytest.mark.parametrize(
    "fields",
    [
        (b"a=1; b=2; a=3",),
        (b"a=1; b=2", b"a=1"),
        (b"a=1; a =2; b=2; a=3",),
        (b"a=; b=2; a=",),
    ],
)
def test_a_name_that_comes_twice_is_absent(fields: tuple[bytes, ...]) -> None:
    """Neither the first nor the last wins, in one field or in several; the other cookies stay."""
    assert {"b": "2"} == parsed(*fields)


def test_a_header_that_http_2_has_split_is_read_as_one() -> None:
    """RFC 9113, 8.2.3: each cookie may travel in a field of its own."""
    assert {"a": "1", "b": "2", "c": "3"} == parsed(b"a=1", b"b=2; c=3")
    assert {} == parsed()


def test_a_header_that_no_browser_would_send_holds_nothing() -> None:
    """The bounds count all fields together; up to them, everything is there."""
    long = b"a=" + b"x" * 65_534

    assert {"a": "x" * 65_534} == parsed(long)
    assert {} == parsed(long + b"x") == parsed(long, b"b=1")
    assert 1_000 == len(parsed(b";".join(b"c%d=1" % number for number in range(1_000))))
    assert {} == parsed(*(b"c%d=1" % number for number in range(1_001)))
    assert {} == parsed(b";" * 1_000)
