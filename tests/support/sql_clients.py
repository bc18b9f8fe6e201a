"""Clients whose sessions and transactions are in a database, over providers that several processes can play alike."""

import json
from collections.abc import Mapping
from typing import Any

from joserfc.jwk import ECKey

from userlink import ServerClient
from userlink.testing import FixedClock, InMemoryProvider, SigningKey

__all__ = ["SEALING_SECRET", "keyed_provider", "new_key", "sign_in", "sql_client"]

SEALING_SECRET = "canary-sealing-secret-of-48-unpredictable-bytes."


def new_key() -> str:
    """Return a private key, as text that another process can be given."""
    return json.dumps(ECKey.generate_key("P-256").as_dict(private=True))


def keyed_provider(key: str, now: int) -> InMemoryProvider:
    """
    Return a provider with this key, at this time.

    Two of them in different processes are the same provider, apart from what they remember: each lets a code be
    redeemed once, so both together twice. What happens once only is the client's doing.
    """
    provider = InMemoryProvider(clock=FixedClock(now))
    signing_key = SigningKey("key-1")
    signing_key._pair = ECKey.import_key(json.loads(key))
    provider._keys[:] = [signing_key]
    return provider


def sql_client(provider: InMemoryProvider, database: object, **changes: Any) -> ServerClient:
    """
    Return a client of the provider.

    Args:
        provider: which is its transport, too.
        database: a URL for both stores.
        changes: other arguments.
    """
    arguments: dict[str, Any] = {
        "domain": provider.issuer,
        "client_id": provider.client_id,
        "client_secret": provider.client_secret,
        "secret": SEALING_SECRET,
        "authorization_params": {"redirect_uri": "https://app.example/auth/callback"},
        "transport": provider,
        "state_store": database,
        "transaction_store": database,
    }
    return ServerClient(**{**arguments, **changes})


async def sign_in(
    client: ServerClient,
    provider: InMemoryProvider,
    cookies: Mapping[str, str],
    user: str = "alice",
) -> None:
    """Sign a user in."""
    options = {"cookies": cookies}
    url = await client.start_interactive_login(None, options)
    await client.complete_interactive_login(provider.authorize(url, user), options)
