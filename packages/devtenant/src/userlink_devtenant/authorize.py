"""The authorization endpoint and the sign-in page."""

import hmac
from urllib.parse import urlencode

from flask import Flask, Response, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from .config import User
from .errors import Refusal
from .flow import Flow
from .parameters import query_and_form
from .provider.server import Provider
from .request_rules import check_request
from .sessions import MULTI_FACTOR, Browser, Interaction, check_csrf
from .state import TenantState
from .visits import Visits

__all__ = ["AuthorizePages"]


class AuthorizePages:
    """``/authorize`` and ``/u/login/<id>``."""

    def __init__(self, state: TenantState, provider: Provider, visits: Visits, flow: Flow) -> None:
        self._state = state
        self._provider = provider
        self._visits = visits
        self._flow = flow

    def register(self, app: Flask) -> None:
        """Add the routes."""
        app.add_url_rule("/authorize", view_func=self.authorize, methods=["GET", "POST"])
        app.add_url_rule("/u/login/<interaction_id>", view_func=self.show_login)
        app.add_url_rule("/u/login/<interaction_id>", view_func=self.log_in, methods=["POST"])

    def authorize(self) -> AnyResponse:
        """Take an authorization request by GET or POST (OIDC Core, section 3.1.2.1)."""
        sent = query_and_form(request)
        if self._state.pushed_authorization == "required" and not request.args.get("request_uri"):
            raise Refusal(
                "invalid_request", "This tenant takes pushed authorization requests only."
            )
        if request.method == "POST":
            return self._as_get(sent)
        if sent.get("request_uri"):
            sent = self._pushed(sent)
        checked = check_request(self._state, self._provider, sent)
        browser = self._visits.browser()
        return self._flow.advance(browser, self._state.interactions.begin(browser, checked))

    def show_login(self, interaction_id: str) -> str:
        """Show the users to choose from."""
        browser = self._visits.browser()
        return self._login_page(browser, self._state.interactions.get(interaction_id, browser))

    def log_in(self, interaction_id: str) -> Response | tuple[str, int]:
        """Check the password, or take the cancellation."""
        browser = self._visits.browser()
        interaction = self._state.interactions.get(interaction_id, browser)
        check_csrf(interaction.csrf, request.form.get("csrf"))
        if request.form.get("action") == "cancel":
            raise self._flow.refuse(interaction, "access_denied", "The user cancelled the sign-in.")
        user = self._state.directory.user(request.form.get("username", ""))
        if user is None or not self._is_password(user, request.form.get("password", "")):
            problem = "That is not the password of this user." if user else "Choose a user."
            return self._login_page(browser, interaction, problem), 401
        acr = MULTI_FACTOR if request.form.get("second_factor") else None
        browser = self._visits.sign_in(user.username, acr)
        return self._flow.advance(browser, self._state.interactions.mark_signed_in(interaction))

    def _as_get(self, sent: "MultiDict[str, str]") -> AnyResponse:
        """
        Turn a POST into a GET, by keeping the request as if it had been pushed.

        A POST from the client's site comes without the tenant's SameSite cookie; answering it
        would give the browser a new session and sign its user out.
        """
        if sent.get("request_uri"):
            raise Refusal("invalid_request", "A request_uri is taken in a GET request only.")
        checked = check_request(self._state, self._provider, sent)
        lifetime_seconds = self._state.lifetimes.request_uri_seconds
        request_uri = self._state.pushed.push(
            checked.client_id, checked.parameters, lifetime_seconds
        )
        query = {"client_id": checked.client_id, "request_uri": request_uri}
        return redirect(f"/authorize?{urlencode(query)}", code=303)

    def _pushed(self, sent: "MultiDict[str, str]") -> "MultiDict[str, str]":
        if len(sent.getlist("request_uri")) != 1 or len(sent.getlist("client_id")) != 1:
            raise Refusal(
                "invalid_request", "The request_uri and the client_id must be sent exactly once."
            )
        taken = self._state.pushed.take(sent["request_uri"], sent["client_id"])
        return MultiDict(taken)

    def _is_password(self, user: User, given: str) -> bool:
        expected = self._state.config.password if user.password is None else user.password
        return hmac.compare_digest(expected.encode(), given.encode())

    def _login_page(self, browser: Browser, interaction: Interaction, problem: str = "") -> str:
        wanted = interaction.request.hinted_subject or interaction.request.get("login_hint")
        known = self._state.directory.user(wanted or "")
        if known is None and browser.sign_in:
            known = self._state.directory.user(browser.sign_in.username)
        return render_template(
            "login.html",
            interaction=interaction,
            client=self._state.client(interaction.request.client_id),
            users=self._state.config.users,
            chosen=known or self._state.config.users[0],
            password=self._state.config.password,
            second_factor=interaction.request.wants_second_factor,
            problem=problem,
        )
