"""
What the client sends, against the certified provider's record of it, and what it accepts from there.

The journeys that are the same at every provider are in ``test_both_providers.py``.
"""

from urllib.parse import parse_qs, urlsplit

import pytest

from support.certified_tenant import CertifiedTenant
from support.journey import Journey, journey_at
from support.oidc_provider_values import Endpoint
from support.tenants import AFTER_LOGOUT, CALLBACK, DATABASE
from userlink import (
    AuthorizationDenied,
    ConfigurationError,
    TokenRequestRefused,
)
from userlink.protocol.client_auth import AuthMethod
from userlink.protocol.pkce import code_challenge

pytestmark = [pytest.mark.anyio, pytest.mark.node]

OF_EACH_REQUEST = {"state", "nonce", "code_challenge"}


def fixed(parameters: dict[str, str]) -> dict[str, str]:
    """Return the parameters that are the same in every request."""
    return {name: value for name, value in parameters.items() if name not in OF_EACH_REQUEST}


class TestAuthorizationRequests:
    async def test_a_login(self, alice: Journey) -> None:
        """A login asks for the default scopes, and for nothing else (OIDC Core 3.1.2.1)."""
        await alice.sign_in()
        [sent] = alice.tenant.sent_to("authorize")

        assert {
            "client_id": alice.tenant.client_id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "openid profile email offline_access",
            "code_challenge_method": "S256",
        } == fixed(sent)
        assert OF_EACH_REQUEST < set(sent)

    async def test_a_link(self, alice: Journey) -> None:
        """A link names connection and user; without a connection_scope none is sent."""
        await alice.sign_in()
        session = await alice.client.get_session(alice.options)
        await alice.link("github")
        [_, sent] = alice.tenant.sent_to("authorize")

        assert session is not None
        assert {
            "client_id": alice.tenant.client_id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "openid link_account offline_access",
            "code_challenge_method": "S256",
            "id_token_hint": session.id_token,
            "requested_connection": "github",
        } == fixed(sent)

    @pytest.mark.parametrize("scope", ["read:user user:email", ["read:user", "user:email"]])
    async def test_a_link_with_a_connection_scope(
        self, alice: Journey, scope: str | list[str]
    ) -> None:
        """What is asked of the connection is sent as one parameter, separated by spaces."""
        await alice.sign_in()
        await alice.link("github", connection_scope=scope)
        [_, sent] = alice.tenant.sent_to("authorize")

        assert "read:user user:email" == sent["requested_connection_scope"]
        assert "openid link_account offline_access" == sent["scope"]

    async def test_an_unlink(self, alice: Journey) -> None:
        """An unlink has the hint of the newest ID token, and asks for no refresh token."""
        await alice.sign_in()
        await alice.link("github")
        session = await alice.client.get_session(alice.options)
        await alice.unlink("github")
        [_, _, sent] = alice.tenant.sent_to("authorize")

        assert session is not None
        assert {
            "client_id": alice.tenant.client_id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "openid unlink_account",
            "code_challenge_method": "S256",
            "id_token_hint": session.id_token,
            "requested_connection": "github",
        } == fixed(sent)

    async def test_state_nonce_and_challenge_are_never_used_again(self, alice: Journey) -> None:
        """Each request has its own (OIDC Core 3.1.2.1, RFC 7636 7.1), the ones without a page too."""
        await alice.sign_in()
        await alice.link("github")
        await alice.unlink("github")
        sent = alice.tenant.sent_to("authorize")

        assert 9 == len({request[name] for request in sent for name in OF_EACH_REQUEST})

    async def test_parameters_of_client_and_call_are_merged(
        self, certified_tenant: CertifiedTenant
    ) -> None:
        """The call's override the client's key by key, scopes are joined with the flow's, None removes."""
        defaults = {
            "redirect_uri": CALLBACK,
            "audience": "urn:my:api",
            "scope": "openid profile read:orders",
            "ui_locales": "de",
        }
        call = {"audience": "urn:another:api", "foo": "bar", "ui_locales": None}
        async with journey_at(certified_tenant, authorization_params=defaults) as alice:
            await alice.sign_in()
            await alice.link("github")
            await alice.link("email", authorization_params=call)
        login, first, second = map(fixed, certified_tenant.sent_to("authorize"))

        assert "openid profile read:orders" == login["scope"]
        link_scope = "openid link_account offline_access profile read:orders"
        assert (link_scope, link_scope) == (first["scope"], second["scope"])
        assert ["urn:my:api", "urn:my:api", "urn:another:api"] == [
            sent["audience"] for sent in (login, first, second)
        ]
        assert ("de", "bar") == (first["ui_locales"], second["foo"])
        assert {"ui_locales"} == set(first) - set(second)

    @pytest.mark.parametrize("name", ["state", "code_challenge", "client_id", "id_token_hint"])
    async def test_what_the_flow_owns_cannot_be_sent_by_the_call(
        self, alice: Journey, name: str
    ) -> None:
        """A call that tries is an error of the application, and no request is made."""
        await alice.sign_in()
        with pytest.raises(ConfigurationError, match=name):
            await alice.start_link(authorization_params={name: "mine"})

        assert 1 == len(alice.tenant.sent_to("authorize"))

    async def test_nothing_is_sent_as_the_text_none(self, alice: Journey) -> None:
        """What is not given is not sent, to any endpoint."""
        await alice.sign_in(app_state=None, authorization_params=None)
        await alice.link("github", connection_scope=None, app_state=None)
        await alice.unlink("github", app_state=None, authorization_params=None)
        endpoints: list[Endpoint] = ["authorize", "par", "token", "discovery", "jwks"]
        assert isinstance(alice.tenant, CertifiedTenant)
        events = [event for name in endpoints for event in alice.tenant.provider.events(name)]

        assert 11 == len(events)
        values = {value.lower() for event in events for _, value in event.pairs}
        assert set() == values & {"none", "null", "undefined", ""}


