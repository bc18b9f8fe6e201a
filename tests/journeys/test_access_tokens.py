"""Access tokens by the login's refresh token, at a provider that nobody here wrote and at our own; both rotate it."""

import anyio
import pytest

from support.journey import Journey
from userlink import AccessToken

pytestmark = pytest.mark.anyio

CALLS = 20


def renewals(journey: Journey) -> list[str]:
    """Return the refresh tokens that the provider was sent."""
    sent = journey.tenant.sent_to("token")
    return [each["refresh_token"] for each in sent if "refresh_token" in each]


async def test_each_renewal_is_by_the_refresh_token_of_the_one_before(journey: Journey) -> None:
    """Each is for another audience, and what is held is given without asking again (RFC 9700, 4.14.2)."""
    await journey.sign_in()
    tokens = [
        (
            await journey.client.get_access_token({"audience": audience}, journey.options)
        ).access_token
        for audience in ("urn:one", "urn:two", "urn:three", "urn:one", "urn:two")
    ]
    held = await journey.client.get_access_token(None, journey.options)

    assert (3, 3) == (len(renewals(journey)), len(set(renewals(journey))))
    assert tokens[:2] == tokens[3:]
    assert 4 == len({*tokens, held.access_token})


async def test_of_twenty_calls_at_once_one_sends(journey: Journey) -> None:
    """The provider would take a second use of the refresh token for theft, and end all that came of the login."""
    await journey.sign_in()
    given: list[AccessToken] = []

    async def get() -> None:
        options = {"cookies": dict(journey.cookies)}
        given.append(await journey.client.get_access_token({"audience": "urn:api"}, options))

    async with anyio.create_task_group() as tasks:
        for _ in range(CALLS):
            tasks.start_soon(get)
    await journey.start_link("github")
    await journey.client.get_access_token({"audience": "urn:another"}, journey.options)

    assert (2, 2) == (len(renewals(journey)), len(set(renewals(journey))))
    assert (CALLS, 1) == (len(given), len({each.access_token for each in given}))
