"""Results are frozen values that answer as read-only mappings, in both spellings."""

from collections.abc import Mapping
from typing import Any

import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import given

from strategies import sessions
from userlink.protocol.freshness import Authentication
from userlink.protocol.results import (
    AccessToken,
    LinkResult,
    LoginResult,
    LogoutResult,
    ReauthenticationResult,
    Result,
    SessionData,
    UnlinkResult,
)
from userlink.protocol.session import Session
from userlink.protocol.token_sets import RefreshToken
from userlink.protocol.values import Secret

CANARY = "canary-9f4c1b7e"
RETURN_TO: Mapping[str, Any] = {"return_to": "/profile"}
RESULTS: list[Result] = [
    LoginResult(app_state=RETURN_TO, user={"sub": "auth0|1"}),
    LinkResult(app_state=RETURN_TO, connection="github", user={"sub": "auth0|1"}),
    UnlinkResult(app_state=RETURN_TO, connection="github", user={"sub": "auth0|1"}),
    LogoutResult(app_state=RETURN_TO),
    ReauthenticationResult(app_state=RETURN_TO, user={"sub": "auth0|1"}, redirect_to=None),
]


@pytest.mark.parametrize("result", RESULTS)
def test_the_documented_ways_to_the_app_state(result: Result) -> None:
    """``result.get("app_state").get("return_to")``, the camelCase alias, the attribute and the item."""
    app_state: Mapping[str, Any] = result.get("app_state", {})
    alias: Mapping[str, Any] = result.get("appState", {})

    assert "/profile" == app_state.get("return_to")
    assert "/profile" == alias.get("return_to")
    assert RETURN_TO == result["app_state"] == result["appState"] == getattr(result, "app_state")  # noqa: B009


def test_the_attributes_are_the_items() -> None:
    """Iterating gives the names once, in the spelling of Python."""
    result = RESULTS[1]

    assert ["app_state", "connection", "user"] == list(result)
    assert 3 == len(result)
    assert {"app_state": RETURN_TO, "connection": "github", "user": {"sub": "auth0|1"}} == dict(
        result
    )
    assert {**result} == dict(result.items())


def test_membership_knows_both_spellings_and_nothing_else() -> None:
    """Neither methods nor attributes of the class are items."""
    result = RESULTS[0]

    assert "app_state" in result
    assert "appState" in result
    for name in ("App_State", "get", "keys", "__class__", "connection", "", 5):
        assert name not in result


@pytest.mark.parametrize("name", ["nothing", "appstate", "_app_state"])
def test_a_missing_item_is_a_key_error(name: str) -> None:
    """As with any mapping; ``get`` gives the default."""
    with pytest.raises(KeyError, match=name):
        RESULTS[0][name]

    assert RESULTS[0].get(name) is None
    assert 1 == RESULTS[0].get(name, 1)


def test_results_are_read_only() -> None:
    """Neither attributes nor items can be set."""
    result = LoginResult(app_state={}, user={})

    with pytest.raises(FrozenInstanceError):
        result.user = {}  # type: ignore[misc]  # what may not be done
    assert not hasattr(result, "__setitem__")


def test_results_compare_as_mappings() -> None:
    """With each other and with a dict."""
    assert LoginResult({}, {"sub": "a"}) == LoginResult({}, {"sub": "a"})
    assert LoginResult({}, {"sub": "a"}) == {"app_state": {}, "user": {"sub": "a"}}
    assert LoginResult({}, {"sub": "a"}) != LoginResult({}, {"sub": "b"})


def test_claims_do_not_print() -> None:
    """A name and an address do not belong into logs."""
    for kind in (LoginResult({}, {"email": CANARY}), LinkResult({}, "github", {"email": CANARY})):
        assert CANARY not in repr(kind)
        assert CANARY not in str(kind)


def a_session(refresh_token: RefreshToken | None = None) -> Session:
    """A session full of what may not print."""
    return Session(
        id=Secret(f"id-{CANARY}"),
        issuer="https://tenant.example.com/",
        subject="auth0|1",
        user={"sub": "auth0|1", "email": CANARY},
        id_token=Secret(f"id-token-{CANARY}"),
        id_token_expires_at=1_800_003_600,
        created_at=1_800_000_000,
        idle_expires_at=1_800_086_400,
        absolute_expires_at=1_800_000_500,
        refresh_token=refresh_token,
        sid="sid-1",
        authentication=Authentication(1_799_999_990, "gold"),
    )


def test_a_session_is_shown_without_what_is_internal() -> None:
    """The application gets tokens as strings; the session's id and version stay inside."""
    data = SessionData.of(a_session(RefreshToken(Secret("refresh"))))

    assert {
        "user": {"sub": "auth0|1", "email": CANARY},
        "issuer": "https://tenant.example.com/",
        "subject": "auth0|1",
        "id_token": f"id-token-{CANARY}",
        "refresh_token": "refresh",
        "token_sets": (),
        "sid": "sid-1",
        "created_at": 1_800_000_000,
        "expires_at": 1_800_000_500,
        "auth_time": 1_799_999_990,
        "acr": "gold",
    } == dict(data)
    assert f"id-token-{CANARY}" == data["idToken"]


def test_a_session_without_refresh_token_shows_none() -> None:
    """Not every provider gives one."""
    assert SessionData.of(a_session()).refresh_token is None


def test_the_tokens_of_a_session_do_not_print() -> None:
    """``print(session)`` in a template or a log is a common thing to do."""
    data = SessionData.of(a_session(RefreshToken(Secret(f"refresh-{CANARY}"))))

    assert CANARY not in repr(data)
    assert CANARY not in str(data)
    assert "auth0|1" in repr(data)


@given(sessions)
def test_every_session_can_be_shown(session: Session) -> None:
    """Its id is nowhere in what the application sees."""
    data = SessionData.of(session)

    assert session.expires_at == data["expiresAt"]
    assert "id" not in data


def test_an_access_token_is_at_hand_and_does_not_show() -> None:
    """It goes into a header by attribute or item, and into no log by accident."""
    result = AccessToken(access_token=CANARY, scope="read:orders", expires_at=1_700_000_000)

    assert CANARY == result.access_token == result["accessToken"]
    assert CANARY not in repr(result)
    assert CANARY not in str(result)
