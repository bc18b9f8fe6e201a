"""
The process in which one target is fuzzed: ``python -m fuzz.harness TARGET CORPUS [libFuzzer's options]``.

The target's seeds are written here and not by the caller, for they are signed by keys of this very process.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["userlink", "joserfc"]):
    from fuzz.targets import TARGETS

__all__: list[str] = []


def fuzz(name: str, corpus: str, *options: str) -> None:
    """Fuzz until libFuzzer's options say stop; it ends the process itself."""
    target = TARGETS[name]
    for number, seed in enumerate(target.seeds):
        (Path(corpus) / f"seed-{number}").write_bytes(seed)
    atheris.Setup([name, corpus, *options], target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    fuzz(*sys.argv[1:])
