"""The userinfo endpoint of a provider in memory (OIDC Core, 5.3)."""

import json
from collections.abc import Callable
from typing import Any

from attrs import field, frozen

from userlink.protocol.values import HttpRequest, HttpResponse

from .accounts import Accounts
from .grants import Grants

__all__ = ["UserinfoEndpoint"]


@frozen
class UserinfoEndpoint:
    """
    Tells about the user to whoever has an access token.

    Attributes:
        accounts: the users.
        grants: what was handed out.
        edit_claims: changes what is told.
    """

    accounts: Accounts
    grants: Grants
    edit_claims: Callable[[dict[str, Any]], dict[str, Any]] = field(repr=False)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer with the claims of the access token's user, or with the error that RFC 6750, 3.1 has for it."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        grant = self.grants.of_access_token(token) if scheme.lower() == "bearer" else None
        if grant is None:
            headers = {"www-authenticate": 'Bearer error="invalid_token"'}
            return HttpResponse(401, headers, b"")
        claims = self.edit_claims(self.accounts.of_subject(grant.subject).user_claims())
        headers = {"content-type": "application/json"}
        return HttpResponse(200, headers, json.dumps(claims).encode())
