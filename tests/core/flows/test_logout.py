"""Logging out here and at the provider (OIDC RP-Initiated Logout 1.0)."""

from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import evolve

from support.flow_world import (
    APP_STATE,
    ISSUER,
    LOGIN_ID_TOKEN,
    METADATA,
    NOW,
    SETTINGS,
    STATE,
    a_session,
    a_transaction,
)
from userlink.errors import (
    InvalidCallback,
    InvalidOption,
    MetadataInvalid,
    ProviderError,
    ProviderUnreachable,
    StoreError,
    TransactionAlreadyUsed,
    TransactionExpired,
    TransactionKindMismatch,
    TransactionNotFound,
    UserlinkError,
)
from userlink.protocol.dialects.oidc import OidcDialect
from userlink.protocol.effects import (
    DeleteSession,
    Discover,
    Emit,
    Entropy,
    LoadSession,
    Now,
    SaveTransaction,
    TakeTransaction,
)
from userlink.protocol.events import Event
from userlink.protocol.flows.logout import complete_logout, logout
from userlink.protocol.options import LogoutOptions
from userlink.protocol.transaction import Transaction, TransactionKind
from userlink.protocol.values import HttpResponse
from userlink.testing.script import Expectation, replay

HOME = LogoutOptions("https://app.example/")
PLAIN = evolve(SETTINGS, dialect=OidcDialect())
TOLD = Event("logout.completed", NOW, ISSUER, "auth0|alice")
REMEMBERED = Transaction(
    kind=TransactionKind.LOGOUT,
    state="A" * 22,
    nonce="",
    code_verifier="",
    redirect_uri="https://app.example/",
    issuer=ISSUER,
    expires_at=NOW + 600,
)
REMEMBERING: list[tuple[Expectation, object]] = [
    (Now(), NOW),
    (Entropy(16), bytes(16)),
    (SaveTransaction(REMEMBERED), None),
]


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
            *REMEMBERING,
        ],
    )

    assert url.startswith(f"{METADATA.end_session_endpoint}?")
    assert {
        "id_token_hint": [LOGIN_ID_TOKEN.reveal()],
        "client_id": ["app"],
        "post_logout_redirect_uri": ["https://app.example/"],
        "state": ["A" * 22],
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
                *REMEMBERING,
            ],
        )

    assert url(HttpResponse(200)) == url(HttpResponse(500)) == url(ProviderUnreachable("Gone."))


