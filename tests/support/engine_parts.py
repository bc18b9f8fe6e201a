"""What an engine is built from, everything left at its default."""

from typing import Any

from support.clients import SEALING_SECRET
from support.memory_provider import CLIENT_ID, ISSUER
from userlink.plugins.manager import Plugins
from userlink.protocol.settings import ClientSettings
from userlink.runtime.clock import system_clock
from userlink.runtime.entropy import system_entropy
from userlink.runtime.http_policy import HttpPolicy
from userlink.runtime.parts import EngineParts

__all__ = ["default_parts"]


def default_parts(**others: Any) -> EngineParts[Any, Any, Any]:
    """Return the parts of a client without any plugin of others, with what is given instead of a default."""
    parts: dict[str, Any] = {
        "settings": ClientSettings.read(domain=ISSUER, client_id=CLIENT_ID, client_secret=None),
        "secrets": [SEALING_SECRET.encode()],
        "plugins": Plugins(installed=False),
        "state_store": None,
        "transaction_store": None,
        "transport": None,
        "policy": HttpPolicy(),
        "clock": system_clock,
        "entropy": system_entropy,
    }
    return EngineParts(**{**parts, **others})
