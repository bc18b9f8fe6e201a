"""
One browser that walks from an application to its provider and back, by links, forms and redirects.

Redirects are followed wherever they lead, so the headers and cookies of each request are those of
the whole navigation: a callback comes from another site.
"""

from collections.abc import Callable, Mapping

import attrs

from .browser import Page, PlainBrowser, origin_of
from .certified_tenant import CertifiedTenant
from .tenants import Tenant

__all__ = ["Hands", "Website"]

Fields = Mapping[str, str | None]


@attrs.frozen
class Hands:
    """
    What a user fills in and presses on the pages of a provider.

    Attributes:
        name: The field for the user's name.
        sign_in: The button of the sign-in page.
        link: The account of each connection, and the button.
        unlink: The button of the page that asks whether to disconnect.
        cancel: The button on each of these.
        sign_out: The button of the page that asks whether to sign out; None where nobody asks.
    """

    name: str
    sign_in: Fields
    link: Mapping[str, Fields]
    unlink: Fields
    cancel: Fields
    sign_out: Fields | None

    @classmethod
    def at(cls, tenant: Tenant) -> "Hands":
        """Return what fits the provider's pages."""
        return AT_CERTIFIED if isinstance(tenant, CertifiedTenant) else AT_DEVELOPMENT


AT_CERTIFIED = Hands(
    name="account",
    sign_in={"answer": "confirm"},
    link={
        "github": {"account": "octocat", "answer": "confirm"},
        "google-oauth2": {"account": "ada", "answer": "confirm"},
    },
    unlink={"answer": "confirm"},
    cancel={"answer": "cancel"},
    sign_out={"logout": "yes"},
)
AT_DEVELOPMENT = Hands(
    name="username",
    sign_in={"action": "continue"},
    link={
        "github": {"account": "1001", "action": "link"},
        "google-oauth2": {"account": "2001", "action": "link"},
    },
    unlink={"action": "unlink"},
    cancel={"action": "cancel"},
    sign_out=None,
)


@attrs.frozen
class Website:
    """
    A running application and its provider, and a user's browser.

    Attributes:
        origin: The application's.
        tenant: The provider.
        browser: The user's.
        hands: What the user does at the provider.
    """

    origin: str
    tenant: Tenant
    browser: PlainBrowser
    hands: Hands

    def visit(self, url: str) -> Page:
        """Open a URL, and go where it leads."""
        return self._arrive(self.browser.get(url))

    def open(self, path: str) -> Page:
        """Open a page of the application, and go where it leads."""
        return self.visit(f"{self.origin}{path}")

    def press(self, page: Page, form: str) -> Page:
        """Submit a form of one of the application's pages, and go where that leads."""
        return self._arrive(self.browser.submit(page, page.form(form)))

    def answer(self, page: Page, fields: Fields) -> Page:
        """Answer a page of the provider, and go where that leads."""
        return self._arrive(self.browser.submit(page, page.form(), fields))

    def answer_and_hold(self, page: Page, fields: Fields) -> Page:
        """Answer a page of the provider, and return the redirect to the callback, not followed yet."""
        callback = f"{self.origin}/auth/callback?"
        answered = self.browser.submit(page, page.form(), fields)
        held = self._arrive(answered, lambda location: not location.startswith(callback))
        assert held.location is not None, f"the provider shows a page: {held.text}"
        return held

    def as_user(self, username: str) -> Fields:
        """Return what is filled in to sign in as a user."""
        return {self.hands.name: username, **self.hands.sign_in}

    def asks_who_is_there(self, page: Page) -> bool:
        """Tell whether a page is the provider's sign-in page."""
        fields = {name for form in page.forms for name, _ in form.fields}
        return origin_of(page.url) == origin_of(self.tenant.issuer) and self.hands.name in fields

    def sign_in(self, username: str = "alice", path: str = "/profile") -> Page:
        """Open a page that only signed-in users see, and sign in on the way to it."""
        return self.answer(self.open(path), self.as_user(username))

    def link(self, page: Page, connection: str) -> Page:
        """Link a connection, from the profile."""
        return self.answer(self.press(page, f"link {connection}"), self.hands.link[connection])

    def _arrive(self, page: Page, wanted: Callable[[str], bool] = lambda location: True) -> Page:
        """Follow redirects, and what a script submits on the way: a form without any button."""
        while True:
            page = self.browser.follow_while(page, wanted)
            if page.location is not None or origin_of(page.url) == self.origin:
                return page
            if len(page.forms) != 1 or page.forms[0].buttons:
                return page
            page = self.browser.submit(page, page.forms[0])
