"""A sibling host plants its cookies in a victim's browser, under names that lenient parsers take for ours."""

import httpx
import pytest

from support.app_browser import APP, Browser, OpenBrowser, make_app, path_of
from userlink import ServerClient
from userlink_devtenant import DevTenant

pytestmark = pytest.mark.anyio
PREFIXES = [b"\xa0", b"\x85"]  # what Chromium lets any host of the domain put before __Host-


def as_sent(browser: Browser, prefix: bytes = b"") -> list[bytes]:
    """Return a browser's cookies as they stand in a header, with something before each name."""
    return [prefix + f"{name}={value}".encode("latin-1") for name, value in browser.cookies.items()]


async def ask(browser: Browser, path: str, cookies: list[bytes]) -> httpx.Response:
    """Send a request with exactly these cookies."""
    transport = browser.app._transport
    async with httpx.AsyncClient(transport=transport, base_url=APP) as raw:
        return await raw.get(path, headers=[(b"cookie", b"; ".join(cookies))])


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_a_planted_session_signs_nobody_in(
    prefix: bytes, client: ServerClient, browser: OpenBrowser
) -> None:
    """Neither in the place of the victim's own session nor where there is none."""
    app = make_app(client)
    victim, attacker = browser(app), browser(app)
    await victim.sign_in("bob")
    await attacker.sign_in("alice")
    planted = as_sent(attacker, prefix)

    for cookies in (as_sent(victim) + planted, planted + as_sent(victim)):
        assert "auth0|bob" == (await ask(victim, "/auth/profile", cookies)).json()["sub"]
    assert 401 == (await ask(victim, "/auth/profile", planted)).status_code


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_a_planted_link_is_not_completed_in_the_victims_browser(
    prefix: bytes, client: ServerClient, browser: OpenBrowser, devtenant: DevTenant
) -> None:
    """The attacker's transaction and session come along, and no token request is sent."""
    app = make_app(client)
    victim, attacker = browser(app), browser(app)
    await victim.sign_in("bob")
    await attacker.sign_in("alice")
    callback_url = await attacker.start_link()
    asked = len(devtenant.requests_to("/oauth/token"))
    answer = await ask(victim, callback_url, as_sent(victim) + as_sent(attacker, prefix))

    assert "/?userlink_error=transaction_not_found" == path_of(answer)
    assert asked == len(devtenant.requests_to("/oauth/token"))
