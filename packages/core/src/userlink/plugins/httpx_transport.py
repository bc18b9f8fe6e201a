"""The built-in transport, on httpx: one client and one TLS context per ``ServerClient``, made when first needed."""

from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from userlink.errors import ProviderUnreachable
from userlink.protocol.values import HttpRequest, HttpResponse

__all__ = ["HttpxTransport"]


class HttpxTransport:
    """
    Sends requests with httpx, on asyncio and trio alike. Compression is not offered, so that no answer can swell, and
    no cookie is kept: one client serves all users.

    Args:
        client: one to be used instead of an own; it is not closed here.
    """

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        self._client = client or httpx.AsyncClient(
            follow_redirects=False, cookies=CookieJar(DefaultCookiePolicy(allowed_domains=()))
        )
        self._own = client is None

    async def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        """
        Send a request and return the answer.

        Raises:
            ProviderUnreachable: when there is none, none in time, or one that is too long.
        """
        try:
            async with self._client.stream(
                request.method,
                request.url,
                headers={**request.headers, "accept-encoding": "identity"},
                content=request.body or None,
                timeout=timeout_seconds,
                follow_redirects=False,
            ) as response:
                body = await _body_of(response, most_bytes)
        except httpx.HTTPError as error:
            # The text of httpx's errors can quote the URL; the class says enough.
            raise ProviderUnreachable(
                f"The provider could not be reached ({type(error).__name__})."
            ) from None
        return HttpResponse(
            response.status_code,
            {name.lower(): value for name, value in response.headers.items()},
            body,
        )

    async def aclose(self) -> None:
        """Close the connections, unless the httpx client came from outside."""
        if self._own:
            await self._client.aclose()


async def _body_of(response: httpx.Response, most_bytes: int) -> bytes:
    body = bytearray()
    try:
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > most_bytes:
                # This ends the iteration from within. Leaving it would leave generators of httpx behind half-way,
                # to be finished by nobody on trio.
                await response.aclose()
    except httpx.HTTPError:
        if len(body) <= most_bytes:
            raise
    if len(body) > most_bytes:
        raise ProviderUnreachable(f"The provider's answer is longer than {most_bytes} bytes.")
    return bytes(body)
