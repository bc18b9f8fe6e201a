"""
A worker process of an application, on a database that it shares with others; run as a program by tests.

It is told what to do by lines of JSON on its standard input, and answers by lines of JSON.
"""

import asyncio
import json
import os
import sys
from typing import Any

from support.sql_clients import keyed_provider, sign_in, sql_client
from userlink import HttpRequest, HttpResponse, ServerClient, UserlinkError
from userlink.testing import FixedClock, Identity, InMemoryProvider
from userlink_sqlalchemy import SqlStateStore, SqlTransactionStore

LINK = {"connection": "github"}


def hear() -> Any:
    """Wait for a line and read it."""
    return json.loads(sys.stdin.readline())


def say(value: object) -> None:
    """Write a line, and see that it is out."""
    print(json.dumps(value), flush=True)


async def deliver(client: ServerClient, provider: InMemoryProvider) -> None:
    """Complete links that other processes complete too, sixteen at a time; tell what became of each."""
    started = hear()
    for number, (url, _, callback) in enumerate(started):
        here = provider.authorize(url, identity=Identity("github", str(number)))
        assert here == callback, "this provider must know the codes of the callbacks"
        provider.accounts["alice"].identities[1:] = []  # or ID tokens would become long
    say("ready")
    hear()
    limit = asyncio.Semaphore(16)

    async def complete(callback: str, cookies: dict[str, str]) -> str:
        async with limit:
            try:
                await client.complete_link_user(callback, {"cookies": cookies})
            except UserlinkError as error:
                return error.code
            return "completed"

    say(await asyncio.gather(*(complete(callback, cookies) for _, cookies, callback in started)))


async def end(client: ServerClient) -> None:
    """Receive a logout token that other processes receive too; tell what became of it."""
    tokens = hear()
    say("ready")
    hear()
    told: list[str] = []
    for token in tokens:
        try:
            await client.handle_backchannel_logout(token)
        except UserlinkError as error:
            told.append(error.code)
        else:
            told.append("ended")
    say(told)


class Stalling:
    """A transport that never gets an answer to the token request of a link."""

    def __init__(self, provider: InMemoryProvider) -> None:
        self.provider = provider
        self.stalls = False

    async def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        """Answer, or say where the flow is and wait for ever."""
        if self.stalls:
            say("in the middle")
            await asyncio.Event().wait()
        return await self.provider.send(
            request, timeout_seconds=timeout_seconds, most_bytes=most_bytes
        )

    async def aclose(self) -> None:
        """Give back nothing."""


async def work(client: ServerClient, transport: Stalling) -> None:
    """Sign browsers in, link in some, start links in others, acknowledge each; get stuck in the last one's link."""
    provider = transport.provider
    url, cookies = "", dict[str, str]()
    for number in range(12):
        cookies = {}
        await sign_in(client, provider, cookies)
        say(["signed in", number, cookies])
        url = await client.start_link_user(LINK, {"cookies": cookies})
        say(["started", number, cookies, url])
        if number < 4:
            callback = provider.authorize(url, identity=Identity("github", str(number)))
            await client.complete_link_user(callback, {"cookies": cookies})
            say(["linked", number, cookies])
    transport.stalls = True
    callback = provider.authorize(url, identity=Identity("github", "last"))
    await client.complete_link_user(callback, {"cookies": cookies})


class Renewing:
    """A transport that answers renewals slowly, and counts them."""

    def __init__(self, provider: InMemoryProvider) -> None:
        self.provider = provider
        self.renewals = 0

    async def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        """Answer a renewal with tokens that say how many there were here; all else as the provider does."""
        if b"grant_type=refresh_token" not in request.body:
            return await self.provider.send(
                request, timeout_seconds=timeout_seconds, most_bytes=most_bytes
            )
        self.renewals += 1
        await asyncio.sleep(0.3)  # so that the others come while it is on its way
        members = {
            "access_token": f"renewed-{os.getpid()}-{self.renewals}",
            "refresh_token": "rotated",
        }
        body = json.dumps({**members, "token_type": "Bearer", "expires_in": 3600}).encode()
        return HttpResponse(200, {"content-type": "application/json"}, body)

    async def aclose(self) -> None:
        """Give back nothing."""


async def renew(client: ServerClient, transport: Renewing) -> None:
    """Get an access token in five tasks at once; tell how many requests that took, and what each was given."""
    cookies = hear()
    await client.get_user({"cookies": cookies})  # connected to the database
    say("ready")
    hear()
    calls = (client.get_access_token(None, {"cookies": dict(cookies)}) for _ in range(5))
    tokens = [token.access_token for token in await asyncio.gather(*calls)]
    say([transport.renewals, tokens])


async def main() -> None:
    """Read what to do, and do it."""
    task = hear()
    provider = keyed_provider(task["key"], task["now"])
    transport = Stalling(provider)
    sessions, transactions = SqlStateStore(task["url"]), SqlTransactionStore(task["url"])
    stores = {"state_store": sessions, "transaction_store": transactions}
    client = sql_client(provider, None, transport=transport, **stores)
    if task["does"] == "renew":
        # The access token of the login lives for a day.
        later = FixedClock(task["now"] + 86_400 - 10)
        renewing = Renewing(provider)
        client = sql_client(provider, None, transport=renewing, clock=later, **stores)
        await renew(client, renewing)
    elif task["does"] == "deliver":
        await deliver(client, provider)
    elif task["does"] == "end":
        await end(client)
    else:
        await work(client, transport)
    await sessions.aclose()
    await transactions.aclose()


if __name__ == "__main__":
    asyncio.run(main())
