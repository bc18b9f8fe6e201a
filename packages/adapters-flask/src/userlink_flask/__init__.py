"""
userlink for Flask.

``Userlink(app, client)`` is all that most applications need; ``login_required`` guards their own pages.

Names are imported when they are first used: every client loads this package's plugin, also where no Flask is served.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._extension import Userlink
    from ._options import RouteOptions
    from ._routes import userlink_blueprint
    from ._users import User, current_user, login_required

_HOME_OF = {
    "RouteOptions": "_options",
    "User": "_users",
    "Userlink": "_extension",
    "current_user": "_users",
    "login_required": "_users",
    "userlink_blueprint": "_routes",
}

__all__ = [
    "RouteOptions",
    "User",
    "Userlink",
    "current_user",
    "login_required",
    "userlink_blueprint",
]


def __getattr__(name: str) -> object:
    """Import a public name from its home (PEP 562)."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
