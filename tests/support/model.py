"""
Many browsers at one application, and what must hold whatever they do.

The application is the real client over the provider in memory. The model beside it knows little, on purpose: who
authorised what, which transactions a browser holds, and which session began by whose login. From that it says of each
completion whether it *may* succeed and, where nobody tampered with cookies, whether it *must*.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import anyio

from userlink import (
    ServerClient,
    TransactionAlreadyUsed,
    TransactionExpired,
    TransactionNotFound,
    UserlinkError,
)
from userlink.protocol.results import CallbackResult, SessionData
from userlink.testing import FixedClock, FixedEntropy, Identity, InMemoryProvider

from .model_values import (
    TRANSACTION_SECONDS,
    Answer,
    Browser,
    Started,
    at_once,
    content_of,
    core_of,
)

__all__ = ["USERS", "Application"]

T = TypeVar("T")
Outcome = CallbackResult | UserlinkError

CALLBACK = "https://app.example/auth/callback"
USERS = ("alice", "bob", "carol")
IDLE_SECONDS, ABSOLUTE_SECONDS = 86_400, 259_200
# A store that has purged an old transaction cannot tell whether it was used.
_REPEATED = (TransactionAlreadyUsed, TransactionNotFound, TransactionExpired)


class Application:
    """
    The client under test, its provider, and all that the model remembers.

    Args:
        arguments: of the client, in addition.
    """

    def __init__(self, **arguments: Any) -> None:
        self.clock = FixedClock()
        self.provider = InMemoryProvider(clock=self.clock, redirect_uris=[CALLBACK], users=USERS)
        usual: dict[str, Any] = {
            "domain": self.provider.issuer,
            "client_id": self.provider.client_id,
            "client_secret": self.provider.client_secret,
            "secret": "not so secret, but long enough for tests",
            "authorization_params": {"redirect_uri": CALLBACK},
            "transport": self.provider,
            "clock": self.clock,
            "entropy": FixedEntropy("client"),
            "installed_plugins": False,
        }
        self.client = ServerClient(**{**usual, **arguments})
        self.started: list[Started] = []
        self.logged_in: dict[str, str] = {}  # by the session's sid, the user who logged in
        self.ended: set[str] = set()  # sids that may never be seen again
        self.ever_linked: dict[str, set[tuple[str, str]]] = {user: set() for user in USERS}
        self._runner = asyncio.Runner()
        self._note_identities()

    def close(self) -> None:
        """End the event loop."""
        self._runner.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end, on the application's event loop."""
        return self._runner.run(work)

    def start(self, kind: str, browser: Browser, connection: str) -> Started:
        """Start a flow; a link may renew the ID token of the session, and changes nothing else."""
        number = len(self.started)
        options: dict[str, Any] = {"app_state": {"flow": number}}
        start: Any = self.client.start_interactive_login
        if kind != "login":
            options["connection"] = connection
            start = self.client.start_link_user if kind == "link" else self.client.start_unlink_user
        request, response = dict(browser.jar), dict(browser.jar)
        url = self.run(start(options, {"cookies": response}))
        browser.receive(request, response)
        self.expect_continued(browser)
        others = [other for other in self.started if other.browser is browser]
        for other in others:
            other.starts_after += 1
        oldest = self.clock.now - TRANSACTION_SECONDS
        bound = None if kind == "login" else browser.seen
        started = Started(
            number=number,
            kind=kind,
            url=url,
            browser=browser,
            started_at=self.clock.now,
            session=None if bound is None else bound.sid,
            user=None if bound is None else self.logged_in[bound.sid or ""],
            starts_before=sum(other.started_at > oldest for other in others),
        )
        self.started.append(started)
        browser.holds.add(number)
        return started

    def agree(
        self,
        started: Started,
        user: str,
        identity: str = "octocat",
        iss: str | None = "",
        honours_hint: bool = True,
    ) -> Answer:
        """Let a user agree at the provider, which may be careless or answer in another's name."""
        connection = "google" if "requested_connection=google" in started.url else "github"
        url = self.provider.authorize(
            started.url,
            user,
            identity=Identity(connection, identity),
            iss=iss,
            honours_hint=honours_hint,
        )
        self._note_identities()
        return Answer(started, url, user, self.clock.now, "code=" in url and iss == "")

    def deny(self, started: Started, user: str) -> Answer:
        """Let a user cancel at the provider."""
        url = self.provider.deny(started.url)
        return Answer(started, url, user, self.clock.now, is_right=False)

    def deliver(
        self, answer: Answer, browser: Browser, method: str, times: int = 1, arrives: bool = True
    ) -> list[Outcome]:
        """
        Deliver a callback, as often as said and all at once, and hold every outcome against the model.

        Args:
            answer: the callback.
            browser: which one brings it.
            method: ``any``, or the kind that the application believes to complete.
            times: how many requests bring it.
            arrives: whether the responses reach the browser.
        """
        may, was_used = answer.may_complete(browser, method, self.clock.now), answer.started.is_used
        must = may and answer.started.is_certainly_in(browser)
        sent_before = len(self.provider.requests_to("token"))
        request = dict(browser.jar)
        delivered = self.run(self._complete(answer.url, method, request, times))
        sent = len(self.provider.requests_to("token")) - sent_before
        for _, response in delivered if arrives else ():
            browser.receive(request, response)
        outcomes = [outcome for outcome, _ in delivered]
        results = [outcome for outcome in outcomes if not isinstance(outcome, UserlinkError)]

        assert len(results) <= may, "a completion succeeded that may not"
        assert len(results) >= must, "a completion failed that must not"
        assert sent <= 1, "one callback led to two token requests"
        self._check_errors(answer.started, browser, outcomes, was_used)
        if results:
            self._check_result(answer, browser, results[0], arrives)
        else:
            self.expect_unchanged(browser)
        return outcomes

    def log_out(self, browser: Browser, arrives: bool) -> None:
        """Log out; the response may get lost."""
        request, response = dict(browser.jar), dict(browser.jar)
        self.run(self.client.logout(None, {"cookies": response}))
        if arrives:
            browser.receive(request, response)
        self._end(browser)
        browser.seen = self.look(browser)
        assert browser.seen is None, "a session outlived its logout"

    def wait(self, seconds: int, browsers: list[Browser]) -> None:
        """Let time pass, and see who is still signed in."""
        self.clock.advance(seconds)
        for browser in browsers:
            before = browser.seen
            ends_at = 0 if before is None else before.created_at + ABSOLUTE_SECONDS
            if seconds < IDLE_SECONDS and self.clock.now < ends_at:
                self.expect_unchanged(browser)
            else:
                browser.seen = self.look(browser)
                assert browser.seen is None, "a session outlived its time"

    def look(self, browser: Browser) -> SessionData | None:
        """Look at a browser's session, and check what must hold of every session there is."""
        request, response = dict(browser.jar), dict(browser.jar)
        session = at_once(self.client.get_session({"cookies": response}))
        browser.receive(request, response)
        if session is None:
            return None
        user = self.logged_in.get(session.sid or "")
        subject = f"auth0|{user}"
        linked = {
            (identity["connection"], identity["user_id"]) for identity in session.user["identities"]
        }
        assert (subject, subject) == (session.subject, session.user["sub"]), "a swapped user"
        assert linked <= self.ever_linked[user or ""], "an identity landed on another user"
        assert session.sid not in self.ended, "an ended session is back"
        return session

    def expect_unchanged(self, browser: Browser) -> None:
        """Check that a browser's session is as it was, its idle time apart."""
        before, browser.seen = browser.seen, self.look(browser)
        assert content_of(before) == content_of(browser.seen), "a session changed"

    def expect_continued(self, browser: Browser) -> None:
        """Check that a browser's session is still the same one, though tokens and claims may be new."""
        before, browser.seen = browser.seen, self.look(browser)
        assert core_of(before) == core_of(browser.seen), "a session was replaced"

    def expect_the_same_or_nothing(self, browser: Browser) -> None:
        """Check that a browser whose cookies were tampered with has no other session than before."""
        before, browser.seen = browser.seen, self.look(browser)
        browser.is_intact = False
        assert (
            before is None or browser.seen is None or content_of(before) == content_of(browser.seen)
        )

    async def _complete(
        self, url: str, method: str, request: dict[str, str], times: int
    ) -> list[tuple[Outcome, dict[str, str]]]:
        complete: Any = {
            "any": self.client.complete_callback,
            "login": self.client.complete_interactive_login,
            "link": self.client.complete_link_user,
            "unlink": self.client.complete_unlink_user,
        }[method]
        delivered: list[tuple[Outcome, dict[str, str]]] = []

        async def deliver_once() -> None:
            response = dict(request)
            try:
                outcome: Outcome = await complete(url, {"cookies": response})
            except UserlinkError as error:
                outcome = error
            delivered.append((outcome, response))

        async with anyio.create_task_group() as tasks:
            for _ in range(times):
                tasks.start_soon(deliver_once)
        return delivered

    def _check_errors(
        self, started: Started, browser: Browser, outcomes: list[Outcome], was_used: bool
    ) -> None:
        for outcome in outcomes:
            own = {"flow": started.number}
            assert outcome.app_state in (None, own), "the app_state of another flow"
            if started.number not in browser.holds:
                assert isinstance(outcome, TransactionNotFound), "a stranger's callback"
            elif was_used:
                assert isinstance(outcome, _REPEATED), "a transaction was taken twice"
            if not isinstance(outcome, TransactionNotFound):
                started.is_used = True

    def _check_result(
        self, answer: Answer, browser: Browser, result: CallbackResult, arrives: bool
    ) -> None:
        assert f"auth0|{answer.user}" == result.user["sub"]
        if answer.started.kind == "login":
            self._end(
                browser
            )  # the session before, whether the browser learns of the new one or not
            if arrives:
                self._note_login(browser, answer.user)
            browser.seen = self.look(browser)
            assert arrives or browser.seen is None, "a replaced session is still there"
        else:  # also where the response got lost: the process remembers for a minute what it sealed last
            self.expect_continued(browser)

    def _note_login(self, browser: Browser, user: str) -> None:
        session = at_once(self.client.get_session({"cookies": dict(browser.jar)}))
        assert session is not None, "a login left no session"
        assert session.sid is not None
        assert session.sid not in self.logged_in, "a login began no new session"
        self.logged_in[session.sid] = user

    def _end(self, browser: Browser) -> None:
        if browser.seen is not None and browser.seen.sid is not None:
            self.ended.add(browser.seen.sid)

    def _note_identities(self) -> None:
        for name in USERS:
            self.ever_linked[name] |= {
                (identity.connection, identity.user_id)
                for identity in self.provider.accounts[name].identities
            }
