"""Fetching what a provider publishes about itself. The runtime's caches run these, and no other flow."""

from ..effects import Flow, Send
from ..keys import KeySet, parse_key_set
from ..metadata import ProviderMetadata, parse_metadata
from ..settings import ClientSettings
from ..values import HttpRequest

__all__ = ["fetch_keys", "fetch_metadata"]

_ACCEPT_JSON = {"accept": "application/json"}


def fetch_metadata(settings: ClientSettings) -> Flow[ProviderMetadata]:
    """Fetch the discovery document (OIDC Discovery, 4)."""
    request = HttpRequest("GET", settings.issuer.discovery_url, _ACCEPT_JSON)
    return parse_metadata((yield from Send(request)), settings.issuer)


def fetch_keys(jwks_uri: str) -> Flow[KeySet]:
    """Fetch the key set (RFC 7517, 5)."""
    return parse_key_set((yield from Send(HttpRequest("GET", jwks_uri, _ACCEPT_JSON))))
