"""
Logging in, linking, unlinking and logging out, at a provider that nobody here wrote and at our own.

Each test is walked on both event loops, with sealed cookies and with server-side stores, and with
an issuer with and without a slash at its end. It also asks the provider what became of its users.
"""

from urllib.parse import parse_qs, urlsplit

import pytest

from support.journey import Journey, journey_at
from support.tenants import AFTER_LOGOUT, CALLBACK, DATABASE, OTHER_CALLBACK
from userlink import (
    AuthorizationDenied,
    LinkResult,
    LoginResult,
    ReauthenticationResult,
    TransactionAlreadyUsed,
    UnlinkResult,
)

pytestmark = pytest.mark.anyio

APP_STATE = {"return_to": "/profile?tab=identities&é", "attempt": 1}


def connections_in(user: object) -> list[str]:
    """Name the connections that an ID token's ``identities`` list."""
    assert isinstance(user, dict)
    return [identity["connection"] for identity in user["identities"]]


class TestLogin:
    async def test_a_login_begins_a_session(self, journey: Journey) -> None:
        """The user, the issuer and the tokens are those of the provider (OIDC Core 3.1)."""
        result = await journey.sign_in("alice", app_state=APP_STATE)
        session = await journey.client.get_session(journey.options)

        assert APP_STATE == result.app_state == result.get("appState")
        assert session is not None
        assert "auth0|alice" == result.user["sub"] == session.subject
        assert "alice@example.com" == result.user["email"]
        assert journey.tenant.issuer == session.issuer
        assert session.sid
        assert session.refresh_token
        assert result.user == await journey.client.get_user(journey.options)

    async def test_a_cancelled_login_signs_nobody_in(self, journey: Journey) -> None:
        """`access_denied` comes back with the app_state (RFC 6749 4.1.2.1)."""
        url = await journey.client.start_interactive_login(
            {"app_state": APP_STATE}, journey.options
        )
        callback = journey.visitor.cancel(url)
        with pytest.raises(AuthorizationDenied) as caught:
            await journey.client.complete_interactive_login(callback, journey.options)

        assert ("access_denied", APP_STATE) == (caught.value.error, caught.value.app_state)
        assert await journey.session() is None
        assert [] == journey.tenant.sent_to("token")

    async def test_another_user_gets_another_session(self, journey: Journey) -> None:
        """A login replaces the session: nothing of the user before is left in it."""
        await journey.sign_in("alice", app_state=APP_STATE)
        before = await journey.client.get_session(journey.options)
        await journey.sign_in("bob", authorization_params={"prompt": "login"})
        after = await journey.client.get_session(journey.options)

        assert before is not None
        assert after is not None
        assert ("auth0|alice", "auth0|bob") == (before.subject, after.subject)
        assert before.refresh_token != after.refresh_token
        assert "bob@example.com" == after.user["email"]


