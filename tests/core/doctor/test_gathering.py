"""From a client to the evidence, over real HTTP: the client's own transport is what asks."""

from typing import Any

import pytest

from support.served_metadata import publishing
from userlink import ServerClient, SyncServerClient
from userlink.doctor.evidence import StoreKind
from userlink.doctor.gathering import AnyClient, gather
from userlink.errors import MetadataInvalid, ProviderUnreachable
from userlink.stores.memory_store import MemoryStateStore, MemoryTransactionStore
from userlink_sqlalchemy import SqlStateStore, SqlTransactionStore

SECRET = "k3Jd0aQmXb7PZr9TtW5vYeC1sLhNfGu8"


def client_at(issuer: str, kind: type[AnyClient] = SyncServerClient, **others: Any) -> AnyClient:
    """Build a client, with more arguments perhaps."""
    return kind(domain=issuer, client_id="client", secret=SECRET, installed_plugins=False, **others)


@pytest.mark.parametrize("kind", [ServerClient, SyncServerClient])
def test_both_kinds_of_clients_are_looked_at(kind: type[AnyClient]) -> None:
    """One is run on an event loop of its own, the other in this thread."""
    with publishing({"backchannel_logout_supported": True}) as issuer:
        evidence = gather(client_at(issuer, kind))

    assert issuer == evidence.published.metadata.issuer
    assert evidence.published.promises("backchannel_logout_supported")
    assert evidence.published.keys is not None
    assert evidence.published.date is not None
    assert [len(SECRET)] == [traits.byte_count for traits in evidence.secrets]


def test_secrets_that_are_not_the_applications_are_no_evidence() -> None:
    """What was made up for looking is not judged."""
    with publishing() as issuer:
        assert () == gather(client_at(issuer), has_own_secret=False).secrets


@pytest.mark.parametrize(
    ("arguments", "sessions", "transactions"),
    [
        ({}, StoreKind.COOKIES, StoreKind.COOKIES),
        ({"state_store": "memory:"}, StoreKind.MEMORY, StoreKind.COOKIES),
        (
            {
                "state_store": MemoryStateStore(),
                "transaction_store": MemoryTransactionStore(),
            },
            StoreKind.MEMORY,
            StoreKind.MEMORY,
        ),
        (
            {
                "state_store": SqlStateStore("sqlite+aiosqlite:///unused.db"),
                "transaction_store": SqlTransactionStore("sqlite+aiosqlite:///unused.db"),
            },
            StoreKind.SERVER,
            StoreKind.SERVER,
        ),
    ],
)
def test_stores_are_recognised(
    arguments: dict[str, Any], sessions: StoreKind, transactions: StoreKind
) -> None:
    """None of them is asked for anything."""
    with publishing() as issuer:
        evidence = gather(client_at(issuer, ServerClient, **arguments))

    assert (sessions, transactions) == (evidence.sessions, evidence.transactions)


@pytest.mark.parametrize("kind", [ServerClient, SyncServerClient])
def test_a_provider_that_is_down_gives_no_evidence(kind: type[AnyClient]) -> None:
    """Nothing is taken for missing that was not looked at."""
    with publishing() as issuer:
        pass

    with pytest.raises(ProviderUnreachable):
        gather(client_at(issuer, kind))


def test_metadata_of_another_issuer_are_no_evidence() -> None:
    """The client would refuse them at every login, too (OIDC Discovery, 4.3)."""
    with (
        publishing({"issuer": "https://elsewhere.example/"}) as issuer,
        pytest.raises(MetadataInvalid),
    ):
        gather(client_at(issuer))
