"""Client authentication at a provider in memory (RFC 6749, 2.3)."""

from base64 import b64encode

import pytest

from userlink.testing.registration import Registration

CLIENT = Registration("app:1", "s%cret", (), ())
POST = {"client_id": "app:1", "client_secret": "s%cret"}


def basic(pair: str) -> str:
    return f"Basic {b64encode(pair.encode()).decode()}"


@pytest.mark.parametrize(
    ("expected", "authorization", "form"),
    [
        (True, None, POST),
        (True, basic("app%3A1:s%25cret"), {}),
        (True, basic("app%3A1:s%25cret").replace("Basic", "basic"), {}),
        (False, None, {**POST, "client_secret": "other"}),
        (False, None, {"client_id": "app:1"}),
        (False, basic("app:1:s%cret"), {}),  # both parts must be form-encoded
        (False, basic("app%3A1"), {}),
        (False, "Basic !", {}),
        (False, "Bearer token", {}),
        (False, basic("app%3A1:s%25cret"), POST),  # one method at a time
    ],
)
def test_a_client_proves_itself_by_basic_or_post(
    expected: bool, authorization: str | None, form: dict[str, str]
) -> None:
    """Either method, correctly encoded, and not both."""
    assert expected is CLIENT.is_proved_by(authorization, form)


def test_a_public_client_names_itself_and_proves_nothing() -> None:
    """A secret from a client that has none is wrong."""
    public = Registration("app", None, (), ())

    assert public.is_proved_by(None, {"client_id": "app"})
    assert not public.is_proved_by(None, {"client_id": "app", "client_secret": "x"})
