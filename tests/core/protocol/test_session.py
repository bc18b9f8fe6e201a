"""The session: a login makes it, a link only updates it, and its record outlives the request."""

import json
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from strategies import raw_json_values, sessions, token_sets, unix_seconds
from support.vectors import load
from userlink.protocol.freshness import Authentication
from userlink.protocol.pkce import digest
from userlink.protocol.session import Session, user_claims
from userlink.protocol.token_sets import ConnectionTokenSet, RefreshToken, TokenSet
from userlink.protocol.transaction import SessionBinding, TransactionKind
from userlink.protocol.values import Secret

CANARY = "canary-9f4c1b7e"
LOGIN, LINK, UNLINK, REAUTHENTICATION, _ = TransactionKind


def a_token_set(
    audience: str | None = None, token: str = CANARY, granted_by: TransactionKind = LOGIN
) -> TokenSet:
    """A token set that says what a test needs."""
    return TokenSet(audience, Secret(token), "openid", 1_800_003_600, granted_by)


def a_session(**changes: Any) -> Session:
    """A session full of what may not print."""
    session = Session(
        id=Secret(f"id-{CANARY}"),
        issuer="https://tenant.example.com/",
        subject="auth0|1",
        user={"sub": "auth0|1", "email": CANARY},
        id_token=Secret(f"id-token-{CANARY}"),
        id_token_expires_at=1_800_003_600,
        created_at=1_800_000_000,
        idle_expires_at=1_800_086_400,
        absolute_expires_at=1_800_259_200,
        refresh_token=RefreshToken(Secret(f"refresh-{CANARY}"), "urn:one", "openid", LINK),
        sid="sid-1",
        token_sets=(a_token_set(),),
        connection_token_sets=(
            ConnectionTokenSet("github", None, Secret(CANARY), "repo", 1_800_003_600),
        ),
        authentication=Authentication(1_799_999_990, "gold"),
        version=3,
    )
    return evolve(session, **changes)


def test_claims_about_the_token_are_not_about_the_user() -> None:
    """OIDC Core, 2: of the example's claims, only the subject describes the user."""
    claims = load("openid_core")["claims"]

    assert {"sub": "24400320"} == user_claims(claims)
    assert {"sub": "a", "identities": []} == user_claims(
        {"sub": "a", "identities": [], "sid": "s", "at_hash": "h", "azp": "c", "jti": "j", "nbf": 1}
    )


@pytest.mark.parametrize(("idle", "absolute", "expected"), [(5, 9, 5), (9, 5, 5), (7, 7, 7)])
def test_a_session_ends_with_whichever_comes_first(idle: int, absolute: int, expected: int) -> None:
    """Being used prolongs it only within its absolute lifetime."""
    assert expected == a_session(idle_expires_at=idle, absolute_expires_at=absolute).expires_at


@given(sessions, unix_seconds, st.integers(60, 10**6))
def test_touching_moves_the_idle_end_only(session: Session, now: int, idle: int) -> None:
    """The absolute end and everything else stay."""
    touched = session.touched(now, idle)

    assert evolve(session, idle_expires_at=now + idle) == touched
    assert touched.expires_at <= session.absolute_expires_at


def test_a_binding_names_the_session_without_giving_it_away() -> None:
    """A transaction in a cookie must not hold the session's id."""
    session = a_session()

    assert SessionBinding(digest(f"id-{CANARY}"), "auth0|1") == session.binding
    assert CANARY not in session.binding.session


def test_a_new_id_token_brings_its_claims_over_the_old_ones() -> None:
    """What it does not mention stays; who, which session and since when stay in any case."""
    session = a_session(user={"sub": "auth0|1", "email": "a@x", "identities": [1]})
    claims = {
        "sub": "auth0|1",
        "exp": 1_800_009_000.5,
        "iss": "x",
        "identities": [1, 2],
        "nonce": "n",
    }
    updated = session.with_id_token(Secret("new"), claims)

    assert {"sub": "auth0|1", "email": "a@x", "identities": [1, 2]} == updated.user
    assert (Secret("new"), 1_800_009_000) == (updated.id_token, updated.id_token_expires_at)
    assert session == evolve(
        updated,
        user=session.user,
        id_token=session.id_token,
        id_token_expires_at=session.id_token_expires_at,
    )


