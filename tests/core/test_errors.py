"""Errors: what a handler reads from them, how they are caught, and that they can be copied and pickled."""

import copy
import pickle
from collections.abc import Callable

import pytest

from userlink.errors import (
    AuthorizationDenied,
    CallbackError,
    ConfigurationError,
    IdTokenInvalid,
    InvalidOption,
    ProviderError,
    SessionTooLarge,
    StoreError,
    TokenRequestRefused,
    TransactionAlreadyUsed,
    UserlinkError,
)

EVERY_FORM = [
    UserlinkError("What happened."),
    InvalidOption("What happened.", hint="What to do."),
    TransactionAlreadyUsed("What happened.", app_state={"return_to": "/profile"}),
    AuthorizationDenied(
        "What happened.",
        error="access_denied",
        error_description="not now",
        app_state={"return_to": "/profile"},
    ),
    TokenRequestRefused("What happened.", error="invalid_grant", status=400),
    IdTokenInvalid("What happened.", check="nonce", hint="What to do."),
]


def test_the_text_is_what_happened_and_what_to_do() -> None:
    """A hint of the call replaces that of the class."""
    error = InvalidOption("What happened.", hint="What to do.")

    assert "What happened. What to do." == str(error)
    assert "What happened." == error.message
    assert "What to do." == error.hint
    assert InvalidOption.hint != error.hint


def test_app_state_is_none_until_it_is_known() -> None:
    """Before the transaction is found nobody can know it."""
    assert UserlinkError("What happened.").app_state is None
    assert {"a": 1} == UserlinkError("What happened.", app_state={"a": 1}).app_state


def test_a_denial_says_what_the_provider_said() -> None:
    """Its error code and text, each in a field (RFC 6749, 4.1.2.1)."""
    error = AuthorizationDenied("What happened.", error="access_denied", error_description="no")

    assert ("access_denied", "no", None) == (error.error, error.error_description, error.app_state)
    assert AuthorizationDenied("What happened.", error="x").error_description is None


def test_a_refused_token_request_says_how() -> None:
    """A handler can tell ``invalid_grant`` from ``invalid_client`` (RFC 6749, 5.2)."""
    error = TokenRequestRefused("What happened.", error="invalid_client", status=401)

    assert ("invalid_client", 401) == (error.error, error.status)


def test_an_invalid_id_token_names_the_check() -> None:
    """The claim, header or step that failed."""
    assert "nonce" == IdTokenInvalid("What happened.", check="nonce").check


@pytest.mark.parametrize(
    ("kind", "caught_as"),
    [
        (InvalidOption, ConfigurationError),
        (InvalidOption, ValueError),
        (AuthorizationDenied, CallbackError),
        (TokenRequestRefused, ProviderError),
        (SessionTooLarge, StoreError),
    ],
)
def test_a_family_is_caught_by_its_head(
    kind: type[UserlinkError], caught_as: type[Exception]
) -> None:
    """Wrong configuration is a ValueError too, as everywhere in Python."""
    assert issubclass(kind, caught_as)


def pickled_and_back(error: UserlinkError) -> UserlinkError:
    """Return what another process would get."""
    twin: UserlinkError = pickle.loads(pickle.dumps(error))  # noqa: S301 - written a moment ago
    return twin


@pytest.mark.parametrize("error", EVERY_FORM, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("twin_of", [copy.copy, pickled_and_back])
def test_an_error_can_be_copied_and_pickled(
    error: UserlinkError, twin_of: Callable[[UserlinkError], UserlinkError]
) -> None:
    """Test runners, task queues and process pools send errors from one process to another."""
    twin = twin_of(error)

    assert type(error) is type(twin)
    assert error.__dict__ == twin.__dict__
    assert (str(error), error.args, error.code) == (str(twin), twin.args, twin.code)
    assert error is not twin
