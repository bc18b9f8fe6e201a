"""Secrets are described without being told."""

import secrets as randomness

import pytest

from userlink.doctor.secret_traits import traits_of

GOOD = b"k3Jd0aQmXb7PZr9TtW5vYeC1sLhNfGu8oIxRq2Bz"


@pytest.mark.parametrize(
    ("secret", "weakness"),
    [
        (b"x" * 40, "repeats a few characters"),
        (b"hunter2!" * 5, "repeats a few characters"),
        (b"correct horse battery st" + b"correct horse", "repeats a few characters"),
        (b"aabbbaabababbbabaabbabbabaabababbaab", "has few different characters"),
        (b"abcdefghijklmnopqrstuvwxyz0123456789", "counts up or down"),
        (b"zyxwvutsrqponmlkjihgfedcba9876543210", "counts up or down"),
        (b"Please-CHANGE-me-before-you-go-live!", "has a word in it"),
        (b"a secret for tests, of 32 bytes or more", "has a word in it"),
    ],
)
def test_a_secret_that_was_made_up_is_recognised(secret: bytes, weakness: str) -> None:
    """It is what people type to get past a check of the length."""
    [traits] = traits_of((secret,), None)

    assert traits.weakness is not None
    assert traits.weakness.startswith(weakness)


@pytest.mark.parametrize(
    "make", [randomness.token_bytes, randomness.token_hex, randomness.token_urlsafe]
)
def test_what_a_generator_made_is_not(make: object) -> None:
    """In bytes, in hexadecimal and in base64."""
    assert callable(make)
    made = make(32)
    secret = made if isinstance(made, bytes) else str(made).encode()

    assert traits_of((secret,), None)[0].weakness is None


def test_traits_tell_nothing_of_the_secret() -> None:
    """Neither in what they hold nor in how they are printed."""
    for secret in (GOOD, b"hunter2!" * 5, b"Please-CHANGE-me-before-you-go-live!"):
        shown = repr(traits_of((secret,), secret))

        assert [] == [
            part for part in range(len(secret) - 4) if secret[part : part + 4].decode() in shown
        ]


def test_a_secret_that_is_there_twice_is_marked_the_second_time() -> None:
    """The first one is what it is."""
    assert [False, False, True] == [
        traits.is_repeated for traits in traits_of((GOOD, GOOD[::-1], GOOD), None)
    ]


def test_the_client_secret_is_recognised() -> None:
    """The provider knows it, and so do all who configure the client there."""
    assert traits_of((GOOD,), GOOD)[0].is_client_secret
    assert not traits_of((GOOD,), GOOD[::-1])[0].is_client_secret
