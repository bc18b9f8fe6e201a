"""Every Python block of the README and the documentation runs as it stands there."""

from pathlib import Path

import pytest

from support import pages

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted(ROOT.glob("packages/*/README.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
]
# What these set up, a process has once: Django its settings, Litestar the level of all logs.
APART = {ROOT / "docs" / "how-to" / name for name in ("django.md", "litestar.md")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_of_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page's blocks, in order, run to their end, in a folder of their own."""
    monkeypatch.chdir(tmp_path)

    if page in APART:
        pages.execute_apart(page)
    else:
        pages.execute(page)


def test_a_block_that_fails_fails_a_page_that_runs_apart(tmp_path: Path) -> None:
    """The traceback comes with it, and a warning is an error there too."""
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n```python\nimport warnings\n\nwarnings.warn('old')\n```\n")

    with pytest.raises(AssertionError, match=r'page\.md", line 6(?s:.*)UserWarning: old'):
        pages.execute_apart(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_block_hides_behind_another_name_of_python(page: Path) -> None:
    """A block tagged ``py`` or ``pycon`` would look like Python and never be executed."""
    assert set() == pages.unexecuted_names(page)


def test_a_block_that_fails_fails_its_page(tmp_path: Path) -> None:
    """An exception in a block leaves ``execute``, with the line of the page in its traceback."""
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n```python\nfine = 1\n```\n\n```python\nraise KeyError(fine)\n```\n")

    with pytest.raises(KeyError) as failure:
        pages.execute(page)

    assert (str(page), 8) == (str(failure.traceback[-1].path), failure.traceback[-1].lineno + 1)


def test_blocks_of_a_page_share_names_and_one_event_loop(tmp_path: Path) -> None:
    """A name bound in an invisible block, or by ``await``, is there in the blocks below it."""
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- invisible-code-block: python\nimport asyncio\nloop = asyncio.Event()\n-->\n\n"
        "```python\nloop.set()\nfirst = asyncio.get_running_loop() if await loop.wait() else None\n"
        "```\n\n"
        "```python\nawait asyncio.sleep(0)\nassert first is asyncio.get_running_loop()\n```\n"
    )

    assert 3 == pages.execute(page)


def test_what_a_page_opens_is_closed_after_it_even_when_it_fails(tmp_path: Path) -> None:
    """``cleanup`` is unwound after the last block, whether or not the page failed."""
    page = tmp_path / "page.md"
    witness = tmp_path / "closed"
    page.write_text(
        f"```python\nfrom pathlib import Path\ncleanup.callback(Path({str(witness)!r}).touch)\n"
        "```\n\n```python\n1 / 0\n```\n"
    )

    with pytest.raises(ZeroDivisionError):
        pages.execute(page)

    assert witness.exists()


def test_python_by_another_name_is_found(tmp_path: Path) -> None:
    """The check on names fires on ``py`` and leaves ``console`` alone."""
    page = tmp_path / "page.md"
    page.write_text("```py\n1 / 0\n```\n\n```console\n$ nox\n```\n")

    assert {"py"} == pages.unexecuted_names(page)


def test_visible_blocks_leave_out_the_invisible_ones(tmp_path: Path) -> None:
    """Readers, and tests that run an example by themselves, see the fenced blocks only."""
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- invisible-code-block: python\nhidden = 1\n-->\n\n```python\nshown = 2\n```\n"
    )

    assert ["shown = 2\n"] == pages.visible_blocks(page)
