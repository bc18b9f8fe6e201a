"""What userlink tells its listeners: one event for each flow that ended, for audit logs, mails and metrics."""

from attrs import frozen

__all__ = ["Event"]


@frozen
class Event:
    """
    Something that happened to a user's session or identities. It holds no token and no claim but ``sub``.

    Attributes:
        name: the kind of flow and how it ended: ``login.completed``, ``link.completed``, ``link.denied``,
            ``link.failed``, ``link.expired``, the same for ``unlink``, ``login`` and ``reauthentication``,
            ``logout.completed``, ``logout.expired`` when a browser came back from it late, ``logout.backchannel``
            when the provider ended sessions, and ``revocation.completed`` or ``revocation.failed`` of the tokens after
            a logout.
        occurred_at: Unix seconds.
        issuer: the provider.
        subject: the ``sub`` of the user concerned, or None when nobody is known.
        connection: the connection linked or unlinked, or None.
        error_code: the ``code`` of the error that ended the flow, or None when it was completed.
    """

    name: str
    occurred_at: int
    issuer: str | None = None
    subject: str | None = None
    connection: str | None = None
    error_code: str | None = None
