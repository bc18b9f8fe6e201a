"""How a relying party written by hand asks for a fresh authentication before it links; any check can be left out."""

import time
from collections.abc import Mapping
from typing import Any

from support.weak_tokens import ProviderOfOne, Refused, is_number

__all__ = ["FRESH_LINK", "check_freshness"]

MAX_AGE_SECONDS = 300
ACR = "urn:example:gold"
FRESH_LINK = {"max_age": str(MAX_AGE_SECONDS), "acr_values": ACR}
SKEW_SECONDS = 60


def check_freshness(party: ProviderOfOne, claims: Mapping[str, Any]) -> None:
    """Check that the user has authenticated as was asked."""
    if "never fresh" in party.forgets:
        raise Refused("the user must authenticate anew")
    at, acr = claims.get("auth_time"), claims.get("acr")
    is_wrong = {
        "auth_time absent": at is None,
        "auth_time type": at is not None and not is_number(at),
        "auth_time old": is_number(at) and at < time.time() - MAX_AGE_SECONDS - SKEW_SECONDS,
        "auth_time future": is_number(at) and at > time.time() + SKEW_SECONDS,
        "acr absent": acr is None,
        "acr type": acr is not None and not isinstance(acr, str),
        "acr": isinstance(acr, str) and acr != ACR,
    }
    for name, wrong in is_wrong.items():
        if wrong and party.checks(name):
            raise Refused(f"{name}: the user must authenticate anew")
