"""
A headless browser for the tenant's pages: it reads their forms and sends them, over HTTP.

It stops where the tenant hands over to the client, and returns that address::

    browser = TenantBrowser(tenant.issuer)
    browser.open(authorization_url)
    callback_url = browser.sign_in("alice")
"""

import ssl
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

from .forms import Form, Page, parse_page

__all__ = ["Page", "TenantBrowser", "UnexpectedPage"]

MAX_REDIRECTS = 10


class UnexpectedPage(RuntimeError):
    """
    The tenant shows another page than was expected.

    Args:
        page: what it shows, or None when it has handed over to the client already.
    """

    def __init__(self, message: str, page: Page | None) -> None:
        shown = f" The tenant shows {page.title!r}: {page.text[:500]}" if page else ""
        super().__init__(message + shown)
        self.page = page


class TenantBrowser:
    """
    A person at the tenant's pages, with a cookie jar.

    Args:
        issuer: the tenant's; redirects to any other origin end the visit.
        password: what to type in.
    """

    def __init__(self, issuer: str, *, password: str = "development") -> None:
        self.issuer = issuer
        self.password = password
        self.page: Page | None = None
        self.callback_url: str | None = None
        # The tenant speaks plain http. A TLS context that trusts nobody is made at once; httpx's
        # own reads all certificate authorities first, for each browser anew.
        nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._client = httpx.Client(follow_redirects=False, trust_env=False, verify=nobody)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @property
    def cookies(self) -> httpx.Cookies:
        """The cookie jar."""
        return self._client.cookies

    def open(self, url: str) -> str | None:
        """
        Open an address of the tenant and follow its redirects.

        Returns:
            the address at the client the tenant redirected to, or None when it shows a page
            (which is ``page`` then).
        """
        return self._arrive(self._client.get(url))

    def sign_in(self, user: str, password: str | None = None) -> str:
        """
        Choose a user, type the password, and return the callback URL.

        Args:
            user: username, name or e-mail address, as on the page.
            password: another one than this browser's usual.

        Raises:
            UnexpectedPage: when the tenant shows a page instead.
        """
        return self._handed_over(self._sign_in(user, password))

    def sign_in_and_stay(self, user: str, password: str | None = None) -> Page:
        """Sign in where the tenant has another page afterwards, such as that of a link."""
        return self._still_here(self._sign_in(user, password))

    def choose_account(self, name: str) -> str:
        """
        Choose an account on a connection's page, and return the callback URL.

        Args:
            name: the account's login, name or id.

        Raises:
            UnexpectedPage: when the tenant shows no such page or account.
        """
        return self._handed_over(self._submit("link", choice=name))

    def confirm_unlink(self) -> str:
        """Confirm an unlink, and return the callback URL."""
        return self._handed_over(self._submit("unlink"))

    def cancel(self) -> str:
        """Press Cancel, and return the callback URL."""
        return self._handed_over(self._submit("cancel"))

    def confirm_sign_out(self) -> str | None:
        """Confirm a logout, and return where the tenant sends the browser, if anywhere."""
        return self._submit("sign-out")

    def _sign_in(self, user: str, password: str | None) -> str | None:
        typed = self.password if password is None else password
        return self._submit("continue", choice=user, password=typed)

    def _submit(self, button: str, choice: str | None = None, **typed: str) -> str | None:
        page, form = self._form_with(button)
        fields = form.fields | typed | {"action": button}
        if choice is not None:
            fields |= self._chosen(form, choice)
        return self._arrive(self._client.post(urljoin(page.url, form.action), data=fields))

    def _form_with(self, button: str) -> tuple[Page, Form]:
        if self.page is None:
            raise UnexpectedPage(
                f"There is no page to press {button!r} on"
                + (": the tenant has redirected to the client." if self.callback_url else "."),
                None,
            )
        for form in self.page.forms:
            if button in form.buttons:
                return self.page, form
        raise UnexpectedPage(f"There is no button {button!r}.", self.page)

    def _chosen(self, form: Form, name: str) -> dict[str, str]:
        for choice in form.choices:
            if choice.is_called(name):
                return {choice.name: choice.value}
        raise UnexpectedPage(f"There is no choice called {name!r}.", self.page)

    def _arrive(self, response: httpx.Response) -> str | None:
        for _ in range(MAX_REDIRECTS):
            if not response.has_redirect_location:
                self.callback_url = None
                self.page = parse_page(str(response.url), response.status_code, response.text)
                return None
            target = urljoin(str(response.url), response.headers["Location"])
            if urlsplit(target)[:2] != urlsplit(self.issuer)[:2]:
                self.callback_url, self.page = target, None
                return target
            response = self._client.get(target)
        raise UnexpectedPage("The tenant redirects in a circle.", None)

    def _handed_over(self, callback_url: str | None) -> str:
        if callback_url is None:
            raise UnexpectedPage("The tenant did not redirect to the client.", self.page)
        return callback_url

    def _still_here(self, callback_url: str | None) -> Page:
        if self.page is None:
            raise UnexpectedPage("The tenant redirected to the client.", None)
        return self.page
