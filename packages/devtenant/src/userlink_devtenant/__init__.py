"""
A small Auth0-like OpenID Provider for development, demos and tests.

Its signatures and its checks are real; its users and passwords are public, and it forgets
everything when it stops. It is not for production.

Names are imported when first asked for: pytest loads this package in every run of an environment
that has it installed, and the server's libraries would cost each of them a second.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .accounts import Identity
    from .backchannel import Delivery
    from .config import Account, Client, Connection, Lifetimes, TenantConfig, User
    from .errors import TenantConfigError, TenantNotRunning
    from .request_log import RecordedRequest
    from .tenant import DevTenant

__all__ = [
    "Account",
    "Client",
    "Connection",
    "Delivery",
    "DevTenant",
    "Identity",
    "Lifetimes",
    "RecordedRequest",
    "TenantConfig",
    "TenantConfigError",
    "TenantNotRunning",
    "User",
]

_MODULES = {
    "Account": "config",
    "Client": "config",
    "Connection": "config",
    "Delivery": "backchannel",
    "DevTenant": "tenant",
    "Identity": "accounts",
    "Lifetimes": "config",
    "RecordedRequest": "request_log",
    "TenantConfig": "config",
    "TenantConfigError": "errors",
    "TenantNotRunning": "errors",
    "User": "config",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
