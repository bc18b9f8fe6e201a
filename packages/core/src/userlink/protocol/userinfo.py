"""The userinfo endpoint (OIDC Core, 5.3): what is asked with a fresh access token, and what of the answer counts."""

from collections.abc import Mapping
from typing import Any, NoReturn

from userlink.errors import MetadataInvalid, UserinfoInvalid

from .json_object import parse_json_object
from .metadata import ProviderMetadata
from .session import user_claims
from .values import HttpRequest, HttpResponse, Secret

__all__ = ["parse_userinfo", "userinfo_request"]


def userinfo_request(metadata: ProviderMetadata, access_token: Secret) -> HttpRequest:
    """
    Build the request (OIDC Core, 5.3.1; RFC 6750, 2.1).

    Raises:
        MetadataInvalid: when the provider has no such endpoint.
    """
    if metadata.userinfo_endpoint is None:
        raise MetadataInvalid(
            "The discovery document has no userinfo_endpoint.",
            hint="Build the client with userinfo=False: this provider says all in its ID tokens.",
        )
    headers = {
        "accept": "application/json",
        "authorization": f"Bearer {access_token.reveal()}",
    }
    return HttpRequest("GET", metadata.userinfo_endpoint, headers)


def parse_userinfo(response: HttpResponse, subject: str) -> Mapping[str, Any]:
    """
    Judge the answer, and return its claims about the user; what it says about tokens is left out.

    Args:
        response: the answer.
        subject: the ``sub`` of the validated ID token; the answer must be about the same (OIDC Core, 5.3.2).

    Raises:
        UserinfoInvalid: when it is a refusal, no JSON object, or about another user.
    """
    if response.status in (401, 403):
        _refuse(
            f"refused the access token with HTTP status {response.status}",
            "An access token that was asked for with an audience is often good for that API alone: leave audience"
            " out of authorization_params, or build the client with userinfo=False.",
        )
    if response.status != 200:
        _refuse(f"answered with HTTP status {response.status}")
    content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "application/jwt":
        _refuse(
            "answered with a signed or encrypted JWT, and userlink reads plain JSON",
            "Register the client without userinfo_signed_response_alg, or build it with userinfo=False.",
        )
    claims = parse_json_object(response.body) if content_type == "application/json" else None
    if claims is None:
        _refuse("answered with something else than a JSON object")
    given = claims.get("sub")
    if not isinstance(given, str) or not Secret(subject).matches(given):
        _refuse("answered with the claims of another user, or of nobody (sub)")
    return user_claims(claims)


def _refuse(reason: str, hint: str | None = None) -> NoReturn:
    raise UserinfoInvalid(f"The userinfo endpoint {reason}.", hint=hint)
