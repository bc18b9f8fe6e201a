"""PKCE with S256, and base64url in its one spelling."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.vectors import load
from userlink.protocol.pkce import base64url, code_challenge, digest, from_base64url

RFC7636 = load("rfc7636")


def test_the_example_of_the_specification() -> None:
    """RFC 7636, appendix B: from 32 bytes to the verifier, and from that to the challenge."""
    assert RFC7636["code_verifier"] == base64url(bytes(RFC7636["code_verifier_bytes"]))
    assert RFC7636["code_challenge"] == code_challenge(RFC7636["code_verifier"])


def test_base64url_has_the_url_alphabet_and_no_padding() -> None:
    """RFC 7515, appendix C."""
    example = load("rfc7515")["base64url"]

    assert example["text"] == base64url(bytes(example["bytes"]))
    assert bytes(example["bytes"]) == from_base64url(example["text"])


@given(st.binary(max_size=200))
def test_decoding_undoes_encoding(data: bytes) -> None:
    """Every byte string survives, in characters that need no escaping in a URL (RFC 3986, 2.3)."""
    assert data == from_base64url(base64url(data))
    assert re.fullmatch(r"[A-Za-z0-9_-]*", base64url(data))


def test_every_last_letter_is_kept() -> None:
    """Padding is taken off, and no letter with it."""
    for last in range(256):
        data = bytes([0, 0, last])

        assert data == from_base64url(base64url(data))


@given(st.text(st.sampled_from("AQgwBE-_+/=09 \n"), max_size=9))
def test_bytes_have_one_spelling(text: str) -> None:
    """What decodes at all is what encoding makes: neither padding nor spare bits nor base64's own letters."""
    try:
        data = from_base64url(text)
    except ValueError:
        return
    assert text == base64url(data)


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "AAAAA",
        "AA==",
        "AAA=",
        "AA=",
        "AA=A",
        "A=AA",
        "=AAA",
        "AA==AAAA",
        "AB",
        "AAB",
        "+/+/",
        "AA+A",
        "AA/A",
        "AA A",
        "AAA\n",
        "ÄÄÄÄ",
        "AA.A",
        "\ud800AAA",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    """A length that no bytes have, padding, spare bits, base64's alphabet, white space, other letters."""
    with pytest.raises(ValueError, match=r"."):
        from_base64url(text)


def test_a_digest_names_a_secret_and_does_not_give_it_away() -> None:
    """It is the SHA-256: 43 characters, the same each time, another for another text."""
    assert "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0" == digest("abc")
    assert digest("abc") != digest("abd")
