"""Which client is looked at: one of the application's, named as ``module:attribute``, or one made from options."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from attrs import frozen

from userlink.client import ServerClient
from userlink.errors import UserlinkError
from userlink.protocol.pkce import base64url
from userlink.runtime.entropy import system_entropy
from userlink.sync_client import SyncServerClient

from .gathering import AnyClient

__all__ = ["NoSubject", "Options", "client_named", "client_of"]


class NoSubject(Exception):
    """There is no client to look at; the message says why."""


@frozen
class Options:
    """
    What is known of a client that is not named.

    Attributes:
        domain: of its provider.
        client_id: its name there.
        redirect_uri: where codes are sent, or None.
        dialect: how the provider is spoken to.
    """

    domain: str
    client_id: str
    redirect_uri: str | None
    dialect: str


def client_named(name: str) -> AnyClient:
    """
    Import a client, or call the factory that is there instead.

    Modules of the current folder are found, as servers find them.

    Raises:
        NoSubject: when there is none; what the application's own code raised is its cause.
    """
    module_name, separator, attribute = name.partition(":")
    if not separator or not module_name or not attribute:
        raise NoSubject(
            f"{name} does not name a client; write module:attribute, such as myapp:client."
        )
    sys.path.insert(0, str(Path.cwd()))
    try:
        found: object = import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
        if not isinstance(found, ServerClient | SyncServerClient) and callable(found):
            factory: Callable[[], object] = found
            found = factory()
    except Exception as error:
        raise NoSubject(f"{name} cannot be had. {_told(error)}") from error
    finally:
        sys.path.pop(0)
    if not isinstance(found, ServerClient | SyncServerClient):
        raise NoSubject(
            f"{name} is neither a ServerClient nor a SyncServerClient, nor returns one."
        )
    return found


def client_of(options: Options, environment: Mapping[str, str]) -> tuple[SyncServerClient, bool]:
    """
    Make a client; all that is not said stays at its default.

    Args:
        options: what was said.
        environment: has ``USERLINK_CLIENT_SECRET`` and ``USERLINK_SECRET``, which no option takes: options are in
            the list of processes. Several sealing secrets are separated by commas.

    Returns:
        The client, and whether it has the application's own sealing secret.

    Raises:
        NoSubject: when no client can be made of it.
    """
    given = environment.get("USERLINK_SECRET")
    params = {} if options.redirect_uri is None else {"redirect_uri": options.redirect_uri}
    try:
        client = SyncServerClient(
            domain=options.domain,
            client_id=options.client_id,
            client_secret=environment.get("USERLINK_CLIENT_SECRET"),
            secret=given.split(",") if given else base64url(system_entropy(48)),
            authorization_params=params,
            dialect=options.dialect,
        )
    except UserlinkError as error:
        raise NoSubject(f"No client can be made of these options. {_told(error)}") from error
    return client, bool(given)


def _told(error: Exception) -> str:
    if isinstance(error, UserlinkError):  # they never show a secret
        return f"{error} {error.hint}".strip()
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'without a message'}"
