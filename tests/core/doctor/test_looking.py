"""The provider is asked twice, by the client's own driver; what it says of the time is noted."""

import json

import pytest

from support.doctor_evidence import NOW, PUBLIC_KEY, published_by, settings_of
from userlink.doctor.looking import look_at_provider
from userlink.errors import MetadataInvalid, ProviderUnreachable
from userlink.protocol.effects import Now, Send
from userlink.protocol.values import HttpRequest, HttpResponse
from userlink.testing.discovery import discovery_document
from userlink.testing.script import Expectation, replay

SETTINGS = settings_of()
JSON = {"accept": "application/json"}


def test_metadata_and_keys_are_asked_for_where_they_are() -> None:
    """The discovery URL is the configuration's, the keys' is the document's."""
    document = discovery_document("https://tenant.example/", "ES256", {})
    steps: list[tuple[Expectation, object]] = [
        (Now, NOW),
        (
            Send(HttpRequest("GET", SETTINGS.issuer.discovery_url, JSON)),
            HttpResponse(200, {}, json.dumps(document).encode()),
        ),
        (Now, NOW + 2),
        (
            Send(HttpRequest("GET", "https://tenant.example/.well-known/jwks.json", JSON)),
            HttpResponse(200, {}, json.dumps({"keys": [PUBLIC_KEY]}).encode()),
        ),
    ]

    published = replay(look_at_provider(SETTINGS), steps)

    assert (NOW, NOW + 2) == (published.asked_at, published.answered_at)
    assert document == published.document
    assert (PUBLIC_KEY,) == published.key_entries


def test_metadata_of_another_issuer_are_not_looked_at() -> None:
    """What they promise would be somebody else's promise (OIDC Discovery, 4.3)."""
    answer = HttpResponse(200, {}, b'{"issuer": "https://elsewhere.example/"}')

    with pytest.raises(MetadataInvalid):
        replay(look_at_provider(SETTINGS), [(Now, NOW), (Send, answer), (Now, NOW)])


def test_no_answer_is_no_evidence() -> None:
    """It is not taken for a provider that has nothing."""
    steps = [(Now, NOW), (Send, ProviderUnreachable("down"))]

    with pytest.raises(ProviderUnreachable):
        replay(look_at_provider(SETTINGS), steps)


@pytest.mark.parametrize("keys", [[], ["key"], [{"kty": "oct", "k": "c2VjcmV0"}]])
def test_keys_that_are_of_no_use_are_evidence_too(keys: list[object]) -> None:
    """They are judged, and are not the end of looking."""
    assert published_by(SETTINGS, {}, keys).keys is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"date": "Fri, 15 Jan 2027 08:00:00 GMT"}, NOW),
        ({"date": "Fri, 15 Jan 2027 08:00:00 GMT", "age": "30"}, NOW + 30),
        ({"date": "Fri, 15 Jan 2027 08:00:00 GMT", "age": "-5"}, NOW),
        ({"date": "Fri, 15 Jan 2027 08:00:00 GMT", "age": "9" * 5000}, NOW),
        ({"date": "yesterday"}, None),
        ({"date": "Fri, 15 Jan 99999 08:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_the_providers_time_is_read(headers: dict[str, str], expected: int | None) -> None:
    """A cache says for how long it has kept the answer (RFC 9111, 5.1)."""
    assert expected == published_by(SETTINGS, {}, headers=headers).date
