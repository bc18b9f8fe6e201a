"""Count what became of the mutants: by module, and what is left to explain."""

from collections import Counter
from collections.abc import Mapping

from mutation.survivors import Survivor, is_equivalent

__all__ = ["describe"]


def describe(
    outcomes: Mapping[str, str],
    survivors: Mapping[str, Survivor],
    known: Mapping[Survivor, str],
) -> tuple[str, int]:
    """
    Print the survivors that nobody has explained, and a line for each module.

    Args:
        outcomes: by mutant, what mutmut says of it.
        survivors: by mutant, what it changed where no test noticed.
        known: the survivors that are let live, each with its reason.

    Returns:
        The text, and how many are unexplained.
    """
    open_ones = {
        name: survivor
        for name, survivor in survivors.items()
        if survivor not in known and not is_equivalent(survivor)
    }
    lines = [
        f"{name}\n- {survivor.before}\n+ {survivor.after}\n" for name, survivor in open_ones.items()
    ]
    tried = {name: outcome for name, outcome in outcomes.items() if outcome != "not checked"}
    totals = Counter(map(_module, tried))
    lived, left = Counter(map(_module, survivors)), Counter(map(_module, open_ones))
    lines += [
        _line(module, total, lived[module], left[module])
        for module, total in sorted(totals.items())
    ]
    lines.append(_line("all", len(tried), len(survivors), len(open_ones)))
    return "\n".join(lines), len(open_ones)


def _module(name: str) -> str:
    """Cut the function from the name of a mutant."""
    return name.removeprefix("userlink.protocol.").rpartition(".")[0]


def _line(module: str, total: int, lived: int, left: int) -> str:
    return (
        f"{module}: {total} mutants, {total - lived} noticed, {lived} survive:"
        f" {lived - left} explained, {left} not."
    )
