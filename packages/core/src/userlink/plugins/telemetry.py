"""Events to the standard library's logging: the place to see how to send them elsewhere."""

import logging

from userlink.protocol.events import Event

from .hookspecs import hookimpl

__all__ = ["LoggingPlugin"]


class LoggingPlugin:
    """
    Writes each event to a logger: completed flows at INFO, all others at WARNING.

    Give it to a client as ``plugins=[LoggingPlugin()]``.

    Args:
        name: of the logger.
    """

    def __init__(self, name: str = "userlink.events") -> None:
        self._logger = logging.getLogger(name)

    @hookimpl
    def userlink_event(self, event: Event) -> None:
        """Write one line of names and values."""
        level = logging.INFO if event.error_code is None else logging.WARNING
        self._logger.log(
            level,
            # Quoted, because the connection may come from a URL: no line break of its can forge a line of the log.
            "%s issuer=%r subject=%r connection=%r error_code=%r",
            event.name,
            event.issuer,
            event.subject,
            event.connection,
            event.error_code,
        )
