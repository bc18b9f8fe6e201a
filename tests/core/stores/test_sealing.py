"""Sealed records are JWEs (RFC 7516) that open for their own id and purpose, unchanged, and for nothing else."""

import itertools
import json
import os
import string
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import OctKey
from joserfc.registry import HeaderParameter

from userlink.stores.keyring import derive_keys
from userlink.stores.sealing import LONGEST_SEALED, Sealer

SECRET = b"canary-secret-of-more-than-32-bytes-0123"
OTHER = b"another-secret-of-more-than-32-bytes-987"
PAYLOAD = b'{"sub":"auth0|alice","name":"Al\xc3\xafce"}'
# joserfc refuses headers it does not know; RFC 7516, 4.3 lets two parties agree on their own.
REGISTRY = jwe.JWERegistry(
    header_registry={"id": HeaderParameter("id", "str", required=True)},
    algorithms=["dir", "A256GCM"],
)
BASE64URL = string.ascii_letters + string.digits + "-_"
# What a cookie may hold beside base64url (RFC 6265, 4.1.1), and what no cookie may.
FOREIGN = "+/=.~! \n\x00é€"


def sealer(*secrets: bytes, purpose: str = "session") -> Sealer:
    """Return a sealer of these secrets."""
    return Sealer(derive_keys(secrets or (SECRET,), purpose), os.urandom)


def jose_key(secret: bytes = SECRET) -> OctKey:
    """Return the derived key as joserfc takes it."""
    (key,) = derive_keys([secret], "session")
    return OctKey.import_key(key.material)


def parts_of(sealed: str) -> list[str]:
    """Take a JWE apart: header, encrypted key, iv, ciphertext, tag (RFC 7516, 7.1)."""
    return sealed.split(".")


def encoded(data: bytes) -> str:
    """Encode in base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def test_joserfc_opens_what_is_sealed() -> None:
    """The format is JOSE's, not ours: ``dir`` with ``A256GCM`` (RFC 7518, 4.5 and 5.3)."""
    sealed = sealer().seal(PAYLOAD, "record-1")

    opened = jwe.decrypt_compact(sealed, jose_key(), registry=REGISTRY)
    assert PAYLOAD == opened.plaintext
    (key,) = derive_keys([SECRET], "session")
    expected = {"alg": "dir", "enc": "A256GCM", "kid": key.key_id, "id": "record-1"}
    assert expected == opened.headers()


def test_what_joserfc_seals_with_the_same_header_is_opened() -> None:
    """Any implementation of RFC 7516 that writes this header can make records for userlink."""
    (key,) = derive_keys([SECRET], "session")
    header = {"alg": "dir", "enc": "A256GCM", "kid": key.key_id, "id": "record-1"}
    sealed = jwe.encrypt_compact(header, PAYLOAD, jose_key(), registry=REGISTRY)

    assert PAYLOAD == sealer().open(sealed, "record-1")


@pytest.mark.parametrize(
    "change",
    [{"zip": "DEF"}, {"alg": "A256KW"}, {"enc": "A128GCM"}, {"extra": "1"}, {"kid": "another"}],
    ids=str,
)
def test_another_header_is_not_believed(change: dict[str, str]) -> None:
    """Only one header can open, so no algorithm, key or compression is chosen by the record."""
    (key,) = derive_keys([SECRET], "session")
    header = {"alg": "dir", "enc": "A256GCM", "kid": key.key_id, "id": "record-1", **change}
    start = encoded(json.dumps(header, separators=(",", ":")).encode())
    _, *rest = parts_of(sealer().seal(PAYLOAD, "record-1"))

    assert sealer().open(".".join([start, *rest]), "record-1") is None


def test_the_order_of_header_members_counts() -> None:
    """A record by the same key and of the same meaning, yet written differently, is not ours."""
    (key,) = derive_keys([SECRET], "session")
    header = {"id": "record-1", "kid": key.key_id, "enc": "A256GCM", "alg": "dir"}
    sealed = jwe.encrypt_compact(header, PAYLOAD, jose_key(), registry=REGISTRY)

    assert sealer().open(sealed, "record-1") is None


@given(payload=st.binary(max_size=5000), record_id=st.text(BASE64URL, min_size=1, max_size=64))
def test_what_is_sealed_opens_unchanged(payload: bytes, record_id: str) -> None:
    """Any bytes under any id come back as they were."""
    sealed = sealer().seal(payload, record_id)

    assert payload == sealer().open(sealed, record_id)


