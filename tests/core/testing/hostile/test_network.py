"""The attacker's servers begin, forget and end together."""

import httpx
import pytest

from userlink.testing.hostile.network import HostileNetwork


def test_two_providers_with_one_client() -> None:
    """Their issuers differ; so do their keys."""
    with HostileNetwork() as network:
        credentials = network.credentials
        first, second = network.provider, network.rival

        assert (first.issuer, second.issuer) == (credentials.issuer, credentials.rival_issuer)
        assert first.issuer != second.issuer
        assert first.keys.signing.kid != second.keys.signing.kid
        assert credentials.client_secret not in repr(credentials)


def test_a_reset_forgets() -> None:
    """Requests at any of the three."""
    with HostileNetwork() as network:
        for url in (network.provider.issuer, network.rival.issuer, network.tripwire.url):
            httpx.get(f"{url}/else")
        counts = [len(each.requests) for each in (network.provider, network.rival)]
        network.reset()

        assert [1, 1] == counts
        assert ([], [], []) == (
            *(network.provider.requests, network.rival.requests),
            network.tripwire.requests,
        )


def test_after_the_end_nobody_listens() -> None:
    """The ports are free for the next."""
    with HostileNetwork() as network:
        url = network.provider.issuer
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
