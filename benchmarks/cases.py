"""What is compared: each pair with the limit that userlink sets itself."""

import json
import os
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.bare.id_token import validate
from benchmarks.bare.sealing import seal, unseal
from benchmarks.completing import complete_pair
from benchmarks.journeys import BothSides, Journeys
from benchmarks.pairs import Pair, timed, timed_async
from benchmarks.provider import CLIENT_ID, Provider
from benchmarks.sample import USER, access_token, bare_session, our_session
from benchmarks.web import Request, Response
from userlink import HttpResponse, Secret
from userlink.protocol.id_token import ID_TOKEN, Expected, check_claims
from userlink.protocol.keys import parse_key_set
from userlink.protocol.session import Session
from userlink.protocol.signed_token import parse_signed_token, verify
from userlink.stores.keyring import derive_keys
from userlink.stores.sealing import Sealer

__all__ = ["pairs", "start_pair", "user_pair"]

_NAME = "__Host-session"  # what the records are sealed for
_ALGORITHMS = ("RS256", "ES256", "PS256", "EdDSA")


def pairs() -> list[Pair]:
    """Return all pairs, in the order in which they are reported."""
    provider = Provider()
    journeys = Journeys(provider)
    return [
        *sealing_pairs(provider),
        user_pair(journeys),
        start_pair(journeys),
        id_token_pair(provider),
        complete_pair(journeys),
    ]


def sealing_pairs(provider: Provider) -> list[Pair]:
    """Seal a session into text, and open it again."""
    sealer = Sealer(derive_keys([os.urandom(32)], "session"), os.urandom)
    cipher = AESGCM(AESGCM.generate_key(256))
    session = our_session(provider)
    by_hand = bare_session(session)

    def our_seal() -> str:
        return sealer.seal(session.to_record(), _NAME)

    def bare_seal() -> str:
        return seal(cipher, by_hand, _NAME)

    sealed, bare_sealed = our_seal(), bare_seal()

    def our_open() -> Session:
        record = sealer.open(sealed, _NAME)
        assert record is not None
        return Session.from_record(record)

    def bare_open() -> Any:
        return unseal(cipher, bare_sealed, _NAME)

    async def agree() -> None:
        assert session == our_open()
        assert by_hand == bare_open() == bare_session(our_open())
        assert sealer.open(sealed, "another") is None
        assert unseal(cipher, bare_sealed, "another") is None
        # The same amount of work: neither side seals a fifth more than the other.
        assert max(len(sealed), len(bare_sealed)) < 1.2 * min(len(sealed), len(bare_sealed))

    return [
        Pair("seal a session", 2.0, timed(our_seal), timed(bare_seal), agree),
        Pair("open a session", 1.8, timed(our_open), timed(bare_open), agree),
    ]


def user_pair(journeys: BothSides, name: str = "get_user", limit: float | None = 2.0) -> Pair:
    """Read who is signed in."""
    ours, bare, nobody = map(Request, (journeys.our_cookies, journeys.bare_cookies, {}))

    async def agree() -> None:
        assert USER == await journeys.our_user(ours) == await journeys.bare.get_user(bare)
        assert await journeys.our_user(nobody) is None
        assert await journeys.bare.get_user(nobody) is None

    return Pair(
        name,
        limit,
        timed_async(lambda: journeys.our_user(ours)),
        timed_async(lambda: journeys.bare.get_user(bare)),
        agree,
    )


def start_pair(
    journeys: BothSides, name: str = "start_link_user", limit: float | None = 1.8
) -> Pair:
    """Start a link, the metadata at hand."""

    async def agree() -> None:
        ours = await journeys.our_start(Response())
        bare = await journeys.bare_start(Response())
        assert urlsplit(ours)[:3] == urlsplit(bare)[:3]
        assert fixed_parameters(ours) == fixed_parameters(bare)

    return Pair(
        name,
        limit,
        timed_async(lambda: journeys.our_start(Response())),
        timed_async(lambda: journeys.bare_start(Response())),
        agree,
    )


def fixed_parameters(url: str) -> dict[str, list[str]]:
    """Return a URL's parameters, the random ones by their length only."""
    parameters = parse_qs(urlsplit(url).query, strict_parsing=True)
    for name in ("state", "nonce", "code_challenge"):
        parameters[name] = [f"{len(parameters[name][0])} characters"]
    return parameters


def id_token_pair(provider: Provider) -> Pair:
    """Validate an ID token: RS256 and every claim, with the keys at hand."""
    now = int(time.time())
    access = access_token()
    token = provider.id_token(USER, access, "n0nce", now)
    keys = parse_key_set(HttpResponse(200, {}, json.dumps(provider.jwks()).encode()))
    by_kid = provider.keys
    issuer = provider.metadata["issuer"]
    secret, access_secret, nonce = Secret(token), Secret(access), Secret("n0nce")

    def ours() -> Mapping[str, Any]:
        parsed = parse_signed_token(ID_TOKEN, secret, _ALGORITHMS)
        claims = verify(parsed, keys)
        assert claims is not None
        expected = Expected(issuer, CLIENT_ID, now, 60, nonce, access_secret)
        check_claims(claims, parsed.alg, expected)
        return claims

    def bare() -> Mapping[str, Any]:
        return validate(
            token,
            by_kid,
            issuer=issuer,
            client_id=CLIENT_ID,
            nonce="n0nce",
            access_token=access,
            now=now,
        )

    async def agree() -> None:
        assert ours() == bare()

    return Pair("validate an ID token", 2.0, timed(ours), timed(bare), agree)
