"""The fixtures, in a pytest run of somebody who has only installed the package."""

import subprocess
import sys
from pathlib import Path

TESTS = """
import pytest
from userlink_devtenant import DevTenant, TenantConfig, User

issuers = []


@pytest.fixture(scope="session")
def devtenant_config():
    return TenantConfig([User("ada")])


def test_first(devtenant):
    devtenant.set_lifetimes(id_token_seconds=1)
    devtenant.advance_clock(5)
    issuers.append(devtenant.issuer)
    assert isinstance(devtenant, DevTenant)
    assert "ada" == devtenant.config.users[0].username


def test_second(devtenant, devtenant_browser):
    issuers.append(devtenant.issuer)
    assert [] == devtenant.requests
    assert devtenant_browser.open(devtenant.issuer) is None
    assert "Nobody is signed in" in devtenant_browser.page.text
    assert issuers[0] == issuers[1]
"""


def test_the_fixtures_are_there_without_any_import(tmp_path: Path) -> None:
    """One server for the session, reset for each test, with the configuration overridden."""
    (tmp_path / "test_mine.py").write_text(TESTS, encoding="utf-8")

    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert "2 passed" in ended.stdout, ended.stdout
    assert 0 == ended.returncode


def test_loading_the_plugin_does_not_import_the_server() -> None:
    """It is loaded in every pytest run of the environment, so it has to be cheap."""
    program = "import sys, userlink_devtenant.pytest_plugin; print('flask' in sys.modules)"

    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert "False" == ended.stdout.strip()
