"""The plugins of one client: which take part, who is asked first, what is refused, what a trace shows."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from support.installed_plugin import install_plugin
from support.memory_provider import ISSUER, MemoryProvider
from support.moving_clock import MovingClock
from userlink.errors import ConfigurationError, ExchangeNotRecognised
from userlink.plugins import hookspecs
from userlink.plugins.blocking_httpx_transport import BlockingHttpxTransport
from userlink.plugins.exchange import PlainCookies
from userlink.plugins.hookspecs import Transport, hookimpl
from userlink.plugins.httpx_transport import HttpxTransport
from userlink.plugins.manager import Plugins
from userlink.protocol.events import Event
from userlink.protocol.settings import ClientSettings
from userlink.stores.memory_store import MemoryStateStore, MemoryTransactionStore
from userlink.stores.protocols import StateStore, StoreOptions

SETTINGS = ClientSettings.read(domain=ISSUER, client_id="client-1", client_secret="canary-secret")
EVENT = Event("link.completed", 1_800_000_000, ISSUER, "auth0|alice", "github")
LOCATION = "special://user:canary-password@host"
STORE = """
from userlink import MemoryStateStore, hookimpl

class InstalledStore(MemoryStateStore):
    pass

@hookimpl
def userlink_state_store(location):
    return InstalledStore() if location == "special:" else None
"""


class StoreNamed:
    """A plugin that answers for one location, and tells who was asked."""

    def __init__(self, name: str, location: str, asked: list[str]) -> None:
        self.name = name
        self.location = location
        self.asked = asked
        self.store = MemoryStateStore()

    @hookimpl
    def userlink_state_store(self, location: str) -> StateStore | None:
        """Return the store for the one location."""
        self.asked.append(self.name)
        return self.store if location == self.location else None


def listening(name: str, heard: list[str]) -> object:
    """Return a plugin that notes who heard of an event."""

    class Listener:
        """Notes its name."""

        @hookimpl
        def userlink_event(self) -> None:
            """Take no argument at all."""
            heard.append(name)

    return Listener()


def plugins(*given: object) -> Plugins:
    """Return plugins without the installed ones."""
    return Plugins(given, installed=False)


# ------------------------------------------------------------------------------------- order


def test_given_plugins_are_asked_the_last_one_first() -> None:
    """The last one given can override those before it."""
    asked: list[str] = []
    first, last = StoreNamed("first", "special:", asked), StoreNamed("last", "special:", asked)

    store = plugins(first, last).state_store("special:", blocking=False)

    assert last.store is store
    assert ["last"] == asked


def test_a_plugin_that_returns_none_lets_the_next_answer() -> None:
    """Down to what is built in."""
    asked: list[str] = []

    store = plugins(StoreNamed("first", "a:", asked), StoreNamed("last", "b:", asked)).state_store(
        "memory:", blocking=False
    )

    assert isinstance(store, MemoryStateStore)
    assert ["last", "first"] == asked


def test_a_given_plugin_is_asked_before_what_is_built_in() -> None:
    """Even for a location that is built in."""
    mine = StoreNamed("mine", "memory:", [])

    assert mine.store is plugins(mine).state_store("memory:", blocking=False)


def test_installed_plugins_come_between_given_and_built_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given, installed, built in: each can answer before the next."""
    install_plugin(monkeypatch, tmp_path, "installed_between", STORE)
    mine = StoreNamed("mine", "special:", [])

    assert "InstalledStore" == type(Plugins().state_store("special:", blocking=False)).__name__
    assert mine.store is Plugins([mine]).state_store("special:", blocking=False)
    assert MemoryStateStore is type(Plugins().state_store("memory:", blocking=False))


def test_installed_plugins_can_be_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``installed_plugins=False``: nothing that happens to be installed takes part."""
    install_plugin(monkeypatch, tmp_path, "installed_left_out", STORE)

    with pytest.raises(ConfigurationError, match="state_store"):
        Plugins(installed=False).state_store("special:", blocking=False)


def test_a_broken_plugin_does_not_matter_when_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not even imported."""
    install_plugin(
        monkeypatch, tmp_path, "installed_broken_left_out", "raise RuntimeError('canary')"
    )

    assert [] == Plugins(installed=False).listeners()


