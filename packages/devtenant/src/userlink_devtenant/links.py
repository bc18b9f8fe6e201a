"""The pages where identities are linked and unlinked."""

from flask import Flask, Response, render_template, request

from .accounts import LinkOutcome
from .config import PRIMARY_CONNECTION, Connection
from .errors import Refusal
from .flow import UNLINK_REFUSALS, Flow
from .sessions import Browser, Interaction, Kind, check_csrf
from .state import TenantState
from .visits import Visits

__all__ = ["LinkPages"]


class LinkPages:
    """``/u/link/<id>`` and ``/u/unlink/<id>``."""

    def __init__(self, state: TenantState, visits: Visits, flow: Flow) -> None:
        self._state = state
        self._visits = visits
        self._flow = flow

    def register(self, app: Flask) -> None:
        """Add the routes."""
        app.add_url_rule("/u/link/<interaction_id>", view_func=self.show_link)
        app.add_url_rule("/u/link/<interaction_id>", view_func=self.link, methods=["POST"])
        app.add_url_rule("/u/unlink/<interaction_id>", view_func=self.show_unlink)
        app.add_url_rule("/u/unlink/<interaction_id>", view_func=self.unlink, methods=["POST"])

    def show_link(self, interaction_id: str) -> str:
        """Show the accounts of the connection."""
        browser, interaction = self._open(interaction_id, Kind.LINK)
        return self._link_page(browser, interaction)

    def link(self, interaction_id: str) -> Response | tuple[str, int]:
        """Attach the chosen account."""
        browser, interaction = self._answered(interaction_id, Kind.LINK)
        user = self._flow.user_of(browser, interaction)
        connection = self._connection(interaction)
        account = connection.account(request.form.get("account", ""))
        if account is None:
            return self._link_page(browser, interaction, "Choose an account."), 400
        # Claimed before anything changes: of a choice and a cancellation only one may count.
        self._state.interactions.claim(interaction)
        scope = interaction.request.get("requested_connection_scope") or ""
        outcome = self._state.directory.link(user.username, connection, account, scope)
        if outcome is LinkOutcome.BELONGS_TO_ANOTHER:
            raise interaction.request.refusal(
                "access_denied", "This account is linked to another user already."
            )
        return self._flow.send_code(browser, interaction)

    def show_unlink(self, interaction_id: str) -> str:
        """Ask for confirmation."""
        browser, interaction = self._open(interaction_id, Kind.UNLINK)
        user = self._flow.user_of(browser, interaction)
        connection = interaction.request.connection
        return render_template(
            "unlink.html",
            interaction=interaction,
            client=self._state.client(interaction.request.client_id),
            user=user,
            connection=self._state.config.connection(connection),
            identity=self._state.directory.identity(user.username, connection),
        )

    def unlink(self, interaction_id: str) -> Response:
        """Detach the identity."""
        browser, interaction = self._answered(interaction_id, Kind.UNLINK)
        user = self._flow.user_of(browser, interaction)
        self._state.interactions.claim(interaction)
        outcome = self._state.directory.unlink(user.username, interaction.request.connection)
        if outcome in UNLINK_REFUSALS:
            raise interaction.request.refusal("access_denied", UNLINK_REFUSALS[outcome])
        return self._flow.send_code(browser, interaction)

    def _open(self, interaction_id: str, kind: Kind) -> tuple[Browser, Interaction]:
        browser = self._visits.browser()
        interaction = self._state.interactions.get(interaction_id, browser)
        self._check_turn(browser, interaction, kind)
        return browser, interaction

    def _check_turn(self, browser: Browser, interaction: Interaction, kind: Kind) -> None:
        """Refuse a page that the flow did not lead to, such as one before a needed sign-in."""
        if interaction.request.kind is not kind or not self._flow.may_proceed(browser, interaction):
            raise Refusal("invalid_request", "It is not this page's turn in the flow.")

    def _answered(self, interaction_id: str, kind: Kind) -> tuple[Browser, Interaction]:
        browser, interaction = self._open(interaction_id, kind)
        check_csrf(interaction.csrf, request.form.get("csrf"))
        if request.form.get("action") == "cancel":
            verb = "linking" if kind is Kind.LINK else "unlinking"
            raise self._flow.refuse(interaction, "access_denied", f"The user cancelled the {verb}.")
        return browser, interaction

    def _connection(self, interaction: Interaction) -> Connection:
        connection = self._state.config.connection(interaction.request.connection)
        if connection is None:
            raise Refusal("invalid_request", f"{PRIMARY_CONNECTION} cannot be linked.")
        return connection

    def _link_page(self, browser: Browser, interaction: Interaction, problem: str = "") -> str:
        user = self._flow.user_of(browser, interaction)
        connection = self._connection(interaction)
        owners = {a.user_id: self._owner(connection, a.user_id) for a in connection.accounts}
        return render_template(
            "link.html",
            interaction=interaction,
            client=self._state.client(interaction.request.client_id),
            user=user,
            connection=connection,
            owners=owners,
            scope=interaction.request.get("requested_connection_scope"),
            problem=problem,
        )

    def _owner(self, connection: Connection, user_id: str) -> str | None:
        return self._state.directory.owner(connection.name, user_id)
