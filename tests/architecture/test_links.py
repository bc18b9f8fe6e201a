"""Links between pages lead somewhere: to a file that is there, and to a heading that it has."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted(ROOT.glob("packages/*/README.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
]
_LINK = re.compile(r"\]\(\s*([^)\s]+)\s*\)")


def links(page: Path) -> list[str]:
    """Return the targets of a page's links within the repository."""
    found: list[str] = _LINK.findall(page.read_text(encoding="utf-8"))
    return [target for target in found if "://" not in target]


def anchors(page: Path) -> set[str]:
    """Return what a page's headings are called in links."""
    headings: list[str] = re.findall(
        r"^#+ +(.+?) *$", page.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(page: Path) -> list[str]:
    """Return the targets that lead nowhere."""
    found: list[str] = []
    for target in links(page):
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            found.append(target)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    """Renaming a page or a heading without its links fails here."""
    assert [] == broken(page)


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("docs/*/*.md")), ids=lambda page: str(page.relative_to(ROOT))
)
def test_every_page_is_in_the_index(page: Path) -> None:
    """A page that the index does not know is not found."""
    assert str(page.relative_to(ROOT / "docs")) in links(ROOT / "docs" / "index.md")


def test_broken_links_are_found(tmp_path: Path) -> None:
    """The reader of links tells a missing file and a missing heading from those that are there."""
    page = tmp_path / "page.md"
    page.write_text(
        "# A `title` (b)\n\n[a](page.md#a-title-b) [b](#nothing) [c](missing.md) [d](https://e.example)\n"
    )

    assert ["#nothing", "missing.md"] == broken(page)
