"""Evidence is read in one place, and what a provider writes in a wrong form counts as not written."""

import pytest

from support.doctor_evidence import evidence_of


@pytest.mark.parametrize(
    ("written", "expected"),
    [(["S256", 1], ("S256",)), ([], ()), ("S256", None), (None, None)],
)
def test_a_list_of_strings_is_read(written: object, expected: tuple[str, ...] | None) -> None:
    """An empty list says something else than none at all."""
    published = evidence_of(document={"code_challenge_methods_supported": written}).published

    assert expected == published.listed("code_challenge_methods_supported")


@pytest.mark.parametrize(("written", "expected"), [(True, True), ("true", False), (None, False)])
def test_only_true_is_a_promise(written: object, expected: bool) -> None:
    """A string that spells it is none."""
    published = evidence_of(document={"backchannel_logout_supported": written}).published

    assert expected is published.promises("backchannel_logout_supported")


def test_the_redirect_uri_is_the_clients() -> None:
    """One that each call brings is not known."""
    assert "https://app.example/auth/callback" == evidence_of().redirect_uri
    assert evidence_of(authorization_params={}).redirect_uri is None
