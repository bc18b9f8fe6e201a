"""Keys come from the application's secrets by HKDF-SHA256, one for each purpose (RFC 5869)."""

import base64

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from userlink.stores.keyring import derive_keys

SECRET = b"canary-secret-of-more-than-32-bytes-0123"
OTHER = b"another-secret-of-more-than-32-bytes-987"


def hkdf(secret: bytes, info: bytes, length: int) -> bytes:
    """Derive with cryptography's HKDF: no salt, and the purpose as info (RFC 5869, 3.1 and 3.2)."""
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret)


def test_the_key_is_derived_for_its_purpose() -> None:
    """Whoever knows the secret can derive the key again: nothing else goes into it (RFC 5869, 2)."""
    (key,) = derive_keys([SECRET], "session")

    assert hkdf(SECRET, b"userlink/1 seal session", 32) == key.material
    expected_id = base64.urlsafe_b64encode(hkdf(SECRET, b"userlink/1 key id session", 6)).decode()
    assert expected_id == key.key_id


def test_each_secret_gives_a_key_in_the_order_given() -> None:
    """The first is for sealing, so the order is the application's."""
    keys = derive_keys([SECRET, OTHER], "session")

    assert [
        derive_keys([SECRET], "session")[0].key_id,
        derive_keys([OTHER], "session")[0].key_id,
    ] == [key.key_id for key in keys]


def test_purposes_share_neither_key_nor_key_id() -> None:
    """A record of one purpose names a key that another purpose does not have."""
    (sessions,) = derive_keys([SECRET], "session")
    (transactions,) = derive_keys([SECRET], "transaction")

    assert sessions.material != transactions.material
    assert sessions.key_id != transactions.key_id


def test_every_part_of_a_purpose_counts_and_where_it_ends() -> None:
    """Two clients of one secret have no key in common, however their names run together."""
    purposes = [
        ("session", "https://a.example/", "client"),
        ("session", "https://a.example/", "client-2"),
        ("session", "https://b.example/", "client"),
        ("session", "https://a.example/c", "lient"),
        ("session", "https://a.example/ client"),
        ("session",),
    ]
    keys = [key for purpose in purposes for key in derive_keys([SECRET], *purpose)]

    assert len(purposes) == len({key.material for key in keys})
    assert len(purposes) == len({key.key_id for key in keys})


@pytest.mark.parametrize("shown", [repr, str])
def test_a_key_does_not_show_itself(shown: type[str]) -> None:
    """Neither the key nor what it was made from is in its text."""
    (key,) = derive_keys([SECRET], "session")

    text = shown(key)
    assert key.key_id in text
    assert repr(key.material) not in text
    assert "canary" not in text
    assert "AESGCM" not in text