def test_a_rotated_refresh_token_replaces_the_old_one() -> None:
    """RFC 6749, 6: when none came, the old one stays good."""
    new = RefreshToken(Secret("new"), "urn:two", "email")

    assert new == a_session().with_refresh_token(new).refresh_token
    assert a_session() == a_session().with_refresh_token(None)


def test_a_token_set_is_filed_under_its_audience() -> None:
    """Those of other audiences stay."""
    one, two = a_token_set("urn:one"), a_token_set("urn:two")
    newer = a_token_set("urn:one", "newer")
    session = a_session(token_sets=(one, two)).with_token_set(newer)

    assert {two, newer} == set(session.token_sets)
    assert a_session(token_sets=(newer,)) == a_session(token_sets=()).with_token_set(newer)


@pytest.mark.parametrize(
    ("held", "came", "replaces"),
    [
        (LOGIN, LOGIN, True),
        (LOGIN, LINK, False),
        (LOGIN, UNLINK, False),
        (LINK, LOGIN, True),
        (LINK, UNLINK, True),
        (UNLINK, LINK, True),
    ],
)
def test_the_token_of_a_link_never_stands_in_for_the_logins(
    held: TransactionKind, came: TransactionKind, replaces: bool
) -> None:
    """Its scopes are those of linking; the application's calls need the login's."""
    old, new = a_token_set("urn:one", "old", held), a_token_set("urn:one", "new", came)
    session = a_session(token_sets=(old,)).with_token_set(new)

    assert ((new,) if replaces else (old,)) == session.token_sets


@given(sessions, token_sets)
def test_there_is_at_most_one_token_set_for_an_audience(session: Session, came: TokenSet) -> None:
    """Filing any set leaves all others alone, and filing it again changes nothing."""
    filed = session.with_token_set(came)
    others = [held for held in session.token_sets if held.audience != came.audience]

    if filed is not session:
        assert [*others, came] == list(filed.token_sets)
    assert filed == filed.with_token_set(came)


@pytest.mark.parametrize("held", [RefreshToken(Secret("held"), None, "openid"), None])
def test_what_a_link_brought_comes_in_at_once(held: RefreshToken | None) -> None:
    """ID token, claims and token set, and a refresh token where there was none; all else stays."""
    session = a_session(refresh_token=held, token_sets=(a_token_set("urn:one", "old"),))
    link = a_token_set("urn:two", "new", TransactionKind.LINK)
    came = RefreshToken(Secret("came"), "urn:two", "link_account", TransactionKind.LINK)
    claims = {"sub": "auth0|alice", "exp": 2_000_000_000, "identities": [1]}

    granted = session.with_grant(Secret("newer"), claims, link, came)

    step_by_step = session.with_id_token(Secret("newer"), claims).with_token_set(link)
    assert step_by_step.with_refresh_token(held or came) == granted


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"auth_time": 1_800_000_500, "acr": "silver"}, Authentication(1_800_000_500, "silver")),
        ({"auth_time": 1_800_000_500.7}, Authentication(1_800_000_500, None)),
        ({"auth_time": 1_799_000_000}, Authentication(1_799_000_000, None)),
        ({"acr": "platinum"}, Authentication(1_799_999_990, "gold")),
        ({}, Authentication(1_799_999_990, "gold")),
    ],
)
def test_a_link_says_when_and_how_the_user_authenticated(
    claims: dict[str, Any], expected: Authentication
) -> None:
    """Time and class are of one authentication: an old class is never joined to a new time, nor the other way round."""
    newer = {"sub": "auth0|1", "exp": 1_800_007_200, **claims}

    linked = a_session().with_grant(Secret("new"), newer, a_token_set(), None)

    assert expected == linked.authentication


def test_a_renewal_is_no_authentication() -> None:
    """OIDC Core, 12.2: a refreshed token keeps ``auth_time``; from one that does not, nobody gets any fresher."""
    newer = {"sub": "auth0|1", "exp": 1_800_007_200, "auth_time": 1_800_003_600, "acr": "platinum"}

    renewed = a_session().with_id_token(Secret("new"), newer)

    assert Authentication(1_799_999_990, "gold") == renewed.authentication


