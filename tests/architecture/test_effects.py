"""Every effect that a flow may yield is a frozen value, and every driver's table performs it."""

import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

import attrs
import pytest

from userlink.protocol import effects
from userlink.protocol.effects import Effect, Table, TakeTransaction
from userlink.runtime import table

CANARY = "canary-9f4c1b7e"

# attrs makes each class anew with slots; the one it was made from may still be among the subclasses.
EFFECTS: list[type[Effect[Any]]] = [
    kind for kind in Effect.__subclasses__() if vars(effects).get(kind.__name__) is kind
]
TABLES: dict[str, Callable[..., Table]] = {
    name: build
    for name, build in inspect.getmembers(table, inspect.isfunction)
    if name.endswith("_table")
}


def built(build: Callable[..., Table]) -> Table:
    """Build a table from handlers that are never called, and so need not be set up."""
    hints = get_type_hints(build)
    del hints["return"]
    (handlers,) = hints.values()
    return build(handlers.__new__(handlers))


def test_there_are_effects_and_tables() -> None:
    """The tests below would pass on empty lists."""
    assert TakeTransaction in EFFECTS
    assert {"async_table", "blocking_table"} == TABLES.keys()


@pytest.mark.parametrize("name", TABLES)
def test_a_table_performs_exactly_the_effects(name: str) -> None:
    """An effect without a handler would fail in the middle of somebody's login."""
    assert set(EFFECTS) == set(built(TABLES[name]))


@pytest.mark.parametrize("name", TABLES)
def test_no_two_effects_share_a_handler(name: str) -> None:
    """A handler copied to the wrong line would perform another effect."""
    handlers = list(built(TABLES[name]).values())

    assert len(EFFECTS) == len(set(handlers))


@pytest.mark.parametrize("kind", EFFECTS)
def test_the_tables_perform_an_effect_by_handlers_of_one_name(kind: type[Effect[Any]]) -> None:
    """Whoever knows one driver knows the other."""
    names = {built(build)[kind].__name__ for build in TABLES.values()}

    assert 1 == len(names)


def test_every_effect_is_exported() -> None:
    """``__all__`` of the module names them all, so that a plugin's author finds them."""
    assert {kind.__name__ for kind in EFFECTS} <= set(effects.__all__)


@pytest.mark.parametrize("kind", EFFECTS)
def test_an_effect_is_a_frozen_value(kind: type[Effect[Any]]) -> None:
    """A script compares effects, and a driver cannot change what a flow asked for."""
    assert attrs.has(kind)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        kind.__new__(kind).changed = True  # type: ignore[attr-defined]  # what may not be done


@pytest.mark.parametrize("kind", EFFECTS)
def test_an_effect_says_what_it_asks_for(kind: type[Effect[Any]]) -> None:
    """Each has a docstring of its own."""
    assert (kind.__dict__.get("__doc__") or "").strip()


def test_the_repr_of_an_effect_hides_the_state() -> None:
    """``state`` guards a callback until it is used; a log of effects must not tell it."""
    assert CANARY not in repr(TakeTransaction(CANARY))
