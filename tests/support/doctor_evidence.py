"""What ``userlink doctor`` judges, made without a network: a client's arguments, a provider's documents, a time."""

import json
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from typing import Any

from userlink.doctor.evidence import Evidence, Published, StoreKind
from userlink.doctor.looking import look_at_provider
from userlink.doctor.secret_traits import SecretTraits
from userlink.protocol.effects import Now, Send
from userlink.protocol.settings import ClientSettings
from userlink.protocol.values import HttpResponse
from userlink.testing.discovery import discovery_document
from userlink.testing.keys import SigningKey
from userlink.testing.script import replay

__all__ = ["ISSUER", "NOW", "PUBLIC_KEY", "evidence_of", "published_by", "settings_of"]

ISSUER = "https://tenant.example/"
NOW = 1_800_000_000
PUBLIC_KEY = SigningKey("key-1", "ES256").public_jwk


def settings_of(**arguments: Any) -> ClientSettings:
    """Read a client's arguments, with what is given instead of a default."""
    usual: dict[str, Any] = {
        "domain": ISSUER,
        "client_id": "client",
        "client_secret": "client-secret",
        "authorization_params": {"redirect_uri": "https://app.example/auth/callback"},
    }
    return ClientSettings.read(**{**usual, **arguments})


def published_by(
    settings: ClientSettings,
    document: Mapping[str, object],
    keys: Sequence[object] = (PUBLIC_KEY,),
    headers: Mapping[str, str] | None = None,
    asked_at: int = NOW,
    answered_at: int = NOW,
) -> Published:
    """Answer the flow that asks a provider."""
    members = discovery_document(settings.issuer.accepted[0], "ES256", document)
    date = {"date": formatdate(NOW, usegmt=True)}
    answer = HttpResponse(200, date if headers is None else headers, json.dumps(members).encode())
    key_answer = HttpResponse(200, {}, json.dumps({"keys": list(keys)}).encode())
    steps = [(Now, asked_at), (Send, answer), (Now, answered_at), (Send, key_answer)]
    return replay(look_at_provider(settings), steps)


def evidence_of(
    *,
    document: Mapping[str, object] | None = None,
    keys: Sequence[object] = (PUBLIC_KEY,),
    headers: Mapping[str, str] | None = None,
    asked_at: int = NOW,
    answered_at: int = NOW,
    secrets: tuple[SecretTraits, ...] = (SecretTraits(48, None),),
    sessions: StoreKind = StoreKind.SERVER,
    transactions: StoreKind = StoreKind.SERVER,
    **arguments: Any,
) -> Evidence:
    """Return the evidence of a configuration that has every protection, but for what is given."""
    settings = settings_of(**arguments)
    best = {
        "backchannel_logout_supported": True,
        "pushed_authorization_request_endpoint": f"{settings.issuer.accepted[0]}oauth/par",
        "revocation_endpoint": f"{settings.issuer.accepted[0]}oauth/revoke",
    }
    published = published_by(
        settings, {**best, **(document or {})}, keys, headers, asked_at, answered_at
    )
    return Evidence(settings, published, secrets, sessions, transactions)