class TestLink:
    async def test_two_connections_are_linked_and_one_is_unlinked(self, journey: Journey) -> None:
        """The user stays who they are; session and provider agree on the identities at each step."""
        await journey.sign_in("alice")
        before = await journey.client.get_session(journey.options)
        google = await journey.link("google-oauth2", app_state=APP_STATE)
        github = await journey.link("github")
        assert (DATABASE, "google-oauth2", "github") == journey.tenant.connections_of("alice")

        unlinked = await journey.unlink("google-oauth2", app_state={"return_to": "/"})
        after = await journey.client.get_session(journey.options)

        assert ("google-oauth2", APP_STATE) == (google.connection, google.app_state)
        assert ("github", {}) == (github.connection, github.app_state)
        assert [DATABASE, "google-oauth2", "github"] == connections_in(github.user)
        assert ("google-oauth2", {"return_to": "/"}) == (unlinked.connection, unlinked.app_state)
        assert before is not None
        assert after is not None
        assert [DATABASE, "github"] == connections_in(after.user)
        assert (DATABASE, "github") == journey.tenant.connections_of("alice")
        assert (before.subject, before.sid, before.created_at) == (
            after.subject,
            after.sid,
            after.created_at,
        )
        assert before.id_token != after.id_token
        assert "alice@example.com" == after.user["email"]

    async def test_a_connection_that_is_linked_already_changes_nothing(
        self, journey: Journey
    ) -> None:
        """The provider shows no page, and the link completes."""
        await journey.sign_in("alice")
        await journey.link("github")
        callback = journey.visitor.pass_through(await journey.start_link("github"))
        result = await journey.client.complete_link_user(callback, journey.options)

        assert [DATABASE, "github"] == connections_in(result.user)
        assert (DATABASE, "github") == journey.tenant.connections_of("alice")

    async def test_two_links_in_two_tabs_do_not_disturb_each_other(self, journey: Journey) -> None:
        """The one that was started first may come back last."""
        await journey.sign_in("alice")
        first = await journey.start_link("github", app_state={"tab": 1})
        second = await journey.link("google-oauth2", app_state={"tab": 2})
        callback = journey.visitor.choose_account(first, journey.tenant.accounts["github"])
        result = await journey.client.complete_link_user(callback, journey.options)

        assert ({"tab": 1}, {"tab": 2}) == (result.app_state, second.app_state)
        assert [DATABASE, "google-oauth2", "github"] == connections_in(result.user)

    async def test_one_callback_completes_each_kind_as_what_it_is(self, journey: Journey) -> None:
        """`complete_callback` gives each kind's own result."""
        client, options = journey.client, journey.options
        url = await client.start_interactive_login(None, options)
        login = await client.complete_callback(journey.visitor.sign_in(url, "alice"), options)
        link = await client.complete_callback(await journey.approve_link("email"), options)
        callback = journey.visitor.confirm_unlink(await journey.start_unlink("email"))
        unlink = await client.complete_callback(callback, options)

        assert (LoginResult, LinkResult, UnlinkResult) == (type(login), type(link), type(unlink))
        assert (DATABASE,) == journey.tenant.connections_of("alice")


class TestDenied:
    async def test_a_cancelled_link_changes_nothing(self, journey: Journey) -> None:
        """The error has the app_state; session and accounts are as they were (RFC 6749 4.1.2.1)."""
        await journey.sign_in("alice")
        before = await journey.session()
        callback = journey.visitor.cancel(await journey.start_link(app_state=APP_STATE))
        with pytest.raises(AuthorizationDenied) as caught:
            await journey.client.complete_link_user(callback, journey.options)

        assert ("access_denied", APP_STATE) == (caught.value.error, caught.value.app_state)
        assert before == await journey.session()
        assert (DATABASE,) == journey.tenant.connections_of("alice")
        assert 1 == len(journey.tenant.sent_to("token"))

    async def test_a_cancelled_unlink_changes_nothing(self, journey: Journey) -> None:
        """The identity stays, at the provider and in the session."""
        await journey.sign_in("alice")
        await journey.link("github")
        before = await journey.session()
        callback = journey.visitor.cancel(await journey.start_unlink(app_state=APP_STATE))
        with pytest.raises(AuthorizationDenied) as caught:
            await journey.client.complete_unlink_user(callback, journey.options)

        assert ("access_denied", APP_STATE) == (caught.value.error, caught.value.app_state)
        assert before == await journey.session()
        assert (DATABASE, "github") == journey.tenant.connections_of("alice")

    async def test_an_identity_of_another_user_is_not_taken(self, journey: Journey) -> None:
        """An identity belongs to one user at a time."""
        await journey.sign_in("alice")
        await journey.link("google-oauth2")
        with journey.tenant.visitor() as visitor:
            bob = Journey(journey.tenant, journey.client, visitor)
            await bob.sign_in("bob")
            before, had = await bob.session(), bob.tenant.connections_of("bob")
            with pytest.raises(AuthorizationDenied):
                await bob.link("google-oauth2")
            after = await bob.session()

        assert before == after
        assert had == journey.tenant.connections_of("bob")
        assert (DATABASE, "google-oauth2") == journey.tenant.connections_of("alice")

    async def test_another_user_at_the_provider_is_refused_there(self, journey: Journey) -> None:
        """`id_token_hint` says who is to be linked; with another user it is `login_required`."""
        await journey.sign_in("alice")
        before, bobs = await journey.session(), journey.tenant.connections_of("bob")
        with journey.tenant.visitor() as visitor:
            bob = Journey(journey.tenant, journey.client, visitor)
            await bob.sign_in("bob")
            callback = bob.visitor.pass_through(await journey.start_link(app_state=APP_STATE))
        with pytest.raises(AuthorizationDenied) as caught:
            await journey.client.complete_link_user(callback, journey.options)

        assert ("login_required", APP_STATE) == (caught.value.error, caught.value.app_state)
        assert before == await journey.session()
        assert (DATABASE,) == journey.tenant.connections_of("alice")
        assert bobs == journey.tenant.connections_of("bob")


