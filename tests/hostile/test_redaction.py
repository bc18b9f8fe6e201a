"""
Nothing that an application under attack shows holds a secret of the run.

Every case is played against both adapters, with journeys that succeed and with callbacks that nobody would send, while
a witness reads along: log lines of every library at DEBUG, errors with the variables of their frames, effects, results,
and at last every object that is alive.
"""

import logging
from base64 import b64encode
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest

from support.hostile_targets import flask_target, starlette_target
from support.redaction import RunWitness
from userlink import Secret, ServerClient
from userlink.runtime import forgetting
from userlink.testing.hostile import (
    ALL_CASES,
    ApplicationFactory,
    Browser,
    HostileNetwork,
    NotApplicable,
    Stage,
)

# Sealed cookies for one, a store for the other: every case applies to one of them at least.
TARGETS: dict[str, ApplicationFactory] = {
    "starlette": partial(starlette_target, with_store=True),
    "flask": flask_target,
}


@pytest.fixture
def witness(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunWitness]:
    """Return a witness to whom every logger reports, at the lowest level."""
    witness = RunWitness()
    witness.attend(monkeypatch)
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(witness)
    yield witness
    root.removeHandler(witness)
    root.setLevel(before)


@pytest.fixture
def network(witness: RunWitness) -> Iterator[HostileNetwork]:
    """Run the attacker's servers, within hearing of the witness."""
    with HostileNetwork() as network:
        witness.secrets.add(network.provider.client_secret)
        yield network


def walk(stage: Stage) -> Browser:
    """Sign in, link, unlink, sign in as somebody else, and sign out."""
    browser = stage.signed_in()
    stage.finish(browser, stage.start_link(browser), "victim")
    stage.finish(browser, stage.start_unlink(browser), "victim")
    stage.finish(browser, stage.start_login(browser), "attacker")
    assert stage.application.logout is not None
    browser.post(stage.application.logout)
    return browser


def stumble(stage: Stage) -> None:
    """Come back with callbacks that are torn, doubled, used up or somebody else's."""
    browser, other = stage.signed_in(), stage.browser()
    for damage in (
        "{0}x",
        "{0}&code=another",
        "{0}&error=access_denied",
        "{0}&iss=https://x",
        "{0}",
    ):
        callback = stage.callback_of(stage.start_login(browser), "victim")
        other.get(damage.format(callback))
        browser.get(damage.format(callback))
        browser.get(callback)
    callback = stage.callback_of(stage.start_link(browser), "attacker")
    browser.get(callback)
    browser.get(callback + "%ff")
    browser.get(callback + "a" * 20_000)


def played(target: ApplicationFactory, network: HostileNetwork, witness: RunWitness) -> None:
    """Play everything, each case against an application of its own."""
    with target(network.credentials) as application:
        stage = Stage(application, network)
        walk(stage)
        stumble(stage)
        witness.see_objects()
        witness.see_errors()
    for case in ALL_CASES:
        network.reset()
        with target(network.credentials) as application:
            try:
                case.play(Stage(application, network), case)
            except NotApplicable:
                continue
            finally:
                witness.see_errors()
    network.reset()


@pytest.mark.parametrize("target", TARGETS)
def test_a_hostile_run_shows_none_of_its_secrets(
    target: str, network: HostileNetwork, witness: RunWitness, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not in a log, an error, a variable of a frame, an effect, an object, nor in what was printed."""
    played(TARGETS[target], network, witness)

    witness.read("printed", *capfd.readouterr())
    assert [] == witness.found()
    assert len(witness.secrets) > 100
    assert len(witness.shown) > 1000


@pytest.fixture
def stage(network: HostileNetwork) -> Iterator[Stage]:
    """Return an application on Starlette, to be walked through."""
    with starlette_target(network.credentials) as application:
        yield Stage(application, network)


def percent_encoded(code: str) -> str:
    """Write every character by its number."""
    return "".join(f"%{ord(character):02X}" for character in code)


def in_base64(code: str) -> bytes:
    """Write the code as a header of HTTP Basic has a password."""
    return b64encode(f"client:{code}".encode())


@pytest.mark.parametrize("written", [str, percent_encoded, in_base64])
def test_a_code_in_a_log_line_is_found(
    stage: Stage, witness: RunWitness, written: Callable[[str], object]
) -> None:
    """The test above would pass if its search found nothing."""
    callback = stage.callback_of(stage.start_login(stage.browser()), "victim")
    (code,) = parse_qs(urlsplit(callback).query)["code"]
    stage.browser().get(callback)
    assert [] == witness.found()

    logging.getLogger("somebody").debug("came back with %s", written(code))

    assert witness.found()
    assert all(line.startswith("log somebody: ") for line in witness.found())


def remember(*_: object) -> None:
    """Forget nothing."""


def test_a_variable_that_is_not_forgotten_is_found(
    stage: Stage, witness: RunWitness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What error reporters see stands in the search."""
    monkeypatch.setattr(forgetting, "forget_variables", remember)
    stumble(stage)
    witness.see_errors()

    found = "\n".join(witness.found())

    assert "complete_callback" in found
    assert "parse_callback" in found


def test_a_secret_that_shows_itself_is_found(
    stage: Stage, witness: RunWitness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Effects, answers and results are read."""
    monkeypatch.setattr(Secret, "__repr__", Secret.reveal)
    walk(stage)

    kinds = {line.partition(":")[0] for line in witness.found()}

    assert {"effect", "answer"} <= kinds


def shown_with_its_secret(client: ServerClient) -> str:
    """Show what must not be shown."""
    assert client.settings.client_secret is not None
    return client.settings.client_secret.reveal()


def test_an_object_that_shows_its_secret_is_found(
    stage: Stage, witness: RunWitness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is alive is read."""
    walk(stage)
    monkeypatch.setattr(ServerClient, "__repr__", shown_with_its_secret)
    witness.see_objects()

    kinds = {line.partition(":")[0] for line in witness.found()}

    assert "userlink.client.ServerClient" in kinds
