"""The threat model says nothing that is not so: its files are there, its tests are collected, its cases are played."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from userlink.testing.hostile import ALL_CASES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "threat-model.md"
ADDED = r"A\d+"


def rows(page: str) -> dict[str, list[str]]:
    """Return the cells behind the number of each attack."""
    found: dict[str, list[str]] = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if re.fullmatch(rf"\d+|{ADDED}", cells[0]):
            assert cells[0] not in found, f"{cells[0]} is there twice"
            found[cells[0]] = cells[1:]
    return found


def named_tests(cells: list[str]) -> list[str]:
    """Return the tests that a row names."""
    return re.findall(r"`(tests/[\w./]+(?:::\w+)+)`", cells[-1])


def named_cases(cells: list[str]) -> list[str]:
    """Return the cases of the hostile kit that a row names."""
    return re.findall(r"`case:([\w-]+)`", cells[-1])


def named_files(cells: list[str]) -> list[Path]:
    """Return the files of a row's countermeasure."""
    links = re.findall(r"\]\(([^)#]+\.py)\)", cells[2])
    return [(PAGE.parent / link).resolve() for link in links]


def uncollected(tests: list[str]) -> str:
    """Have pytest collect tests, and return what it complains of."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    answer = subprocess.run(
        [*command, *tests], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if answer.returncode == 0:
        return ""
    return "\n".join(line for line in answer.stderr.splitlines() if line) or answer.stdout


ROWS = rows(PAGE.read_text(encoding="utf-8"))
APPLICABLE = {number: cells for number, cells in ROWS.items() if len(cells) == 4}


def test_every_threat_of_the_list_has_its_row() -> None:
    """1 to 25 and 34 to 50 apply; 26 to 33 wait for links in the application's own database."""
    assert {str(number) for number in range(1, 51)} <= ROWS.keys()
    assert {str(number) for number in range(26, 34)} == ROWS.keys() - APPLICABLE.keys()


@pytest.mark.parametrize("number", APPLICABLE)
def test_every_row_names_what_stands_in_the_way_and_what_fires_it(number: str) -> None:
    """A row without a test is a page of the provider's; the files are in this repository."""
    cells = APPLICABLE[number]

    if number == "49":
        assert cells[-1] == "—"
        return
    assert named_files(cells), "name a file"
    assert [] == [str(file) for file in named_files(cells) if not file.is_file()]
    assert named_tests(cells), "name a test"


def test_every_test_is_collected() -> None:
    """A name that pytest does not find is one that never runs."""
    named = sorted({test for cells in APPLICABLE.values() for test in named_tests(cells)})

    assert len(named) > 100
    assert "" == uncollected(named)


def test_every_case_is_played() -> None:
    """The kit plays what it lists, against applications on both frameworks."""
    known = {case.name for case in ALL_CASES}
    named = {case for cells in APPLICABLE.values() for case in named_cases(cells)}

    assert named
    assert set() == named - known


def test_rows_are_read() -> None:
    """The readers on which the tests above stand."""
    page = (
        "| # | attack |\n| --- | --- |\n"
        "| 7 | a | RFC 1 | does [x](../../a/x.py) and [y](../../a/y.py) | `tests/a.py::TestA::test_b`<br>`case:c-d` |\n"
        "| A1 | b | — | nothing | — |\n"
    )

    assert ["7", "A1"] == list(rows(page))
    assert ["tests/a.py::TestA::test_b"] == named_tests(rows(page)["7"])
    assert ["c-d"] == named_cases(rows(page)["7"])
    assert [ROOT / "a" / "x.py", ROOT / "a" / "y.py"] == named_files(rows(page)["7"])
    with pytest.raises(AssertionError, match="twice"):
        rows(page + page)


def test_a_test_that_is_not_there_is_found() -> None:
    """Neither one that was renamed nor a file that is gone passes."""
    here = "tests/architecture/test_threat_model.py"

    assert "" == uncollected([f"{here}::test_rows_are_read"])
    assert "test_no_such" in uncollected([f"{here}::test_no_such"])
    assert "no_such.py" in uncollected(["tests/architecture/no_such.py::test_a"])
