"""
Callbacks that are changed, repeated, or brought to the wrong session, at both providers.

Whatever is refused, the session is as it was; no code is sent unless only the provider can judge.
"""

from urllib.parse import parse_qs, urlsplit

import pytest
from anyio import create_task_group

from support.journey import Journey, with_query
from support.tenants import DATABASE
from userlink import (
    CallbackIssuerMismatch,
    IdTokenInvalid,
    LinkedUserMismatch,
    LinkResult,
    SessionChanged,
    SessionRequired,
    TokenRequestRefused,
    TransactionAlreadyUsed,
    TransactionKindMismatch,
    TransactionNotFound,
)

pytestmark = pytest.mark.anyio

APP_STATE = {"return_to": "/profile?tab=identities&é", "attempt": 1}


class TestTampered:
    """Whoever sits at the browser can change every URL that passes through it."""

    async def test_an_answer_for_another_user_is_refused(self, open_journey: Journey) -> None:
        """Without the hint, the provider answers for whoever signs in: the session must not follow."""
        await open_journey.sign_in("alice")
        before = await open_journey.session()
        url = await open_journey.start_link(app_state=APP_STATE)
        url = with_query(url, id_token_hint=None, requested_connection=None, scope="openid")
        with open_journey.tenant.visitor() as visitor:
            callback = visitor.sign_in(url, "bob")
        with pytest.raises(LinkedUserMismatch) as caught:
            await open_journey.client.complete_link_user(callback, open_journey.options)

        assert APP_STATE == caught.value.app_state
        assert before == await open_journey.session()
        assert (DATABASE,) == open_journey.tenant.connections_of("alice")

    async def test_a_token_for_another_request_is_refused(self, open_journey: Journey) -> None:
        """Its `nonce` must be the one of the transaction (OIDC Core 3.1.3.7, 11)."""
        await open_journey.sign_in("alice")
        before = await open_journey.session()
        url = with_query(await open_journey.start_link(app_state=APP_STATE), nonce="another")
        callback = open_journey.visitor.choose_account(url, open_journey.tenant.accounts["github"])
        with pytest.raises(IdTokenInvalid) as caught:
            await open_journey.client.complete_link_user(callback, open_journey.options)

        assert ("nonce", APP_STATE) == (caught.value.check, caught.value.app_state)
        assert before == await open_journey.session()

    async def test_a_code_for_another_verifier_is_refused(self, open_journey: Journey) -> None:
        """The provider itself compares challenge and verifier (RFC 7636 4.6)."""
        await open_journey.sign_in("alice")
        before = await open_journey.session()
        url = with_query(
            await open_journey.start_link(app_state=APP_STATE), code_challenge="a" * 43
        )
        callback = open_journey.visitor.choose_account(url, open_journey.tenant.accounts["github"])
        with pytest.raises(TokenRequestRefused) as caught:
            await open_journey.client.complete_link_user(callback, open_journey.options)

        assert ("invalid_grant", APP_STATE) == (caught.value.error, caught.value.app_state)
        assert before == await open_journey.session()

    @pytest.mark.parametrize("issuer", ["https://attacker.example/", None], ids=["other", "none"])
    async def test_the_issuer_in_the_callback_is_checked(
        self, open_journey: Journey, issuer: str | None
    ) -> None:
        """Another `iss`, or none where it is promised, is refused before the code is sent (RFC 9207 2.4)."""
        await open_journey.sign_in("alice")
        before = await open_journey.session()
        callback = await open_journey.approve_link("github", app_state=APP_STATE)
        assert [open_journey.tenant.issuer] == parse_qs(urlsplit(callback).query)["iss"]
        with pytest.raises(CallbackIssuerMismatch) as caught:
            await open_journey.client.complete_link_user(
                with_query(callback, iss=issuer), open_journey.options
            )

        assert APP_STATE == caught.value.app_state
        assert before == await open_journey.session()
        assert 1 == len(open_journey.tenant.sent_to("token"))

    async def test_another_browser_cannot_complete_a_link(self, journey: Journey) -> None:
        """A callback is for the browser that started, even when the other is signed in as well."""
        await journey.sign_in("alice")
        callback = await journey.approve_link("github")
        with journey.tenant.visitor() as visitor:
            bob = Journey(journey.tenant, journey.client, visitor)
            await bob.sign_in("bob")
            before = await bob.session()
            with pytest.raises(TransactionNotFound):
                await bob.client.complete_link_user(callback, bob.options)

            assert before == await bob.session()
        result = await journey.client.complete_link_user(callback, journey.options)
        assert "auth0|alice" == result.user["sub"]

    async def test_a_link_cannot_be_completed_as_a_login(self, journey: Journey) -> None:
        """Each kind is completed by its own rules, and the code is not sent."""
        await journey.sign_in("alice")
        before = await journey.session()
        callback = await journey.approve_link("github", app_state=APP_STATE)
        with pytest.raises(TransactionKindMismatch) as caught:
            await journey.client.complete_interactive_login(callback, journey.options)

        assert APP_STATE == caught.value.app_state
        assert before == await journey.session()
        assert 1 == len(journey.tenant.sent_to("token"))


