"""``SyncServerClient``: options in, a flow chosen, the blocking driver, a result out. Nothing is decided here."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from userlink.plugins.hookspecs import BlockingTransport
from userlink.protocol.flows.completion import (
    complete_any,
    complete_link,
    complete_login,
    complete_unlink,
)
from userlink.protocol.flows.link import start_link
from userlink.protocol.flows.login import start_login
from userlink.protocol.flows.logout import logout
from userlink.protocol.flows.session import get_session
from userlink.protocol.flows.unlink import start_unlink
from userlink.protocol.options import (
    LinkOptions,
    LinkOptionsLike,
    LoginOptions,
    LoginOptionsLike,
    LogoutOptions,
    LogoutOptionsLike,
    UnlinkOptions,
    UnlinkOptionsLike,
)
from userlink.protocol.results import (
    CallbackResult,
    LinkResult,
    LoginResult,
    SessionData,
    UnlinkResult,
)
from userlink.runtime.blocking_engine import BlockingEngine, BlockingParts
from userlink.stores.protocols import BlockingStateStore, BlockingTransactionStore, StoreOptions

from .base_client import BaseClient

__all__ = ["SyncServerClient"]


class SyncServerClient(BaseClient[BlockingStateStore, BlockingTransactionStore, BlockingTransport]):
    """
    ``ServerClient`` for plain threads: the same methods, arguments, options, results and errors, none to be awaited.

    One client serves all threads of an application. Use it as a context manager, or call ``close()`` when the
    application ends. Stores and transport are blocking ones: a ``BlockingStateStore``, a ``BlockingTransactionStore``,
    a ``BlockingTransport``.
    """

    def _start(self, parts: BlockingParts) -> None:
        self._engine = BlockingEngine(parts)

    def start_interactive_login(
        self, options: LoginOptionsLike = None, store_options: StoreOptions | None = None
    ) -> str:
        """Do what ``ServerClient.start_interactive_login()`` does, and raise what it raises."""
        read = LoginOptions.read(options)
        call = self._engine.bind(store_options, writing=True)
        return self._engine.run(start_login(self._settings, read), call)

    def complete_interactive_login(
        self, url: str, store_options: StoreOptions | None = None
    ) -> LoginResult:
        """Do what ``ServerClient.complete_interactive_login()`` does, and raise what it raises."""
        call = self._engine.bind(store_options, writing=True)
        return self._engine.run(complete_login(self._settings, url), call)

    def start_link_user(
        self, options: LinkOptionsLike = None, store_options: StoreOptions | None = None
    ) -> str:
        """Do what ``ServerClient.start_link_user()`` does, and raise what it raises."""
        read = LinkOptions.read(options)
        call = self._engine.bind(store_options, writing=True)
        return self._engine.run(start_link(self._settings, read), call)

    def complete_link_user(self, url: str, store_options: StoreOptions | None = None) -> LinkResult:
        """Do what ``ServerClient.complete_link_user()`` does, and raise what it raises."""
        call = self._engine.bind(store_options, writing=True)
        return self._engine.run(complete_link(self._settings, url), call)

    def start_unlink_user(
        self, options: UnlinkOptionsLike = None, store_options: StoreOptions | None = None
    ) -> str:
        """Do what ``ServerClient.start_unlink_user()`` does, and raise what it raises."""
        read = UnlinkOptions.read(options)
        call = self._engine.bind(store_options, writing=True)
        return self._engine.run(start_unlink(self._settings, read), call)

    def complete_unlink_user(
        self, url: str, store_options: StoreOptions | None = None
    ) -> UnlinkResult:
        """Do what ``ServerClient.complete_unlink_user()`` does, and raise what it raises."""
        call = self._engine.bind(store_options, writing=True)
        return self._engine.run(complete_unlink(self._settings, url), call)

    def complete_callback(
        self, url: str, store_options: StoreOptions | None = None
    ) -> CallbackResult:
        """Do what ``ServerClient.complete_callback()`` does, and raise what it raises."""
        call = self._engine.bind(store_options, writing=True)
        return self._engine.run(complete_any(self._settings, url), call)

    def get_user(self, store_options: StoreOptions | None = None) -> Mapping[str, Any] | None:
        """Do what ``ServerClient.get_user()`` does, and raise what it raises."""
        call = self._engine.bind(store_options, writing=False)
        session = self._engine.run(get_session(self._settings), call)
        return None if session is None else session.user

    def get_session(self, store_options: StoreOptions | None = None) -> SessionData | None:
        """Do what ``ServerClient.get_session()`` does, and raise what it raises."""
        call = self._engine.bind(store_options, writing=False)
        session = self._engine.run(get_session(self._settings), call)
        return None if session is None else SessionData.of(session)

    def logout(
        self, options: LogoutOptionsLike = None, store_options: StoreOptions | None = None
    ) -> str:
        """Do what ``ServerClient.logout()`` does, and raise what it raises."""
        read = LogoutOptions.read(options)
        call = self._engine.bind(store_options, writing=True)
        return self._engine.run(logout(self._settings, read), call)

    def close(self) -> None:
        """Close the connections to the provider. The client can be used again; it connects anew."""
        self._engine.close()

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()
