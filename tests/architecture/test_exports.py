"""The public names of each package: listed, sorted, there, documented, and cheap to import."""

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import userlink
from userlink import errors

ROOT = Path(__file__).parents[2]
PACKAGES = [
    "userlink",
    "userlink.testing",
    "userlink.testing.hostile",
    "userlink.testing.stores",
    "userlink_flask",
    "userlink_sqlalchemy",
    "userlink_starlette",
]
PUBLIC = [
    (package, name) for package in PACKAGES for name in importlib.import_module(package).__all__
]
# Whatever costs time or chooses an event loop waits until the first call that needs it.
NOT_AT_IMPORT = {"anyio._backends", "cryptography", "httpx", "joserfc", "ssl", "trio"}


def reference() -> str:
    """Read all reference pages as one text."""
    pages = sorted((ROOT / "docs" / "reference").glob("**/*.md"))
    return "\n".join(page.read_text(encoding="utf-8") for page in pages)


def is_named_in(page: str, name: str) -> bool:
    """Tell whether a text has the name as code or in a heading."""
    return (
        re.search(rf"^#+ .*\b{name}\b|`(?:[\w.]+\.)?{name}\b[^`\n]*`", page, re.MULTILINE)
        is not None
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_the_list_of_names_is_sorted_and_without_doubles(package: str) -> None:
    """A reader finds a name where the alphabet puts it."""
    names = importlib.import_module(package).__all__

    assert sorted(set(names)) == list(names)


@pytest.mark.parametrize(("package", "name"), PUBLIC)
def test_every_listed_name_is_there_with_a_docstring(package: str, name: str) -> None:
    """Names that are loaded when first asked for are loaded here."""
    value = getattr(importlib.import_module(package), name)

    if inspect.isclass(value) or inspect.isroutine(value):
        assert (inspect.getdoc(value) or "").strip()
    else:
        assert value is not None


@pytest.mark.parametrize("package", PACKAGES)
def test_listed_names_are_offered_for_completion(package: str) -> None:
    """``dir()`` knows the names that are not loaded yet."""
    module = importlib.import_module(package)

    assert set(module.__all__) <= set(dir(module))


@pytest.mark.parametrize("package", PACKAGES)
def test_a_name_that_is_not_there_raises_as_usual(package: str) -> None:
    """Loading names late does not swallow a typing error."""
    with pytest.raises(AttributeError, match="no_such_name"):
        importlib.import_module(package).no_such_name  # noqa: B018 - the access is the test


def test_every_error_is_exported() -> None:
    """An application catches any error by a name it imports from ``userlink``."""
    assert {name for name in errors.__all__ if name != "Fault"} <= set(userlink.__all__)


@pytest.mark.parametrize(("package", "name"), PUBLIC)
def test_every_public_name_is_in_the_reference(package: str, name: str) -> None:
    """The reference under docs/ names it, as code or in a heading."""
    assert is_named_in(reference(), name), f"{package}.{name} is not in docs/reference/"


@pytest.mark.parametrize("package", ["userlink", "userlink.testing"])
def test_importing_userlink_loads_nothing_expensive(package: str) -> None:
    """HTTP client, JOSE, TLS and event loops are loaded when they are first needed."""
    program = f"import sys, {package}; print(*sorted(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )

    assert set() == NOT_AT_IMPORT & set(answer.stdout.split())


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("## ServerClient", True),
        ("Call `ServerClient(domain=...)`.", True),
        ("See `userlink.ServerClient`.", True),
        ("The ServerClient does it.", False),
        ("## AsyncServerClients", False),
    ],
)
def test_a_name_counts_as_documented_in_code_or_a_heading(page: str, expected: bool) -> None:
    """The reader of the reference, on which a test above stands, is not content with prose."""
    assert expected is is_named_in(page, "ServerClient")
