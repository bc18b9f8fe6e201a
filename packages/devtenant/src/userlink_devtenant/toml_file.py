"""Reading a configuration from TOML, with errors that name the key, the place and the way out."""

import difflib
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import attrs

from .config import Account, Client, Connection, Lifetimes, TenantConfig, User
from .errors import TenantConfigError

__all__ = ["read_config"]

T = TypeVar("T")
Table = Mapping[str, Any]
Check = Callable[[Any], bool]


def read_config(path: Path) -> TenantConfig:
    """
    Read a configuration file.

    Raises:
        TenantConfigError: when it cannot be read, or says something that cannot be used.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TenantConfigError(
            f"The configuration {path} cannot be read: {error.strerror}.", "Check the path."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TenantConfigError(
            f"The configuration {path} is not TOML: {error}.", "Correct it."
        ) from error
    return _config(document)


def _config(document: Table) -> TenantConfig:
    _known_keys(document, ("tenant", "lifetimes", "users", "connections", "clients"), "the file")
    tenant = _table(document, "tenant")
    known = {"password": _is_text, "pushed_authorization": _is_text}
    _known_keys(tenant, tuple(known), "[tenant]")
    _typed(tenant, known, "[tenant]")
    connections = [_connection(t) for t in _tables(document, "connections", "connections")]
    return TenantConfig(
        users=tuple(_record(User, t, "[[users]]") for t in _tables(document, "users", "users")),
        connections=tuple(connections),
        clients=tuple(
            _record(Client, t, "[[clients]]") for t in _tables(document, "clients", "clients")
        ),
        lifetimes=_lifetimes(_table(document, "lifetimes")),
        **tenant,
    )


def _connection(table: Table) -> Connection:
    accounts = _tables(table, "accounts", "connections.accounts")
    rest = {key: value for key, value in table.items() if key != "accounts"}
    connection = _record(Connection, rest, "[[connections]]")
    built = tuple(_record(Account, t, "[[connections.accounts]]") for t in accounts)
    return attrs.evolve(connection, accounts=built)


def _lifetimes(table: Table) -> Lifetimes:
    lifetimes = _record(Lifetimes, table, "[lifetimes]")
    for name, seconds in attrs.asdict(lifetimes).items():
        if seconds <= 0:
            raise TenantConfigError(
                f"`{name}` in [lifetimes] is {seconds}.", "Use a whole number above zero."
            )
    return lifetimes


def _record(cls: type[T], table: Table, where: str) -> T:
    """Build a value from a table whose keys are the names of the value's fields."""
    fields = attrs.fields_dict(cls)  # type: ignore[arg-type]  # T is one of our attrs classes
    names = [name for name in fields if name != "accounts"]
    _known_keys(table, names, where)
    required = [name for name in names if fields[name].default is attrs.NOTHING]
    for name in required:
        if name not in table:
            raise TenantConfigError(f"`{name}` is missing in {where}.", "Add it.")
    _typed(table, {name: _check_for(fields[name].type) for name in names}, where)
    return cls(**table)


def _check_for(annotation: Any) -> Check:
    if annotation is bool:
        return lambda value: isinstance(value, bool)
    if annotation is int:
        return lambda value: isinstance(value, int) and not isinstance(value, bool)
    if annotation == tuple[str, ...]:
        return lambda value: isinstance(value, list) and all(map(_is_text, value))
    return _is_text


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _typed(table: Table, checks: Mapping[str, Check], where: str) -> None:
    for key, value in table.items():
        if not checks[key](value):
            raise TenantConfigError(
                f"`{key}` in {where} has a value of the wrong kind ({type(value).__name__}).",
                "The README shows every key with an example.",
            )


def _known_keys(table: Table, known: "list[str] | tuple[str, ...]", where: str) -> None:
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"Did you mean `{near[0]}`?" if near else f"Known are: {', '.join(known)}."
            raise TenantConfigError(f"`{key}` in {where} is not known.", hint)


def _table(document: Table, key: str) -> dict[str, Any]:
    table = document.get(key, {})
    if not isinstance(table, dict):
        raise TenantConfigError(f"`{key}` is not a table.", f"Write it as [{key}].")
    return table


def _tables(document: Table, key: str, path: str) -> list[dict[str, Any]]:
    tables = document.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise TenantConfigError(f"`{path}` is not a list of tables.", f"Write it as [[{path}]].")
    return tables
