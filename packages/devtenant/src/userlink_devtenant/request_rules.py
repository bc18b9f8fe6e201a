"""
What an authorization request must look like (OIDC Core, 3.1.2.1; RFC 6749, 4.1.1; RFC 7636).

The same rules hold for requests in the URL and for pushed ones.
"""

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from .config import PRIMARY_CONNECTION, Client
from .errors import Refusal
from .hints import check_id_token_hint
from .parameters import once_each
from .provider.server import Provider
from .sessions import MULTI_FACTOR, AuthorizationRequest, Kind
from .state import TenantState

__all__ = ["check_request"]

KNOWN_PROMPTS = {"none", "login", "consent", "select_account"}
KIND_SCOPES = {"link_account": Kind.LINK, "unlink_account": Kind.UNLINK}


def check_request(
    state: TenantState, provider: Provider, sent: "MultiDict[str, str]"
) -> AuthorizationRequest:
    """
    Check an authorization request.

    Raises:
        Refusal: what is wrong. It carries an address to return to unless the client or the
            redirect_uri is wrong: then nobody may be redirected (RFC 6749, section 4.1.2.1).
    """
    client = _client(state, sent)
    redirect_uri = _redirect_uri(client, sent)
    states = sent.getlist("state")
    try:
        parameters = once_each(sent)
        _check_mode(parameters)
        provider.check_authorization_request(parameters)
        return _request(state, client, parameters)
    except Refusal as refusal:
        echoed = states[0] if len(states) == 1 else None
        raise refusal.returning_to(redirect_uri, echoed) from refusal


def _client(state: TenantState, sent: "MultiDict[str, str]") -> Client:
    client_ids = sent.getlist("client_id")
    if len(client_ids) != 1 or not client_ids[0]:
        raise Refusal("invalid_request", "The client_id must be sent exactly once.")
    client = state.client(client_ids[0])
    if client is None:
        known = ", ".join(c.client_id for c in state.clients())
        raise Refusal(
            "invalid_client",
            "The client_id is not registered at this tenant.",
            details=(f"Asked for: {client_ids[0]}", f"Registered: {known}"),
        )
    return client


def _redirect_uri(client: Client, sent: "MultiDict[str, str]") -> str:
    redirect_uris = sent.getlist("redirect_uri")
    registered = f"Registered: {', '.join(client.redirect_uris) or 'none'}"
    if len(redirect_uris) != 1 or not redirect_uris[0]:
        raise Refusal(
            "invalid_request", "The redirect_uri must be sent exactly once.", details=(registered,)
        )
    if redirect_uris[0] not in client.redirect_uris:
        raise Refusal(
            "invalid_request",
            "The redirect_uri is not registered for this client.",
            details=(f"Asked for: {redirect_uris[0]}", registered),
        )
    return redirect_uris[0]


def _check_mode(parameters: Mapping[str, str]) -> None:
    if parameters.get("response_type") != "code":
        raise Refusal("unsupported_response_type", "The response_type must be code.")
    if parameters.get("response_mode", "query") != "query":
        raise Refusal("invalid_request", "The only response_mode is query.")
    if "request" in parameters:
        raise Refusal("request_not_supported", "Request objects are not supported.")
    if "request_uri" in parameters:
        raise Refusal("invalid_request", "A request_uri cannot be part of a pushed request.")


def _request(
    state: TenantState, client: Client, parameters: Mapping[str, str]
) -> AuthorizationRequest:
    scopes = set(parameters.get("scope", "").split())
    if "openid" not in scopes:
        raise Refusal("invalid_scope", "The scope must hold openid.")
    kind = _kind(scopes, parameters)
    if kind is not Kind.LOGIN:
        _check_connection(state, kind, parameters)
    hint = parameters.get("id_token_hint")
    claims = check_id_token_hint(state, hint, client.client_id) if hint else None
    return AuthorizationRequest(
        client_id=client.client_id,
        redirect_uri=parameters["redirect_uri"],
        parameters=parameters,
        kind=kind,
        prompts=_prompts(parameters),
        max_age_seconds=_max_age(parameters),
        wants_second_factor=MULTI_FACTOR in parameters.get("acr_values", "").split(),
        hinted_subject=claims["sub"] if claims else None,
    )


def _kind(scopes: set[str], parameters: Mapping[str, str]) -> Kind:
    kinds = [kind for scope, kind in KIND_SCOPES.items() if scope in scopes]
    if len(kinds) > 1:
        raise Refusal("invalid_scope", "The scope holds link_account and unlink_account at once.")
    if not kinds and "requested_connection" in parameters:
        raise Refusal(
            "invalid_request",
            "A requested_connection needs link_account or unlink_account in the scope.",
        )
    return kinds[0] if kinds else Kind.LOGIN


def _check_connection(state: TenantState, kind: Kind, parameters: Mapping[str, str]) -> None:
    name = parameters.get("requested_connection")
    if name is None:
        raise Refusal("invalid_request", f"The requested_connection to {kind.value} is missing.")
    removable = kind is Kind.UNLINK and name == PRIMARY_CONNECTION
    if state.config.connection(name) is None and not removable:
        known = ", ".join(c.name for c in state.config.connections)
        raise Refusal(
            "invalid_request",
            "The requested_connection is not known to this tenant.",
            details=(f"Asked for: {name}", f"Known: {known}"),
        )
    if "id_token_hint" not in parameters:
        raise Refusal(
            "invalid_request",
            f"The id_token_hint is missing: it says whose account to {kind.value}.",
        )


def _prompts(parameters: Mapping[str, str]) -> frozenset[str]:
    prompts = frozenset(parameters.get("prompt", "").split())
    if prompts - KNOWN_PROMPTS:
        raise Refusal(
            "invalid_request", f"The prompt is none of: {', '.join(sorted(KNOWN_PROMPTS))}."
        )
    if "none" in prompts and len(prompts) > 1:
        raise Refusal("invalid_request", "The prompt none cannot be joined with another.")
    return prompts


def _max_age(parameters: Mapping[str, str]) -> int | None:
    text = parameters.get("max_age")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit():
        raise Refusal("invalid_request", "The max_age is not a whole number of seconds.")
    return int(text)
