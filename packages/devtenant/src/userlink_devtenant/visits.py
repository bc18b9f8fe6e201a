"""The browser of the current request, and its session cookie."""

from flask import Response, g, request

from .sessions import Browser, SignIn
from .state import TenantState

__all__ = ["COOKIE_NAME", "Visits"]

COOKIE_NAME = "devtenant_session"


class Visits:
    """Opens the session when a page first asks for it, and sets the cookie when it changed."""

    def __init__(self, state: TenantState) -> None:
        self._state = state

    def browser(self) -> Browser:
        """Return the browser of this request."""
        browser, g.devtenant_cookie = self._state.sessions.open(self._cookie())
        return browser

    def sign_in(self, username: str, acr: str | None = None) -> Browser:
        """Sign a user in; ``acr`` names the class of the authentication."""
        cookie = self._cookie() or ""
        browser, g.devtenant_cookie = self._state.sessions.sign_in(cookie, username, acr)
        return browser

    def sign_out(self) -> SignIn | None:
        """Sign out, and return who was signed in."""
        signed_in = self._state.sessions.sign_out(self._cookie() or "")
        g.devtenant_cookie = ""
        return signed_in

    def set_cookie(self, response: Response) -> Response:
        """Put the cookie on the response if it is another than the request's."""
        cookie: str | None = g.get("devtenant_cookie")
        if cookie == "":
            response.delete_cookie(COOKIE_NAME, httponly=True, samesite="Lax")
        elif cookie is not None and cookie != request.cookies.get(COOKIE_NAME):
            response.set_cookie(COOKIE_NAME, cookie, httponly=True, samesite="Lax")
        return response

    def _cookie(self) -> str | None:
        cookie: str | None = g.get("devtenant_cookie")
        return cookie if cookie is not None else request.cookies.get(COOKIE_NAME)
