"""Fetching what a provider publishes."""

import json

import pytest

from support.flow_world import ISSUER, KEY, METADATA, SETTINGS, json_answer, key_set
from userlink.errors import KeysInvalid, MetadataInvalid, ProviderUnreachable
from userlink.protocol.effects import Send
from userlink.protocol.flows.provider import fetch_keys, fetch_metadata
from userlink.protocol.values import HttpRequest, HttpResponse
from userlink.testing.discovery import discovery_document
from userlink.testing.script import replay

JSON = {"accept": "application/json"}
DISCOVERY = HttpRequest("GET", f"{ISSUER}.well-known/openid-configuration", JSON)
KEYS = HttpRequest("GET", METADATA.jwks_uri, JSON)


def test_metadata_are_fetched_from_the_well_known_place() -> None:
    """OIDC Discovery, 4."""
    answer = json_answer(200, discovery_document(ISSUER, "ES256", {}))

    assert ISSUER == replay(fetch_metadata(SETTINGS), [(Send(DISCOVERY), answer)]).issuer


def test_keys_are_fetched_from_where_the_metadata_say() -> None:
    """RFC 7517, 5."""
    answer = json_answer(200, {"keys": [KEY.public_jwk]})

    assert key_set(KEY) == replay(fetch_keys(METADATA.jwks_uri), [(Send(KEYS), answer)])


@pytest.mark.parametrize("answer", [HttpResponse(503), HttpResponse(200, {}, b"<html>")])
def test_wrong_answers_are_refused(answer: HttpResponse) -> None:
    """Each with the error of its document."""
    with pytest.raises(MetadataInvalid):
        replay(fetch_metadata(SETTINGS), [(Send, answer)])
    with pytest.raises(KeysInvalid):
        replay(fetch_keys(METADATA.jwks_uri), [(Send, answer)])


def test_no_answer_is_the_transports_error() -> None:
    """It comes out as it is."""
    down = ProviderUnreachable("Gone.")

    with pytest.raises(ProviderUnreachable):
        replay(fetch_metadata(SETTINGS), [(Send, down)])
    with pytest.raises(ProviderUnreachable):
        replay(fetch_keys(METADATA.jwks_uri), [(Send, down)])


def test_a_document_of_another_issuer_is_refused() -> None:
    """OIDC Discovery, 4.3."""
    document = discovery_document("https://other.example/", "ES256", {})

    with pytest.raises(MetadataInvalid):
        replay(
            fetch_metadata(SETTINGS),
            [(Send, HttpResponse(200, {}, json.dumps(document).encode()))],
        )
