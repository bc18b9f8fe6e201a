"""``nox -s demo -- --check``: the whole journey, headless."""

import subprocess
import sys
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "examples" / "demo"


FRAMEWORKS = ["starlette", "flask"]


def run_check(framework: str, *changes: tuple[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the check in a process of its own, after text of its journey was changed."""
    source = DEMO.joinpath("check.py").read_text(encoding="utf-8")
    for before, after in changes:
        assert before in source
        source = source.replace(before, after)
    program = (
        f"import sys, types; sys.path.insert(0, {str(DEMO)!r})\n"
        f"check = types.ModuleType('check'); sys.modules['check'] = check\n"
        f"exec(compile({source!r}, 'check.py', 'exec'), check.__dict__)\n"
        f"import run; sys.exit(run.main(['--check', '--framework', {framework!r}]))\n"
    )
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_journey_goes_as_it_should_and_shows_no_secret(framework: str) -> None:
    """Each step is printed, with what was sent; secrets are cut to a few characters."""
    result = run_check(framework)

    assert 0 == result.returncode, result.stdout + result.stderr
    assert "12. Sign out" in result.stdout.splitlines()
    assert "requested_connection = github" in result.stdout
    assert "GitHub says: you are alice-codes, with 12 public repositories." in result.stdout
    assert "userlink-demo-secret" not in result.stdout
    assert "eyJ0eXAiOiJKV1Qi" not in result.stdout


def test_a_step_that_is_off_fails_the_check() -> None:
    """Where the journey expects what is not so, the exit status says that it failed, and the step is named."""
    result = run_check(
        "starlette", ('["github"], "GitHub stands', '["google-oauth2"], "GitHub stands')
    )

    assert 1 == result.returncode
    assert "✘ This does not hold: GitHub stands beside the primary identity." in result.stdout
    assert "\n7. " not in result.stdout
