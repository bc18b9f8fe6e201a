"""Requests in the client's own name: to the token endpoint, and to every other that asks for its authentication."""

from ..client_auth import (
    ClientAuthentication,
    FormParameters,
    authenticate,
    choose_method,
    form_request,
)
from ..effects import Entropy, Flow, Now, Send
from ..metadata import ProviderMetadata
from ..pkce import base64url
from ..settings import ClientSettings
from ..values import HttpResponse

__all__ = ["send_authenticated"]

_JTI_BYTES = 16


def send_authenticated(
    settings: ClientSettings,
    metadata: ProviderMetadata,
    endpoint: str,
    parameters: FormParameters,
    timeout_seconds: float | None = None,
    *,
    shielded: bool = False,
) -> Flow[HttpResponse]:
    """
    Send a form to an endpoint of the provider, the client authenticated as at the token endpoint.

    Args:
        settings: the client's.
        metadata: the provider's.
        endpoint: where the form goes; one that the metadata name.
        parameters: the form. What is secret in it stays a ``Secret`` up to the wire.
        timeout_seconds: for an answer that must not be waited for as long as others; None for the client's time-out.
        shielded: whether it is seen through though whoever asked may have gone.

    Raises:
        ProviderUnreachable: when there is no answer; any answer at all is an answer.
    """
    proof = yield from _proof(settings, metadata)
    request = form_request(endpoint, parameters, proof)
    return (yield from Send(request, timeout_seconds, shielded))


def _proof(settings: ClientSettings, metadata: ProviderMetadata) -> Flow[ClientAuthentication]:
    key = settings.client_assertion_key
    method = choose_method(
        settings.token_endpoint_auth_method,
        key is not None,
        settings.client_secret is not None,
        metadata.token_endpoint_auth_methods_supported,
        settings.dialect.preferred_auth_method,
    )
    if method != "private_key_jwt" or key is None:
        return authenticate(method, settings.client_id, settings.client_secret)
    jti = base64url((yield from Entropy(_JTI_BYTES)))
    now = yield from Now()
    # The metadata's issuer was compared with the configured one; its endpoints may be anywhere.
    assertion = key.assertion(settings.client_id, metadata.issuer, jti, now)
    return authenticate(method, settings.client_id, None, assertion)