class TestTheSessionThatStarted:
    async def test_nobody_is_signed_in_any_more(self, journey: Journey) -> None:
        """A link that comes back after the logout signs nobody in."""
        await journey.sign_in("alice")
        callback = await journey.approve_link("github", app_state=APP_STATE)
        await journey.client.logout(None, journey.options)
        with pytest.raises(SessionRequired) as caught:
            await journey.client.complete_link_user(callback, journey.options)

        assert APP_STATE == caught.value.app_state
        assert await journey.session() is None
        assert 1 == len(journey.tenant.sent_to("token"))

    async def test_somebody_else_is_signed_in_by_now(self, journey: Journey) -> None:
        """Alice's link that comes back into Bob's session leaves Bob's session alone."""
        await journey.sign_in("alice")
        callback = await journey.approve_link("github", app_state=APP_STATE)
        await journey.sign_in("bob", authorization_params={"prompt": "login"})
        before, bobs = await journey.session(), journey.tenant.connections_of("bob")
        with pytest.raises(SessionChanged) as caught:
            await journey.client.complete_link_user(callback, journey.options)

        assert APP_STATE == caught.value.app_state
        assert before == await journey.session()
        assert bobs == journey.tenant.connections_of("bob")


class TestRepeated:
    async def test_a_callback_delivered_twice_counts_once(self, journey: Journey) -> None:
        """The repeat has the app_state, so that the user can be sent on; no code is sent again."""
        await journey.sign_in("alice")
        callback = await journey.approve_link("github", app_state=APP_STATE)
        await journey.client.complete_link_user(callback, journey.options)
        before = await journey.session()
        with pytest.raises(TransactionAlreadyUsed) as caught:
            await journey.client.complete_link_user(callback, journey.options)

        assert APP_STATE == caught.value.app_state
        assert before == await journey.session()
        assert 2 == len(journey.tenant.sent_to("token"))

    async def test_of_callbacks_delivered_at_once_one_wins(self, journey: Journey) -> None:
        """Every delivery carries the same cookies; one code is sent, and the others are repeats."""
        await journey.sign_in("alice")
        callback = await journey.approve_link("github", app_state=APP_STATE)
        outcomes: list[object] = []

        async def deliver() -> None:
            cookies = {"cookies": dict(journey.cookies)}
            try:
                outcomes.append(await journey.client.complete_link_user(callback, cookies))
            except TransactionAlreadyUsed as error:
                outcomes.append(error.app_state)

        async with create_task_group() as deliveries:
            for _ in range(20):
                deliveries.start_soon(deliver)

        assert 1 == sum(isinstance(outcome, LinkResult) for outcome in outcomes)
        assert 19 == outcomes.count(APP_STATE)
        assert 2 == len(journey.tenant.sent_to("token"))
