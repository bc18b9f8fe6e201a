"""Public names are imported when they are first used (PEP 562)."""

import sys
from types import ModuleType

import pytest

from userlink.lazy_names import lazy_names


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a package whose module ``below`` is home to ``thing``."""
    package, below = ModuleType("a_package"), ModuleType("a_package.below")
    package.__path__ = []
    vars(below)["thing"] = ["the thing"]
    monkeypatch.setitem(sys.modules, "a_package", package)
    monkeypatch.setitem(sys.modules, "a_package.below", below)
    vars(package)["__getattr__"] = lazy_names("a_package", {"below": "other thing"})
    return package


def test_a_name_is_fetched_from_its_home_and_kept(package: ModuleType) -> None:
    """The second use is an attribute like any other."""
    assert "thing" not in vars(package)

    assert ["the thing"] == package.thing
    assert vars(package)["thing"] is package.thing


def test_another_name_is_an_attribute_error(package: ModuleType) -> None:
    """It names the package and what was looked for, as Python's own does."""
    with pytest.raises(AttributeError, match=r"module 'a_package' has no attribute 'nothing'"):
        _ = package.nothing
