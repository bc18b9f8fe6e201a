"""Mutants that no test noticed: what each changed, and whether that is known and why it is let live."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

from attrs import frozen

__all__ = ["Survivor", "is_equivalent", "known_survivors", "read_diff", "unexplained"]

_STRING = re.compile(r'[bfr]?"(?:[^"\\]|\\.)*"|[bfr]?\'(?:[^\'\\]|\\.)*\'')

_MESSAGE = re.compile(r'(?<=Error)\(f?"[^"]* [^"]*"\)')
_CODECS = {"ascii", "utf-8", "latin-1"}


@frozen
class Survivor:
    """
    A mutant that no test noticed.

    Attributes:
        module: the file below ``protocol/``.
        before: the line as it is written.
        after: the line as the mutant has it.
    """

    module: str
    before: str
    after: str


def read_diff(diff: str) -> Survivor | None:
    """Read what ``mutmut show`` prints; None when it shows no change."""
    module, before, after = "", "", ""
    for line in diff.splitlines():
        if line.startswith("--- "):
            module = line.removeprefix("--- ").rpartition("/protocol/")[2].strip()
        elif line.startswith("-"):
            before = _joined(before, line)
        elif line.startswith("+") and not line.startswith("+++"):
            after = _joined(after, line)
    return Survivor(module, before, after) if before or after else None


def _joined(text: str, line: str) -> str:
    return f"{text} {line[1:].strip()}".strip()


def is_equivalent(survivor: Survivor) -> bool:
    """
    Tell whether the mutant does the same, or only words a message otherwise.

    Tests hold an error's class, code and fields, and that its text shows no secret; how it is put is for its author. A
    text with a space in it is taken for a message, and Python knows its codecs in any letter case.
    """
    if _MESSAGE.sub("(None)", survivor.before) == survivor.after:
        return True
    old, new = _STRING.findall(survivor.before), _STRING.findall(survivor.after)
    if _STRING.sub('""', survivor.before) != _STRING.sub('""', survivor.after):
        return False
    changed = [(one, other) for one, other in zip(old, new, strict=True) if one != other]
    return bool(changed) and all(_means_the_same(one, other) for one, other in changed)


def _means_the_same(one: str, other: str) -> bool:
    return " " in one or (one.strip('"') in _CODECS and one == other.lower())


def known_survivors(path: Path) -> dict[Survivor, str]:
    """Read the survivors that are let live, each with its reason."""
    entries = tomllib.loads(path.read_text())["survivor"]
    return {
        Survivor(entry["module"], entry["before"], entry["after"]): entry["reason"]
        for entry in entries
    }


def unexplained(found: Iterable[Survivor], known: Sequence[Survivor]) -> list[Survivor]:
    """Return the survivors that are neither equivalent nor known."""
    return [one for one in found if not is_equivalent(one) and one not in known]
