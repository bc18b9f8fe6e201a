"""What happens next with an authorization request: a page, a refusal, or a code."""

import secrets

from flask import Response, redirect

from .accounts import UnlinkOutcome
from .config import User
from .errors import Refusal
from .provider.server import Provider
from .sessions import MULTI_FACTOR, AuthorizationRequest, Browser, Interaction, Kind, SignIn
from .state import TenantState
from .tokens import Authorization

__all__ = ["UNLINK_REFUSALS", "Flow"]

UNLINK_REFUSALS = {
    UnlinkOutcome.LAST: "The last identity of an account cannot be unlinked.",
    UnlinkOutcome.PRIMARY: "The primary identity, which gives the account its subject, cannot be"
    " unlinked.",
}


class Flow:
    """Moves an interaction on, from the request to the code."""

    def __init__(self, state: TenantState, provider: Provider) -> None:
        self._state = state
        self._provider = provider

    def advance(self, browser: Browser, interaction: Interaction) -> Response:
        """
        Send the browser to the next page, or back to the client.

        Raises:
            Refusal: when the request cannot be granted.
        """
        request = interaction.request
        signed_in = browser.sign_in
        if signed_in is None or not self.may_proceed(browser, interaction):
            return self._page(interaction, "login", "login_required", "The user has to sign in.")
        user = self._user(signed_in)
        if request.hinted_subject not in (None, user.subject):
            raise self.refuse(
                interaction,
                "login_required",
                "The id_token_hint names another user than the one who is signed in.",
            )
        if request.kind is Kind.LINK:
            return self._link(browser, interaction, user)
        if request.kind is Kind.UNLINK:
            return self._unlink(browser, interaction, user)
        return self.finish(browser, interaction)

    def finish(self, browser: Browser, interaction: Interaction) -> Response:
        """
        End an interaction and send the browser back with a code.

        Raises:
            Refusal: when the interaction was answered before.
        """
        self._state.interactions.claim(interaction)
        return self.send_code(browser, interaction)

    def send_code(self, browser: Browser, interaction: Interaction) -> Response:
        """Send the browser back with a code, for an interaction that was claimed."""
        signed_in = browser.sign_in
        if signed_in is None:
            raise interaction.request.refusal("login_required", "Nobody is signed in any more.")
        granted = self._authorization(interaction.request, signed_in)
        return _go(self._provider.code_location(interaction.request.parameters, granted))

    def refuse(self, interaction: Interaction, error: str, description: str) -> Refusal:
        """End an interaction, and return the refusal that the client is told."""
        self._state.interactions.claim(interaction)
        return interaction.request.refusal(error, description)

    def user_of(self, browser: Browser, interaction: Interaction) -> User:
        """
        Return who is signed in, and still is the one the client named.

        Raises:
            Refusal: when it is another user by now, as after a sign-in in another tab.
        """
        user = self._user(browser.sign_in) if browser.sign_in else None
        if user is None or interaction.request.hinted_subject not in (None, user.subject):
            raise self.refuse(
                interaction, "login_required", "Another user signed in while the page was open."
            )
        return user

    def may_proceed(self, browser: Browser, interaction: Interaction) -> bool:
        """Tell whether nobody has to sign in first."""
        signed_in = browser.sign_in
        return signed_in is not None and not self._needs_sign_in(signed_in, interaction)

    def _needs_sign_in(self, signed_in: SignIn, interaction: Interaction) -> bool:
        if interaction.has_signed_in:
            return False
        request = interaction.request
        age_seconds = self._state.clock.now() - signed_in.auth_time
        limit = request.max_age_seconds
        too_old = limit is not None and (limit == 0 or age_seconds > limit)
        too_weak = request.wants_second_factor and signed_in.acr != MULTI_FACTOR
        return too_old or too_weak or bool({"login", "select_account"} & request.prompts)

    def _link(self, browser: Browser, interaction: Interaction, user: User) -> Response:
        if self._state.directory.identity(user.username, interaction.request.connection):
            return self.finish(browser, interaction)
        return self._page(interaction, "link", "interaction_required", "An account must be chosen.")

    def _unlink(self, browser: Browser, interaction: Interaction, user: User) -> Response:
        connection = interaction.request.connection
        outcome = self._state.directory.unlink_outcome(user.username, connection)
        if outcome in UNLINK_REFUSALS:
            raise self.refuse(interaction, "access_denied", UNLINK_REFUSALS[outcome])
        if outcome is UnlinkOutcome.NOT_LINKED:
            return self.finish(browser, interaction)
        return self._page(interaction, "unlink", "interaction_required", "The user must confirm.")

    def _page(self, interaction: Interaction, page: str, error: str, description: str) -> Response:
        if "none" in interaction.request.prompts:
            raise self.refuse(interaction, error, description)
        return _go(f"/u/{page}/{interaction.id}")

    def _user(self, signed_in: SignIn) -> User:
        user = self._state.directory.user(signed_in.username)
        if user is None:
            raise Refusal("invalid_request", "The signed-in user is not known any more.")
        return user

    def _authorization(self, request: AuthorizationRequest, signed_in: SignIn) -> Authorization:
        return Authorization(
            id=secrets.token_urlsafe(16),
            client_id=request.client_id,
            username=signed_in.username,
            subject=self._user(signed_in).subject,
            sid=signed_in.sid,
            auth_time=signed_in.auth_time,
            acr=signed_in.acr,
            scope=request.get("scope") or "",
            audience=request.get("audience"),
            nonce=request.get("nonce"),
        )


def _go(location: str) -> Response:
    """Redirect with 303, so that a form's POST is never repeated at the client (RFC 9700, 4.12)."""
    response = redirect(location, code=303)
    assert isinstance(response, Response)  # noqa: S101 - Flask's own class, as no other was asked for
    return response
