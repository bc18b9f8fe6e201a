"""After a logout the session's tokens are dead at the provider too (RFC 7009): at a certified one, and at ours."""

import httpx
import pytest

from support.journey import Journey
from support.tenants import AFTER_LOGOUT

pytestmark = pytest.mark.anyio


def metadata_of(http: httpx.Client, journey: Journey) -> dict[str, str]:
    """Fetch the provider's metadata."""
    issuer = journey.tenant.issuer.removesuffix("/")
    found: dict[str, str] = http.get(f"{issuer}/.well-known/openid-configuration").json()
    return found


def refresh(http: httpx.Client, journey: Journey, token: str) -> httpx.Response:
    """Use a refresh token, as whoever copied it would."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": token,
        "client_id": journey.tenant.client_id,
        "client_secret": journey.tenant.client_secret,
    }
    return http.post(metadata_of(http, journey)["token_endpoint"], data=form)


def userinfo(http: httpx.Client, journey: Journey, token: str) -> httpx.Response:
    """Use an access token."""
    headers = {"authorization": f"Bearer {token}"}
    return http.get(metadata_of(http, journey)["userinfo_endpoint"], headers=headers)


async def test_after_a_logout_the_tokens_are_dead(journey: Journey, http: httpx.Client) -> None:
    """Both were good before: the access token goes with the refresh token (RFC 7009, 2.1)."""
    await journey.sign_in("alice")
    session = await journey.client.get_session(journey.options)
    assert session is not None
    assert session.refresh_token
    access_token = session.token_sets[0].access_token.reveal()
    assert 200 == userinfo(http, journey, access_token).status_code

    await journey.client.logout({"return_to": AFTER_LOGOUT}, journey.options)

    answer = refresh(http, journey, session.refresh_token)
    assert (400, "invalid_grant") == (answer.status_code, answer.json()["error"])
    assert 401 == userinfo(http, journey, access_token).status_code


async def test_a_session_that_goes_on_keeps_its_tokens(
    journey: Journey, http: httpx.Client
) -> None:
    """What kills them is the logout: without it, the copied refresh token works."""
    await journey.sign_in("alice")
    session = await journey.client.get_session(journey.options)
    assert session is not None
    assert session.refresh_token

    assert 200 == refresh(http, journey, session.refresh_token).status_code
