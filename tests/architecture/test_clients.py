"""The two clients are one: same methods, arguments, answers and docstrings, and the same lines but for ``await``."""

import ast
import inspect
from textwrap import dedent
from typing import Any

import pytest

from userlink import ServerClient, SyncServerClient
from userlink.runtime.blocking_handlers import BlockingHandlers
from userlink.runtime.handlers import AsyncHandlers

# What the customs of Python call otherwise where nothing is awaited.
RENAMED = {
    "aclose": "close",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "send_blocking": "send",
    "forgetful_async": "forgetful",
    "pause_blocking": "pause",
}


def public_methods(kind: type) -> set[str]:
    """Name what a user of a client can call."""
    members = inspect.getmembers(kind, inspect.isfunction)
    return {name for name, _ in members if not name.startswith("_") or "enter" in name}


METHODS = sorted(public_methods(ServerClient))


def twin(name: str) -> Any:
    """Return the blocking method of a name."""
    return getattr(SyncServerClient, RENAMED.get(name, name))


class WithoutAwait(ast.NodeTransformer):
    """Turns a coroutine function into the function that it is where nothing is awaited."""

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:  # named by ast
        """Take ``async`` away."""
        self.generic_visit(node)
        name = RENAMED.get(node.name, node.name)
        return ast.FunctionDef(name, node.args, node.body, node.decorator_list, node.returns)

    def visit_Await(self, node: ast.Await) -> Any:  # named by ast
        """Take ``await`` away."""
        return self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> ast.AST:  # named by ast
        """Take ``finish()`` away, which stands for ``await`` where a coroutine is run to its end."""
        self.generic_visit(node)
        is_finish = isinstance(node.func, ast.Name) and node.func.id == "finish"
        return node.args[0] if is_finish else node

    def visit_Name(self, node: ast.Name) -> ast.AST:  # named by ast
        """Name what is called otherwise."""
        return ast.Name(RENAMED.get(node.id, node.id), node.ctx)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:  # named by ast
        """Name what is called otherwise."""
        self.generic_visit(node)
        return ast.Attribute(node.value, RENAMED.get(node.attr, node.attr), node.ctx)


def lines(source: str) -> str:
    """Return a source in one form, without ``await``."""
    return ast.unparse(ast.fix_missing_locations(WithoutAwait().visit(ast.parse(dedent(source)))))


def test_there_are_methods() -> None:
    """The tests below would pass on an empty list."""
    assert {"start_link_user", "complete_callback", "get_user", "aclose"} <= set(METHODS)


def test_the_clients_have_the_same_methods() -> None:
    """None is missing, and none is there for one of them alone."""
    assert {RENAMED.get(name, name) for name in METHODS} == public_methods(SyncServerClient)


def test_the_clients_are_built_by_the_same_arguments() -> None:
    """With the same defaults, in the same order."""
    assert inspect.signature(ServerClient) == inspect.signature(SyncServerClient)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_takes_and_answers_the_same(name: str) -> None:
    """Names, order, defaults and types of arguments, and what is returned; one of them awaits it."""
    method = getattr(ServerClient, name)

    assert inspect.signature(method) == inspect.signature(twin(name))
    assert inspect.iscoroutinefunction(method)
    assert not inspect.iscoroutinefunction(twin(name))


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_described_by_the_same_words(name: str) -> None:
    """An editor shows the whole of it, whichever client is used."""
    assert inspect.getdoc(getattr(ServerClient, name)) == inspect.getdoc(twin(name))


@pytest.mark.parametrize("name", METHODS)
def test_a_method_does_the_same(name: str) -> None:
    """Nothing is decided by one client alone."""
    assert lines(inspect.getsource(getattr(ServerClient, name))) == lines(
        inspect.getsource(twin(name))
    )


@pytest.mark.parametrize("client", [ServerClient, SyncServerClient])
def test_every_method_is_forgetful(client: type) -> None:
    """One that is forgotten would hand the variables of its frames to error reporters."""
    methods = {"__init__", *public_methods(client)}
    plain = {name for name in methods if not hasattr(getattr(client, name), "__wrapped__")}

    assert plain <= {"__aenter__", "__enter__", "__aexit__", "__exit__"}


def test_the_drivers_handlers_have_the_same_names() -> None:
    """Whoever knows the handlers of one driver knows those of the other."""
    assert public_methods(AsyncHandlers) == public_methods(BlockingHandlers)


@pytest.mark.parametrize("name", sorted(public_methods(AsyncHandlers)))
def test_the_drivers_handlers_do_the_same(name: str) -> None:
    """What is added to one and forgotten in the other would be a client that protects less."""
    awaited, blocking = getattr(AsyncHandlers, name), getattr(BlockingHandlers, name)

    assert lines(inspect.getsource(awaited)) == lines(inspect.getsource(blocking))


def test_sources_are_compared_without_await_and_with_all_else() -> None:
    """The reader of sources, on which a test above stands, sees another argument."""
    awaited = "async def aclose(self) -> int:\n    return await self.engine.aclose(1)\n"
    blocking = "def close(self) -> int:\n    return self.engine.close(1)\n"

    assert lines(awaited) == lines(blocking)
    assert lines(awaited) != lines(blocking.replace("1", "2"))
    assert lines(blocking) == lines(
        blocking.replace("self.engine.close(1)", "finish(self.engine.close(1))")
    )
