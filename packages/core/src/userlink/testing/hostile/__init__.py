"""
A hostile provider and a hostile browser, to attack an application by its routes, whatever its framework.

``pytest --userlink-app=http://127.0.0.1:3000`` plays every case against an application that runs; ``HostileContract``
plays them as tests of yours. Names are imported when they are first used.
"""

from typing import TYPE_CHECKING

from userlink.lazy_names import lazy_names

if TYPE_CHECKING:
    from .all_cases import ALL_CASES
    from .answers import Answer
    from .browser import Browser, Page
    from .case import Case, Expected, Family, accepted, refused
    from .contract import HostileContract
    from .credentials import Application, ApplicationFactory, Credentials
    from .findings import BrokenSetup, NotApplicable, Weakness
    from .misbehaviour import Misbehaviour
    from .network import HostileNetwork
    from .playing import play
    from .provider import HostileProvider
    from .stage import Snapshot, Stage
    from .tripwire import Tripwire

_HOMES = {
    "all_cases": "ALL_CASES",
    "answers": "Answer",
    "browser": "Browser Page",
    "case": "Case Expected Family accepted refused",
    "contract": "HostileContract",
    "credentials": "Application ApplicationFactory Credentials",
    "findings": "BrokenSetup NotApplicable Weakness",
    "misbehaviour": "Misbehaviour",
    "network": "HostileNetwork",
    "playing": "play",
    "provider": "HostileProvider",
    "stage": "Snapshot Stage",
    "tripwire": "Tripwire",
}

__all__ = [
    "ALL_CASES",
    "Answer",
    "Application",
    "ApplicationFactory",
    "BrokenSetup",
    "Browser",
    "Case",
    "Credentials",
    "Expected",
    "Family",
    "HostileContract",
    "HostileNetwork",
    "HostileProvider",
    "Misbehaviour",
    "NotApplicable",
    "Page",
    "Snapshot",
    "Stage",
    "Tripwire",
    "Weakness",
    "accepted",
    "play",
    "refused",
]

__getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
