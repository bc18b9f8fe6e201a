"""The tripwire remembers who came, and baits."""

import httpx

from userlink.testing.hostile.answers import json_answer
from userlink.testing.hostile.tripwire import Tripwire


def test_who_comes_is_remembered_without_query_and_body() -> None:
    """These may hold codes and secrets."""
    tripwire = Tripwire()
    try:
        tripwire.bait["/keys"] = json_answer({"keys": []})
        answers = [
            httpx.get(f"{tripwire.url}/keys?code=secret").json(),
            httpx.post(f"{tripwire.url}/token", data={"code": "secret"}).json(),
        ]
        arrived = list(tripwire.requests)
        tripwire.reset()
    finally:
        tripwire.close()

    assert [{"keys": []}, {}] == answers
    assert ["GET /keys", "POST /token"] == arrived
    assert ([], {}) == (tripwire.requests, tripwire.bait)
