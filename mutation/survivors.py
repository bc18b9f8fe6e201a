"""Mutants that no test noticed: what each changed, and whether that is known and why it is let live."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from difflib import ndiff
from pathlib import Path

from attrs import frozen

__all__ = ["Survivor", "compare", "is_equivalent", "known_survivors", "unexplained"]

_STRING = r'[bfr]?"(?:[^"\\]|\\.)*"|[bfr]?\'(?:[^\'\\]|\\.)*\''
_STRINGS = re.compile(rf"(?:(?:{_STRING})\s*)+")  # one after another they are one
# A space between words; alone it is a separator. A text with a value in it has two: ``f"Basic {credentials}"`` is none.
_SENTENCE = re.compile(r"[\w.,:;!')] [\w('<\[/]")
_VALUE = re.compile(r"\{[^{}]*\}")
_CODEC = re.compile(r'"(?:ascii|utf-8|latin-1)"', re.IGNORECASE)
_HINT = re.compile(r"(?:, ?)?hint=(?:TEXT|None|hint|[A-Z_]+)")
_END = re.compile(r"(?:, ?)?\)")
_REFUSAL = re.compile(r"(?:[A-Z]\w+|refuse|refuse_claim|invalid)\(|^TEXT\b")


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


def compare(module: str, original: Sequence[str], mutated: Sequence[str]) -> Survivor:
    """Tell what changed between the lines of a function and those of its mutant."""
    changes = [line for line in ndiff(original, mutated) if line[0] in "+-"]
    before = " ".join(line[2:].strip() for line in changes if line[0] == "-")
    after = " ".join(line[2:].strip() for line in changes if line[0] == "+")
    return Survivor(module, before.strip(), after.strip())


def is_equivalent(survivor: Survivor) -> bool:
    """
    Tell whether the mutant does the same, or only words a message otherwise.

    Tests hold an error's class, code and fields, and that its text shows no secret; how it is put is for its author. A
    text with a space between words is taken for a message, and Python knows its codecs in any letter case.
    """
    before, after = _without_wording(survivor.before), _without_wording(survivor.after)
    if before == after:
        return True
    return _REFUSAL.search(before) is not None and _with_nothing_said(before, after)


def _without_wording(text: str) -> str:
    text = _STRINGS.sub(lambda found: _text(found[0]), text)
    text = _CODEC.sub(lambda found: found[0].lower(), text)
    return _END.sub(")", _HINT.sub("", text)).rstrip(",) ")


def _text(strings: str) -> str:
    """Put one word in the place of a message, and leave other strings as they are."""
    words = _VALUE.sub("x", strings)
    needed = 1 if words == strings else 2
    return "TEXT" if len(_SENTENCE.findall(words)) >= needed else strings


def _with_nothing_said(before: str, after: str) -> bool:
    """Tell whether all that changed is that a message is None."""
    ends = [found.span() for found in re.finditer(r"\bTEXT\b", before)]
    return any(f"{before[:start]}None{before[end:]}" == after for start, end in ends)


def known_survivors(path: Path) -> dict[Survivor, str]:
    """Read the survivors that are let live, each with its reason."""
    entries = tomllib.loads(path.read_text())["survivor"]
    return {
        Survivor(entry["module"], entry["before"], entry["after"]): entry["reason"]
        for entry in entries
    }


def unexplained(found: Iterable[Survivor], known: Iterable[Survivor]) -> list[Survivor]:
    """Return the survivors that are neither equivalent nor known."""
    explained = set(known)
    return [one for one in found if not is_equivalent(one) and one not in explained]
