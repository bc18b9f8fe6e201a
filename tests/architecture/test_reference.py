"""The tables of the reference list what the code has: no more, no less, with the same defaults."""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
from flask import Flask
from starlette.applications import Starlette
from starlette.routing import Route

import userlink_devtenant
import userlink_flask
from userlink import (
    Event,
    LinkOptions,
    LinkResult,
    LoginOptions,
    LoginResult,
    LogoutClaims,
    LogoutOptions,
    ReauthenticationOptions,
    ReauthenticationResult,
    ServerClient,
    SessionData,
    StateRecord,
    SyncServerClient,
    TokenSet,
    TransactionRecord,
    UnlinkOptions,
    UnlinkResult,
    UserlinkError,
    errors,
)
from userlink.protocol import effects
from userlink.runtime.clock import system_clock
from userlink.runtime.entropy import system_entropy
from userlink.testing import InMemoryProvider
from userlink_devtenant.browser import TenantBrowser
from userlink_starlette import RouteOptions, add_userlink

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
IN_WORDS: dict[object, str] = {system_clock: "system clock", system_entropy: "system source"}

CLASSES_WITH_DEFAULTS: dict[str, list[type]] = {
    "options.md": [
        LoginOptions,
        LinkOptions,
        UnlinkOptions,
        ReauthenticationOptions,
        LogoutOptions,
    ],
    "starlette.md": [RouteOptions],
}
CLASSES_WITH_ATTRIBUTES: dict[str, list[type]] = {
    "results.md": [
        LoginResult,
        LinkResult,
        UnlinkResult,
        ReauthenticationResult,
        SessionData,
        TokenSet,
        Event,
    ],
    "stores.md": [StateRecord, LogoutClaims, TransactionRecord],
}
BUILT_BY_ARGUMENTS: dict[str, list[type]] = {
    "client.md": [ServerClient],
    "testing.md": [InMemoryProvider],
}


def rows(page: str, heading: str | None = None) -> list[list[str]]:
    """Return the cells of the table rows of a page, or of those below one heading, heads left out."""
    below, head_is_next, found = heading is None, True, list[list[str]]()
    for line in page.splitlines():
        if line.startswith("#"):
            below = heading is None or heading in line
        if not line.startswith("|"):
            head_is_next = True
        elif below and not head_is_next and not line.startswith("| ---"):
            found.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        else:
            head_is_next = False
    return found


def read(name: str) -> str:
    """Return a page of the reference."""
    return (REFERENCE / name).read_text(encoding="utf-8")


def shown(default: Any) -> str:
    """Return a default as the reference writes it."""
    if default in (inspect.Parameter.empty, attrs.NOTHING):
        return "required"
    if hasattr(default, "factory"):
        return f"`{default.factory()!r}`"
    if callable(default):
        return IN_WORDS[default]
    return f"`{default!r}`".replace("'", '"').replace("|", r"\|")


def pairs(classes: Mapping[str, Sequence[type]]) -> list[tuple[str, type]]:
    """Lay pages and what they describe out as parameters of a test."""
    return [(page, each) for page, described in classes.items() for each in described]


def all_errors(root: type[UserlinkError]) -> Iterator[type[UserlinkError]]:
    """Walk the tree of errors below its root."""
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from all_errors(child)


def test_every_error_is_listed_with_code_fault_and_hint() -> None:
    """In the order of the tree; what stands under *when* is the page's own."""
    listed = [(name, code, fault, hint) for name, code, fault, _, hint in rows(read("errors.md"))]

    assert [
        (f"`{error.__name__}`", f"`{error.code}`", error.fault, error.hint)
        for error in all_errors(UserlinkError)
    ] == listed


def test_every_error_says_when() -> None:
    """No cell is left empty."""
    assert [] == [name for name, _, _, when, _ in rows(read("errors.md")) if not when]


@pytest.mark.parametrize(("page", "described"), pairs(CLASSES_WITH_DEFAULTS))
def test_options_are_listed_with_their_defaults(page: str, described: type) -> None:
    """A new option, or another default, needs its line."""
    listed = [cells[:2] for cells in rows(read(page), f"## `{described.__name__}`")]

    assert [[f"`{f.name}`", shown(f.default)] for f in attrs.fields(described)] == listed


@pytest.mark.parametrize(("page", "described"), pairs(CLASSES_WITH_ATTRIBUTES))
def test_attributes_are_listed(page: str, described: type) -> None:
    """What a result or a record holds stands under its heading."""
    listed = [cells[0] for cells in rows(read(page), f"## `{described.__name__}`")]

    assert [f"`{f.name}`" for f in attrs.fields(described)] == listed


@pytest.mark.parametrize(("page", "described"), pairs(BUILT_BY_ARGUMENTS))
def test_arguments_are_listed_with_their_defaults(page: str, described: type) -> None:
    """An argument that only its signature knows is not found."""
    parameters = inspect.signature(described).parameters.values()
    real = [
        [f"`{p.name}`", "required" if p.name in required_of(described) else shown(p.default)]
        for p in parameters
        if p.kind is not p.VAR_KEYWORD
    ]

    assert real == [
        row[:2] for row in rows(read(page), f"## `{described.__name__}`") if len(row) == 3
    ]


