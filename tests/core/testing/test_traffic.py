"""The request log and the faults of a provider in memory."""

from userlink.protocol.values import HttpRequest
from userlink.testing.traffic import Fault, Faults, LoggedRequest


def test_faults_come_in_order_and_run_out() -> None:
    """Each endpoint has its own."""
    faults = Faults()
    first, second = Fault(delay_seconds=1), Fault(delay_seconds=2)

    faults.add("token", first, times=2)
    faults.add("token", second, times=1)

    assert faults.next("jwks") is None
    assert faults.next(None) is None
    assert [first, first, second, None] == [faults.next("token") for _ in range(4)]


def test_cleared_faults_do_not_come() -> None:
    """The provider has recovered."""
    faults = Faults()
    faults.add("discovery", Fault(), times=5)

    faults.clear()

    assert faults.next("discovery") is None


def test_a_logged_request_shows_its_form_and_hides_it_in_its_repr() -> None:
    """Codes and secrets are in there."""
    request = LoggedRequest("token", HttpRequest("POST", "https://x/", {}, b"code=abc&empty="))

    assert {"code": "abc", "empty": ""} == request.form
    assert "abc" not in repr(request)
