"""Users of a provider in memory, and their identities."""

import pytest

from userlink.testing.accounts import Accounts, Identity, LinkingRefused

GITHUB = Identity("github", "octocat")


def accounts() -> Accounts:
    users = Accounts()
    users.add("alice")
    users.add("bob", email="bob@company.example")
    return users


def test_a_user_has_a_subject_claims_and_a_first_identity() -> None:
    """What ID tokens will say; given claims replace the usual ones."""
    claims = accounts()["bob"].user_claims()

    assert ("auth0|bob", "bob@company.example") == (claims["sub"], claims["email"])
    assert [("Username-Password-Authentication", False)] == [
        (identity["connection"], identity["isSocial"]) for identity in claims["identities"]
    ]


def test_a_linked_identity_is_added_once() -> None:
    """Linking what is linked already changes nothing."""
    users = accounts()
    alice = users["alice"]

    users.link(alice, GITHUB)
    users.link(alice, GITHUB)

    assert ["octocat"] == [identity.user_id for identity in alice.identities[1:]]
    assert alice is users.owner_of(GITHUB)
    assert alice is users.of_subject("auth0|alice")


def test_an_identity_belongs_to_one_user_only() -> None:
    """Linking another user's identity is refused, and both users stay as they were."""
    users = accounts()
    users.link(users["alice"], GITHUB)

    with pytest.raises(LinkingRefused):
        users.link(users["bob"], GITHUB)

    assert (2, 1) == (len(users["alice"].identities), len(users["bob"].identities))


def test_unlinking_detaches_a_connection_and_never_the_primary_identity() -> None:
    """A user without any identity could never sign in again."""
    users = accounts()
    alice = users["alice"]
    users.link(alice, GITHUB)

    users.unlink(alice, "github")
    users.unlink(alice, "github")
    with pytest.raises(LinkingRefused):
        users.unlink(alice, "Username-Password-Authentication")

    assert 1 == len(alice.identities)
    assert users.owner_of(GITHUB) is None