def field_names(described: type) -> list[str]:
    """Return the names of a class's fields."""
    return [field.name for field in attrs.fields(described)]


def required_of(described: type) -> set[str]:
    """Return the arguments that have a default only so that their absence gets an error of its own."""
    return {"domain", "client_id", "secret"} if described is ServerClient else set()


def test_every_method_of_the_client_is_listed_with_its_arguments() -> None:
    """The table of methods is the class's own list."""
    listed = {
        row[0].strip("`").partition("(")[0]: row[0] for row in rows(read("client.md"), "## Methods")
    }
    real = {
        name: method
        for name, method in inspect.getmembers(ServerClient, inspect.isfunction)
        if not name.startswith("_")
    }

    assert real.keys() == listed.keys()
    for name, method in real.items():
        arguments = [
            str(p.replace(annotation=p.empty))
            for p in inspect.signature(method).parameters.values()
        ]
        assert f"`{name}({', '.join(arguments[1:])})`" == listed[name]


def test_every_effect_is_listed_with_its_arguments() -> None:
    """An effect that is not in the table is not understood by a reader of a flow."""
    real = [
        f"`{effect.__name__}({', '.join(field_names(effect))})`"
        for effect in effects.Effect.__subclasses__()
    ]

    assert real == [row[0] for row in rows(read("effects.md"))]


def test_the_routes_are_listed_with_method_and_path() -> None:
    """The table shows what an application without options is given."""
    app = Starlette()
    client = ServerClient(
        domain="tenant.example.com",
        client_id="client",
        secret="a secret for tests, of 32 bytes or more",
        authorization_params={"redirect_uri": "https://app.example/auth/callback"},
    )
    add_userlink(app, client)
    routes = [route for route in app.routes if isinstance(route, Route)]
    real = [
        [f"`{route.name.removeprefix('userlink_')}`", f"`{method} {route.path}`"]
        for route in routes
        for method in (route.methods or set()) - {"HEAD"}
    ]

    assert real == [row[:2] for row in rows(read("starlette.md"), "## The routes")]


def test_the_routes_of_flask_are_listed_and_the_same() -> None:
    """Whoever knows the one adapter knows the other, options included."""
    app = Flask("app")
    client = SyncServerClient(
        domain="tenant.example.com",
        client_id="client",
        secret="a secret for tests, of 32 bytes or more",
        authorization_params={"redirect_uri": "https://app.example/auth/callback"},
    )
    userlink_flask.Userlink(app, client)
    real = {
        f"`{rule.endpoint.removeprefix('userlink.')}`": f"`{method} {rule.rule}`"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
        if rule.endpoint.startswith("userlink.")
    }
    listed = rows(read("flask.md"), "## The routes")

    assert [row[:2] for row in rows(read("starlette.md"), "## The routes")] == [
        row[:2] for row in listed
    ]
    assert real == {name: path.replace("{connection}", "<connection>") for name, path, _ in listed}
    assert [(f.name, f.default) for f in attrs.fields(RouteOptions)] == [
        (f.name, f.default) for f in attrs.fields(userlink_flask.RouteOptions)
    ]


def test_the_tenants_configuration_is_listed() -> None:
    """Each class with its fields, in their order."""
    for name, fields in rows(read("devtenant.md"), "## Configuration"):
        kind: type = getattr(userlink_devtenant, name.strip("`"))
        listed = re.findall(r"`(\w+)`", fields.partition(";")[0])
        assert {f.name for f in attrs.fields(kind)} == set(listed)


@pytest.mark.parametrize("described", [userlink_devtenant.DevTenant, TenantBrowser])
def test_methods_of_the_tenant_and_its_browser_are_listed(described: type) -> None:
    """Every public method stands in a table of the page."""
    page = read("devtenant.md")
    names = [name for name in vars(described) if not name.startswith("_")]

    assert [] == [name for name in names if f"`{name}" not in page]


def test_every_option_of_the_command_line_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """What ``--help`` knows, the page knows."""
    from userlink_devtenant.__main__ import main

    with pytest.raises(SystemExit):
        main(["--help"])

    real = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert real == {
        row[0].strip("`").partition(" ")[0] for row in rows(read("command-lines.md"), "devtenant")
    }


def test_every_argument_of_the_doctor_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """What ``userlink doctor --help`` knows, the page knows."""
    from userlink.doctor.command_line import main

    with pytest.raises(SystemExit):
        main(["doctor", "--help"])

    real = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    listed = {row[0].strip("`") for row in rows(read("command-lines.md"), "userlink doctor")}
    assert real == {name for name in listed if name.startswith("--")}


def test_rows_are_read_below_their_heading_without_heads() -> None:
    """The reader of tables, on which the tests above stand."""
    page = "## A\n\n| x | y |\n| --- | --- |\n| 1 | a\\|b |\n\n## B\n\n| z |\n| --- |\n| 2 |\n"

    assert [["1", "a\\|b"]] == rows(page, "## A")
    assert [["1", "a\\|b"], ["2"]] == rows(page)
