"""What the model of many browsers remembers: cookie jars, transactions that were started, callbacks that came back."""

from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from attrs import define, field, frozen

from userlink.protocol.results import SessionData

__all__ = [
    "TRANSACTION_SECONDS",
    "Answer",
    "Browser",
    "Started",
    "at_once",
    "content_of",
    "core_of",
]

T = TypeVar("T")

TRANSACTION_SECONDS, CODE_SECONDS = 600, 60
CERTAINLY_KEPT = 4  # later starts that no transaction's cookie has to give way to


@define(eq=False)
class Browser:
    """
    A cookie jar, and what the model knows of it.

    Attributes:
        jar: the cookies.
        holds: the numbers of the transactions that its cookies may complete.
        is_intact: whether its cookies are as the application set them.
        seen: the session when it was last looked at.
    """

    jar: dict[str, str] = field(factory=dict[str, str])
    holds: set[int] = field(factory=set[int])
    is_intact: bool = True
    seen: SessionData | None = None

    def receive(self, request: Mapping[str, str], response: Mapping[str, str]) -> None:
        """Take over what a response changed in the cookies that its request carried."""
        for name in request.keys() - response.keys():
            self.jar.pop(name, None)
        changed = {name for name, value in response.items() if request.get(name) != value}
        self.jar.update({name: response[name] for name in changed})


@define(eq=False)
class Started:
    """
    A transaction.

    Attributes:
        number: in the order of starts.
        kind: ``login``, ``link`` or ``unlink``.
        url: where the browser was sent.
        browser: which started it.
        started_at: Unix seconds.
        session: the ``sid`` of the session that started it; None for a login.
        user: who was signed in then; None for a login.
        is_used: whether a callback of it was delivered.
        starts_before: how many others the same browser had started in the time that a transaction lives.
        starts_after: how many others it started since.
    """

    number: int
    kind: str
    url: str
    browser: Browser
    started_at: int
    session: str | None
    user: str | None
    starts_before: int
    is_used: bool = False
    starts_after: int = 0

    def is_certainly_in(self, browser: Browser) -> bool:
        """Tell whether a browser must still be able to complete it: logins give way to links that are there before."""
        is_own = self.browser is browser and browser.is_intact
        in_the_way = self.starts_before if self.kind == "login" else 0
        return is_own and in_the_way + self.starts_after <= CERTAINLY_KEPT


@frozen(eq=False)
class Answer:
    """
    A callback, as the provider gave it.

    Attributes:
        started: what it answers.
        url: the callback URL.
        user: who answered.
        answered_at: Unix seconds.
        is_right: whether there is a code, from the right issuer.
    """

    started: Started
    url: str
    user: str
    answered_at: int
    is_right: bool

    def may_complete(self, browser: Browser, method: str, now: int) -> bool:
        """Tell whether a completion by this callback may succeed; all that is said here must be so."""
        started, seen = self.started, browser.seen
        in_time = (
            now < started.started_at + TRANSACTION_SECONDS and now < self.answered_at + CODE_SECONDS
        )
        fits = started.kind == "login" or (
            seen is not None and (seen.sid, self.user) == (started.session, started.user)
        )
        is_here = started.number in browser.holds and not started.is_used
        return is_here and in_time and fits and self.is_right and method in ("any", started.kind)


def core_of(session: SessionData | None) -> object:
    """Return what makes a session the one it is."""
    return session and (session.sid, session.issuer, session.subject, session.created_at)


def content_of(session: SessionData | None) -> object:
    """Return what a session holds, its idle time apart."""
    return session and {name: session[name] for name in session if name != "expires_at"}


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run what waits for nothing: a session is looked at after every step, and event loops cost more than that."""
    try:
        work.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise AssertionError("looking at a session waits for something")
