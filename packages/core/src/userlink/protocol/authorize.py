"""The authorization request (RFC 6749, 4.1.1; OIDC Core, 3.1.2.1): its parameters, and the URL that has them."""

from collections.abc import Mapping

from userlink.errors import InvalidOption

from .client_auth import FormParameters
from .params import Params, merge, pairs, scope_set
from .pkce import code_challenge
from .settings import ClientSettings
from .transaction import Transaction
from .urls import add_query
from .values import Secret

__all__ = ["authorization_request", "by_reference", "by_value", "merged_params"]


def merged_params(
    settings: ClientSettings,
    call: Params,
    required_scopes: tuple[str, ...],
    default_scope: str | None = None,
) -> dict[str, str | tuple[str, ...]]:
    """
    Merge the client's and the call's parameters and settle ``scope`` and ``redirect_uri``.

    Args:
        settings: the client's.
        call: the call's checked parameters.
        required_scopes: what the flow cannot do without.
        default_scope: what is asked for when neither client nor call name a scope; None for nothing more.

    Raises:
        InvalidOption: when there is no redirect_uri.
    """
    params = merge(settings.authorization_params, call)
    if "redirect_uri" not in params:
        raise InvalidOption(
            "There is no redirect_uri.",
            hint="Put redirect_uri into authorization_params of the client or of this call.",
        )
    asked = params.get("scope", default_scope)
    params["scope"] = scope_set(required_scopes, asked if isinstance(asked, str) else None)
    return params


def authorization_request(
    client_id: str,
    params: Mapping[str, str | tuple[str, ...]],
    transaction: Transaction,
    own: Mapping[str, str | Secret],
) -> FormParameters:
    """
    Return the parameters of the request, whichever way they go.

    Args:
        client_id: the client's.
        params: the merged parameters.
        transaction: the one being started; gives state, nonce and code_challenge.
        own: what the kind of flow adds, such as ``requested_connection``.
    """
    return {
        "client_id": client_id,
        "response_type": "code",
        **params,
        "state": transaction.state,
        "nonce": transaction.nonce,
        "code_challenge": Secret(code_challenge(transaction.code_verifier.reveal())),
        "code_challenge_method": "S256",
        **own,
    }


def by_value(endpoint: str, request: FormParameters) -> Secret:
    """Return the URL that carries the request; a secret, for it may hold the ID token of a user."""
    return Secret(add_query(endpoint, pairs(request)))


def by_reference(endpoint: str, client_id: str, request_uri: Secret) -> Secret:
    """Return the URL that names a pushed request (RFC 9126, 4), and says no more."""
    request: FormParameters = {"client_id": client_id, "request_uri": request_uri}
    return by_value(endpoint, request)
