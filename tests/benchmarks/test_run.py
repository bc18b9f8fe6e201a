"""The benchmarks run, and both sides of each come to the same. No time is asserted."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyperf
import pytest
from attrs import evolve
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks import cases, imports
from benchmarks.bare.client import TRANSACTION_COOKIE
from benchmarks.bare.id_token import read_json, validate
from benchmarks.bare.sealing import read_cookie, seal, unseal, write_cookie
from benchmarks.completing import complete_pair
from benchmarks.journeys import Journeys
from benchmarks.pairs import Figures, Pair, Planned, measure, timed
from benchmarks.postgres_cluster import MissingPostgres
from benchmarks.provider import CLIENT_ID, Provider
from benchmarks.run import line, report
from benchmarks.sample import USER
from benchmarks.web import Request, Response

ROOT = Path(__file__).parents[2]
PAIRS = [*cases.pairs(), *imports.pairs()]


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio only, as the benchmarks do: the bare side serves no other event loop."""
    return "asyncio"


@pytest.mark.anyio
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: str(pair.name))
async def test_both_sides_come_to_the_same(pair: Pair) -> None:
    """What is compared is the same work: same values, same parameters, same cookies."""
    await pair.agree()


@pytest.mark.anyio
@pytest.mark.parametrize("make", [cases.start_pair, complete_pair])
async def test_a_side_that_does_other_work_is_noticed(make: Any) -> None:
    """Another client_id shows in the URL and in the token request."""
    journeys = Journeys(Provider())
    journeys.bare = evolve(journeys.bare, client_secret="another", client_id="another")

    with pytest.raises((AssertionError, ValueError)):
        await make(journeys).agree()


@pytest.mark.anyio
async def test_a_side_that_knows_nobody_is_noticed() -> None:
    """Without the session's cookie there is no user to agree on."""
    journeys = Journeys(Provider())
    journeys.bare_cookies = {}

    with pytest.raises(AssertionError):
        await cases.user_pair(journeys).agree()


def test_a_round_of_everything_prints_a_line_each(tmp_path: Path) -> None:
    """The command works as it is documented, and keeps its values in pyperf's format."""
    path = tmp_path / "figures.json"
    printed = _printed("--rounds", "1", "--rows", "1000", "--json", str(path))
    measured = [name for name, rest in printed if "not measured" not in rest]
    names = [benchmark.get_name() for benchmark in pyperf.BenchmarkSuite.load(str(path))]

    assert [pair.name for pair in PAIRS] == measured[: len(PAIRS)]
    assert len(measured) > len(PAIRS)
    assert [f"{name} ({side})" for name in measured for side in ("ours", "bare")] == names


def test_only_what_is_asked_for_is_measured() -> None:
    """``--only`` takes a part of the name, in letters of either case."""
    printed = _printed("--rounds", "1", "--only", "Link_User")

    assert ["start_link_user", "complete_link_user"] == [name for name, _ in printed][:2]
    assert all("link_user" in name for name, _ in printed)


def _printed(*arguments: str) -> list[tuple[str, str]]:
    """Return the names that the command prints, each with what is behind it."""
    command = [sys.executable, "-m", "benchmarks.run", *arguments]
    lines = subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    ).stdout.splitlines()[1:]  # fmt: skip
    return [(text[:44].rstrip(), text[44:]) for text in lines]


@pytest.mark.anyio
async def test_a_missing_database_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """The rest is measured all the same."""

    async def run(rounds: int) -> list[Figures]:
        raise MissingPostgres("PostgreSQL is not installed: install it")

    assert [] == await report(Planned("work", run), 1)
    expected = f"{'work':<44} not measured: PostgreSQL is not installed: install it\n"
    assert expected == capsys.readouterr().out


def test_the_ratio_is_the_median_of_all_rounds() -> None:
    """One disturbed round changes nothing, and none is left out of what the limit is for."""
    figures = Figures("work", 2.0, (3.0, 900.0, 4.0), (2.0, 2.0, 2.0))

    assert 2.0 == figures.ratio
    assert figures.is_within_limit
    assert line(figures).endswith("1.50    2.00    2.0  ok")


def test_the_undisturbed_ratio_is_shown_and_judges_nothing() -> None:
    """It is that of the fastest tenth, and a limit that only it keeps is not kept."""
    figures = Figures("work", 2.0, (*[9.0] * 9, 1.5), (*[3.0] * 9, 1.0))

    assert 1.5 == figures.undisturbed_ratio
    assert 3.0 == figures.ratio
    assert not figures.is_within_limit


def test_a_ratio_over_its_limit_is_shown() -> None:
    """So that nobody has to compare by eye."""
    figures = Figures("work", 1.4, (3.0,), (2.0,))

    assert not figures.is_within_limit
    assert line(figures).endswith("1.50    1.4  over")


def test_a_figure_without_a_limit_has_no_verdict() -> None:
    """Some are reported only."""
    assert line(Figures("work", None, (3.0,), (2.0,))).endswith("1.50      -")