def test_two_seals_of_one_record_share_no_iv() -> None:
    """GCM with one key and one iv twice gives plaintexts away (RFC 7518, 8.4)."""
    ivs = {parts_of(sealer().seal(PAYLOAD, "record-1"))[2] for _ in range(100)}

    assert 100 == len(ivs)


def test_the_payload_cannot_be_read_in_the_record() -> None:
    """It is encrypted, not only signed."""
    sealed = sealer().seal(PAYLOAD, "record-1")

    decoded = [urlsafe_b64decode(part + "==") for part in parts_of(sealed)]
    assert not any(b"alice" in part for part in decoded)


@given(
    sealed_for=st.text(BASE64URL, min_size=1, max_size=30),
    opened_for=st.text(BASE64URL, min_size=1, max_size=30),
)
@example(sealed_for="a", opened_for="ab")
@example(sealed_for="ab", opened_for="a")
def test_a_record_opens_for_its_own_id_only(sealed_for: str, opened_for: str) -> None:
    """A record cannot be replayed under another id, be it a beginning or a continuation of its own."""
    sealed = sealer().seal(PAYLOAD, sealed_for)

    expected = PAYLOAD if sealed_for == opened_for else None
    assert expected == sealer().open(sealed, opened_for)


@pytest.mark.parametrize(
    ("sealed_for", "opened_for"),
    list(itertools.permutations(["session", "transaction", "transaction cookie"], 2)),
)
def test_a_record_opens_for_its_own_purpose_only(sealed_for: str, opened_for: str) -> None:
    """A transaction's record is no session, even under the same id."""
    sealed = sealer(purpose=sealed_for).seal(PAYLOAD, "record-1")

    assert sealer(purpose=opened_for).open(sealed, "record-1") is None


def test_the_first_secret_seals_and_any_opens() -> None:
    """While secrets rotate, records of the old one still open, and new ones are under the new one."""
    old, rotated = sealer(OTHER), sealer(SECRET, OTHER)

    assert PAYLOAD == rotated.open(old.seal(PAYLOAD, "record-1"), "record-1")
    assert PAYLOAD == sealer(SECRET).open(rotated.seal(PAYLOAD, "record-1"), "record-1")
    assert old.open(rotated.seal(PAYLOAD, "record-1"), "record-1") is None


def test_a_dropped_secret_opens_nothing_any_more() -> None:
    """Its records are as good as none: nobody is signed in by them, and nothing fails."""
    sealed = sealer(OTHER).seal(PAYLOAD, "record-1")

    assert sealer(SECRET).open(sealed, "record-1") is None


def test_a_forged_key_id_does_not_help_a_dropped_secret() -> None:
    """A record by an old key that claims to be by the new one fails its authentication."""
    start = parts_of(sealer(SECRET).seal(PAYLOAD, "record-1"))[0]
    _, *rest = parts_of(sealer(OTHER).seal(PAYLOAD, "record-1"))

    assert sealer(SECRET).open(".".join([start, *rest]), "record-1") is None


def test_no_character_of_a_record_can_be_changed() -> None:
    """Every place is tried with every character, encodings of the same bytes included (RFC 4648, 3.5)."""
    opener = sealer()
    for length in range(1, 4):  # all three ways in which base64 can end
        sealed = sealer().seal(PAYLOAD[:length], "record-1")
        survivors = [
            (place, character)
            for place in range(len(sealed))
            for character in BASE64URL + FOREIGN
            if character != sealed[place]
            and opener.open(sealed[:place] + character + sealed[place + 1 :], "record-1")
            is not None
        ]
        assert [] == survivors


def test_no_character_can_be_added_or_taken_away() -> None:
    """Padding, white space or a part more is no record; nor is a shorter one."""
    opener = sealer()
    sealed = sealer().seal(PAYLOAD, "record-1")

    for place in range(len(sealed) + 1):
        for character in "A-+=. \n\x00é":
            assert opener.open(sealed[:place] + character + sealed[place:], "record-1") is None
        shorter = sealed[:place] + sealed[place + 1 :]
        assert shorter == sealed or opener.open(shorter, "record-1") is None


def test_no_beginning_of_a_record_opens() -> None:
    """A truncated cookie is no session."""
    opener = sealer()
    sealed = sealer().seal(PAYLOAD, "record-1")

    assert not [end for end in range(len(sealed)) if opener.open(sealed[:end], "record-1")]


