"""A tiny stand-in for GitHub's API, so that a connection's token can be used for something."""

from flask import Flask, Response, jsonify, request

from .errors import Refusal
from .state import TenantState

__all__ = ["GitHubApi"]

CONNECTION = "github"


class GitHubApi:
    """``/github/user``."""

    def __init__(self, state: TenantState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add the route."""
        app.add_url_rule("/github/user", view_func=self.user)

    def user(self) -> Response:
        """Answer with the account that a token was issued for."""
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        token = self._state.tokens.find_connection_token(value)
        if scheme.lower() not in ("bearer", "token") or token is None:
            raise Refusal("invalid_token", "This is no token of a connection.", status=401)
        connection = self._state.config.connection(CONNECTION)
        account = connection.account(token.user_id) if connection else None
        if token.connection != CONNECTION or account is None:
            raise Refusal("invalid_token", "This is no token of the connection github.", status=401)
        return jsonify(
            login=account.nickname,
            id=account.user_id,
            name=account.name,
            public_repos=account.public_repos,
        )
