"""A client and its bare counterpart over one provider in memory, each with the same user signed in."""

import os
import time
from asyncio import sleep
from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from typing import Any, TypeAlias
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.bare.client import SESSION_COOKIE, BareClient
from benchmarks.bare.sealing import seal, write_cookie
from benchmarks.pairs import Pair, Turn
from benchmarks.provider import CLIENT_ID, DOMAIN, Provider
from benchmarks.sample import (
    AUDIENCE,
    LINKED_IDENTITIES,
    USER,
    access_token,
    bare_session,
    our_session,
)
from benchmarks.web import Request, Response
from userlink import ServerClient
from userlink.plugins.exchange import PlainCookies
from userlink.stores import cookies
from userlink.stores.cookies import CookieNames
from userlink.stores.keyring import derive_keys
from userlink.stores.sealing import Sealer

__all__ = ["Journeys", "complete_pair"]

_CLIENT_SECRET = "s" * 64
_DEFAULTS = {
    "redirect_uri": "https://app.example.com/auth/callback",
    "audience": AUDIENCE,
    "scope": "openid profile email",
}
_OPTIONS: dict[str, Any] = {
    "connection": "github",
    "connection_scope": "read:user",
    "app_state": {"return_to": "/profile"},
    "authorization_params": {"ui_locales": "en de"},
}

Start: TypeAlias = Callable[[Response], Awaitable[str]]
Complete: TypeAlias = Callable[[Request, Response, str], Awaitable[Mapping[str, Any]]]


class Journeys:
    """
    Both sides, ready to start and complete links.

    Attributes:
        client: userlink's.
        bare: the one by hand.
        our_cookies: the browser's, with userlink's session.
        bare_cookies: the browser's, with the same session by hand.
    """

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        secret = os.urandom(32)
        self.client = ServerClient(
            domain=DOMAIN,
            client_id=CLIENT_ID,
            client_secret=_CLIENT_SECRET,
            secret=secret,
            authorization_params=_DEFAULTS,
            transport=provider,
            token_endpoint_auth_method="client_secret_post",
            installed_plugins=False,
        )
        self.bare = BareClient(
            sessions=AESGCM(AESGCM.generate_key(256)),
            transactions=AESGCM(AESGCM.generate_key(256)),
            metadata=provider.metadata,
            keys=provider.keys,
            client_id=CLIENT_ID,
            client_secret=_CLIENT_SECRET,
            defaults=_DEFAULTS,
            post=provider.post,
            used=set(),
            ended=set(),
        )
        session = our_session(provider)
        self.our_cookies: dict[str, str] = {}
        names = CookieNames.of("userlink", secure=True)
        discovery_url = self.client.settings.issuer.discovery_url
        keys = derive_keys([secret], "session", discovery_url, CLIENT_ID)
        sealer = Sealer(keys, os.urandom)
        sealed = sealer.seal(session.to_record(), names.session)
        cookies.write(PlainCookies(self.our_cookies), names.session, sealed, 86_400, secure=True)
        response = Response()
        sealed = seal(self.bare.sessions, bare_session(session), SESSION_COOKIE)
        write_cookie(Request({}), response, SESSION_COOKIE, sealed, 86_400)
        self.bare_cookies = response.cookies

    async def our_start(self, response: Response) -> str:
        """Start a link with userlink."""
        request = Request(self.our_cookies)
        return await self.client.start_link_user(
            _OPTIONS, {"request": request, "response": response}
        )

    async def bare_start(self, response: Response) -> str:
        """Start a link by hand."""
        return await self.bare.start_link(Request(self.bare_cookies), response, **_OPTIONS)

    async def our_complete(
        self, request: Request, response: Response, url: str
    ) -> Mapping[str, Any]:
        """Complete a link with userlink."""
        store_options = {"request": request, "response": response}
        return await self.client.complete_link_user(url, store_options)

    async def callback(self, start: Start, session: Mapping[str, str]) -> tuple[Request, str]:
        """Start a link and let the provider agree: return the browser's next request and its URL."""
        response = Response()
        asked = parse_qs(urlsplit(await start(response)).query)
        now = int(time.time())
        token = access_token()
        user = {**USER, "identities": LINKED_IDENTITIES}
        self.provider.line_up(
            {
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": 86_400,
                "scope": asked["scope"][0],
                "id_token": self.provider.id_token(user, token, asked["nonce"][0], now),
                "refresh_token": os.urandom(24).hex(),
            }
        )
        answer = {"code": os.urandom(24).hex(), "state": asked["state"][0]}
        answer["iss"] = self.provider.metadata["issuer"]
        url = f"{asked['redirect_uri'][0]}?{urlencode(answer)}"
        return Request({**session, **response.cookies}), url


def complete_pair(journeys: Journeys) -> Pair:
    """Complete a link, everything in sealed cookies, the provider in memory."""
    ours = _completing(journeys, journeys.our_start, journeys.our_complete, journeys.our_cookies)
    bare = _completing(
        journeys, journeys.bare_start, journeys.bare.complete_link, journeys.bare_cookies
    )

    async def agree() -> None:
        ours = await _outcome(
            journeys, journeys.our_start, journeys.our_complete, journeys.our_cookies
        )
        bare = await _outcome(
            journeys, journeys.bare_start, journeys.bare.complete_link, journeys.bare_cookies
        )
        assert ours == bare
        assert ours["user"]["identities"] == LINKED_IDENTITIES

    return Pair("complete_link_user", 2.0, ours, bare, agree)


def _completing(
    journeys: Journeys, start: Start, complete: Complete, session: Mapping[str, str]
) -> Turn:
    async def turn() -> float:
        # A transaction can be completed once; starting it and signing its token is not what is timed.
        request, url = await journeys.callback(start, session)
        await sleep(0)  # lets the loop forget the time-outs that were called off
        started = perf_counter()
        await complete(request, Response(), url)
        seconds = perf_counter() - started
        journeys.provider.forms.clear()
        return seconds

    return turn


async def _outcome(
    journeys: Journeys, start: Start, complete: Complete, session: Mapping[str, str]
) -> dict[str, Any]:
    request, url = await journeys.callback(start, session)
    response = Response()
    result = dict(await complete(request, response, url))
    form = dict(parse_qsl(journeys.provider.forms.pop().decode(), strict_parsing=True))
    for name in ("code", "code_verifier"):
        form[name] = f"{len(form[name])} characters"
    return {**result, "token request": form, "cookies set": len(response.cookies)}
