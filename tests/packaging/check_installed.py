"""
Look at the installed wheels as a user's environment has them; run by ``nox -s build``, not by pytest.

It needs nothing but the wheels and what they depend on.
"""

import importlib
import sys
from importlib.metadata import distribution, entry_points
from importlib.resources import files

PACKAGES = {
    "userlink": "userlink",
    "userlink-flask": "userlink_flask",
    "userlink-starlette": "userlink_starlette",
    "userlink-sqlalchemy": "userlink_sqlalchemy",
    "userlink-devtenant": "userlink_devtenant",
}


def check(name: str, module: str) -> None:
    """
    Check one wheel.

    Raises:
        AssertionError: naming what the wheel lacks.
    """
    installed = distribution(name)
    package = importlib.import_module(module)
    names = [str(path) for path in installed.files or []]

    assert "site-packages" in str(package.__file__), f"{name} does not come from its wheel"
    assert (files(module) / "py.typed").is_file(), f"{name} does not say that it is typed"
    assert any(path.endswith("licenses/LICENSE") for path in names), f"{name} has no licence"
    assert not [path for path in names if path.startswith("tests")], f"{name} contains tests"
    for public in getattr(package, "__all__", ()):
        getattr(package, public)


def main() -> int:
    """Check all wheels, load all entry points, and say so."""
    for name, module in PACKAGES.items():
        check(name, module)
    plugins = {point.name: point.load() for point in entry_points(group="userlink")}
    assert {"flask", "starlette"} <= plugins.keys(), "an adapter is not found by its entry point"
    assert "sqlalchemy" in plugins, "the SQL stores are not found by their entry point"
    migrations = files("userlink_sqlalchemy") / "migrations" / "versions"
    assert (migrations / "userlink_0001_tables.py").is_file(), "the migration is not in the wheel"
    commands = {
        point.name: point.load()
        for name in PACKAGES
        for point in distribution(name).entry_points.select(group="console_scripts")
    }
    assert "userlink" in commands, "the doctor has no command"
    assert "userlink-devtenant" in commands, "the development tenant has no command"
    print(f"{len(PACKAGES)} wheels, plugins {sorted(plugins)}, commands {sorted(commands)}: fine")
    return 0


if __name__ == "__main__":
    sys.exit(main())
