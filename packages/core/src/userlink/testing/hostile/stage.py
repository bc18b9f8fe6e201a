"""Where a case is played: the application, the providers, browsers, and what can be seen from outside."""

import json
from urllib.parse import parse_qs, quote, urlsplit

from attrs import field, frozen

from .browser import Browser, Page
from .case import Case
from .credentials import Application
from .findings import BrokenSetup, NotApplicable, Weakness
from .misbehaviour import Misbehaviour
from .network import HostileNetwork
from .provider import ATTACKER, VICTIM, HostileProvider
from .tripwire import Tripwire

__all__ = ["Snapshot", "Stage"]


@frozen
class Snapshot:
    """
    Who is signed in in a browser, as the application shows it.

    Attributes:
        subjects: every ``sub`` of the provider that the page names.
        claims: the page's body where it is JSON, so that no claim may differ either.
    """

    subjects: frozenset[str]
    claims: object = field(default=None, repr=False)

    def __str__(self) -> str:
        return " and ".join(sorted(self.subjects)) or "nobody"


NOBODY = Snapshot(frozenset())


@frozen
class Stage:
    """
    Everything that a case needs.

    Attributes:
        application: the one that is attacked.
        network: the attacker's servers.
        patience_seconds: how long the application may take for an answer.
    """

    application: Application
    network: HostileNetwork
    patience_seconds: float = 15.0

    @property
    def provider(self) -> HostileProvider:
        """The provider that the application trusts."""
        return self.network.provider

    @property
    def tripwire(self) -> Tripwire:
        """Where nobody has any business."""
        return self.network.tripwire

    def misbehave(self, misbehaviour: Misbehaviour) -> None:
        """Let the provider deviate from now on."""
        self.provider.misbehave(misbehaviour)

    def browser(self) -> Browser:
        """Open a browser with an empty jar."""
        return Browser(self.application.url, self.patience_seconds)

    # ------------------------------------------------------------------------ what a browser does

    def start_login(self, browser: Browser, query: str = "") -> Page:
        """Begin a login."""
        return browser.get(with_query(self.application.login, query))

    def start_link(self, browser: Browser) -> Page:
        """
        Begin linking.

        Raises:
            NotApplicable: when the application does not link.
        """
        if self.application.link is None:
            raise NotApplicable("The application has no route to link.")
        return browser.post(self.path(self.application.link))

    def start_unlink(self, browser: Browser) -> Page:
        """
        Begin unlinking.

        Raises:
            NotApplicable: when the application does not unlink.
        """
        if self.application.unlink is None:
            raise NotApplicable("The application has no route to unlink.")
        return browser.post(self.path(self.application.unlink))

    def start_link_or_login(self, browser: Browser) -> Page:
        """Begin linking, or a login where the application does not link."""
        try:
            return self.start_link(browser)
        except NotApplicable:
            return self.start_login(browser)

    def path(self, template: str) -> str:
        """Return the path of a route for the connection that is linked."""
        return template.replace("{connection}", quote(self.application.connection))

    def leads_to_provider(self, page: Page) -> bool:
        """Tell whether a page sends the browser to the provider."""
        return page.location.startswith(self.provider.issuer)

    def finish(self, browser: Browser, started: Page, user: str) -> Page:
        """Go where a start leads, agree there as a user, and come back; a refused start is returned as it is."""
        if not self.leads_to_provider(started):
            return started
        return browser.get(self.provider.authorize(started.location, user))

    def callback_of(self, started: Page, user: str) -> str:
        """
        Return the callback URL of a start, not opened yet.

        Raises:
            BrokenSetup: when the start does not lead to the provider.
        """
        if not self.leads_to_provider(started):
            raise BrokenSetup(
                f"A start was answered with status {started.status} and no redirect to"
                f" {self.provider.issuer}: is the application configured with this issuer, and are its routes right?"
            )
        return self.provider.authorize(started.location, user)

    def signed_in(self, user: str = VICTIM) -> Browser:
        """
        Return a browser in which a user has signed in, all being honest.

        Raises:
            BrokenSetup: when that does not work.
        """
        browser = self.browser()
        page = browser.get(self.callback_of(self.start_login(browser), user))
        subject = self.subject(user)
        seen = self.snapshot(browser)
        if seen.subjects != frozenset([subject]):
            raise BrokenSetup(
                f"After an honest login (callback: status {page.status}, Location {shown(page.location)}) the page"
                f" {self.application.me} names {seen}, and not {subject}."
            )
        return browser

    # ----------------------------------------------------------------------- what can be seen

    def subject(self, user: str) -> str:
        """Return the ``sub`` of a user."""
        return self.provider.accounts[user].subject

    def snapshot(self, browser: Browser) -> Snapshot:
        """Look who is signed in."""
        page = browser.get(self.application.me)
        text = page.body if page.status == 200 else ""
        subjects = {self.subject(user) for user in (VICTIM, ATTACKER)}
        named = {each for each in subjects if each in text or quote(each, safe="") in text}
        try:
            claims: object = json.loads(text)
        except ValueError:
            claims = None
        return Snapshot(frozenset(named), claims)

    def kind_of(self, page: Page) -> str | None:
        """Return the code of the error that a refusal names, or None where the application does not say."""
        if self.application.error_parameter is None:
            return None
        query = parse_qs(urlsplit(page.location).query)
        return query.get(self.application.error_parameter, [""])[0]

    # ------------------------------------------------------------------------ what must hold

    def must_be_refusal(self, page: Page, case: Case, what: str) -> None:
        """
        Check that a page refuses: not by crashing, not by going on to the provider, and by the right error.

        Raises:
            Weakness: when it does not.
        """
        allowed = (502, 503, 504) if case.expected.may_be_5xx else ()
        if page.status >= 500 and page.status not in allowed:
            raise Weakness(
                f"{what} was answered with status {page.status}: the application crashed."
            )
        if self.leads_to_provider(page):
            raise Weakness(f"{what} went on to the provider.")
        kind = self.kind_of(page)
        if kind is not None and case.expected.kinds and kind not in case.expected.kinds:
            raise Weakness(
                f"{what} was answered with status {page.status} and the error {kind or 'none'!r};"
                f" expected was {' or '.join(map(repr, case.expected.kinds))}."
            )

    def must_see(self, browser: Browser, expected: Snapshot, what: str) -> None:
        """
        Check who is signed in.

        Raises:
            Weakness: when it is somebody else, or when the claims differ.
        """
        seen = self.snapshot(browser)
        if seen.subjects != expected.subjects:
            raise Weakness(f"{what}: {seen} is signed in, and should be {expected}.")
        if seen.claims != expected.claims and expected.subjects:
            raise Weakness(f"{what}: the session of {expected} has other claims than before.")

    def must_be_nobody(self, browser: Browser, what: str) -> None:
        """
        Check that nobody is signed in.

        Raises:
            Weakness: when somebody is.
        """
        seen = self.snapshot(browser)
        if seen.subjects:
            raise Weakness(f"{what}: {seen} is signed in, and nobody should be.")

    def must_be_user(self, browser: Browser, user: str, what: str) -> None:
        """
        Check that a user is signed in.

        Raises:
            Weakness: when it is somebody else, or nobody.
        """
        seen = self.snapshot(browser)
        if seen.subjects != frozenset([self.subject(user)]):
            raise Weakness(f"{what}: {seen} is signed in, and should be {self.subject(user)}.")

    def must_not_have_sent(self, callback_url: str, what: str) -> None:
        """
        Check that the code of a callback was sent to no token endpoint.

        Raises:
            Weakness: when it was.
        """
        codes = parse_qs(urlsplit(callback_url).query).get("code", [])
        for provider in (self.provider, self.network.rival):
            if not set(codes).isdisjoint(provider.codes_sent()):
                raise Weakness(
                    f"{what}: the code was sent to the token endpoint of {provider.issuer}."
                )

    def must_not_have_tripped(self) -> None:
        """
        Check that nothing was sent where the application has no business.

        Raises:
            Weakness: when something was.
        """
        if self.tripwire.requests:
            raise Weakness(f"The attacker's server was sent: {', '.join(self.tripwire.requests)}.")


def with_query(path: str, query: str) -> str:
    """Add to the query of a path."""
    if not query:
        return path
    return f"{path}{'&' if '?' in path else '?'}{query}"


def shown(url: str) -> str:
    """Return an address without its query, which may hold a code."""
    return repr(url.partition("?")[0])
