"""How a relying party written by hand pushes its authorization requests; any check can be left out (RFC 9126)."""

import re

from support.weak_tokens import ProviderOfOne, Refused, parsed

__all__ = ["pushed"]


def pushed(party: ProviderOfOne, parameters: dict[str, str]) -> dict[str, str]:
    """Return what the browser carries: the request itself only where the provider takes no pushed ones."""
    endpoint = party.discover().get("pushed_authorization_request_endpoint")
    if endpoint is None:
        return parameters
    try:
        request_uri = push(party, endpoint, parameters)
    except Refused:
        if party.checks("pushed fallback"):
            raise
        return parameters
    seen = {"client_id": parameters["client_id"], "request_uri": request_uri}
    if not party.checks("pushed hint") and "id_token_hint" in parameters:
        seen["id_token_hint"] = parameters["id_token_hint"]
    if not party.checks("request_uri encoding"):
        seen |= dict(pair.split("=", 1) for pair in request_uri.split("&")[1:])
    return seen


def push(party: ProviderOfOne, endpoint: str, parameters: dict[str, str]) -> str:
    """Push a request, and return its name."""
    form = {**parameters, "client_secret": party.credentials.client_secret}
    answer = party.ask("POST", endpoint, data=form)
    if answer.status_code != 201 and party.checks("pushed status"):
        raise Refused("the request was not taken")
    request_uri = parsed(answer.content).get("request_uri")
    if not isinstance(request_uri, str) and party.checks("request_uri type"):
        raise Refused("the request has no name")
    request_uri = str(request_uri)
    if party.checks("request_uri") and not re.fullmatch(r"urn:[\x21-\x7e]+", request_uri):
        raise Refused("the name of the request is no URI")
    return request_uri
