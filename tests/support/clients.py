"""Clients over a provider in memory, browsers that are a dict of cookies, and the two kinds of stores."""

from typing import Any, cast

from userlink import ServerClient
from userlink.stores.protocols import StoreOptions

from .memory_provider import CLIENT_ID, CLIENT_SECRET, MemoryProvider
from .threaded_client import ThreadedClient

__all__ = ["CALLBACK", "KINDS_OF_STORES", "SEALING_SECRET", "Browser", "client_of", "sign_in"]

# Which client ``client_of()`` builds: set by the fixture ``anyio_backend`` of tests/core.
driver = "async"

CALLBACK = "https://app.example/auth/callback"
SEALING_SECRET = "canary-sealing-secret-of-48-unpredictable-bytes."
KINDS_OF_STORES: dict[str, dict[str, str]] = {
    "sealed cookies": {},
    "memory stores": {"state_store": "memory:", "transaction_store": "memory:"},
}


class Browser(dict[str, str]):
    """A browser's cookies; ``options`` are what the client's methods take."""

    @property
    def options(self) -> StoreOptions:
        """The store options of a request by this browser."""
        return {"cookies": self}

    def request(self) -> "Browser":
        """Return a request of its own, as several at once have: it carries the cookies of this moment."""
        return Browser(self)

    def header(self, containing: str = "") -> str:
        """Return the ``Cookie`` header that this browser sends, or the part with these cookies."""
        return "; ".join(f"{name}={value}" for name, value in self.items() if containing in name)


def client_of(provider: MemoryProvider, **changes: Any) -> ServerClient:
    """Build a client of the provider, with some arguments changed."""
    arguments: dict[str, Any] = {
        "domain": provider.issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "secret": SEALING_SECRET,
        "authorization_params": {"redirect_uri": CALLBACK},
        "transport": provider,
        "clock": provider.clock,
        "installed_plugins": False,
    }
    built = {**arguments, **changes}
    if driver == "threads":
        # It has the same methods, which is what is tested.
        return cast("ServerClient", ThreadedClient(built))
    return ServerClient(**built)


async def sign_in(
    client: ServerClient, provider: MemoryProvider, browser: Browser, subject: str = "auth0|alice"
) -> None:
    """Sign a user in."""
    url = await client.start_interactive_login(None, browser.options)
    callback = provider.approve(url, subject)
    await client.complete_interactive_login(callback, browser.options)
