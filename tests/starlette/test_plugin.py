"""The entry point: installing the package is enough for a client to understand Starlette's requests."""

from importlib.metadata import entry_points

import pytest
from starlette.requests import Request

from userlink import CookiesNotWritable, ServerClient
from userlink.web.waiting_cookies import PendingExchange
from userlink_starlette import _plugin


def test_the_plugin_is_installed_under_the_group_userlink() -> None:
    """The entry point is named after the framework."""
    (installed,) = entry_points(group="userlink", name="starlette")

    assert installed.load() is _plugin


def test_userlink_bind_exchange_answers_for_requests_of_starlette() -> None:
    """And leaves everything else to others."""
    request = Request({"type": "http", "headers": []})

    assert isinstance(_plugin.userlink_bind_exchange({"request": request}), PendingExchange)
    assert _plugin.userlink_bind_exchange({"cookies": {}}) is None


@pytest.mark.anyio
async def test_a_client_reads_and_refuses_to_lose_cookies() -> None:
    """With nothing but the request, nobody is signed in, and a start has nowhere to put its transaction."""
    request = Request({"type": "http", "headers": []})
    async with ServerClient(
        domain="tenant.example.com",
        client_id="app",
        client_secret="secret",
        secret="a secret for tests, of 32 bytes or more",
    ) as client:
        assert await client.get_user({"request": request}) is None
        with pytest.raises(CookiesNotWritable):
            await client.start_interactive_login(None, {"request": request})