def test_two_clients_share_no_plugin() -> None:
    """There is one manager a client: what one is given the other does not have."""
    plugins(StoreNamed("mine", "special:", []))

    with pytest.raises(ConfigurationError):
        plugins().state_store("special:", blocking=False)


# ----------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import no_such_module_anywhere", "ModuleNotFoundError"),
        ("raise RuntimeError('canary')", "RuntimeError"),
        ("def broken(", "SyntaxError"),
    ],
    ids=["import", "raise", "syntax"],
)
def test_an_installed_plugin_that_cannot_be_loaded_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, why: str
) -> None:
    """The application learns which package to repair, and how to do without it."""
    name = f"installed_broken_{why.lower()}"
    install_plugin(monkeypatch, tmp_path, name, source)

    with pytest.raises(ConfigurationError, match=why) as caught:
        Plugins()

    assert name in str(caught.value)
    assert "installed_plugins=False" in caught.value.hint
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is not None


def test_an_entry_point_that_leads_nowhere_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that the module does not have."""
    install_plugin(
        monkeypatch, tmp_path, "installed_nowhere", "", target="installed_nowhere:missing"
    )

    with pytest.raises(ConfigurationError, match="installed_nowhere:missing"):
        Plugins()


def test_an_installed_plugin_that_does_not_fit_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was written for another version of the hooks."""
    source = "from userlink import hookimpl\n@hookimpl\ndef userlink_no_such_hook(): ...\n"
    install_plugin(monkeypatch, tmp_path, "installed_misfit", source)

    with pytest.raises(ConfigurationError, match="installed_misfit") as caught:
        Plugins()

    assert "userlink_no_such_hook" in str(caught.value)


def test_one_plugin_installed_under_two_names_takes_part_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events are told once."""
    source = "from userlink import hookimpl\n@hookimpl\ndef userlink_event(event): ...\n"
    install_plugin(monkeypatch, tmp_path, "installed_twice", source)
    install_plugin(monkeypatch, tmp_path, "installed_again", "", target="installed_twice")

    listeners = Plugins().listeners()

    assert 1 == [listener.__module__ for listener in listeners].count("installed_twice")


def test_a_hook_that_does_not_exist_is_refused() -> None:
    """A misspelt name would never be called, and nobody would know."""

    class Misspelt:
        """Means ``userlink_event``."""

        @hookimpl
        def userlink_evnt(self, event: Event) -> None:
            """Never be called."""

    with pytest.raises(ConfigurationError, match="userlink_evnt") as caught:
        plugins(Misspelt())

    assert "reference of hooks" in caught.value.hint


def test_an_argument_that_does_not_exist_is_refused() -> None:
    """The hook passes its own arguments only."""

    class Misspelt:
        """Wants an argument that is not there."""

        @hookimpl
        def userlink_event(self, evnt: Event) -> None:
            """Never be called."""

    with pytest.raises(ConfigurationError, match="evnt"):
        plugins(Misspelt())


async def coroutine(self: object) -> None:
    """Would have to be awaited."""
    raise AssertionError("nobody runs this")


async def generator(self: object) -> AsyncIterator[None]:
    """Would have to be iterated over."""
    yield
    raise AssertionError("nobody runs this")


@pytest.mark.parametrize("function", [coroutine, generator])
@pytest.mark.parametrize("hook", [name for name in vars(hookspecs) if name.startswith("userlink_")])
def test_an_async_function_is_refused_for_every_hook(
    hook: str, function: Callable[[object], object]
) -> None:
    """Nobody would await it: an audit that writes nothing, a store that is none, and not a word about it."""
    plugin = type("Async", (), {hook: hookimpl(function)})()

    with pytest.raises(ConfigurationError, match=f"async function for the hook {hook}") as caught:
        plugins(plugin)

    assert "plain functions" in caught.value.hint


def test_an_installed_plugin_with_an_async_function_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The application did not write it, and has to know where it comes from."""
    source = "from userlink import hookimpl\n@hookimpl\nasync def userlink_event(event): ...\n"
    install_plugin(monkeypatch, tmp_path, "installed_async", source)

    with pytest.raises(ConfigurationError, match="installed_async"):
        Plugins()


def test_a_plugin_given_twice_is_refused() -> None:
    """It would be told of each event twice."""
    plugin = listening("twice", [])

    with pytest.raises(ConfigurationError, match="give each plugin once"):
        plugins(plugin, plugin)


