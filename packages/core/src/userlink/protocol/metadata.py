"""The provider's metadata: OpenID Connect Discovery 1.0, sections 3 and 4."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from userlink.errors import MetadataInvalid

from .json_object import is_sequence, parse_json_object
from .urls import Issuer, is_secure_web_url
from .values import HttpResponse

__all__ = ["ProviderMetadata", "parse_metadata"]


@frozen
class ProviderMetadata:
    """
    What the discovery document says, as far as userlink uses it.

    Attributes:
        issuer: exactly as in the document; ID tokens and callbacks must carry the same.
        authorization_endpoint: where browsers are sent.
        token_endpoint: where codes are exchanged.
        jwks_uri: where the keys are.
        end_session_endpoint: for RP-initiated logout, or None.
        userinfo_endpoint: where claims about the user are asked for, or None.
        revocation_endpoint: where tokens are revoked (RFC 7009; RFC 8414, 2), or None.
        pushed_authorization_request_endpoint: where authorization requests are pushed to (RFC 9126, 5), or None.
        require_pushed_authorization_requests: whether the provider takes no others.
        token_endpoint_auth_methods_supported: how clients may authenticate; absent means Basic.
        authorization_response_iss_parameter_supported: whether callbacks must carry ``iss`` (RFC 9207, 3).
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    userinfo_endpoint: str | None = None
    revocation_endpoint: str | None = None
    pushed_authorization_request_endpoint: str | None = None
    require_pushed_authorization_requests: bool = False
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


def parse_metadata(response: HttpResponse, issuer: Issuer) -> ProviderMetadata:
    """
    Judge the answer of the discovery endpoint (OIDC Discovery, 4.2 and 4.3).

    Args:
        response: the answer.
        issuer: the provider that the client is configured for.

    Raises:
        MetadataInvalid: when it is no such document, or one of another issuer.
    """
    if response.status != 200:
        raise MetadataInvalid(
            f"The discovery document was answered with HTTP status {response.status}."
        )
    members = parse_json_object(response.body)
    if members is None:
        raise MetadataInvalid("The discovery document is not a JSON object.")
    if members.get("issuer") not in issuer.accepted:
        raise MetadataInvalid(
            f"The discovery document speaks for an issuer {_shown(members.get('issuer'))},"
            f" and {' or '.join(issuer.accepted)} was asked for."
        )
    return ProviderMetadata(
        issuer=members["issuer"],
        authorization_endpoint=_required_url(members, "authorization_endpoint"),
        token_endpoint=_required_url(members, "token_endpoint"),
        jwks_uri=_required_url(members, "jwks_uri"),
        end_session_endpoint=_optional_url(members, "end_session_endpoint"),
        userinfo_endpoint=_optional_url(members, "userinfo_endpoint"),
        revocation_endpoint=_optional_url(members, "revocation_endpoint"),
        pushed_authorization_request_endpoint=_optional_url(
            members, "pushed_authorization_request_endpoint"
        ),
        require_pushed_authorization_requests=(
            members.get("require_pushed_authorization_requests") is True
        ),
        token_endpoint_auth_methods_supported=_auth_methods(members),
        authorization_response_iss_parameter_supported=(
            members.get("authorization_response_iss_parameter_supported") is True
        ),
    )


def _shown(value: object) -> str:
    return repr(value)[:200] if isinstance(value, str) else "that is no string"


def _required_url(members: Mapping[str, Any], name: str) -> str:
    url = _optional_url(members, name)
    if url is None:
        raise MetadataInvalid(f"The discovery document has no {name}.")
    return url


def _optional_url(members: Mapping[str, Any], name: str) -> str | None:
    url = members.get(name)
    if url is None:
        return None
    # OIDC Discovery 3: these URLs must use https. A provider on loopback is for development, and an https one that
    # sends us there would have this machine's own services talked to.
    plain_issuer = members["issuer"].lower().startswith("http:")
    if (
        not isinstance(url, str)
        or "#" in url
        or not is_secure_web_url(url)
        or (url.lower().startswith("http:") and not plain_issuer)
    ):
        raise MetadataInvalid(f"The discovery document's {name} is not an https URL.")
    return url


def _auth_methods(members: Mapping[str, Any]) -> tuple[str, ...]:
    methods: object = members.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if not is_sequence(methods):
        raise MetadataInvalid(
            "The discovery document's token_endpoint_auth_methods_supported is not a list."
        )
    return tuple(method for method in methods if isinstance(method, str))
