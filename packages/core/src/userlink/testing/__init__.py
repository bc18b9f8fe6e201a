"""
For tests of applications and of userlink itself: a provider in memory, time that is moved by hand, scripted flows.

Nothing here is for production: randomness can be foretold, and whoever is named is signed in. Names are imported when
they are first used: a plugin of pytest lies below, and is loaded in every run.
"""

from typing import TYPE_CHECKING

from userlink.lazy_names import lazy_names

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

__getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
