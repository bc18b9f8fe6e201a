"""The attacker's side of the stage: the provider, a rival of it, and the tripwire, each listening for real."""

from types import TracebackType
from typing import Self

from .credentials import Credentials
from .provider import HostileProvider
from .tripwire import Tripwire

__all__ = ["HostileNetwork"]


class HostileNetwork:
    """
    Two providers and a tripwire; use it as a context manager.

    Args:
        issuer_port: where the provider listens; 0 takes a free port. The rival listens on the next one.

    Attributes:
        provider: the one that is asked.
        rival: a second provider, of the attacker's.
        tripwire: where nobody has any business.

    Raises:
        OSError: when a port is taken.
    """

    def __init__(self, issuer_port: int = 0) -> None:
        self.tripwire = Tripwire()
        self.provider = HostileProvider("provider", self.tripwire, port=issuer_port)
        rival_port = issuer_port + 1 if issuer_port else 0
        self.rival = HostileProvider("rival", self.tripwire, port=rival_port)

    @property
    def credentials(self) -> Credentials:
        """What the application is configured with."""
        provider = self.provider
        return Credentials(
            provider.issuer, provider.client_id, provider.client_secret, self.rival.issuer
        )

    @property
    def failures(self) -> list[Exception]:
        """What has gone wrong in the kit itself since the last reset."""
        return [*self.provider.failures, *self.rival.failures]

    def reset(self) -> None:
        """Be honest, and forget what has happened."""
        for each in (self.provider, self.rival, self.tripwire):
            each.reset()

    def close(self) -> None:
        """Stop listening."""
        for each in (self.provider, self.rival, self.tripwire):
            each.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
