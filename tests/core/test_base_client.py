"""What both clients are built from: the same arguments, the same refusals."""

import inspect
from typing import Any

import pytest

from support.clients import CALLBACK, SEALING_SECRET
from support.frames import assert_no_variable_shows
from support.memory_provider import CLIENT_ID, CLIENT_SECRET
from userlink import ConfigurationError, ServerClient, SyncServerClient
from userlink.base_client import BaseClient

CLIENTS: list[type[BaseClient[Any, Any, Any]]] = [ServerClient, SyncServerClient]
WORKING: dict[str, Any] = {
    "domain": "tenant.example.com",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "secret": SEALING_SECRET,
    "authorization_params": {"redirect_uri": CALLBACK},
    "installed_plugins": False,
}

pytestmark = pytest.mark.parametrize("client", CLIENTS)


def test_the_repr_names_the_class_and_the_provider(client: type[BaseClient[Any, Any, Any]]) -> None:
    """And nothing else of the configuration."""
    assert f"{client.__name__}('https://tenant.example.com/')" == repr(client(**WORKING))


def test_the_settings_are_those_of_the_arguments(client: type[BaseClient[Any, Any, Any]]) -> None:
    """Both clients validate them by the same code, and show no secret."""
    settings = client(**WORKING, session_idle_seconds=60).settings

    assert CALLBACK == settings.authorization_params["redirect_uri"]
    assert 60 == settings.session_idle_seconds
    assert "canary" not in repr(settings)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"secret": None}, "The argument secret is missing"),
        ({"domain": ""}, "The argument domain is missing"),
        ({"timeout_seconds": 0}, "timeout_seconds is not a number of seconds above zero"),
        ({"state_store": "nowhere://canary"}, "No plugin knows how to open the state_store"),
        ({"transaction_store": object()}, "The transaction_store"),
    ],
    ids=str,
)
def test_a_wrong_argument_is_refused_when_the_client_is_built(
    client: type[BaseClient[Any, Any, Any]], changes: dict[str, Any], message: str
) -> None:
    """Whatever part of the client it is meant for."""
    with pytest.raises(ConfigurationError, match=message) as caught:
        client(**{**WORKING, **changes})

    assert caught.value.hint
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("unknown", "suggestion"),
    [("domian", "Did you mean domain?"), ("transports", "Did you mean transport?")],
)
def test_an_unknown_argument_suggests_the_nearest(
    client: type[BaseClient[Any, Any, Any]], unknown: str, suggestion: str
) -> None:
    """A typing error would otherwise switch something off unseen."""
    arguments: dict[str, Any] = {**WORKING, unknown: "canary"}

    with pytest.raises(ConfigurationError, match=f"There is no argument '{unknown}'") as caught:
        client(**arguments)

    assert suggestion in caught.value.hint
    assert "canary" not in str(caught.value)


def test_no_argument_is_given_by_its_place(client: type[BaseClient[Any, Any, Any]]) -> None:
    """``ServerClient("tenant.example.com", "app")`` would be read by guessing."""
    kinds = {parameter.kind for parameter in inspect.signature(client).parameters.values()}

    assert {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD} == kinds


@pytest.mark.parametrize(
    "changes",
    [{"timeout_seconds": 0}, {"state_store": "nowhere://x"}, {"transaction_store": object()}],
    ids=str,
)
def test_a_refusal_holds_no_secret_in_a_variable(
    client: type[BaseClient[Any, Any, Any]], changes: dict[str, Any]
) -> None:
    """An error reporter sends the variables of every frame along, those of the constructor too."""
    with pytest.raises(ConfigurationError) as caught:
        client(**WORKING, **changes)

    assert_no_variable_shows(caught.value, CLIENT_SECRET, SEALING_SECRET)
