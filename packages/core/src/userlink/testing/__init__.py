"""
For tests of applications and of userlink itself: a provider in memory, time that is moved by hand, scripted flows.

Nothing here is for production: randomness can be foretold, and whoever is named is signed in.
"""

from .accounts import Account, Accounts, Identity
from .authorization import RequestRefused
from .fixed import FixedClock, FixedEntropy
from .keys import SigningKey
from .provider import InMemoryProvider
from .script import ScriptMismatch, Stepper, replay
from .traffic import LoggedRequest

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
