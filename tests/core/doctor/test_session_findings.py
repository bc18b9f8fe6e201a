"""Findings about what the application keeps: each protection at work, missing, and unsafe where it is."""

from typing import Any

import pytest

from support.doctor_evidence import evidence_of
from userlink.doctor import session_findings as judge
from userlink.doctor.evidence import StoreKind
from userlink.doctor.finding import Severity, State
from userlink.doctor.secret_traits import SecretTraits

ON, OFF = State.ON, State.OFF
FINE, ADVICE, UNSAFE = Severity.FINE, Severity.ADVICE, Severity.UNSAFE
AT_HOME = {"redirect_uri": "http://localhost:3000/auth/callback"}
GOOD = SecretTraits(48, None)


@pytest.mark.parametrize(
    ("params", "state", "severity"),
    [
        ({"redirect_uri": "https://app.example/auth/callback"}, ON, FINE),
        (AT_HOME, OFF, ADVICE),
        ({}, OFF, ADVICE),
    ],
)
def test_redirect_uri(params: dict[str, Any], state: State, severity: Severity) -> None:
    """It comes from the configuration, and by https but on this machine (RFC 9700, 2.6)."""
    finding = judge.redirect_uri(evidence_of(authorization_params=params))

    assert (state, severity) == (finding.state, finding.severity)


@pytest.mark.parametrize(
    ("arguments", "state", "severity"),
    [
        ({}, ON, FINE),
        ({"authorization_params": AT_HOME}, OFF, ADVICE),
        ({"secure_cookies": False}, OFF, UNSAFE),
        ({"secure_cookies": False, "authorization_params": {}}, OFF, UNSAFE),
        (
            {
                "secure_cookies": False,
                "authorization_params": {"redirect_uri": "https://localhost/callback"},
            },
            OFF,
            UNSAFE,
        ),
    ],
)
def test_cookies(arguments: dict[str, Any], state: State, severity: Severity) -> None:
    """Without ``Secure`` and ``__Host-`` they are fit for plain http on this machine, and nothing else."""
    finding = judge.cookies(evidence_of(**arguments))

    assert (state, severity) == (finding.state, finding.severity)


@pytest.mark.parametrize(
    ("kind", "state", "severity"),
    [
        (StoreKind.SERVER, ON, FINE),
        (StoreKind.MEMORY, OFF, ADVICE),
        (StoreKind.COOKIES, OFF, ADVICE),
    ],
)
def test_single_use_and_sessions(kind: StoreKind, state: State, severity: Severity) -> None:
    """Only a store on the server holds for all processes."""
    evidence = evidence_of(sessions=kind, transactions=kind)

    for finding in (judge.single_use(evidence), judge.sessions(evidence)):
        assert (state, severity) == (finding.state, finding.severity)


@pytest.mark.parametrize(
    ("arguments", "state"),
    [
        ({}, ON),
        ({"session_absolute_seconds": 30 * 86_400}, ON),
        ({"session_absolute_seconds": 30 * 86_400 + 8640}, OFF),
        ({"session_idle_seconds": 3600, "session_absolute_seconds": 3599}, OFF),
        ({"transaction_seconds": 3601}, OFF),
    ],
)
def test_lifetimes(arguments: dict[str, Any], state: State) -> None:
    """What a thief finds is worth something for that long."""
    assert state is judge.lifetimes(evidence_of(**arguments)).state


@pytest.mark.parametrize(
    ("secrets", "state", "severity"),
    [
        ((GOOD,), ON, FINE),
        ((GOOD,) * 3, ON, FINE),
        ((GOOD,) * 4, ON, ADVICE),
        ((GOOD, SecretTraits(48, None, is_repeated=True)), ON, ADVICE),
        ((), OFF, ADVICE),
        ((GOOD, SecretTraits(48, "counts up or down")), OFF, UNSAFE),
        ((SecretTraits(48, None, is_client_secret=True),), OFF, UNSAFE),
    ],
)
def test_secrets(secrets: tuple[SecretTraits, ...], state: State, severity: Severity) -> None:
    """One that can be guessed forges every cookie, also where it only opens."""
    finding = judge.secrets(evidence_of(secrets=secrets))

    assert (state, severity) == (finding.state, finding.severity)


def test_a_weak_secret_is_named_by_its_number() -> None:
    """Which of them to replace is said, and how to make another."""
    finding = judge.secrets(evidence_of(secrets=(GOOD, SecretTraits(40, "counts up or down"))))

    assert "number 2 of 2 counts up or down: cookies could be forged" == finding.seen
    assert finding.change is not None
    assert "token_urlsafe" in finding.change
