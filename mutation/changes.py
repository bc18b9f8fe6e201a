"""What each mutant changes, read from the files that mutmut writes."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from mutmut.mutation.data import MutantLineSpans
from mutmut.utils.format_utils import get_mutant_name

from mutation.survivors import Survivor, compare

__all__ = ["changes"]


@cache
def changes(path: Path) -> Mapping[str, Survivor]:
    """
    Tell what each mutant of a file changes.

    Args:
        path: of the file, as mutmut knows it.

    Returns:
        By the name of the mutant, what it has instead of what.
    """
    index = MutantLineSpans.load(path)
    if index is None:
        return {}
    lines = index.mutants_path.read_text().splitlines()
    functions = {
        name: [line.replace(name, "") for line in lines[span.start - 1 : span.end]]
        for name, span in index.span_by_function_name.items()
    }
    module = str(path).rpartition("/protocol/")[2]
    return {
        get_mutant_name(path, name): compare(
            module, functions[f"{function}__mutmut_orig"], lines_of_it
        )
        for name, lines_of_it in functions.items()
        for function, _, number in [name.rpartition("__mutmut_")]
        if number != "orig"
    }
