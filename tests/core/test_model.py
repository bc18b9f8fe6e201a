"""
Browsers, tabs, users and callbacks in every interleaving that Hypothesis can think of, against a model.

Whatever happens: no session holds a ``sub`` that did not log in with it, no transaction completes twice, no identity
lands on another user, and a completion that fails leaves the session as it was.
"""

from typing import Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from support.model import USERS, Application
from support.model_values import Answer, Browser, Started
from userlink import (
    SessionIdTokenExpired,
    SessionRequired,
)
from userlink.stores.memory_store import MemoryStateStore, MemoryTransactionStore

KINDS = ["login", "link", "unlink"]
NUMBERS = st.integers(0, 2)  # of browsers
CONNECTIONS = st.sampled_from(["github", "google"])
IDENTITIES = st.sampled_from(["octocat", "hubot"])
# What comes first comes more often.
MOSTLY_LINKS = st.sampled_from(["link", "link", "link", "unlink", "login"])
MOSTLY_TRUE = st.sampled_from([True, True, True, False])


class Browsers(RuleBasedStateMachine):
    """Three browsers of three users at an application that keeps everything in sealed cookies."""

    started = Bundle("started")
    answers = Bundle("answers")
    is_stored: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        stores: dict[str, Any] = {
            "state_store": MemoryStateStore(),
            "transaction_store": MemoryTransactionStore(),
        }
        self.application = Application(**(stores if self.is_stored else {}))
        self.browsers = [Browser() for _ in range(3)]
        self.copies: list[tuple[Browser, dict[str, str], set[int]]] = []

    def teardown(self) -> None:
        """End the event loop."""
        self.application.close()

    @initialize()
    def two_are_signed_in(self) -> None:
        """The third browser belongs to nobody yet."""
        for browser, user in zip(self.browsers, ("alice", "bob"), strict=False):
            started = self.application.start("login", browser, "")
            self.application.deliver(self.application.agree(started, user), browser, "any")

    @rule(target=started, number=NUMBERS, kind=MOSTLY_LINKS, connection=CONNECTIONS)
    def start(self, number: int, kind: str, connection: str) -> Started:
        """A flow starts; where nobody is signed in, it is a login."""
        return self._start(number, kind, connection)

    def _start(self, number: int, kind: str, connection: str) -> Started:
        browser = self.browsers[number]
        self.copies.append((browser, dict(browser.jar), set(browser.holds)))
        try:
            return self.application.start(kind, browser, connection)
        except SessionRequired:
            assert browser.seen is None
        except SessionIdTokenExpired:
            assert not browser.is_intact  # an older refresh token was brought back, and is spent
        return self.application.start("login", browser, connection)

    @rule(
        target=answers,
        number=NUMBERS,
        kind=MOSTLY_LINKS,
        connection=CONNECTIONS,
        identity=IDENTITIES,
        times=st.sampled_from([1, 1, 0, 3]),
    )
    def visit(self, number: int, kind: str, connection: str, identity: str, times: int) -> Answer:
        """A flow goes all the way, but perhaps for the delivery of the callback: the user who started agrees."""
        started = self._start(number, kind, connection)
        answer = self.application.agree(started, started.user or USERS[number], identity)
        if times:
            self.application.deliver(answer, started.browser, "any", times)
        return answer

    @rule(
        target=answers,
        started=started,
        user=st.sampled_from(USERS),
        identity=IDENTITIES,
        iss=st.sampled_from(["", "", "https://evil.example/", None]),
        honours_hint=st.booleans(),
    )
    def agree(
        self, started: Started, user: str, identity: str, iss: str | None, honours_hint: bool
    ) -> Answer:
        """Anybody agrees at a provider that may be careless, or answer in another's name."""
        return self.application.agree(started, user, identity, iss, honours_hint)

    @rule(target=answers, started=started)
    def deny(self, started: Started) -> Answer:
        """A user cancels at the provider."""
        return self.application.deny(started, "alice")

    @rule(answer=answers, arrives=MOSTLY_TRUE)
    def deliver(self, answer: Answer, arrives: bool) -> None:
        """A callback arrives where it was started, perhaps again; the response may get lost."""
        self.application.deliver(answer, answer.started.browser, "any", arrives=arrives)

    @rule(answer=answers, times=st.integers(2, 5), arrives=MOSTLY_TRUE)
    def deliver_at_once(self, answer: Answer, times: int, arrives: bool) -> None:
        """A callback arrives several times at once."""
        self.application.deliver(answer, answer.started.browser, "any", times, arrives)

    @rule(answer=answers, kind=st.sampled_from(KINDS))
    def deliver_to_one_kind(self, answer: Answer, kind: str) -> None:
        """A callback is given to the completion of one kind, which may be another one's."""
        self.application.deliver(answer, answer.started.browser, kind)

    @rule(answer=answers, number=NUMBERS)
    def deliver_elsewhere(self, answer: Answer, number: int) -> None:
        """A callback was stolen, or forced upon somebody."""
        self.application.deliver(answer, self.browsers[number], "any")

    @rule(number=NUMBERS, arrives=st.booleans())
    def log_out(self, number: int, arrives: bool) -> None:
        """Somebody logs out; the response may get lost."""
        self.application.log_out(self.browsers[number], arrives)

    @rule(seconds=st.sampled_from([1, 1, 30, 30, 61, 61, 599, 601, 40_000, 90_000]))
    def wait(self, seconds: int) -> None:
        """Codes, transactions, ID tokens and sessions run out."""
        self.application.wait(seconds, self.browsers)

    @rule(
        number=NUMBERS,
        one=st.integers(0, 9),
        other=st.integers(0, 9),
        value=st.sampled_from([None, None, "", "x", "\u00e9", "A" * 70_000]),
        position=st.integers(0, 5000),
    )
    def tamper(self, number: int, one: int, other: int, value: str | None, position: int) -> None:
        """Cookies become nonsense, change places, or have one character changed: then they are none."""
        browser = self.browsers[number]
        if not browser.jar:
            return
        names = sorted(browser.jar)
        first, second = names[one % len(names)], names[other % len(names)]
        if value is not None:
            browser.jar[first] = value
        elif first != second:
            browser.jar[first], browser.jar[second] = browser.jar[second], browser.jar[first]
        else:
            browser.jar[first] = _with_one_character_changed(browser.jar[first], position)
        self.application.expect_the_same_or_nothing(browser)

    @rule(source=NUMBERS, number=NUMBERS)
    def plant_transactions(self, source: int, number: int) -> None:
        """Transaction cookies get into another browser: a link still knows its session."""
        giver, taker = self.browsers[source], self.browsers[number]
        if giver.is_intact and giver is not taker:
            taker.jar.update({name: giver.jar[name] for name in giver.jar if "_tx_" in name})
            taker.holds |= giver.holds
            taker.is_intact = False

    @rule(which=st.integers(0, 99))
    def bring_cookies_back(self, which: int) -> None:
        """Old cookies come back: no store revives what has ended, and nothing completes again."""
        if self.copies:
            browser, jar, holds = self.copies[which % len(self.copies)]
            browser.jar, browser.holds, browser.is_intact = dict(jar), set(holds), False
            browser.seen = self.application.look(browser)

    @invariant()
    def no_session_changes_by_itself(self) -> None:
        """Nor by what happens in another browser."""
        for browser in self.browsers:
            self.application.expect_unchanged(browser)


class BrowsersWithStores(Browsers):
    """The same at an application that keeps sessions and transactions on the server."""

    is_stored = True


def _with_one_character_changed(value: str, position: int) -> str:
    at = position % max(1, len(value))
    return value[:at] + ("B" if value[at : at + 1] == "A" else "A") + value[at + 1 :]


_SETTINGS = settings(max_examples=settings().max_examples // 2, stateful_step_count=40)
TestSealedCookies = Browsers.TestCase
TestSealedCookies.settings = _SETTINGS
TestMemoryStores = BrowsersWithStores.TestCase
TestMemoryStores.settings = _SETTINGS
