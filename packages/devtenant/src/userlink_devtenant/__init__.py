"""
A small Auth0-like OpenID Provider for development, demos and tests.

Its signatures and its checks are real; its users and passwords are public, and it forgets
everything when it stops. It is not for production.
"""

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
