"""RP-initiated logout (OIDC RP-Initiated Logout 1.0), and signing out at the tenant itself."""

from collections.abc import Mapping

from attrs import field, frozen
from flask import Flask, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from .backchannel import BackChannel
from .config import Client
from .errors import Refusal
from .hints import check_id_token_hint
from .parameters import add_query, once_each, query_and_form
from .sessions import Browser, check_csrf
from .state import TenantState
from .visits import Visits

__all__ = ["LogoutPages"]


@frozen
class _LogoutRequest:
    """A logout request that was checked."""

    client: Client | None
    hinted_subject: str | None
    return_to: str | None
    parameters: Mapping[str, str] = field(repr=False)


class LogoutPages:
    """``/oidc/logout``."""

    def __init__(self, state: TenantState, visits: Visits, back_channel: BackChannel) -> None:
        self._state = state
        self._visits = visits
        self._back_channel = back_channel

    def register(self, app: Flask) -> None:
        """Add the routes."""
        app.add_url_rule("/oidc/logout", view_func=self.logout, methods=["GET", "POST"])
        app.add_url_rule("/u/logout", view_func=self.confirmed, methods=["POST"])

    def logout(self) -> AnyResponse | str:
        """
        Sign out at once when the hint names the signed-in user, else ask first.

        Without a valid hint anybody's link could sign a user out (section 6).
        """
        checked = self._check(once_each(query_and_form(request)))
        browser = self._visits.browser()
        if browser.sign_in is None:
            return self._answer(checked)
        user = self._state.directory.user(browser.sign_in.username)
        if user and checked.hinted_subject == user.subject:
            self._end_session()
            return self._answer(checked)
        return self._ask(browser, checked)

    def confirmed(self) -> AnyResponse | str:
        """Take the answer to the question."""
        browser = self._visits.browser()
        check_csrf(browser.csrf, request.form.get("csrf"))
        names = ("client_id", "id_token_hint", "post_logout_redirect_uri", "state")
        kept = {name: request.form[name] for name in names if request.form.get(name)}
        checked = self._check(kept)
        if request.form.get("action") != "cancel":
            self._end_session()
        return self._answer(checked)

    def _check(self, parameters: Mapping[str, str]) -> _LogoutRequest:
        client_id = parameters.get("client_id")
        hint = parameters.get("id_token_hint")
        claims: Mapping[str, str] = {}
        if hint:
            claims = check_id_token_hint(self._state, hint, client_id, may_be_expired=True)
        client = self._state.client(client_id or claims.get("aud"))
        if client is None and (client_id or claims):
            raise Refusal("invalid_request", "The client is not registered at this tenant.")
        return _LogoutRequest(client, claims.get("sub"), _return_to(client, parameters), parameters)

    def _end_session(self) -> None:
        signed_in = self._visits.sign_out()
        user = self._state.directory.user(signed_in.username) if signed_in else None
        if signed_in and user:
            self._back_channel.announce(user, signed_in.sid)
            self._state.tokens.forget_participants(user.username, signed_in.sid)

    def _ask(self, browser: Browser, checked: _LogoutRequest) -> str:
        signed_in = browser.sign_in
        return render_template(
            "logout.html",
            client=checked.client,
            csrf=browser.csrf,
            user=self._state.directory.user(signed_in.username) if signed_in else None,
            parameters=checked.parameters,
        )

    def _answer(self, checked: _LogoutRequest) -> AnyResponse | str:
        if checked.return_to is not None:
            return redirect(checked.return_to, code=303)
        return render_template("signed_out.html", client=checked.client)


def _return_to(client: Client | None, parameters: Mapping[str, str]) -> str | None:
    """Return where to go afterwards, with the state (section 3)."""
    uri = parameters.get("post_logout_redirect_uri")
    if uri is None:
        return None
    if client is None:
        raise Refusal(
            "invalid_request",
            "A post_logout_redirect_uri needs a client_id or an id_token_hint.",
        )
    if uri not in client.post_logout_redirect_uris:
        raise Refusal(
            "invalid_request",
            "The post_logout_redirect_uri is not registered for this client.",
            details=(
                f"Asked for: {uri}",
                f"Registered: {', '.join(client.post_logout_redirect_uris) or 'none'}",
            ),
        )
    state = parameters.get("state")
    return add_query(uri, {"state": state}) if state else uri