class TestTokenRequests:
    async def test_the_code_goes_with_what_proves_it(self, alice: Journey) -> None:
        """Verifier and redirect_uri are those of the request (RFC 7636 4.5, OIDC Core 3.1.3.1)."""
        await alice.sign_in()
        callback = await alice.approve_link("github")
        await alice.client.complete_link_user(callback, alice.options)
        [_, request] = alice.tenant.sent_to("authorize")
        [_, sent] = alice.tenant.sent_to("token")

        assert {
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(callback).query)["code"][0],
            "redirect_uri": CALLBACK,
            "code_verifier": sent["code_verifier"],
            "client_id": alice.tenant.client_id,
            "client_secret": alice.tenant.client_secret,
        } == sent
        assert request["code_challenge"] == code_challenge(sent["code_verifier"])

    @pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
    async def test_the_client_proves_itself_as_it_is_registered(
        self, certified_tenant: CertifiedTenant, method: AuthMethod
    ) -> None:
        """Both methods work; for Basic, id and secret are form-encoded first (RFC 6749 2.3.1)."""
        provider = certified_tenant.provider
        provider.register_client(client_id=provider.client_id, token_endpoint_auth_method=method)
        async with journey_at(certified_tenant, token_endpoint_auth_method=method) as alice:
            await alice.sign_in()
            await alice.link("github")

        assert [(method, 200)] * 2 == [
            (event.authentication, event.status) for event in provider.events("token")
        ]

    async def test_without_a_word_the_secret_is_posted(self, alice: Journey) -> None:
        """That is what Auth0's applications are set to, and this provider supports it."""
        await alice.sign_in()
        assert isinstance(alice.tenant, CertifiedTenant)
        [event] = alice.tenant.provider.events("token")

        assert "client_secret_post" == event.authentication

    async def test_a_wrong_secret_is_refused_and_signs_nobody_in(
        self, certified_tenant: CertifiedTenant
    ) -> None:
        """The error has the provider's own (RFC 6749 5.2), and not the secret."""
        async with journey_at(
            certified_tenant, client_secret="not the secret", pushed_authorization="never"
        ) as alice:
            with pytest.raises(TokenRequestRefused) as caught:
                await alice.sign_in()

            assert ("invalid_client", 401) == (caught.value.error, caught.value.status)
            assert "not the secret" not in repr(caught.value)
            assert await alice.session() is None

    async def test_a_code_that_is_not_the_providers_leaves_the_session_alone(
        self, alice: Journey
    ) -> None:
        """A forged code fails at the provider; the user is still signed in."""
        await alice.sign_in()
        before = await alice.session()
        callback = await alice.approve_link("github", app_state={"return_to": "/"})
        code = parse_qs(urlsplit(callback).query)["code"][0]
        with pytest.raises(TokenRequestRefused) as caught:
            await alice.client.complete_link_user(callback.replace(code, "forged"), alice.options)

        assert ("invalid_grant", {"return_to": "/"}) == (caught.value.error, caught.value.app_state)
        assert before == await alice.session()


