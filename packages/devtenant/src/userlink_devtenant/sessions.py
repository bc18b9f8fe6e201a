"""Browsers at the tenant: their session cookie, who is signed in, and the page they are at."""

import enum
import hmac
import secrets
import threading
from collections.abc import Mapping

from attrs import evolve, field, frozen

from .clock import Clock
from .errors import Refusal

__all__ = [
    "MULTI_FACTOR",
    "AuthorizationRequest",
    "Browser",
    "Interaction",
    "InteractionStore",
    "Kind",
    "SessionStore",
    "SignIn",
    "check_csrf",
]


# The class of authentication that Auth0 knows by this name: a second factor after the password.
MULTI_FACTOR = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"


class Kind(enum.Enum):
    """What an authorization request is for."""

    LOGIN = "login"
    LINK = "link"
    UNLINK = "unlink"


@frozen
class SignIn:
    """A user's session at the tenant."""

    username: str
    auth_time: int
    sid: str
    acr: str | None = None


@frozen
class Browser:
    """A browser that was here before; the cookie's value changes at sign-in, the id does not."""

    id: str
    csrf: str = field(repr=False)
    sign_in: SignIn | None = None


@frozen
class AuthorizationRequest:
    """An authorization request that was checked (OIDC Core, section 3.1.2.2)."""

    client_id: str
    redirect_uri: str
    parameters: Mapping[str, str] = field(repr=False)
    kind: Kind = Kind.LOGIN
    prompts: frozenset[str] = frozenset()
    max_age_seconds: int | None = None
    wants_second_factor: bool = False
    hinted_subject: str | None = None

    def get(self, name: str) -> str | None:
        """Return a parameter."""
        return self.parameters.get(name)

    @property
    def connection(self) -> str:
        """The connection to link or unlink."""
        return self.parameters.get("requested_connection", "")

    def refusal(self, error: str, description: str) -> Refusal:
        """Make a refusal that the client is told by redirect."""
        problem = Refusal(error, description)
        return problem.returning_to(self.redirect_uri, self.get("state"))


@frozen
class Interaction:
    """An authorization request that waits for its user at a page."""

    id: str
    browser_id: str
    csrf: str = field(repr=False)
    request: AuthorizationRequest
    has_signed_in: bool = False


class SessionStore:
    """Session cookies and who is signed in behind them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._browsers: dict[str, Browser] = {}

    def reset(self) -> None:
        """Sign everybody out."""
        with self._lock:
            self._browsers.clear()

    def open(self, cookie: str | None) -> tuple[Browser, str]:
        """Return the browser behind a cookie, or a new one, and the cookie's value."""
        with self._lock:
            if cookie and cookie in self._browsers:
                return self._browsers[cookie], cookie
            browser = _new_browser()
            return browser, self._keep(browser)

    def sign_in(self, cookie: str, username: str, acr: str | None = None) -> tuple[Browser, str]:
        """Sign a user in; the cookie's value changes, so that none can be planted beforehand."""
        with self._lock:
            browser = self._browsers.pop(cookie, None) or _new_browser()
            before = browser.sign_in
            same = before is not None and before.username == username
            sid = before.sid if before and same else secrets.token_urlsafe(16)
            sign_in = SignIn(username=username, auth_time=self._clock.now(), sid=sid, acr=acr)
            browser = evolve(browser, sign_in=sign_in)
            return browser, self._keep(browser)

    def sign_out(self, cookie: str) -> SignIn | None:
        """Forget a browser, and return who was signed in."""
        with self._lock:
            browser = self._browsers.pop(cookie, None)
        return browser.sign_in if browser else None

    def end(self, username: str) -> None:
        """Sign a user out in all browsers."""
        with self._lock:
            for cookie, browser in list(self._browsers.items()):
                if browser.sign_in and browser.sign_in.username == username:
                    del self._browsers[cookie]

    def _keep(self, browser: Browser) -> str:
        cookie = secrets.token_urlsafe(32)
        self._browsers[cookie] = browser
        return cookie


class InteractionStore:
    """The pages that are open; each belongs to one browser and is answered once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, Interaction] = {}

    def reset(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._waiting.clear()

    def begin(self, browser: Browser, request: AuthorizationRequest) -> Interaction:
        """Start one for a browser."""
        interaction = Interaction(
            id=secrets.token_urlsafe(16),
            browser_id=browser.id,
            csrf=secrets.token_urlsafe(32),
            request=request,
        )
        with self._lock:
            self._waiting[interaction.id] = interaction
        return interaction

    def get(self, interaction_id: str, browser: Browser) -> Interaction:
        """
        Return an interaction that waits for this browser.

        Raises:
            Refusal: when there is none.
        """
        with self._lock:
            interaction = self._waiting.get(interaction_id)
        if interaction is None:
            raise Refusal(
                "invalid_request",
                "This page was answered before, or the tenant was restarted. Go back to the"
                " application and start again.",
            )
        if interaction.browser_id != browser.id:
            raise Refusal("invalid_request", "This page belongs to another browser.", status=403)
        return interaction

    def mark_signed_in(self, interaction: Interaction) -> Interaction:
        """Remember that the user has just given the password."""
        changed = evolve(interaction, has_signed_in=True)
        with self._lock:
            if interaction.id in self._waiting:
                self._waiting[interaction.id] = changed
        return changed

    def claim(self, interaction: Interaction) -> None:
        """
        End an interaction: of any number of answers exactly one counts.

        Raises:
            Refusal: when it was answered before.
        """
        with self._lock:
            if self._waiting.pop(interaction.id, None) is None:
                raise Refusal("invalid_request", "This page was answered before.", status=409)


def _new_browser() -> Browser:
    return Browser(id=secrets.token_urlsafe(16), csrf=secrets.token_urlsafe(32))


def check_csrf(expected: str, given: str | None) -> None:
    """
    Compare a form's token with the one its page was given.

    Raises:
        Refusal: when they differ.
    """
    if not hmac.compare_digest(expected.encode(), (given or "").encode()):
        raise Refusal(
            "invalid_request",
            "The form did not come from this tenant's own page (its csrf token is missing or"
            " wrong).",
            status=403,
        )
