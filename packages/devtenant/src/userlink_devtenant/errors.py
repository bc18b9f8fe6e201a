"""
What can go wrong: the tenant is set up wrongly, or it refuses a request.

``TenantConfigError`` is raised to whoever configures the tenant. ``Refusal`` never leaves the
server: it becomes an error page, an error redirect or an OAuth error body.
"""

import re

from attrs import evolve, frozen

__all__ = ["Refusal", "TenantConfigError", "TenantNotRunning"]

_NOT_ALLOWED = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


class TenantConfigError(ValueError):
    """
    The configuration cannot be used.

    Args:
        message: what is wrong, and where.
        hint: what to do about it.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message} {hint}")
        self.message = message
        self.hint = hint


class TenantNotRunning(RuntimeError):
    """The tenant has no address before it was started: use ``with tenant.running(): ...``."""

    def __init__(self) -> None:
        super().__init__(
            "The development tenant is not running. Use `with DevTenant().running() as tenant:`."
        )


@frozen
class _ReturnTo:
    """Where an error may be sent by redirect, because client and redirect_uri were checked."""

    redirect_uri: str
    state: str | None


@frozen(repr=False)
class Refusal(Exception):
    """
    A request is refused, and why (RFC 6749, sections 4.1.2.1 and 5.2).

    Args:
        error: the code for programs, such as ``invalid_request``.
        description: the reason, for people; never holds a secret.
        status: the HTTP status where the answer is no redirect.
        details: more for the error page and the log, such as the registered redirect URIs.
        headers: headers of an answer that is no redirect.
        return_to: the client's redirect_uri and state, once it is safe to redirect there.
    """

    error: str
    description: str
    status: int = 400
    details: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    return_to: _ReturnTo | None = None

    def __str__(self) -> str:
        return f"{self.error}: {self.description}"

    def returning_to(self, redirect_uri: str, state: str | None) -> "Refusal":
        """Return the same refusal, to be sent to the client by redirect."""
        return evolve(self, return_to=_ReturnTo(redirect_uri, state))

    @property
    def wire_description(self) -> str:
        """The description in the characters that RFC 6749 allows (section 5.2)."""
        return _NOT_ALLOWED.sub("?", self.description.replace('"', "'"))
