"""
Browsers, tabs, users and callbacks in every interleaving that Hypothesis can think of, against a model.

Whatever happens: no session holds a ``sub`` that did not log in with it, no transaction completes twice, no identity
lands on another user, and a completion that fails leaves the session as it was.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from support.model import USERS, Application
from support.model_values import Answer, Browser, Started
from userlink import (
    SessionIdTokenExpired,
    SessionRequired,
)
from userlink.stores.memory_store import MemoryStateStore, MemoryTransactionStore

T = TypeVar("T")

KINDS = ["login", "link", "unlink"]
NUMBERS = st.sampled_from([0, 0, 0, 1, 2])  # of browsers
RECENT = st.integers(0, 3)  # counted from the newest
# What is there more often comes more often.
MOSTLY_LINKS = st.sampled_from(["link", "link", "link", "unlink", "login", "login"])
MOSTLY_THE_STARTER = st.sampled_from([None] * 6 + list(USERS))
MOSTLY_RIGHT = st.sampled_from(["", "", "", "https://evil.example/", None])
MOSTLY_ITS_OWN = st.sampled_from([None, None, None, 0, 1, 2])
MOSTLY_ANY = st.sampled_from(["any", "any", "any", *KINDS])
MOSTLY_TRUE = st.sampled_from([True, True, True, False])
MOSTLY_FALSE = MOSTLY_TRUE.map(lambda true: not true)
NONSENSE = st.sampled_from([None, None, "", "x", "\u00e9", "A" * 70_000])

Action = tuple[str, dict[str, Any]]


def action(name: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Action]:
    """Return the calls of one method of the machine below."""
    return st.tuples(st.just(name), st.fixed_dictionaries(arguments))


VISIT = action(
    "visit",
    number=NUMBERS,
    kind=MOSTLY_LINKS,
    connection=st.sampled_from(["github", "google"]),
    identity=st.sampled_from(["octocat", "hubot"]),
    user=MOSTLY_THE_STARTER,
    seconds=st.sampled_from([0] * 6 + [30, 599, 601]),
    meanwhile=st.sampled_from([None] * 4 + ["log out", *USERS]),
    times=st.integers(0, 2),
)
DELIVER = action(
    "deliver",
    which=RECENT,
    repeats=MOSTLY_FALSE,
    number=MOSTLY_ITS_OWN,
    method=MOSTLY_ANY,
    times=st.integers(1, 3),
    arrives=MOSTLY_TRUE,
)
ANSWER = action(
    "answer",
    which=RECENT,
    user=MOSTLY_THE_STARTER,
    agrees=MOSTLY_TRUE,
    iss=MOSTLY_RIGHT,
    honours_hint=MOSTLY_FALSE,
)
WAIT = action("wait", seconds=st.sampled_from([1, 30, 61, 599, 601, 601, 40_000, 90_000]))
REST = (
    action("log_out", number=NUMBERS, arrives=st.booleans()),
    action(
        "tamper",
        number=NUMBERS,
        one=st.integers(0, 9),
        other=st.integers(0, 9),
        value=NONSENSE,
        position=st.integers(0, 5000),
    ),
    action("plant_transactions", source=NUMBERS, number=NUMBERS),
    action("bring_cookies_back", which=RECENT),
)
# In this proportion; one_of() alone would give each action the same share.
ACTIONS = st.sampled_from(
    [VISIT] * 8 + [DELIVER] * 12 + [ANSWER] * 4 + [WAIT] * 3 + list(REST)
).flatmap(lambda chosen: chosen)


class Browsers(RuleBasedStateMachine):
    """
    Three browsers of three users at an application that keeps everything in sealed cookies.

    There is one rule, which draws what happens next: of several rules Hypothesis leaves some out in most runs, and it
    takes all of these for anything to happen.
    """

    is_stored: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        stores: dict[str, Any] = {
            "state_store": MemoryStateStore(),
            "transaction_store": MemoryTransactionStore(),
        }
        self.application = Application(**(stores if self.is_stored else {}))
        self.browsers = [Browser() for _ in range(3)]
        self.answers: list[Answer] = []
        self.copies: list[tuple[Browser, dict[str, str], set[int]]] = []

    def teardown(self) -> None:
        """End the event loop."""
        self.application.close()

    @initialize()
    def two_are_signed_in(self) -> None:
        """The third browser belongs to nobody yet."""
        for browser, user in zip(self.browsers, ("alice", "bob"), strict=False):
            self._log_in(browser, user)

    @rule(what=ACTIONS)
    def step(self, what: Action) -> None:
        """Something happens."""
        name, arguments = what
        getattr(self, name)(**arguments)

    def visit(
        self,
        number: int,
        kind: str,
        connection: str,
        identity: str,
        user: str | None,
        seconds: int,
        meanwhile: str | None,
        times: int,
    ) -> None:
        """A flow starts and is agreed to, perhaps late, or by another user; the callback comes twice, or not yet."""
        started = self._start(number, kind, connection)
        self.application.wait(seconds, self.browsers)
        who = user or started.user or USERS[number]
        answer = self.application.agree(started, who, identity, honours_hint=user is None)
        self.answers.append(answer)
        if meanwhile == "log out":
            self.log_out(number, arrives=True)
        elif meanwhile is not None:
            self._log_in(started.browser, meanwhile)
        if times:
            self.application.deliver(answer, started.browser, "any", times)

    def answer(
        self, which: int, user: str | None, agrees: bool, iss: str | None, honours_hint: bool
    ) -> None:
        """Anybody answers what somebody started, at a provider that may be careless or pose as another."""
        waiting = [started for started in self.application.started if not started.is_used]
        started = _recent(waiting or self.application.started, which)
        who = user or started.user or "alice"
        self.answers.append(
            self.application.agree(started, who, f"{who}-cat", iss, honours_hint)
            if agrees
            else self.application.deny(started, who)
        )

    def deliver(
        self,
        which: int,
        repeats: bool,
        number: int | None,
        method: str,
        times: int,
        arrives: bool,
    ) -> None:
        """A callback arrives: late, again, stolen, at a wrong place, many times at once; the response may get lost."""
        waiting = [answer for answer in self.answers if repeats or not answer.started.is_used]
        if waiting:
            answer = _recent(waiting, which)
            browser = answer.started.browser if number is None else self.browsers[number]
            self.application.deliver(answer, browser, method, times, arrives)

    def log_out(self, number: int, arrives: bool) -> None:
        """Somebody logs out; the response may get lost."""
        self.application.log_out(self.browsers[number], arrives)

    def wait(self, seconds: int) -> None:
        """Codes, transactions, ID tokens and sessions run out."""
        self.application.wait(seconds, self.browsers)

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

    def plant_transactions(self, source: int, number: int) -> None:
        """Transaction cookies get into another browser: a link still knows its session."""
        giver, taker = self.browsers[source], self.browsers[number]
        if giver.is_intact and giver is not taker:
            taker.jar.update({name: giver.jar[name] for name in giver.jar if "_tx_" in name})
            taker.holds |= giver.holds
            taker.is_intact = False

    def bring_cookies_back(self, which: int) -> None:
        """Those from before a start come back: what has ended stays so, and nothing completes again."""
        if self.copies:
            browser, jar, holds = _recent(self.copies, which)
            browser.jar, browser.holds, browser.is_intact = dict(jar), set(holds), False
            browser.seen = self.application.look(browser)

    @invariant()
    def no_session_changes_by_itself(self) -> None:
        """Nor by what happens in another browser."""
        for browser in self.browsers:
            self.application.expect_unchanged(browser)

    def _log_in(self, browser: Browser, user: str) -> None:
        started = self.application.start("login", browser, "")
        self.application.deliver(self.application.agree(started, user), browser, "any")

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


class BrowsersWithStores(Browsers):
    """The same at an application that keeps sessions and transactions on the server."""

    is_stored = True


def _recent(things: Sequence[T], which: int) -> T:
    return things[-1 - which % len(things)]


def _with_one_character_changed(value: str, position: int) -> str:
    at = position % max(1, len(value))
    return value[:at] + ("B" if value[at : at + 1] == "A" else "A") + value[at + 1 :]


# A failure is a story of forty steps at most; to shorten one takes minutes.
_PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
_SETTINGS = settings(
    max_examples=settings().max_examples // 2, stateful_step_count=40, phases=_PHASES
)
TestSealedCookies = Browsers.TestCase
TestSealedCookies.settings = _SETTINGS
TestMemoryStores = BrowsersWithStores.TestCase
TestMemoryStores.settings = _SETTINGS
