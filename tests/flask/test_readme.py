"""The package's README shows a whole application; tests/architecture/test_docs.py runs it against the tenant."""

from pathlib import Path

from support import pages

README = Path(__file__).parents[2] / "packages" / "adapters-flask" / "README.md"


def test_the_application_is_at_most_40_lines() -> None:
    """Empty lines count, and there is no second block that it would need."""
    (application,) = pages.visible_blocks(README)

    assert len(application.splitlines()) <= 40
    assert "def create_app() -> Flask:" in application