class TestRefusedByTheProvider:
    async def test_a_hint_that_no_published_key_signed(
        self, certified_tenant: CertifiedTenant
    ) -> None:
        """When the provider has dropped the key of the hint, the link is denied and the user stays."""
        async with journey_at(certified_tenant, pushed_authorization="never") as alice:
            await alice.sign_in()
            before = await alice.session()
            certified_tenant.provider.rotate_keys(retire_old=True)
            callback = alice.visitor.pass_through(await alice.start_link(app_state={"tab": 1}))
            with pytest.raises(AuthorizationDenied) as caught:
                await alice.client.complete_link_user(callback, alice.options)

            assert ("invalid_request", {"tab": 1}) == (caught.value.error, caught.value.app_state)
            assert before == await alice.session()

    async def test_a_connection_that_the_tenant_does_not_have(
        self, certified_tenant: CertifiedTenant
    ) -> None:
        """The provider's error is handed on, with its description."""
        async with journey_at(certified_tenant, pushed_authorization="never") as alice:
            await alice.sign_in()
            before = await alice.session()
            callback = alice.visitor.pass_through(await alice.start_link("nowhere"))
            with pytest.raises(AuthorizationDenied) as caught:
                await alice.client.complete_link_user(callback, alice.options)

            assert "invalid_request" == caught.value.error
            assert "requested_connection" in (caught.value.error_description or "")
            assert before == await alice.session()

    async def test_the_primary_identity_stays(self, alice: Journey) -> None:
        """An unlink that the provider refuses leaves session and accounts as they were."""
        await alice.sign_in()
        await alice.link("github")
        before = await alice.session()
        callback = alice.visitor.confirm_unlink(await alice.start_unlink(DATABASE))
        with pytest.raises(AuthorizationDenied) as caught:
            await alice.client.complete_unlink_user(callback, alice.options)

        assert "access_denied" == caught.value.error
        assert before == await alice.session()
        assert (DATABASE, "github") == alice.tenant.connections_of("alice")


async def test_a_logout_names_client_and_user(alice: Journey) -> None:
    """The parameters are those of RP-Initiated Logout 1.0, 2; the provider's session ends."""
    await alice.sign_in()
    session = await alice.client.get_session(alice.options)
    url = await alice.client.logout({"return_to": AFTER_LOGOUT}, alice.options)
    assert isinstance(alice.tenant, CertifiedTenant)
    provider = alice.tenant.provider
    assert ["auth0|alice"] == provider.signed_in_subjects()

    back = alice.visitor.sign_out(url)
    [sent] = [event for event in provider.events("end_session") if event.method == "GET"]
    assert session is not None
    assert {
        "client_id": alice.tenant.client_id,
        "id_token_hint": session.id_token,
        "post_logout_redirect_uri": AFTER_LOGOUT,
        "state": back.removeprefix(f"{AFTER_LOGOUT}?state="),
    } == sent.parameters
    assert [] == provider.signed_in_subjects()