@pytest.mark.parametrize(
    ("ask", "argument"),
    [
        (lambda plugins, at: plugins.state_store(at, blocking=False), "state_store"),
        (lambda plugins, at: plugins.transaction_store(at, blocking=False), "transaction_store"),
    ],
    ids=["state_store", "transaction_store"],
)
def test_a_location_that_no_plugin_knows_is_refused_and_not_shown(
    ask: Callable[[Plugins, str], object], argument: str
) -> None:
    """It may be a URL with a password in it."""
    with pytest.raises(ConfigurationError, match=f"open the {argument}") as caught:
        ask(plugins(), LOCATION)

    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("store_options", "named"),
    [
        ({}, "they hold nothing"),
        ({"response": object(), "requets": object()}, "they hold requets, response"),
        ({"cookies": "canary"}, "they hold cookies"),
    ],
)
def test_store_options_that_nobody_understands_are_refused(
    store_options: StoreOptions, named: str
) -> None:
    """The keys are named, and what they hold is not."""
    with pytest.raises(ExchangeNotRecognised, match=named) as caught:
        plugins().bind_exchange(store_options)

    assert "canary" not in str(caught.value)


# ------------------------------------------------------------------------------------ answers


def test_every_kind_of_answer_has_a_built_in() -> None:
    """A client needs no plugin of its own."""
    built_in = plugins()

    assert isinstance(built_in.transport(SETTINGS), HttpxTransport)
    assert isinstance(built_in.blocking_transport(SETTINGS), BlockingHttpxTransport)
    assert isinstance(built_in.state_store("memory:", blocking=False), MemoryStateStore)
    assert isinstance(built_in.transaction_store("memory:", blocking=False), MemoryTransactionStore)
    assert isinstance(built_in.bind_exchange({"cookies": {}}), PlainCookies)
    assert [] == built_in.listeners()


def test_listeners_are_in_the_order_of_asking() -> None:
    """The last one given hears first."""
    heard: list[str] = []

    for listener in plugins(listening("first", heard), listening("last", heard)).listeners():
        listener(EVENT)

    assert ["last", "first"] == heard


# -------------------------------------------------------------------------------------- trace


class Everything:
    """A plugin that implements what a trace shows."""

    @hookimpl
    def userlink_transport(self, settings: ClientSettings) -> Transport:
        """Return a provider in memory."""
        return MemoryProvider(MovingClock())

    @hookimpl
    def userlink_state_store(self, location: str) -> StateStore:
        """Fail for a location."""
        raise ConnectionError(location)

    @hookimpl
    def userlink_event(self, event: Event) -> None:
        """Listen."""


def use_everything() -> None:
    """Call every hook once."""
    everything = plugins(Everything())
    everything.transport(SETTINGS)
    everything.transaction_store("memory:", blocking=False)
    everything.bind_exchange({"cookies": {"session": "canary-cookie"}})
    with pytest.raises(ConnectionError):
        everything.state_store(LOCATION, blocking=False)
    for listener in everything.listeners():
        listener(EVENT)


def test_a_trace_shows_calls_and_kinds_of_answers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line a call, on standard error, for whoever looks for the plugin that answered."""
    monkeypatch.setenv("USERLINK_TRACE_HOOKS", "1")

    use_everything()

    expected = [
        "userlink: userlink_transport(settings) -> MemoryProvider",
        "userlink: userlink_transaction_store(location, blocking) -> MemoryTransactionStore",
        "userlink: userlink_state_store(location, blocking) -> ConnectionError",
        f"userlink: userlink_event({EVENT!r})",
    ]
    captured = capsys.readouterr()
    assert expected == captured.err.splitlines()
    assert "" == captured.out


def test_a_trace_shows_no_cookie_and_no_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Calls that bind an exchange are left out; of the others, only events show what they hold."""
    monkeypatch.setenv("USERLINK_TRACE_HOOKS", "1")

    use_everything()

    printed = capsys.readouterr().err
    assert "canary" not in printed
    assert "bind_exchange" not in printed


@pytest.mark.parametrize("value", [None, "", "0"])
def test_nothing_is_traced_unless_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: str | None
) -> None:
    """Standard error is the application's."""
    if value is None:
        monkeypatch.delenv("USERLINK_TRACE_HOOKS", raising=False)
    else:
        monkeypatch.setenv("USERLINK_TRACE_HOOKS", value)

    use_everything()

    assert "" == capsys.readouterr().err
