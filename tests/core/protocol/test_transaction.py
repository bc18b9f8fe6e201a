"""The transaction: its life, its binding, and the record that outlives the request."""

import json
from itertools import product
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from strategies import any_text, raw_json_values, transactions
from userlink.protocol.freshness import Freshness
from userlink.protocol.transaction import (
    TRANSITIONS,
    SessionBinding,
    Transaction,
    TransactionKind,
    TransactionStatus,
)

CANARY = "canary-9f4c1b7e"
STARTED, TAKEN, COMPLETED, DENIED, FAILED, EXPIRED = TransactionStatus
STEPS = {(STARTED, TAKEN), (STARTED, EXPIRED), (TAKEN, COMPLETED), (TAKEN, DENIED), (TAKEN, FAILED)}


def a_transaction(**changes: Any) -> Transaction:
    """A link's transaction, full of what may not print."""
    transaction = Transaction(
        kind=TransactionKind.LINK,
        state=f"state-{CANARY}",
        nonce=f"nonce-{CANARY}",
        code_verifier=f"verifier-{CANARY}",
        redirect_uri="https://app.example/auth/callback",
        issuer="https://tenant.example.com/",
        expires_at=1_800_000_600,
        audience="urn:my:api",
        scope="openid link_account",
        connection="github",
        binding=SessionBinding(f"session-{CANARY}", "auth0|1"),
        app_state={"return_to": f"/{CANARY}"},
        freshness=Freshness(300, ("gold",), 1_800_000_000),
        then={"link": {"connection": CANARY}},
    )
    return evolve(transaction, **changes)


@pytest.mark.parametrize(("before", "after"), list(product(TransactionStatus, TransactionStatus)))
def test_the_table_is_the_whole_life(before: TransactionStatus, after: TransactionStatus) -> None:
    """Each step of the table can be made, and no other: what was taken is never started again."""
    transaction = a_transaction(status=before)
    if (before, after) in STEPS:
        assert after is transaction.advance(after).status
        assert before is transaction.status
    else:
        with pytest.raises(RuntimeError, match=f"cannot go from {before} to {after}"):
            transaction.advance(after)


def test_every_status_has_its_row() -> None:
    """A new one would otherwise fail in somebody's login."""
    assert set(TransactionStatus) == set(TRANSITIONS)


def test_a_step_changes_the_status_only() -> None:
    """Everything else is as it was started."""
    transaction = a_transaction()

    assert evolve(transaction, status=TAKEN) == transaction.advance(TAKEN)


@pytest.mark.parametrize(
    ("session", "subject", "expected"),
    [
        ("digest", "auth0|1", True),
        ("digest", "auth0|2", False),
        ("other", "auth0|1", False),
        ("other", "auth0|2", False),
        ("", "", False),
        ("auth0|1", "digest", False),
        ("digest", "auth0|1 ", False),
        ("digest", "\ud800", False),
    ],
)
def test_a_binding_holds_for_its_session_and_subject_only(
    session: str, subject: str, expected: bool
) -> None:
    """Both must be the ones that started; one of them is not enough."""
    assert expected is SessionBinding("digest", "auth0|1").holds_for(session, subject)


def test_nothing_secret_prints() -> None:
    """Not state, nonce, verifier, session or app_state; what helps to find a mistake does."""
    printed = repr(a_transaction())

    assert CANARY not in printed
    assert CANARY not in str(a_transaction())
    for shown in ("github", "auth0|1", "https://tenant.example.com/", "urn:my:api"):
        assert shown in printed


def test_the_record_leaves_the_state_out() -> None:
    """The callback brings it, and the record is sealed for it."""
    record = a_transaction().to_record()

    assert f"state-{CANARY}".encode() not in record
    assert b", " not in record


@given(transactions)
def test_a_record_gives_the_transaction_back(transaction: Transaction) -> None:
    """Whatever its app_state holds, halves of surrogate pairs included."""
    assert transaction == Transaction.from_record(transaction.to_record(), transaction.state)


@given(transactions, any_text)
def test_a_record_takes_the_state_it_is_read_for(transaction: Transaction, state: str) -> None:
    """Everything else comes from the record."""
    read = Transaction.from_record(transaction.to_record(), state)

    assert evolve(transaction, state=state) == read


def test_an_app_state_with_half_a_surrogate_pair_can_be_saved() -> None:
    """JSON may hold it (RFC 8259, 8.2), and the options let it pass."""
    transaction = a_transaction(app_state={"note": "\ud83d"})

    assert transaction == Transaction.from_record(transaction.to_record(), transaction.state)


def test_a_record_is_of_a_started_transaction() -> None:
    """A store holds no other, so the status is not written."""
    assert STARTED is Transaction.from_record(a_transaction(status=TAKEN).to_record(), "s").status


@given(st.binary())
def test_other_bytes_are_a_value_error(record: bytes) -> None:
    """And nothing else."""
    with pytest.raises(ValueError, match=r"."):
        Transaction.from_record(record, "s")


@given(st.data())
def test_other_json_is_a_value_error_or_a_transaction_of_the_right_types(
    data: st.DataObject,
) -> None:
    """A record with some of its parts replaced never makes a transaction with a number for its nonce."""
    values = json.loads(a_transaction().to_record())
    for index in data.draw(st.sets(st.integers(0, len(values) - 1))):
        values[index] = data.draw(raw_json_values | st.lists(any_text, min_size=2, max_size=2))
    try:
        transaction = Transaction.from_record(json.dumps(values).encode(), "s")
    except ValueError:
        return
    assert isinstance(transaction.app_state, dict)
    assert isinstance(transaction.expires_at, int)
    assert all(
        isinstance(text, str)
        for text in (
            transaction.nonce.reveal(),
            transaction.code_verifier.reveal(),
            transaction.redirect_uri,
        )
    )


@given(raw_json_values | st.lists(raw_json_values, min_size=11, max_size=11))
def test_any_json_raises_at_most_a_value_error(document: Any) -> None:
    """Whatever another release wrote."""
    with pytest.raises(ValueError, match=r"."):
        Transaction.from_record(json.dumps(document).encode(), "s")


def with_part(index: int, value: object) -> bytes:
    """A record with one part replaced."""
    values = json.loads(a_transaction().to_record())
    values[index] = value
    return json.dumps(values).encode()


@pytest.mark.parametrize(
    "record",
    [
        b"[" * 100_000,
        b"{}",
        b"null",
        b'"kind nonce xx"',
        json.dumps(dict.fromkeys("abcdefghijk", "x")).encode(),
        with_part(0, "payment"),
        with_part(0, []),
        with_part(1, None),
        with_part(5, "1800000600"),
        with_part(9, ["session"]),
        with_part(9, ["session", 5]),
        with_part(9, "ab"),
        with_part(9, {"a": 1, "b": 2}),
        with_part(10, None),
        with_part(10, []),
        a_transaction().to_record()[:-1],
        a_transaction().to_record() + b" x",
    ],
    ids=lambda record: record[:12],
)
def test_what_is_almost_a_record_is_a_value_error(record: bytes) -> None:
    """Nested without end, another kind, a part missing or of another type, cut, continued."""
    with pytest.raises(ValueError, match=r"."):
        Transaction.from_record(record, "s")


def test_a_refused_record_does_not_print() -> None:
    """The message says what it is not, and quotes nothing."""
    with pytest.raises(ValueError, match="not a transaction record") as caught:
        Transaction.from_record(with_part(5, CANARY), "s")

    assert CANARY not in str(caught.value)