class TestLogout:
    async def test_a_logout_ends_both_sessions(self, journey: Journey) -> None:
        """The provider sends the user back, and asks who they are the next time (RP-Initiated Logout 2)."""
        await journey.sign_in("alice")
        logout = {"return_to": AFTER_LOGOUT, "app_state": APP_STATE}
        url = await journey.client.logout(logout, journey.options)
        query = parse_qs(urlsplit(url).query)

        assert {"client_id", "id_token_hint", "post_logout_redirect_uri", "state"} == set(query)
        assert await journey.session() is None
        back = journey.visitor.sign_out(url)
        assert AFTER_LOGOUT == back.partition("?")[0]
        returned = await journey.client.complete_logout(back, journey.options)
        assert APP_STATE == returned.app_state
        with pytest.raises(TransactionAlreadyUsed):
            await journey.client.complete_logout(back, journey.options)
        result = await journey.sign_in("bob")  # fails unless the sign-in page comes
        assert "auth0|bob" == result.user["sub"]


class TestRedirectUri:
    async def test_that_of_the_call_is_sent_to_both_endpoints(self, journey: Journey) -> None:
        """The token endpoint is sent the redirect_uri of this request, not the client's (OIDC Core 3.1.3.1)."""
        elsewhere = {"redirect_uri": OTHER_CALLBACK}
        await journey.sign_in("alice")
        callback = await journey.approve_link("github", authorization_params=elsewhere)
        await journey.client.complete_link_user(callback, journey.options)

        assert callback.startswith(f"{OTHER_CALLBACK}?")
        assert [CALLBACK, OTHER_CALLBACK] == [
            sent["redirect_uri"] for sent in journey.tenant.sent_to("authorize")
        ]
        assert [CALLBACK, OTHER_CALLBACK] == [
            sent["redirect_uri"] for sent in journey.tenant.sent_to("token")
        ]


class TestFreshness:
    async def test_providers_say_when_their_users_signed_in(self, journey: Journey) -> None:
        """OIDC Core, 3.1.2.1: ``max_age`` makes ``auth_time`` come, and a fresh session links at once."""
        await journey.sign_in("alice", max_age=300)
        session = await journey.client.get_session(journey.options)
        linked = await journey.link("github", max_age=300)

        assert session is not None
        assert session.auth_time is not None
        assert abs(session.auth_time - session.created_at) <= 60
        assert isinstance(linked, LinkResult)

    async def test_a_user_signs_in_again_and_the_link_goes_on(self, journey: Journey) -> None:
        """The provider asks for the password though its own session lives; the link needs nothing else."""
        await journey.sign_in("alice", max_age=300)
        before = await journey.client.get_session(journey.options)
        link = {"connection": "github", "app_state": APP_STATE, "max_age": 60}
        url = await journey.client.start_reauthentication({"link": link}, journey.options)
        proved = await journey.client.complete_callback(
            journey.visitor.sign_in(url, "alice"), journey.options
        )
        assert isinstance(proved, ReauthenticationResult)
        assert proved.redirect_to is not None
        linked = await journey.client.complete_callback(
            journey.visitor.choose_account(proved.redirect_to, journey.tenant.accounts["github"]),
            journey.options,
        )
        after = await journey.client.get_session(journey.options)

        assert isinstance(linked, LinkResult)
        assert APP_STATE == linked.app_state
        assert (DATABASE, "github") == journey.tenant.connections_of("alice")
        assert before is not None
        assert after is not None
        assert before.created_at == after.created_at
        assert before.refresh_token == after.refresh_token


class TestUserinfo:
    async def test_providers_tell_about_their_users(self, journey: Journey) -> None:
        """OIDC Core, 5.3: with the access token of the login, about the user of its ID token."""
        async with journey_at(journey.tenant, userinfo=True) as asking:
            login = await asking.sign_in("alice")

        assert ("auth0|alice", "alice@example.com") == (login.user["sub"], login.user["email"])
