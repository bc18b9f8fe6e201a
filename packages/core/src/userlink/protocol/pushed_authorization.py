"""Pushed authorization requests (RFC 9126): whether one is sent, and what the answer says."""

import re
from typing import Literal, TypeAlias

from userlink.errors import (
    MetadataInvalid,
    PushedAuthorizationMismatch,
    PushedAuthorizationRefused,
    PushedAuthorizationResponseInvalid,
)

from .metadata import ProviderMetadata
from .oauth_answer import answered_members, error_code_of
from .values import HttpResponse, Secret

__all__ = ["PushedAuthorization", "parse_pushed_response", "pushed_endpoint"]

PushedAuthorization: TypeAlias = Literal["auto", "required", "never"]

_REQUEST_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]{1,2000}")  # RFC 3986, 3.1


def pushed_endpoint(choice: PushedAuthorization, metadata: ProviderMetadata) -> str | None:
    """
    Return where the authorization request is pushed to; None when the browser carries it itself.

    Args:
        choice: the client's.
        metadata: the provider's (RFC 9126, 5).

    Raises:
        PushedAuthorizationMismatch: when the client and the provider exclude each other.
        MetadataInvalid: when the provider requires pushed requests and names no place for them.
    """
    endpoint = metadata.pushed_authorization_request_endpoint
    required = metadata.require_pushed_authorization_requests
    if choice == "never":
        if required:
            raise PushedAuthorizationMismatch(
                "The provider requires pushed authorization requests, and the client is told to send none."
            )
        return None
    if endpoint is None and required:
        raise MetadataInvalid(
            "The provider requires pushed authorization requests, and its discovery document has no"
            " pushed_authorization_request_endpoint."
        )
    if endpoint is None and choice == "required":
        raise PushedAuthorizationMismatch(
            "The client is told to push its authorization requests, and the provider takes none."
        )
    return endpoint


def parse_pushed_response(response: HttpResponse) -> Secret:
    """
    Judge the answer to a pushed request, and return its ``request_uri``.

    Raises:
        PushedAuthorizationRefused: when it is an error (RFC 9126, 2.3).
        PushedAuthorizationResponseInvalid: when it is neither a success nor an error as specified.
    """
    members = answered_members(response)
    if response.status != 201:
        error = error_code_of(members)
        if error is None:
            raise PushedAuthorizationResponseInvalid(
                f"The pushed request was answered with HTTP status {response.status} and no OAuth error."
            )
        raise PushedAuthorizationRefused(
            f"The provider refused the pushed request with {error} (HTTP status {response.status}).",
            error=error,
            status=response.status,
        )
    if members is None:
        raise PushedAuthorizationResponseInvalid(
            "The answer to the pushed request is not a JSON object."
        )
    request_uri, expires_in = members.get("request_uri"), members.get("expires_in")
    if not isinstance(request_uri, str) or _REQUEST_URI.fullmatch(request_uri) is None:
        raise PushedAuthorizationResponseInvalid(
            "The answer to the pushed request has no request_uri that is a URI."
        )
    if isinstance(expires_in, bool) or not isinstance(expires_in, int) or expires_in <= 0:
        raise PushedAuthorizationResponseInvalid(
            "The answer to the pushed request has no expires_in that is a positive number."
        )
    return Secret(request_uri)