def test_nothing_secret_prints() -> None:
    """Neither id nor tokens nor claims, of the session and of what it holds."""
    session = a_session()
    for value in (session, *session.token_sets, *session.connection_token_sets, session.binding):
        assert CANARY not in repr(value)
        assert CANARY not in str(value)
    assert "auth0|1" in repr(session)


@given(sessions)
def test_a_record_gives_the_session_back(session: Session) -> None:
    """The version is not in it: the store keeps it beside the record."""
    assert session == Session.from_record(session.to_record(), session.version)
    assert 0 == Session.from_record(session.to_record()).version


def test_a_claim_with_half_a_surrogate_pair_can_be_saved() -> None:
    """JSON may hold it (RFC 8259, 8.2), and a user's nickname must not keep the user out."""
    session = a_session(user={"sub": "auth0|1", "nickname": "\ud83d"})

    assert session.user == Session.from_record(session.to_record()).user


def test_the_record_is_short() -> None:
    """A cookie holds 4096 bytes."""
    assert b", " not in a_session().to_record()


@given(st.binary())
def test_other_bytes_are_a_value_error(record: bytes) -> None:
    """And nothing else."""
    with pytest.raises(ValueError, match=r"."):
        Session.from_record(record)


@given(st.data())
def test_other_json_is_a_value_error_or_a_session_of_the_right_types(data: st.DataObject) -> None:
    """A record with some of its parts replaced never makes a session with a number for its id."""
    values = json.loads(a_session().to_record())
    for index in data.draw(st.sets(st.integers(0, len(values) - 1))):
        values[index] = data.draw(raw_json_values | st.lists(st.lists(raw_json_values, max_size=5)))
    try:
        session = Session.from_record(json.dumps(values).encode())
    except ValueError:
        return
    assert isinstance(session.user, dict)
    assert isinstance(session.expires_at, int)
    assert isinstance(session.id.reveal(), str)
    assert isinstance(session.id_token.reveal(), str)
    assert all(isinstance(held.access_token.reveal(), str) for held in session.token_sets)


@given(raw_json_values | st.lists(raw_json_values, min_size=13, max_size=13))
def test_any_json_raises_at_most_a_value_error(document: Any) -> None:
    """Whatever another release wrote."""
    with pytest.raises(ValueError, match=r"."):
        Session.from_record(json.dumps(document).encode())


def with_part(index: int, value: object) -> bytes:
    """A record with one part replaced."""
    values = json.loads(a_session().to_record())
    values[index] = value
    return json.dumps(values).encode()


@pytest.mark.parametrize(
    "record",
    [
        b"[" * 100_000,
        b"{}",
        b"null",
        json.dumps(dict.fromkeys("abcdefghijklm", "x")).encode(),
        with_part(0, None),
        with_part(0, 5),
        with_part(3, []),
        with_part(7, "1800086400"),
        with_part(9, "refresh"),
        with_part(9, ["refresh", None, "openid"]),
        with_part(9, [None, None, "openid", "login"]),
        with_part(9, ["refresh", None, "openid", "payment"]),
        with_part(11, {}),
        with_part(11, [["urn:one", "token", "scope", 1]]),
        with_part(11, [["urn:one", 5, "scope", 1, "login"]]),
        with_part(11, [["urn:one", "token", "scope", 1, "payment"]]),
        with_part(11, ["abcde"]),
        with_part(12, [["github", None, "token", "scope"]]),
        with_part(12, [[None, None, "token", "scope", 1]]),
        a_session().to_record()[:-1],
    ],
    ids=lambda record: record[:12],
)
def test_what_is_almost_a_record_is_a_value_error(record: bytes) -> None:
    """Nested without end, a part missing or of another type, another kind of flow, cut."""
    with pytest.raises(ValueError, match=r"."):
        Session.from_record(record)


def test_a_refused_record_does_not_print() -> None:
    """The message says what it is not, and quotes nothing."""
    with pytest.raises(ValueError, match="not a session record") as caught:
        Session.from_record(with_part(7, CANARY))

    assert CANARY not in str(caught.value)
