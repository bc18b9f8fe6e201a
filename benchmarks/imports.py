"""What importing userlink costs, each time in a fresh interpreter."""

import subprocess
import sys

from benchmarks.pairs import Pair, Turn

__all__ = ["pairs"]

_BARE = "import attrs, pluggy"
_ONE_ROUND_IN = 100  # a fresh interpreter takes some tenths of a second
_PROGRAM = "from time import perf_counter; s = perf_counter(); {}; print(perf_counter() - s)"


def pairs() -> list[Pair]:
    """Compare with the two libraries that nothing of userlink's can do without."""
    return [
        _pair("import userlink", 1.5),
        _pair("from userlink import ServerClient", None),
    ]


def _pair(statement: str, limit: float | None) -> Pair:
    ours, bare = _importing(statement), _importing(_BARE)
    return Pair(statement, limit, ours, bare, _works, one_round_in=_ONE_ROUND_IN)


def _importing(statement: str) -> Turn:
    async def turn() -> float:
        return float(_printed(_PROGRAM.format(statement)))

    return turn


async def _works() -> None:
    names = _printed("import userlink; print(*userlink.__all__)").split()
    assert "ServerClient" in names
    assert _printed("import userlink; print(userlink.ServerClient.__name__)") == "ServerClient\n"


def _printed(program: str) -> str:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
