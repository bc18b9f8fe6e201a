"""
For tests of applications and of userlink itself: a provider in memory, time that is moved by hand, scripted flows.

Nothing here is for production: randomness can be foretold, and whoever is named is signed in. Names are imported when
they are first used: a plugin of pytest lies below, and is loaded in every run.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .accounts import Account, Accounts, Identity
    from .authorization import RequestRefused
    from .fixed import FixedClock, FixedEntropy
    from .keys import SigningKey
    from .provider import InMemoryProvider
    from .script import ScriptMismatch, Stepper, replay
    from .traffic import LoggedRequest

_HOMES = {
    "accounts": "Account Accounts Identity",
    "authorization": "RequestRefused",
    "fixed": "FixedClock FixedEntropy",
    "keys": "SigningKey",
    "provider": "InMemoryProvider",
    "script": "ScriptMismatch Stepper replay",
    "traffic": "LoggedRequest",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "Account",
    "Accounts",
    "FixedClock",
    "FixedEntropy",
    "Identity",
    "InMemoryProvider",
    "LoggedRequest",
    "RequestRefused",
    "ScriptMismatch",
    "SigningKey",
    "Stepper",
    "replay",
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
