"""The metadata document (OIDC Discovery 1.0, RFC 8414)."""

import httpx

from userlink_devtenant import DevTenant


def test_the_metadata_describes_this_tenant(devtenant: DevTenant, http: httpx.Client) -> None:
    """The issuer ends with a slash, as Auth0's does, and equals the address it was asked at."""
    answer = http.get(f"{devtenant.issuer}.well-known/openid-configuration")
    document = answer.raise_for_status().json()

    assert devtenant.issuer == document["issuer"]
    assert document["issuer"].endswith("/")
    assert document["authorization_response_iss_parameter_supported"] is True
    assert ["S256"] == document["code_challenge_methods_supported"]
    assert ["code"] == document["response_types_supported"]
    assert ["RS256"] == document["id_token_signing_alg_values_supported"]
    assert document["backchannel_logout_supported"] is True


def test_every_endpoint_exists(devtenant: DevTenant, http: httpx.Client) -> None:
    """What the document names does not answer 404."""
    document = http.get(f"{devtenant.issuer}.well-known/openid-configuration").json()
    addresses = [v for k, v in document.items() if k.endswith(("_endpoint", "_uri"))]

    assert 7 == len(addresses)
    for address in addresses:
        assert address.startswith(devtenant.issuer)
        assert 404 != http.get(address).status_code


def test_rotating_publishes_both_keys(devtenant: DevTenant, http: httpx.Client) -> None:
    """What the old key signed can still be checked, unless the old key is dropped."""
    jwks_uri = f"{devtenant.issuer}.well-known/jwks.json"

    def kids() -> list[str]:
        return [key["kid"] for key in http.get(jwks_uri).json()["keys"]]

    devtenant.rotate_keys(keep_old=False)
    [first] = kids()
    second = devtenant.rotate_keys()
    assert [second, first] == kids()
    third = devtenant.rotate_keys(keep_old=False)
    assert [third] == kids()
