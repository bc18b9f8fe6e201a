"""What a store is handed, and what a cookie becomes on the wire."""

import pytest

from userlink.stores.protocols import Cookie, StateRecord, TransactionRecord


def test_a_secure_cookie_has_every_flag() -> None:
    """For https only, for no script, not sent along by other sites' posts, for this host alone."""
    header = Cookie("__Host-userlink_session", "value", 60, True).header()

    expected = {"Max-Age=60", "Path=/", "HttpOnly", "SameSite=Lax", "Secure"}
    first, *attributes = header.split("; ")
    assert "__Host-userlink_session=value" == first
    assert expected == set(attributes)
    assert len(expected) == len(attributes)


def test_a_cookie_for_loopback_lacks_secure_alone() -> None:
    """Over plain http a Secure cookie would not come back; all other flags stay."""
    header = Cookie("userlink_session", "value", 60, False).header()

    assert "userlink_session=value; Max-Age=60; Path=/; HttpOnly; SameSite=Lax" == header


@pytest.mark.parametrize("secure", [True, False])
def test_no_cookie_has_a_domain(secure: bool) -> None:
    """RFC 6265bis, 4.1.3.2: with a Domain, siblings of this host would be sent it."""
    assert "domain" not in Cookie("name", "value", 60, secure).header().lower()


@pytest.mark.parametrize(
    "value",
    [
        Cookie("name", "canary", 60, True),
        StateRecord(b"canary", 1, 2, "https://tenant.example.com/", "auth0|alice", None),
        TransactionRecord(b"canary", 2),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_sealed_does_not_show(value: object) -> None:
    """A sealed record is as good as the session it holds: neither log nor traceback has it."""
    assert "canary" not in repr(value)
