"""The tenant's front page: what it is, who can sign in, which clients it knows."""

from flask import Flask, render_template

from .state import TenantState
from .visits import Visits

__all__ = ["HomePage"]


class HomePage:
    """``/``."""

    def __init__(self, state: TenantState, visits: Visits) -> None:
        self._state = state
        self._visits = visits

    def register(self, app: Flask) -> None:
        """Add the route."""
        app.add_url_rule("/", view_func=self.show)

    def show(self) -> str:
        """Show users, connections and clients, and a way to sign out."""
        browser = self._visits.browser()
        signed_in = browser.sign_in
        return render_template(
            "home.html",
            issuer=self._state.issuer,
            config=self._state.config,
            clients=self._state.clients(),
            identities={
                user.username: self._state.directory.identities(user.username)
                for user in self._state.config.users
            },
            signed_in=self._state.directory.user(signed_in.username) if signed_in else None,
            csrf=browser.csrf,
        )
