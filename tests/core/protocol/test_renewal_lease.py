"""The lease on renewing: what a record holds of it, and what is left of it after a failure."""

import pytest
from hypothesis import given

from strategies import renewal_leases
from userlink.protocol.renewal_lease import RenewalLease


@given(lease=renewal_leases)
def test_a_lease_is_read_as_it_was_written(lease: RenewalLease) -> None:
    """Its part of a session's record."""
    assert lease == RenewalLease.from_values(list(lease.to_values()))


@pytest.mark.parametrize("values", [None, "x", [], ["id"], ["id", "soon", None], [1, 1, None]])
def test_anything_else_is_no_lease(values: object) -> None:
    """A record of another release is no session."""
    with pytest.raises(ValueError, match="not a lease"):
        RenewalLease.from_values(values)


def test_a_failure_is_remembered_for_a_moment() -> None:
    """As long as those who wait need to look."""
    lease = RenewalLease("one", 100)

    assert RenewalLease("one", 55, "grant_refused") == lease.failed("grant_refused", 50)