def test_the_sides_take_turns_once_they_agree() -> None:
    """Each goes first in every other round, and a pair whose turns are long has fewer."""
    calls: list[str] = []

    async def agree() -> None:
        calls.append("agree")

    ours, bare = timed(lambda: calls.append("ours")), timed(lambda: calls.append("bare"))
    figures = asyncio.run(measure(Pair("work", None, ours, bare, agree, one_round_in=2), 5))

    assert ["agree", "ours", "bare", "bare", "ours", "ours", "bare"] == calls
    assert (3, 3) == (len(figures.ours), len(figures.bare))


def test_the_bare_side_opens_only_what_was_sealed_for_the_purpose() -> None:
    """A side that checked less would be faster for nothing."""
    cipher = AESGCM(AESGCM.generate_key(256))
    sealed = seal(cipher, {"a": 1}, "purpose")

    assert {"a": 1} == unseal(cipher, sealed, "purpose")
    assert unseal(cipher, sealed, "another") is None
    assert unseal(cipher, sealed[:-4], "purpose") is None
    assert unseal(AESGCM(AESGCM.generate_key(256)), sealed, "purpose") is None


@pytest.mark.parametrize("length", [1, 3_900, 3_901, 12_000])
def test_the_bare_side_joins_what_it_split(length: int) -> None:
    """As userlink does, and it deletes what an older value leaves over."""
    request, response = Request({"name.9": "old", "other": "kept"}), Response()
    write_cookie(request, response, "name", "x" * length, 60)

    assert "" == response.cookies.pop("name.9")
    assert "x" * length == read_cookie(response.cookies, "name")
    assert all(len(value) <= 3_900 for value in response.cookies.values())


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "https://another.example.com/"),
        ("sub", None),
        ("sub", "x" * 256),
        ("aud", ["another"]),
        ("azp", "another"),
        ("exp", 0),
        ("exp", True),
        ("exp", 1e300),
        ("iat", None),
        ("nbf", "soon"),
        ("auth_time", "lately"),
        ("iat", 99_999_999_999),
        ("nbf", 99_999_999_999),
        ("nonce", "another"),
        ("at_hash", "another"),
    ],
)
def test_the_bare_side_checks_every_claim(claim: str, value: object) -> None:
    """OIDC Core, 3.1.3.7."""
    provider = Provider()
    claims: dict[str, Any] = {"iss": provider.metadata["issuer"], "sub": USER["sub"]}
    claims |= {"aud": CLIENT_ID, "exp": 2_000, "iat": 1_000, "nonce": "n0nce"}
    expected = {"issuer": claims["iss"], "client_id": CLIENT_ID, "nonce": "n0nce"}

    def validated(token: str) -> dict[str, Any]:
        return validate(token, provider.keys, **expected, access_token="token", now=1_000)

    assert claims == validated(provider.sign(claims))
    with pytest.raises(ValueError, match=claim):
        validated(provider.sign({**claims, claim: value}))


@pytest.mark.parametrize("text", [b'{"a": 1, "a": 2}', b'{"a": NaN}', b"[]", b"{"])
def test_the_bare_side_reads_json_strictly(text: bytes) -> None:
    """RFC 7519, 4."""
    with pytest.raises(ValueError):
        read_json(text)


@pytest.mark.anyio
async def test_the_bare_side_lets_the_oldest_transactions_go() -> None:
    """At most eight stay in a browser."""
    journeys = Journeys(Provider())
    old = {f"{TRANSACTION_COOKIE}{number}": "sealed" for number in range(9)}
    journeys.bare_cookies = {**journeys.bare_cookies, **old}
    response = Response()
    await journeys.bare_start(response)
    deleted = [name for name, value in response.cookies.items() if not value]

    assert [f"{TRANSACTION_COOKIE}0", f"{TRANSACTION_COOKIE}1"] == deleted


@pytest.mark.anyio
async def test_the_bare_side_completes_a_transaction_once() -> None:
    """As userlink does: within a process, always."""
    journeys = Journeys(Provider())
    callback = await journeys.callback(journeys.bare_start, journeys.bare_cookies)
    journeys.provider.answer = callback.answer
    await journeys.bare.complete_link(callback.request, Response(), callback.url)

    with pytest.raises(ValueError, match="no such transaction"):
        await journeys.bare.complete_link(callback.request, Response(), callback.url)


@pytest.mark.anyio
async def test_the_bare_side_serves_no_session_that_ended() -> None:
    """A kept cookie is refused."""
    journeys = Journeys(Provider())
    request = Request(journeys.bare_cookies)
    session = journeys.bare.read_session(request, 0)
    assert session is not None
    journeys.bare.ended.add(session["id"])

    assert await journeys.bare.get_user(request) is None


def test_the_bare_side_checks_the_signature() -> None:
    """Another provider's key of the same name made it."""
    token = Provider().sign({"iss": "https://tenant.example.com/"})
    expected = {"issuer": "", "client_id": "", "nonce": "", "access_token": ""}

    with pytest.raises(ValueError, match="signature"):
        validate(token, Provider().keys, **expected, now=0)
