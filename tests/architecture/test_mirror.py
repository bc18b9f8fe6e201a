"""The tests mirror the source tree: who knows where a module is knows where its tests are."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = ROOT / "packages" / "core" / "src" / "userlink"
FLASK = ROOT / "packages" / "adapters-flask" / "src" / "userlink_flask"
STARLETTE = ROOT / "packages" / "adapters-starlette" / "src" / "userlink_starlette"
SQLALCHEMY = ROOT / "packages" / "stores-sqlalchemy" / "src" / "userlink_sqlalchemy"

# Modules that a test of the architecture covers as a whole.
ELSEWHERE = {
    "userlink.errors": "tests/architecture/test_errors.py",
    "userlink.plugins.hookspecs": "tests/architecture/test_hooks.py",
    "userlink.protocol.effects": "tests/architecture/test_effects.py",
    "userlink.runtime.table": "tests/architecture/test_effects.py",
    "userlink_sqlalchemy.migrations.env": "tests/sqlalchemy/test_migrations.py",
    "userlink_sqlalchemy.migrations.versions.userlink_0001_tables": (
        "tests/sqlalchemy/test_migrations.py"
    ),
}


def modules_of(package: Path) -> list[str]:
    """Name the modules of a package that do something: not the doors of rooms, nor bare types."""
    return [
        ".".join(path.relative_to(package.parent).with_suffix("").parts)
        for path in sorted(package.rglob("*.py"))
        if path.name != "__init__.py" and does_something(path.read_text(encoding="utf-8"))
    ]


def does_something(source: str) -> bool:
    """Tell whether any function has a body: protocols and records only declare, so nothing runs."""
    return any(
        not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in node.body
    )


def home_of_tests(module: str) -> Path:
    """Say where the tests of a module are."""
    if module in ELSEWHERE:
        return Path(ELSEWHERE[module])
    package, *rooms, name = module.split(".")
    if package != "userlink":
        rooms = [package.removeprefix("userlink_"), *rooms]
    elif rooms == ["protocol", "flows"]:
        rooms = ["core", "flows"]
    else:
        rooms = ["core", *rooms]
    return Path("tests", *rooms, f"test_{name.removeprefix('_')}.py")


def imported_by(source: str) -> set[str]:
    """Name everything that a module imports, in full: modules and the names out of them."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


MODULES = [
    *modules_of(CORE),
    *modules_of(FLASK),
    *modules_of(STARLETTE),
    *modules_of(SQLALCHEMY),
]
PURE_MODULES = [
    module
    for module in MODULES
    if module.startswith(("userlink.protocol.", "userlink.web.")) and module not in ELSEWHERE
]


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_its_test_file(module: str) -> None:
    """The tests of a module are in one known place."""
    assert (ROOT / home_of_tests(module)).is_file(), f"write {home_of_tests(module)}"


@pytest.mark.parametrize("module", PURE_MODULES)
def test_the_test_file_of_a_pure_module_tests_that_module(module: str) -> None:
    """It imports the module by its own name, not through another that happens to use it."""
    source = (ROOT / home_of_tests(module)).read_text(encoding="utf-8")

    assert module in imported_by(source)


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("userlink.client", "tests/core/test_client.py"),
        ("userlink.protocol.params", "tests/core/protocol/test_params.py"),
        ("userlink.protocol.flows.link", "tests/core/flows/test_link.py"),
        ("userlink.protocol.dialects.auth0", "tests/core/protocol/dialects/test_auth0.py"),
        ("userlink.web.sign_in", "tests/core/web/test_sign_in.py"),
        ("userlink_starlette._routes", "tests/starlette/test_routes.py"),
        ("userlink_flask._routes", "tests/flask/test_routes.py"),
        ("userlink_sqlalchemy._schema", "tests/sqlalchemy/test_schema.py"),
    ],
)
def test_the_rule_of_places(module: str, expected: str) -> None:
    """The rooms of the source are the rooms of the tests; flows have one of their own."""
    assert Path(expected) == home_of_tests(module)


def test_imports_are_read_in_both_forms() -> None:
    """``from package import module`` names the module as much as ``import package.module``."""
    source = "import a.b\nfrom c.d import e"

    assert {"a.b", "c.d", "c.d.e"} == imported_by(source)


def test_a_module_of_declarations_needs_no_tests() -> None:
    """A protocol's methods have a docstring and an ellipsis; one statement more is behaviour."""
    declaration = "class Clock:\n    def now(self) -> int:\n        'Tell the time.'\n        ...\n"

    assert not does_something(declaration)
    assert does_something(declaration + "        return 0\n")