def test_without_a_session_the_cookies_go_and_nobody_is_told() -> None:
    """Whatever the browser holds is not worth keeping; there is no hint to send."""
    url = replay(
        logout(SETTINGS, HOME),
        [(LoadSession(), None), (DeleteSession(None), None), (Discover(), METADATA), *REMEMBERING],
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


class SayingDialect(OidcDialect):
    """Its logout URL is the issuer that it was told."""

    def logout_url(self, issuer: str, *others: object) -> str:
        """Return the issuer."""
        return issuer


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (evolve(METADATA, issuer="https://tenant.example"), "https://tenant.example"),
        (ProviderUnreachable("Gone."), ISSUER),
    ],
)
def test_a_dialect_is_told_the_issuer_as_the_provider_spells_it(answer: object, told: str) -> None:
    """Where the provider cannot be asked, as the client spells it."""
    settings = evolve(SETTINGS, dialect=SayingDialect())

    assert told == replay(
        logout(settings, LogoutOptions()),
        [(LoadSession(), None), (DeleteSession(None), None), (Discover(), answer)],
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


# -------------------------------------------------------------------------- and coming back


@pytest.mark.parametrize(
    "return_to", ["https://evil.example/", "https://app.example.evil.example/"]
)
def test_a_foreign_place_to_return_to_is_refused_before_anything_happens(return_to: str) -> None:
    """Whoever fills in a form must not choose where the provider sends the user (section 3)."""
    with pytest.raises(InvalidOption):
        replay(logout(SETTINGS, LogoutOptions(return_to)), [])


def test_the_app_state_is_remembered() -> None:
    """It comes back with the state."""
    remembered = evolve(REMEMBERED, app_state=APP_STATE)
    without_a_session: list[tuple[Expectation, object]] = [
        (LoadSession(), None),
        (DeleteSession(None), None),
        (Discover(), METADATA),
        *REMEMBERING[:2],
        (SaveTransaction(remembered), None),
    ]

    assert "state=" in replay(
        logout(SETTINGS, LogoutOptions("https://app.example/", APP_STATE)), without_a_session
    )


def test_where_nothing_comes_back_no_state_is_made() -> None:
    """The provider's own page is the last one."""
    url = replay(
        logout(SETTINGS, LogoutOptions()),
        [(LoadSession(), None), (DeleteSession(None), None), (Discover(), METADATA)],
    )

    assert {"client_id": ["app"]} == parse_qs(urlsplit(url).query)


def test_a_state_that_cannot_be_kept_is_not_sent() -> None:
    """The session has ended, and the provider's must end too, whatever the store can do."""
    url = replay(
        logout(SETTINGS, HOME),
        [
            (LoadSession(), None),
            (DeleteSession(None), None),
            (Discover(), METADATA),
            *REMEMBERING[:2],
            (SaveTransaction(REMEMBERED), StoreError("Down.")),
        ],
    )

    assert {"client_id", "post_logout_redirect_uri"} == parse_qs(urlsplit(url).query).keys()


def test_the_return_gives_back_what_was_given() -> None:
    """No provider is asked, no session is touched, nobody is told: the logout was told of."""
    logout_of_alice = a_transaction(TransactionKind.LOGOUT)

    result = replay(
        complete_logout(f"https://app.example/?state={STATE}"),
        [(TakeTransaction(STATE), logout_of_alice), (Now(), NOW)],
    )

    assert APP_STATE == result.app_state


@pytest.mark.parametrize("error", [TransactionNotFound("No."), TransactionAlreadyUsed("Again.")])
def test_a_state_that_is_unknown_or_used_is_refused(error: UserlinkError) -> None:
    """It ties the return to a logout of this browser (section 3)."""
    with pytest.raises(type(error)):
        replay(complete_logout(f"/?state={STATE}"), [(TakeTransaction(STATE), error)])


def test_a_state_that_is_missing_or_late_is_refused() -> None:
    """Without one there is nothing to take; a late one carries the app_state."""
    with pytest.raises(InvalidCallback):
        replay(complete_logout("https://app.example/"), [])
    late = Event("logout.expired", NOW, ISSUER, None, None, "transaction_expired")
    with pytest.raises(TransactionExpired) as caught:
        replay(
            complete_logout(f"/?state={STATE}"),
            [
                (TakeTransaction(STATE), a_transaction(TransactionKind.LOGOUT, expires_at=NOW)),
                (Now(), NOW),
                (Now(), NOW),
                (Emit(late), None),
            ],
        )
    assert APP_STATE == caught.value.app_state


@pytest.mark.parametrize(
    "kind", [TransactionKind.LOGIN, TransactionKind.LINK, TransactionKind.UNLINK]
)
def test_the_state_of_another_flow_is_refused(kind: TransactionKind) -> None:
    """Each kind is completed by its own rules and by no other's; the event says which rule that was."""
    transaction = a_transaction(kind)
    subject = None if transaction.binding is None else transaction.binding.subject
    failed = Event(
        f"{kind}.failed", NOW, ISSUER, subject, transaction.connection, TransactionKindMismatch.code
    )
    with pytest.raises(TransactionKindMismatch) as caught:
        replay(
            complete_logout(f"/?state={STATE}"),
            [
                (TakeTransaction(STATE), transaction),
                (Now(), NOW),
                (Now(), NOW),
                (Emit(failed), None),
            ],
        )
    assert APP_STATE == caught.value.app_state
