"""Missing pieces of the machine are skipped with a reason, and never where CI forbids it."""

from pathlib import Path

import pytest

from support import machine


def executable(path: Path, prints: str) -> Path:
    """Write a program that prints one line."""
    path.write_text(f"#!/bin/sh\necho {prints}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def lenient(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Behave as on a contributor's machine, wherever the tests run."""
    monkeypatch.delenv("USERLINK_REQUIRE_ALL", raising=False)
    return monkeypatch


def test_a_missing_piece_skips_with_its_name_and_how_to_get_it(lenient: pytest.MonkeyPatch) -> None:
    """The reason tells a newcomer what to install."""
    with pytest.raises(pytest.skip.Exception) as skipped:
        machine.missing("Chromium", "apt-get install chromium")

    assert "needs Chromium: apt-get install chromium" == skipped.value.msg


def test_a_missing_piece_fails_where_everything_is_required(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With ``USERLINK_REQUIRE_ALL=1`` the same test fails, with the same reason."""
    monkeypatch.setenv("USERLINK_REQUIRE_ALL", "1")

    with pytest.raises(pytest.fail.Exception) as failed:
        machine.missing("Chromium", "apt-get install chromium")

    assert "needs Chromium: apt-get install chromium" == failed.value.msg


def test_the_chosen_chromium_is_taken_first(lenient: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """``USERLINK_CHROMIUM`` wins over what is on the path."""
    chosen = executable(tmp_path / "my-chromium", "Chromium 156")
    lenient.setenv("USERLINK_CHROMIUM", str(chosen))

    assert str(chosen) == machine.chromium()


def test_a_chosen_chromium_that_is_not_there_is_not_replaced(
    lenient: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A wrong ``USERLINK_CHROMIUM`` is named, and no other browser is taken silently."""
    executable(tmp_path / "chromium", "Chromium 156")
    lenient.setenv("PATH", str(tmp_path))
    lenient.setenv("USERLINK_CHROMIUM", str(tmp_path / "gone"))

    with pytest.raises(pytest.skip.Exception, match="USERLINK_CHROMIUM="):
        machine.chromium()


@pytest.mark.parametrize(
    ("prints", "expected"), [("v22.3.0", 22), ("v8.17.0", 8), ("something else", 0)]
)
def test_node_tells_its_major_version(tmp_path: Path, prints: str, expected: int) -> None:
    """Only the number in front of the first dot counts."""
    assert expected == machine.node_major_version(str(executable(tmp_path / "node", prints)))


def test_a_node_that_is_too_old_is_passed_over(lenient: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An old Node.js on the path is never used: a newer one is, or the test is skipped."""
    old = executable(tmp_path / "node", "v18.20.0")
    lenient.setenv("PATH", str(tmp_path))

    try:
        found = machine.node()
    except pytest.skip.Exception as skipped:
        assert "needs Node.js 20 or newer" in str(skipped.msg)
    else:
        assert str(old) != found
