"""The Flask application: routes, the request log, security headers, and how refusals look."""

import logging

from flask import Flask, Response, jsonify, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from .authorize import AuthorizePages
from .backchannel import BackChannel
from .discovery import DiscoveryEndpoints
from .errors import Refusal
from .flow import Flow
from .github import GitHubApi
from .home import HomePage
from .links import LinkPages
from .logout import LogoutPages
from .oauth_endpoints import OAuthEndpoints
from .parameters import add_query
from .provider.server import Provider
from .request_log import RecordedRequest, on_one_line
from .state import TenantState
from .visits import Visits

__all__ = ["create_application"]

# No form-action: browsers apply it to the redirect after a form's post, which leads to the client.
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
API_PATHS = ("/oauth/", "/userinfo", "/github/", "/.well-known/")
LARGEST_BODY_BYTES = 64 * 1024

log = logging.getLogger("userlink_devtenant")


def create_application(state: TenantState, back_channel: BackChannel) -> Flask:
    """Build the application over a tenant's state."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY_BYTES
    visits = Visits(state)
    provider = Provider(state)
    flow = Flow(state, provider)
    AuthorizePages(state, provider, visits, flow).register(app)
    LinkPages(state, visits, flow).register(app)
    LogoutPages(state, visits, back_channel).register(app)
    OAuthEndpoints(state, provider).register(app)
    DiscoveryEndpoints(state).register(app)
    GitHubApi(state).register(app)
    HomePage(state, visits).register(app)
    _Around(state, visits).register(app)
    return app


class _Around:
    """What happens around every request."""

    def __init__(self, state: TenantState, visits: Visits) -> None:
        self._state = state
        self._visits = visits

    def register(self, app: Flask) -> None:
        app.before_request(self.record)
        app.after_request(self.finish)
        app.register_error_handler(Refusal, self.refused)
        app.register_error_handler(HTTPException, self.failed)

    def record(self) -> None:
        """Keep what was sent, for tests."""
        self._state.requests.add(
            RecordedRequest(
                method=request.method,
                path=request.path,
                query=request.args,
                form=request.form,
                authorization=request.headers.get("Authorization"),
            )
        )

    def finish(self, response: Response) -> Response:
        """Set headers and cookie."""
        for name, value in SECURITY_HEADERS.items():
            response.headers[name] = value
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return self._visits.set_cookie(response)

    def refused(self, refusal: Refusal) -> AnyResponse | tuple[str, int]:
        """Say no: to the client as JSON, through the browser by redirect, or to the user."""
        reason = f"{refusal.error}: {refusal.description} {' '.join(refusal.details)}"
        log.warning("REFUSED %s %s: %s", *map(on_one_line, (request.method, request.path, reason)))
        if request.path.startswith(API_PATHS):
            return self._as_json(refusal)
        if refusal.return_to is not None:
            return self._as_redirect(refusal)
        return render_template("refused.html", refusal=refusal), refusal.status

    def failed(self, error: HTTPException) -> AnyResponse | tuple[str, int]:
        """Answer what Flask itself refuses, such as an unknown path, in the tenant's own form."""
        status = error.code or 500
        code = "server_error" if status >= 500 else "invalid_request"
        return self.refused(Refusal(code, f"{status} {error.name}.", status=status))

    def _as_json(self, refusal: Refusal) -> Response:
        response = jsonify(error=refusal.error, error_description=refusal.wire_description)
        response.status_code = refusal.status
        response.headers.extend(refusal.headers)
        return response

    def _as_redirect(self, refusal: Refusal) -> AnyResponse:
        assert refusal.return_to is not None  # noqa: S101 - the caller looked
        answer = {
            "error": refusal.error,
            "error_description": refusal.wire_description,
            "iss": self._state.issuer,
        }
        if refusal.return_to.state is not None:
            answer["state"] = refusal.return_to.state
        return redirect(add_query(refusal.return_to.redirect_uri, answer), code=303)
