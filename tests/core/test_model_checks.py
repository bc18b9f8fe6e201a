"""Every check of the model fires: a client or a store that is wrong in one way does not get past it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from support.model import Application
from support.model_values import Answer, Browser
from userlink import (
    LinkedUserMismatch,
    LinkResult,
    LoginResult,
    SessionChanged,
    TransactionAlreadyUsed,
    TransactionKindMismatch,
    TransactionNotFound,
    UnlinkResult,
)
from userlink.stores.memory_store import MemoryStateStore, MemoryTransactionStore
from userlink.stores.protocols import StoreOptions, TransactionRecord


class ForgetsToForget(MemoryTransactionStore):
    """A store that gives the same transaction to everybody who asks."""

    async def take(self, identifier: str, store_options: StoreOptions) -> TransactionRecord | None:
        """Return the record, and keep it."""
        record = await super().take(identifier, store_options)
        if record is not None:
            await self.set(identifier, record, store_options)
        return record


class Loses(MemoryTransactionStore):
    """A store that has nothing when asked."""

    async def take(self, identifier: str, store_options: StoreOptions) -> None:
        """Return nothing."""


class NeverDeletes(MemoryStateStore):
    """A store in which sessions outlive their end."""

    async def delete(self, identifier: str, store_options: StoreOptions) -> None:
        """Do nothing."""


SignIn = Callable[..., tuple[Application, Browser, Answer]]


@pytest.fixture
def signed_in() -> Iterator[SignIn]:
    """Build applications, each with a browser in which alice is signed in, and a link of hers to deliver."""
    with ExitStack() as stack:

        def build(**arguments: Any) -> tuple[Application, Browser, Answer]:
            application, browser = Application(**arguments), Browser()
            stack.callback(application.close)
            login = application.start("login", browser, "")
            application.deliver(application.agree(login, "alice"), browser, "any")
            link = application.agree(application.start("link", browser, "github"), "alice")
            return application, browser, link

        yield build


def test_the_model_sees_a_transaction_that_is_taken_twice(signed_in: SignIn) -> None:
    """Two callbacks at once, and a store that takes without removing."""
    application, browser, link = signed_in(transaction_store=ForgetsToForget())

    with pytest.raises(AssertionError, match=r"succeeded that may not|two token requests"):
        application.deliver(link, browser, "any", times=2)


def test_the_model_sees_a_completion_that_must_not_fail(signed_in: SignIn) -> None:
    """Else a client that refuses everything would pass."""
    with pytest.raises(AssertionError, match="must not"):
        signed_in(transaction_store=Loses())


def test_the_model_sees_a_transaction_that_outlives_its_time(signed_in: SignIn) -> None:
    """Ten minutes, says the model; the client was told otherwise."""
    application, browser, _ = signed_in(transaction_seconds=10_000)
    login = application.start("login", browser, "")
    application.wait(601, [browser])

    with pytest.raises(AssertionError, match="may not"):
        application.deliver(application.agree(login, "alice"), browser, "any")


def test_the_model_sees_a_session_that_outlives_its_time(signed_in: SignIn) -> None:
    """A day unused, says the model; the client was told otherwise."""
    application, browser, _ = signed_in(session_idle_seconds=200_000)

    with pytest.raises(AssertionError, match="outlived its time"):
        application.wait(90_000, [browser])


def test_the_model_sees_a_session_that_outlives_its_logout(signed_in: SignIn) -> None:
    """The cookie comes back, and so does the session."""
    application, browser, _ = signed_in(state_store=NeverDeletes())
    jar = dict(browser.jar)
    application.log_out(browser, arrives=True)
    browser.jar = jar

    with pytest.raises(AssertionError, match="ended session is back"):
        application.look(browser)


def test_the_model_sees_a_swapped_user_and_another_users_identity(signed_in: SignIn) -> None:
    """Here it is the model's memory that is changed."""
    application, browser, link = signed_in()
    application.deliver(link, browser, "any")
    assert browser.seen is not None
    sid = str(browser.seen.sid)

    application.logged_in[sid] = "bob"
    with pytest.raises(AssertionError, match="swapped user"):
        application.look(browser)
    application.logged_in[sid] = "alice"
    application.ever_linked["alice"] = set()
    with pytest.raises(AssertionError, match="another user"):
        application.look(browser)


def test_the_model_sees_a_session_that_changes_by_itself(signed_in: SignIn) -> None:
    """Here somebody links behind the model's back."""
    application, browser, link = signed_in()
    jar = {"cookies": browser.jar}

    application.run(application.client.complete_link_user(link.url, jar))

    with pytest.raises(AssertionError, match="a session changed"):
        application.expect_unchanged(browser)


@pytest.mark.parametrize("stores", [{}, {"state_store": MemoryStateStore()}])
def test_the_model_lets_good_flows_pass_and_knows_each_refusal(
    signed_in: SignIn, stores: dict[str, Any]
) -> None:
    """Link, repeat, wrong kind, wrong user, wrong browser, wrong session: each as it should be."""
    application, browser, link = signed_in(**stores)
    stranger = Browser()

    def outcome(answer: Answer, where: Browser, method: str = "any") -> object:
        (single,) = application.deliver(answer, where, method)
        return type(single)

    def fresh(kind: str, user: str = "alice") -> Answer:
        started = application.start(kind, browser, "github")
        return application.agree(started, user, identity=f"{user}-cat", honours_hint=False)

    assert LinkResult is outcome(link, browser)
    assert TransactionAlreadyUsed is outcome(link, browser)
    assert TransactionNotFound is outcome(link, stranger)
    assert TransactionKindMismatch is outcome(fresh("login"), browser, "link")
    assert LinkedUserMismatch is outcome(fresh("link", "bob"), browser)
    assert UnlinkResult is outcome(fresh("unlink"), browser)
    left_open = fresh("link")
    assert LoginResult is outcome(fresh("login", "bob"), browser)
    assert SessionChanged is outcome(left_open, browser)
