"""Asking the provider for more about the user who has just authenticated (OIDC Core, 5.3)."""

from collections.abc import Mapping
from typing import Any

from ..effects import Flow, Send
from ..metadata import ProviderMetadata
from ..settings import ClientSettings
from ..userinfo import parse_userinfo, userinfo_request
from ..values import Secret

__all__ = ["with_userinfo"]


def with_userinfo(
    settings: ClientSettings,
    metadata: ProviderMetadata,
    claims: Mapping[str, Any],
    access_token: Secret,
) -> Flow[Mapping[str, Any]]:
    """
    Return an ID token's claims with those of the userinfo endpoint over them, where the client asks for these.

    Args:
        settings: the client's.
        metadata: the provider's.
        claims: of a validated ID token. What they say about the token itself stays.
        access_token: what came beside it.

    Raises:
        UserinfoInvalid: when the answer cannot be used, or is about another user.
        MetadataInvalid: when the provider has no such endpoint.
    """
    if not settings.userinfo:
        return claims
    response = yield from Send(userinfo_request(metadata, access_token))
    return {**claims, **parse_userinfo(response, claims["sub"])}
