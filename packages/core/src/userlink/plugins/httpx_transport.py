"""The built-in transport, on httpx: one client and one TLS context per ``ServerClient``, made when first needed."""

import httpx

from userlink.errors import ProviderUnreachable
from userlink.protocol.values import HttpRequest, HttpResponse

__all__ = ["HttpxTransport"]


class HttpxTransport:
    """
    Sends requests with httpx, on asyncio and trio alike. Compression is not offered, so that no answer can swell.

    Args:
        client: one to be used instead of an own; it is not closed here.
    """

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        self._client = client or httpx.AsyncClient(follow_redirects=False)
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
                body = bytearray()
                async for chunk in response.aiter_raw():
                    body += chunk
                    if len(body) > most_bytes:
                        raise ProviderUnreachable(
                            f"The provider's answer is longer than {most_bytes} bytes."
                        )
        except httpx.HTTPError as error:
            # The text of httpx's errors can quote the URL; the class says enough.
            raise ProviderUnreachable(
                f"The provider could not be reached ({type(error).__name__})."
            ) from None
        return HttpResponse(
            response.status_code,
            {name.lower(): value for name, value in response.headers.items()},
            bytes(body),
        )

    async def aclose(self) -> None:
        """Close the connections, unless the httpx client came from outside."""
        if self._own:
            await self._client.aclose()
