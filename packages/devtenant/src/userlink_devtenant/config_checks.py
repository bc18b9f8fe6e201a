"""What every part of a configuration is checked for."""

from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from .errors import TenantConfigError

__all__ = ["require", "require_absolute", "require_unique"]


def require(value: object, message: str, hint: str) -> None:
    """Refuse what is empty."""
    if not value:
        raise TenantConfigError(message, hint)


def require_unique(names: Iterable[str], what: str) -> None:
    """Refuse a name that is there twice."""
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise TenantConfigError(
            f"There is more than one {what} called {repeated[0]!r}.", "Remove or rename one."
        )


def require_absolute(uri: str, client_id: str) -> None:
    """Refuse a client's address that is not an absolute http(s) URL without a fragment."""
    parts = urlsplit(uri)
    if parts.scheme not in ("http", "https") or not parts.netloc or "#" in uri:
        raise TenantConfigError(
            f"The client {client_id!r} has the address {uri!r}, which is not an absolute http(s)"
            " URL without a fragment.",
            "Write it in full, as in `http://localhost:3000/auth/callback`.",
        )
