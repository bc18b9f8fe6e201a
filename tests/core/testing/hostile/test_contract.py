"""The contract, in a pytest run of somebody who has an application of their own."""

import subprocess
import sys
from pathlib import Path

TESTS = """
import sys
sys.path.insert(0, {support!r})

import pytest
from support.weak_application import weak_application
from userlink.testing.hostile import HostileContract


class TestMine(HostileContract):
    @pytest.fixture
    def application_factory(self):
        return weak_application("alg none")


class TestForgotten(HostileContract):
    pass
"""


def test_the_cases_are_tests_of_ones_own(tmp_path: Path) -> None:
    """One that fails shows its report; without a factory, the fixture to override is named."""
    support = str(Path(__file__).parents[3])
    (tmp_path / "test_mine.py").write_text(TESTS.format(support=support), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    ended = subprocess.run(
        [*command, "-k", "idtoken-sig-none or idtoken-sig-rs256"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert "1 failed, 1 passed" in ended.stdout, ended.stdout
    assert "2 errors" in ended.stdout, ended.stdout
    assert "happened: After the login: auth0|attacker is signed in" in ended.stdout
    assert "override the fixture application_factory" in ended.stdout
