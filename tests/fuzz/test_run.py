"""The fuzzer's command shares its time among targets, and fails when one breaks a promise."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.run import main
from support.missing import skip_or_fail

ROOT = Path(__file__).parents[2]
BROKEN = """
import sys
from fuzz import harness
from fuzz.targets import Target

def refuse_question_marks(data):
    if b"?" in data:
        raise KeyError("no promise of an error of this type")

harness.TARGETS = {"broken": Target(refuse_question_marks, (b"a seed",))}
harness.fuzz("broken", *sys.argv[1:])
"""

if importlib.util.find_spec("atheris") is None:
    skip_or_fail("atheris is missing; it comes with `uv pip install --group fuzz`, on Linux")


def test_a_target_that_keeps_its_promises(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its line says how many inputs it took, and the command succeeds."""
    monkeypatch.chdir(ROOT)

    assert 0 == main(["--seconds", "1", "--only", "jwks", "--findings", str(tmp_path)])

    name, inputs, *_, verdict = capfd.readouterr().out.splitlines()[0].split()
    assert ("jwks", "ok") == (name, verdict)
    assert int(inputs) > 3
    assert [] == list(tmp_path.iterdir())


def test_a_target_that_breaks_one(tmp_path: Path) -> None:
    """The process fails and leaves the input behind."""
    (tmp_path / "corpus").mkdir()

    finished = subprocess.run(
        [
            *(sys.executable, "-c", BROKEN, str(tmp_path / "corpus")),
            *("-max_total_time=60", f"-artifact_prefix={tmp_path}/found-"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 != finished.returncode
    assert "KeyError" in finished.stdout + finished.stderr
    assert any(b"?" in finding.read_bytes() for finding in tmp_path.glob("found-*"))


def test_an_unknown_target_is_named() -> None:
    """A typing mistake must not look like a success."""
    with pytest.raises(SystemExit, match="has 'jwt-of-nowhere' in its name: callback,"):
        main(["--only", "jwt-of-nowhere"])
