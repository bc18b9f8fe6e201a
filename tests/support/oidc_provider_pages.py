"""
Walk the certified provider's pages as a user does, from the URL that a client made to its callback.

Each helper opens a URL, expects its page, answers it, and returns the URL at which the provider
sends the browser out, which it does not open: that is the test's next step. A page that was not
expected raises `UnexpectedPage`. Where more than one page comes, `walk` takes an answer for each::

    walk(browser, link_url, Answer.login("alice"), Answer.connection_account("octocat"))
"""

from collections.abc import Mapping
from typing import Self

import attrs

from .browser import Page, PlainBrowser, origin_of

LOGIN = "login"
LINK = "link_account"
UNLINK = "unlink_account"
LOGOUT = "op.logoutForm"
# A form without a name, which a script in the page submits at once.
AUTOMATIC = ""


class UnexpectedPage(AssertionError):
    """
    The provider showed another page than the one that the test was ready for.

    Attributes:
        page: What it showed.
    """

    def __init__(self, expected: str, page: Page) -> None:
        seen = page.text.partition("<body>")[2] or page.text
        super().__init__(f"expected {expected}, got {page.status} from {page.url}: {seen}")
        self.page = page


@attrs.frozen
class Answer:
    """
    What the user does on one page.

    Attributes:
        form: The name of the page's form; None answers whichever page comes.
        fields: What the user fills in and presses.
    """

    form: str | None
    fields: Mapping[str, str]

    @classmethod
    def login(cls, username: str) -> Self:
        """Sign in as a user."""
        return cls(LOGIN, {"account": username, "answer": "confirm"})

    @classmethod
    def connection_account(cls, user_id: str) -> Self:
        """Choose an account of the connection that is to be linked."""
        return cls(LINK, {"account": user_id, "answer": "confirm"})

    @classmethod
    def unlink(cls) -> Self:
        """Agree to disconnect the connection."""
        return cls(UNLINK, {"answer": "confirm"})

    @classmethod
    def cancel(cls) -> Self:
        """Press Cancel, on whichever page it is."""
        return cls(None, {"answer": "cancel"})

    @classmethod
    def logout(cls) -> Self:
        """Agree to sign out."""
        return cls(LOGOUT, {"logout": "yes"})


def login(browser: PlainBrowser, url: str, username: str) -> str:
    """Sign in as a user and return the callback URL."""
    return walk(browser, url, Answer.login(username))


def choose_connection_account(browser: PlainBrowser, url: str, user_id: str) -> str:
    """Link an account of the requested connection and return the callback URL."""
    return walk(browser, url, Answer.connection_account(user_id))


def confirm_unlink(browser: PlainBrowser, url: str) -> str:
    """Disconnect the requested connection and return the callback URL."""
    return walk(browser, url, Answer.unlink())


def cancel(browser: PlainBrowser, url: str) -> str:
    """Press Cancel on the first page and return the callback URL, which holds the error."""
    return walk(browser, url, Answer.cancel())


def log_out(browser: PlainBrowser, url: str) -> str:
    """Agree to sign out and return the post_logout_redirect_uri, as the browser is sent to it."""
    return walk(browser, url, Answer.logout())


def pass_through(browser: PlainBrowser, url: str) -> str:
    """Return the callback URL of a request that needs no page, as with a session at hand."""
    return walk(browser, url)


def walk(browser: PlainBrowser, url: str, *answers: Answer) -> str:
    """
    Open a URL at the provider, answer its pages in their order, and return where it leads out.

    Raises:
        UnexpectedPage: When another page comes, or one more, or one that says what is wrong.
    """
    provider = origin_of(url)
    page = _settle(browser, browser.get(url), provider)
    for answer in answers:
        page = _settle(browser, _answer(browser, page, answer), provider)
    if page.location is None:
        raise UnexpectedPage("to be sent back to the client", page)
    return page.location


def _answer(browser: PlainBrowser, page: Page, answer: Answer) -> Page:
    try:
        form = page.form(answer.form)
    except LookupError as error:
        raise UnexpectedPage(f"the form {answer.form or 'of any page'}", page) from error
    return browser.submit(page, form, answer.fields)


def _settle(browser: PlainBrowser, page: Page, provider: str) -> Page:
    """Go on to the next page that needs a user, or to the redirect that leaves the provider."""
    while True:
        page = browser.follow_while(page, lambda location: origin_of(location) == provider)
        forms = page.forms
        if page.location is not None or len(forms) != 1 or not _is_automatic(page, provider):
            return page
        page = browser.submit(page, forms[0])


def _is_automatic(page: Page, provider: str) -> bool:
    """Tell whether a script submits the page's form, to the provider itself."""
    form = page.forms[0]
    return form.name == AUTOMATIC and origin_of(form.action) == provider
