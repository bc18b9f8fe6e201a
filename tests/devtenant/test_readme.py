"""The package's README, executed."""

import re
import subprocess
import sys
from pathlib import Path

import userlink_devtenant
from userlink_devtenant import TenantConfig

README = Path(__file__).parents[2] / "packages" / "devtenant" / "README.md"


def blocks(language: str) -> list[str]:
    """Return the README's code blocks of a language."""
    text = README.read_text(encoding="utf-8")
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return found


def test_the_example_file_is_a_configuration(tmp_path: Path) -> None:
    """Every key that a file can have is shown."""
    [example] = blocks("toml")
    path = tmp_path / "tenant.toml"
    path.write_text(example, encoding="utf-8")

    config = TenantConfig.from_toml(path)

    assert "github|1001" == config.users[0].identities[0]
    assert config.clients


def test_the_programs_run(tmp_path: Path) -> None:
    """The tests of the README are collected by pytest, with the fixtures of the plugin."""
    programs = blocks("python")
    assert 2 == len(programs)
    for number, program in enumerate(programs):
        (tmp_path / f"test_{number}.py").write_text(program, encoding="utf-8")

    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert "2 passed" in ended.stdout, ended.stdout


def test_every_public_name_is_mentioned() -> None:
    """What is not in the README is not found."""
    text = README.read_text(encoding="utf-8")

    assert [] == [name for name in userlink_devtenant.__all__ if name not in text]
