"""What an application is configured with to be attacked, and by which routes it is reached."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeAlias

from attrs import field, frozen

__all__ = ["Application", "ApplicationFactory", "Credentials"]


@frozen
class Credentials:
    """
    The application's registration at a provider of the kit.

    Attributes:
        issuer: of the provider.
        client_id: of the application there.
        client_secret: likewise.
        rival_issuer: of a second provider, for applications that know two; same client there.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    rival_issuer: str


@frozen
class Application:
    """
    An application that runs somewhere, and its routes.

    ``link`` and ``unlink`` hold ``{connection}``, in the path or in the query.

    Attributes:
        url: scheme, host and port.
        login: begins a login, by GET.
        link: begins linking, by POST; None when the application does not link.
        unlink: begins unlinking, by POST; None when it does not.
        logout: ends the session, by POST; None when there is no such route.
        backchannel_logout: is posted logout tokens; None when the application takes none.
        me: a page whose body names the ``sub`` of whoever is signed in, and no other.
        connection: the one that is linked.
        return_to: the query parameter of ``login`` that says where to go afterwards; None when there is none.
        error_parameter: the query parameter in which a refusal names its ``UserlinkError.code``; None when the
            application keeps that to itself, and the kind of a refusal is not compared.
        rival_login: begins a login at the second provider; None for an application that knows one.
        restart: brings the application back with cold caches; None when nobody can.
    """

    url: str
    login: str = "/auth/login"
    link: str | None = "/auth/link/{connection}"
    unlink: str | None = "/auth/unlink/{connection}"
    logout: str | None = "/auth/logout"
    backchannel_logout: str | None = None
    me: str = "/auth/profile"
    connection: str = "github"
    return_to: str | None = "return_to"
    error_parameter: str | None = None
    rival_login: str | None = None
    restart: Callable[[], None] | None = field(default=None, repr=False)


ApplicationFactory: TypeAlias = Callable[[Credentials], AbstractContextManager[Application]]
