"""``SyncServerClient`` over the provider in memory, called from the threads of a test as an application calls it."""

from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from userlink import SyncServerClient
from userlink.protocol.values import HttpRequest, HttpResponse
from userlink.stores.bridges import finish

from .clients import CALLBACK, SEALING_SECRET, Browser
from .memory_provider import CLIENT_ID, CLIENT_SECRET, MemoryProvider

__all__ = ["BlockingProvider", "blocking_client_of", "blocking_sign_in"]


class BlockingProvider:
    """
    A blocking transport to a provider in memory, which serves one thread at a time.

    Args:
        provider: answers.
    """

    def __init__(self, provider: MemoryProvider) -> None:
        self.provider = provider
        self._lock = Lock()

    def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        """Answer a request as the provider does, or as it was told to."""
        with self._lock:
            self.provider.requests.append(request)
            answer = self.provider.answers.get(urlsplit(request.url).path)
            if isinstance(answer, Exception):
                raise answer
            if isinstance(answer, HttpResponse):
                return answer
            assert answer is None
            return finish(self.provider.usual(request))

    def close(self) -> None:
        """Remember that the transport was closed."""
        self.provider.closed = True

    def approve(self, url: str, subject: str, **claims: Any) -> str:
        """Let the user who follows this URL say yes, and return where the browser is sent back to."""
        with self._lock:
            return self.provider.approve(url, subject, **claims)

    def asked_for(self, path: str) -> int:
        """Count the requests to a path."""
        return [urlsplit(request.url).path for request in self.provider.requests].count(path)


def blocking_client_of(transport: BlockingProvider, /, **changes: Any) -> SyncServerClient:
    """Build a client of the provider, with some arguments changed."""
    arguments: dict[str, Any] = {
        "domain": transport.provider.issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "secret": SEALING_SECRET,
        "authorization_params": {"redirect_uri": CALLBACK},
        "transport": transport,
        "clock": transport.provider.clock,
        "installed_plugins": False,
    }
    return SyncServerClient(**{**arguments, **changes})


def blocking_sign_in(
    client: SyncServerClient,
    transport: BlockingProvider,
    browser: Browser,
    subject: str = "auth0|alice",
) -> None:
    """Sign a user in."""
    url = client.start_interactive_login(None, browser.options)
    client.complete_interactive_login(transport.approve(url, subject), browser.options)
