"""The users of a provider in memory, and the identities linked to them."""

from typing import Any

from attrs import define, field, frozen

__all__ = ["Account", "Accounts", "Identity", "LinkingRefused"]

_PASSWORD = "Username-Password-Authentication"  # what Auth0 calls its own connection


class LinkingRefused(Exception):
    """The provider will not link or unlink; the text says why."""


@frozen
class Identity:
    """
    One way in which a user can sign in.

    Attributes:
        connection: the connection it comes from.
        user_id: the user's name there.
    """

    connection: str
    user_id: str

    def claim(self) -> dict[str, Any]:
        """Return the entry of the claim ``identities``."""
        return {
            "provider": self.connection,
            "user_id": self.user_id,
            "connection": self.connection,
            "isSocial": self.connection != _PASSWORD,
        }


@define
class Account:
    """
    A user of the provider.

    Attributes:
        name: what tests call the user.
        subject: the ``sub``, which stays the same whatever is linked.
        claims: about the user, beside ``sub`` and ``identities``.
        identities: the first is the primary one.
    """

    name: str
    subject: str
    claims: dict[str, Any]
    identities: list[Identity]

    def user_claims(self) -> dict[str, Any]:
        """Return what ID tokens say about the user."""
        identities = [identity.claim() for identity in self.identities]
        return {**self.claims, "sub": self.subject, "identities": identities}


@define
class Accounts:
    """All users of a provider: an identity belongs to one of them at most."""

    _by_name: dict[str, Account] = field(factory=dict[str, Account])

    def add(self, name: str, **claims: Any) -> Account:
        """
        Add a user.

        Args:
            name: what tests call the user; the ``sub`` is ``auth0|`` and the name.
            claims: about the user, in addition to or instead of ``name``, ``email`` and ``email_verified``.
        """
        usual = {"name": name.capitalize(), "email": f"{name}@example.com", "email_verified": True}
        account = Account(name, f"auth0|{name}", {**usual, **claims}, [Identity(_PASSWORD, name)])
        self._by_name[name] = account
        return account

    def __getitem__(self, name: str) -> Account:
        """
        Return the user of this name.

        Raises:
            KeyError: when there is none.
        """
        return self._by_name[name]

    def of_subject(self, subject: str) -> Account:
        """Return the user with this ``sub``."""
        return next(account for account in self._by_name.values() if account.subject == subject)

    def owner_of(self, identity: Identity) -> Account | None:
        """Return the user to whom an identity belongs, or None."""
        owners = (account for account in self._by_name.values() if identity in account.identities)
        return next(owners, None)

    def link(self, account: Account, identity: Identity) -> None:
        """
        Attach an identity to a user. One that is attached already stays.

        Raises:
            LinkingRefused: when it belongs to another user.
        """
        owner = self.owner_of(identity)
        if owner is None:
            account.identities.append(identity)
        elif owner is not account:
            raise LinkingRefused("the identity belongs to another user")

    def unlink(self, account: Account, connection: str) -> None:
        """
        Detach a user's identities of a connection. A connection that is not linked stays that way.

        Raises:
            LinkingRefused: when it is the primary identity, without which the user could not sign in.
        """
        if account.identities[0].connection == connection:
            raise LinkingRefused("the primary identity cannot be unlinked")
        kept = [identity for identity in account.identities if identity.connection != connection]
        account.identities = kept
