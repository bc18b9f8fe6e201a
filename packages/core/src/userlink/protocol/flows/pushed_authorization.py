"""Bringing the authorization request to the provider: pushed (RFC 9126, 2), or by the browser's URL."""

from ..authorize import by_reference, by_value
from ..client_auth import FormParameters
from ..effects import Flow
from ..metadata import ProviderMetadata
from ..pushed_authorization import parse_pushed_response, pushed_endpoint
from ..settings import ClientSettings
from ..values import Secret
from .client_authentication import send_authenticated

__all__ = ["authorization_url"]


def authorization_url(
    settings: ClientSettings, metadata: ProviderMetadata, request: FormParameters
) -> Flow[Secret]:
    """
    Return the URL that the browser is sent to. It holds the request, or where the provider takes pushed ones, its name.

    A pushed request that fails is an error. The request is never put into the URL instead: whoever makes the endpoint
    fail could have the ID token there.

    Args:
        settings: the client's.
        metadata: the provider's.
        request: the parameters of the authorization request.

    Raises:
        PushedAuthorizationMismatch: when the client must not push and the provider insists, or the reverse.
        ProviderError: when the request cannot be pushed, is refused, or answered with nonsense.
    """
    endpoint = pushed_endpoint(settings.pushed_authorization, metadata)
    if endpoint is None:
        return by_value(metadata.authorization_endpoint, request)
    response = yield from send_authenticated(settings, metadata, endpoint, request)
    request_uri = parse_pushed_response(response)
    return by_reference(metadata.authorization_endpoint, settings.client_id, request_uri)
