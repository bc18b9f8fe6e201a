"""A client and its bare counterpart over one provider in memory, each with the same user signed in."""

import json
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlencode, urlsplit

from attrs import frozen
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.bare.client import SESSION_COOKIE, BareClient
from benchmarks.bare.sealing import seal, write_cookie
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

__all__ = [
    "CLIENT_SECRET",
    "DEFAULTS",
    "LINK_OPTIONS",
    "BothSides",
    "Callback",
    "Complete",
    "Journeys",
    "Start",
]

CLIENT_SECRET = "s" * 64
DEFAULTS = {
    "redirect_uri": "https://app.example.com/auth/callback",
    "audience": AUDIENCE,
    "scope": "openid profile email",
}
LINK_OPTIONS: dict[str, Any] = {
    "connection": "github",
    "connection_scope": "read:user",
    "app_state": {"return_to": "/profile"},
    "authorization_params": {"ui_locales": "en de"},
}

Start: TypeAlias = Callable[[Response], Awaitable[str]]
Complete: TypeAlias = Callable[[Request, Response, str], Awaitable[Mapping[str, Any]]]


@frozen
class Callback:
    """
    What is there when a browser comes back from the provider.

    Attributes:
        request: the browser's.
        url: that it requests.
        answer: what the provider's token endpoint is going to answer.
    """

    request: Request
    url: str
    answer: bytes


class BothSides(ABC):
    """
    A client and its bare counterpart, wherever they keep what they keep.

    Attributes:
        provider: of both.
        bare: the client by hand.
        our_cookies: the browser's, with userlink's session.
        bare_cookies: the browser's, with the same session by hand.
    """

    provider: Provider
    bare: BareClient
    our_cookies: dict[str, str]
    bare_cookies: dict[str, str]

    @abstractmethod
    async def our_user(self, request: Request) -> Mapping[str, Any] | None:
        """Read with userlink who is signed in."""

    @abstractmethod
    async def our_start(self, response: Response) -> str:
        """Start a link with userlink."""

    @abstractmethod
    async def our_complete(
        self, request: Request, response: Response, url: str
    ) -> Mapping[str, Any]:
        """Complete a link with userlink."""

    async def bare_start(self, response: Response) -> str:
        """Start a link by hand."""
        return await self.bare.start_link(Request(self.bare_cookies), response, **LINK_OPTIONS)

    async def callback(self, start: Start, session: Mapping[str, str]) -> Callback:
        """Start a link and let the provider agree to it."""
        response = Response()
        asked = parse_qs(urlsplit(await start(response)).query)
        now = int(time.time())
        token = access_token()
        user = {**USER, "identities": LINKED_IDENTITIES}
        tokens = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": 86_400,
            "scope": asked["scope"][0],
            "id_token": self.provider.id_token(user, token, asked["nonce"][0], now),
            "refresh_token": os.urandom(24).hex(),
        }
        brought = {"code": os.urandom(24).hex(), "state": asked["state"][0]}
        brought["iss"] = self.provider.metadata["issuer"]
        return Callback(
            Request({**session, **response.cookies}),
            f"{asked['redirect_uri'][0]}?{urlencode(brought)}",
            json.dumps(tokens).encode(),
        )


class Journeys(BothSides):
    """
    Both sides with everything in sealed cookies, ready to start and complete links.

    Attributes:
        client: userlink's.
    """

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        secret = os.urandom(32)
        self.client = ServerClient(
            domain=DOMAIN,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            secret=secret,
            authorization_params=DEFAULTS,
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
            client_secret=CLIENT_SECRET,
            defaults=DEFAULTS,
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
        sealed = sealer.seal(b"1" + session.to_record(), names.session)
        cookies.write(PlainCookies(self.our_cookies), names.session, sealed, 86_400, secure=True)
        response = Response()
        sealed = seal(self.bare.sessions, bare_session(session), SESSION_COOKIE)
        write_cookie(Request({}), response, SESSION_COOKIE, sealed, 86_400)
        self.bare_cookies = response.cookies

    async def our_user(self, request: Request) -> Mapping[str, Any] | None:
        """Read with userlink who is signed in."""
        return await self.client.get_user({"request": request, "response": Response()})

    async def our_start(self, response: Response) -> str:
        """Start a link with userlink."""
        request = Request(self.our_cookies)
        return await self.client.start_link_user(
            LINK_OPTIONS, {"request": request, "response": response}
        )

    async def our_complete(
        self, request: Request, response: Response, url: str
    ) -> Mapping[str, Any]:
        """Complete a link with userlink."""
        store_options = {"request": request, "response": response}
        return await self.client.complete_link_user(url, store_options)
