"""Logging out here and at the provider (OIDC RP-Initiated Logout 1.0)."""

from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import evolve

from support.flow_world import (
    ISSUER,
    LOGIN_ID_TOKEN,
    METADATA,
    NOW,
    SETTINGS,
    a_session,
)
from userlink.errors import MetadataInvalid, ProviderError, ProviderUnreachable, StoreError
from userlink.protocol.dialects.oidc import OidcDialect
from userlink.protocol.effects import DeleteSession, Discover, Emit, LoadSession, Now
from userlink.protocol.events import Event
from userlink.protocol.flows.logout import logout
from userlink.protocol.options import LogoutOptions
from userlink.protocol.values import HttpResponse
from userlink.testing.script import Expectation, replay

HOME = LogoutOptions("https://app.example/")
PLAIN = evolve(SETTINGS, dialect=OidcDialect())
TOLD = Event("logout.completed", NOW, ISSUER, "auth0|alice")


def test_the_session_ends_before_the_provider_is_asked() -> None:
    """A provider that is slow, or a request that is given up while it is, leaves nobody signed in."""
    url = replay(
        logout(SETTINGS, HOME),
        [
            (LoadSession(), a_session()),
            (DeleteSession(a_session()), None),
            (Now(), NOW),
            (Emit(TOLD), None),
            (Discover(), METADATA),
        ],
    )

    assert url.startswith(f"{METADATA.end_session_endpoint}?")
    assert {
        "id_token_hint": [LOGIN_ID_TOKEN.reveal()],
        "client_id": ["app"],
        "post_logout_redirect_uri": ["https://app.example/"],
    } == parse_qs(urlsplit(url).query)


def test_tokens_are_revoked_once_the_session_has_ended() -> None:
    """RFC 7009; whatever the provider answers, the browser is sent on to the same URL."""
    session, revoking = (
        a_session(),
        evolve(METADATA, revocation_endpoint="https://tenant.example/r"),
    )

    def url(answer: object) -> str:
        return replay(
            logout(SETTINGS, HOME),
            [
                (LoadSession(), session),
                (DeleteSession(session), None),
                (Now(), NOW),
                (Emit(TOLD), None),
                (Discover(), revoking),
                (Now(), NOW),
                (lambda effect: "https://tenant.example/r" == effect.request.url, answer),
                (Emit, None),
            ],
        )

    assert url(HttpResponse(200)) == url(HttpResponse(500)) == url(ProviderUnreachable("Gone."))


def test_without_a_session_the_cookies_go_and_nobody_is_told() -> None:
    """Whatever the browser holds is not worth keeping; there is no hint to send."""
    url = replay(
        logout(SETTINGS, HOME),
        [(LoadSession(), None), (DeleteSession(None), None), (Discover(), METADATA)],
    )

    assert "id_token_hint" not in parse_qs(urlsplit(url).query)


@pytest.mark.parametrize("failure", [ProviderUnreachable("Gone."), MetadataInvalid("Odd.")])
def test_a_provider_that_is_down_hinders_no_logout(failure: ProviderError) -> None:
    """Auth0's own logout needs no discovery; elsewhere the user goes on to ``return_to``."""
    script: list[tuple[Expectation, object]] = [
        (LoadSession(), a_session()),
        (DeleteSession(a_session()), None),
        (Now(), NOW),
        (Emit(TOLD), None),
        (Discover(), failure),
    ]

    assert replay(logout(SETTINGS, HOME), script).startswith("https://tenant.example/v2/logout?")
    assert "https://app.example/" == replay(logout(PLAIN, HOME), script)
    assert "/" == replay(logout(PLAIN, LogoutOptions()), script)


def test_a_provider_without_logout_is_left_alone() -> None:
    """The browser goes to ``return_to``."""
    without = evolve(METADATA, end_session_endpoint=None)

    assert "https://app.example/" == replay(
        logout(PLAIN, HOME), [(LoadSession, None), (DeleteSession, None), (Discover, without)]
    )


@pytest.mark.parametrize("deleting", [None, StoreError("Still down.")])
def test_a_session_that_cannot_be_read_is_taken_from_the_browser(
    deleting: StoreError | None,
) -> None:
    """A store that is down must not leave the browser signed in for whoever comes next; it is said to be down."""
    down = StoreError("Down.")

    with pytest.raises(StoreError) as caught:
        replay(logout(SETTINGS, HOME), [(LoadSession(), down), (DeleteSession(None), deleting)])

    assert (down if deleting is None else deleting) is caught.value


def test_a_session_that_could_not_be_ended_is_not_said_to_be() -> None:
    """No event, no URL: the application must know."""
    with pytest.raises(StoreError):
        replay(
            logout(SETTINGS, HOME),
            [(LoadSession, a_session()), (DeleteSession, StoreError("Down."))],
        )
