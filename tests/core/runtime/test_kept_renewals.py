"""What renewals have brought and no session holds yet."""

from attrs import evolve

from support.flow_world import LOGIN_REFRESH_TOKEN, a_session
from userlink.protocol.renewal import Renewal, RenewalRequest
from userlink.protocol.tokens import TokenResponse
from userlink.protocol.values import Secret
from userlink.runtime.kept_renewals import KeptRenewals

NOW = 1_800_000_000


def renewal(spent: str, session_expires_at: int = NOW + 60) -> Renewal:
    """Return what came in answer to a refresh token."""
    request = RenewalRequest.usual(evolve(LOGIN_REFRESH_TOKEN, token=Secret(spent)))
    tokens = TokenResponse(Secret("canary-access"), 600, None, None, Secret("canary-refresh"))
    return Renewal(request, tokens, NOW, a_session().id_token, session_expires_at)


def test_a_renewal_is_found_by_the_refresh_token_that_was_sent() -> None:
    """Until it is forgotten; forgetting it twice is no failure."""
    kept, one = KeptRenewals(), renewal("one")
    kept.keep(one, NOW)

    assert one is kept.find(Secret("one"))
    assert kept.find(Secret("two")) is None
    kept.forget(one)
    kept.forget(one)
    assert kept.find(Secret("one")) is None


def test_those_of_sessions_that_are_over_go_first() -> None:
    """Then the oldest, a tenth of them."""
    kept = KeptRenewals(most=20)
    for number in range(20):
        kept.keep(renewal(str(number), NOW if number == 19 else NOW + 60), NOW)

    kept.keep(renewal("last"), NOW)

    found = [name for name in [*map(str, range(20)), "last"] if kept.find(Secret(name))]
    assert [*map(str, range(1, 19)), "last"] == found


def test_no_token_is_a_key() -> None:
    """Whoever prints the memory sees no secret."""
    kept = KeptRenewals()
    kept.keep(renewal("canary-spent"), NOW)

    assert "canary" not in repr(kept._kept)
