"""Asking the provider, as a flow: the client's own driver, transport and limits are what it is asked by."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from userlink.errors import KeysInvalid
from userlink.protocol.effects import Flow, Now, Send
from userlink.protocol.json_object import is_mapping, is_sequence, parse_json_object
from userlink.protocol.keys import KeySet, parse_key_set
from userlink.protocol.metadata import parse_metadata
from userlink.protocol.settings import ClientSettings
from userlink.protocol.values import HttpRequest, HttpResponse

from .evidence import Published

__all__ = ["look_at_provider"]

_ACCEPT_JSON = {"accept": "application/json"}


def look_at_provider(settings: ClientSettings) -> Flow[Published]:
    """
    Fetch metadata and keys (OIDC Discovery, 4; RFC 7517, 5), and note the time of the provider's clock.

    Raises:
        MetadataInvalid: when what is there is not this provider's metadata.
        ProviderUnreachable: when there is no answer.
    """
    asked_at = yield from Now()
    answer = yield from Send(HttpRequest("GET", settings.issuer.discovery_url, _ACCEPT_JSON))
    answered_at = yield from Now()
    metadata = parse_metadata(answer, settings.issuer)
    key_answer = yield from Send(HttpRequest("GET", metadata.jwks_uri, _ACCEPT_JSON))
    return Published(
        metadata=metadata,
        document=parse_json_object(answer.body) or {},
        keys=_usable(key_answer),
        key_entries=_entries(key_answer),
        date=_date(answer),
        asked_at=asked_at,
        answered_at=answered_at,
    )


def _usable(answer: HttpResponse) -> KeySet | None:
    try:
        return parse_key_set(answer)
    except KeysInvalid:
        return None  # which is a finding, and not the end of looking


def _entries(answer: HttpResponse) -> tuple[Mapping[str, Any], ...]:
    document = parse_json_object(answer.body) or {}
    entries: object = document.get("keys")
    return tuple(filter(is_mapping, entries)) if is_sequence(entries) else ()


def _date(answer: HttpResponse) -> int | None:
    """Return when the answer was made, and for how long a cache has kept it since (RFC 9110, 6.6.1; RFC 9111, 5.1)."""
    try:
        date = int(parsedate_to_datetime(answer.headers["date"]).timestamp())
    except (KeyError, ValueError, OverflowError):
        return None
    age = answer.headers.get("age", "")
    return date + int(age) if age.isdecimal() and len(age) < 10 else date