@pytest.mark.parametrize("iv_bytes", [0, 1, 8, 11, 13, 16, 96])
def test_an_iv_of_another_length_is_refused(iv_bytes: int) -> None:
    """RFC 7518, 5.3: 96 bits, no more and no less, whatever GCM itself would take."""
    (key,) = derive_keys([SECRET], "session")
    start = parts_of(sealer().seal(PAYLOAD, "record-1"))[0]
    iv = bytes(iv_bytes)
    body = key.aead.encrypt(iv, PAYLOAD, start.encode()) if iv_bytes >= 8 else bytes(48)
    sealed = f"{start}..{encoded(iv)}.{encoded(body[:-16])}.{encoded(body[-16:])}"

    assert sealer().open(sealed, "record-1") is None


@pytest.mark.parametrize("tag_bytes", [0, 4, 12, 15, 17, 32])
def test_a_tag_of_another_length_is_refused(tag_bytes: int) -> None:
    """RFC 7518, 5.3: a shorter tag is easier to guess; bytes moved between the parts are noticed too."""
    header, _, iv, ciphertext, tag = parts_of(sealer().seal(PAYLOAD, "record-1"))
    joined = urlsafe_b64decode(ciphertext + "==") + urlsafe_b64decode(tag + "==")
    cut = len(joined) - tag_bytes
    sealed = f"{header}..{iv}.{encoded(joined[:cut])}.{encoded(joined[cut:])}"

    assert sealer().open(sealed, "record-1") is None


def test_an_encrypted_key_is_refused() -> None:
    """With ``dir`` that part is empty (RFC 7518, 4.5)."""
    header, _, *rest = parts_of(sealer().seal(PAYLOAD, "record-1"))

    assert sealer().open(".".join([header, "AAAA", *rest]), "record-1") is None


@pytest.mark.parametrize(
    "foreign",
    [
        "",
        ".",
        "....",
        "a" * 1_000_000,
        "." * 1_000_000,
        "é" * 100,
        "\ud800",
        "\x00",
        "eyJhbGciOiJub25lIn0.e30.",
        "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0....",
    ],
    ids=lambda foreign: f"{len(foreign)} of {foreign[:4]!r}",
)
def test_a_foreign_text_is_no_record(foreign: str) -> None:
    """Whatever a browser sends, the answer is None and no exception."""
    assert sealer().open(foreign, "record-1") is None


@pytest.mark.parametrize("filler", ["A", ".", "é", "=", "-"])
def test_a_megabyte_behind_a_true_header_is_no_record(filler: str) -> None:
    """The header can be copied from a cookie of one's own; what follows is still refused."""
    header = parts_of(sealer().seal(PAYLOAD, "record-1"))[0]

    assert sealer().open(f"{header}..{filler * 1_000_000}", "record-1") is None
    assert sealer().open(f"{header}..AAAAAAAAAAAAAAAA.{filler * 1_000_000}.A", "record-1") is None


def test_what_is_too_long_is_not_looked_at() -> None:
    """The limit comes before any work, so that a giant costs nothing."""
    longest = b"\x00" * LONGEST_SEALED
    sealed = sealer().seal(longest, "record-1")

    assert len(sealed) > LONGEST_SEALED
    assert sealer().open(sealed, "record-1") is None


@given(st.text())
def test_no_text_makes_opening_fail(text: str) -> None:
    """Any text at all, also in each place of a true record, gives None."""
    header, _, iv, ciphertext, tag = parts_of(sealer().seal(PAYLOAD, "record-1"))

    for forged in (
        text,
        f"{header}{text}",
        f"{header}.{text}.{iv}.{ciphertext}.{tag}" if text else "",
        f"{header}..{text}.{ciphertext}.{tag}",
        f"{header}..{iv}.{text}.{tag}",
        f"{header}..{iv}.{ciphertext}.{text}",
    ):
        assert sealer().open(forged, "record-1") is None


@given(st.text())
def test_no_id_makes_opening_fail(record_id: str) -> None:
    """Ids come from the names of cookies, so a browser can choose them too."""
    sealed = sealer().seal(PAYLOAD, "record-1")

    expected = PAYLOAD if record_id == "record-1" else None
    assert expected == sealer().open(sealed, record_id)
