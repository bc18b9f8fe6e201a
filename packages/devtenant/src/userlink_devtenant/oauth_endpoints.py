"""The endpoints that clients call themselves: tokens, pushed requests, revocation, UserInfo."""

from flask import Flask, Response, jsonify, request
from werkzeug.datastructures import MultiDict

from .client_authentication import authenticate_client
from .errors import Refusal
from .parameters import form_only, once_each
from .provider.server import Provider
from .request_rules import check_request
from .state import TenantState

__all__ = ["OAuthEndpoints"]

CREDENTIALS = ("client_secret", "client_assertion", "client_assertion_type")


class OAuthEndpoints:
    """``/oauth/token``, ``/oauth/par``, ``/oauth/revoke`` and ``/userinfo``."""

    def __init__(self, state: TenantState, provider: Provider) -> None:
        self._state = state
        self._provider = provider

    def register(self, app: Flask) -> None:
        """Add the routes."""
        app.add_url_rule("/oauth/token", view_func=self.token, methods=["POST"])
        app.add_url_rule("/oauth/par", view_func=self.push, methods=["POST"])
        app.add_url_rule("/oauth/revoke", view_func=self.revoke, methods=["POST"])
        app.add_url_rule("/userinfo", view_func=self.userinfo, methods=["GET", "POST"])

    def token(self) -> Response:
        """Issue tokens (RFC 6749, section 3.2)."""
        return self._provider.token_response(*_form_and_header())

    def push(self) -> tuple[Response, int]:
        """Keep an authorization request (RFC 9126, section 2)."""
        form, authorization = _form_and_header()
        if self._state.pushed_authorization == "off":
            raise Refusal("invalid_request", "This tenant takes no pushed requests.", status=404)
        client, _ = authenticate_client(self._state, authorization, form)
        pushed = MultiDict({k: v for k, v in form.items() if k not in CREDENTIALS})
        pushed.setdefault("client_id", client.client_id)
        checked = check_request(self._state, self._provider, pushed)
        lifetime_seconds = self._state.lifetimes.request_uri_seconds
        request_uri = self._state.pushed.push(
            client.client_id, checked.parameters, lifetime_seconds
        )
        return jsonify(request_uri=request_uri, expires_in=lifetime_seconds), 201

    def revoke(self) -> Response:
        """Revoke a token (RFC 7009, section 2)."""
        return self._provider.revocation_response(*_form_and_header())

    def userinfo(self) -> Response:
        """Say who the user is (OIDC Core, section 5.3)."""
        if request.args:
            raise Refusal("invalid_request", "The access token belongs into the header.")
        return self._provider.userinfo_response()


def _form_and_header() -> "tuple[MultiDict[str, str], str | None]":
    form = MultiDict(once_each(form_only(request)))
    return form, request.headers.get("Authorization")
