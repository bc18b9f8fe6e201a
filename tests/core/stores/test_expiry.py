"""Forgetting what has expired: bounded, cheap on average, and never what is alive."""

from typing import Any

import pytest

from userlink.stores.expiry import Expiry
from userlink.stores.protocols import TransactionRecord

LONG_AGO = 1_000
FAR_OFF = 99_999_999_999
EXPIRED = TransactionRecord(b"sealed", LONG_AGO)
ALIVE = TransactionRecord(b"sealed", FAR_OFF)


class Looked(dict[str, TransactionRecord]):
    """Records that note how often one of them is looked at."""

    looks = 0

    def get(self, *arguments: Any) -> Any:
        """Note the look."""
        self.looks += 1
        return super().get(*arguments)


def write(
    expiry: Expiry, records: dict[str, TransactionRecord], name: str, record: TransactionRecord
) -> None:
    """Write a record as a store does."""
    records[name] = record
    expiry.after_write(records, record)


def test_what_is_held_is_bounded_by_what_is_alive() -> None:
    """However many are started and never finished, twice the living and a thousand are held at most."""
    expiry, records = Expiry(), dict[str, TransactionRecord]()
    most = 0

    for number in range(20_000):
        write(expiry, records, f"expired {number}", EXPIRED)
        write(expiry, records, f"alive {number % 300}", ALIVE)
        most = max(most, len(records))

    assert most <= 1_001
    assert 300 == sum(record is ALIVE for record in records.values())


def test_the_living_are_never_forgotten() -> None:
    """However many they are."""
    expiry, records = Expiry(), dict[str, TransactionRecord]()

    for number in range(20_000):
        write(expiry, records, str(number), ALIVE)

    assert 20_000 == len(records)


def test_looking_costs_a_few_looks_for_each_write() -> None:
    """The next time is when twice as many are held: no write in a row looks through all (amortised)."""
    expiry, records = Expiry(), Looked()

    for number in range(20_000):
        write(expiry, records, str(number), ALIVE)

    assert 0 < records.looks <= 2 * 20_000


@pytest.mark.parametrize("kept", [EXPIRED, ALIVE], ids=["as old", "younger"])
def test_a_client_with_a_clock_of_the_past_loses_nothing(kept: TransactionRecord) -> None:
    """Tests set clocks; by theirs, what was just written is alive, and so may the others be."""
    expiry, records = Expiry(), dict.fromkeys(map(str, range(999)), kept)

    for number in range(999, 5_000):
        write(expiry, records, str(number), EXPIRED)

    assert 5_000 == len(records)
