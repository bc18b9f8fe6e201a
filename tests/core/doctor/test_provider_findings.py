"""Findings about the provider: each protection at work, missing, and unsafe where it is."""

from typing import Any

import pytest

from support.doctor_evidence import NOW, PUBLIC_KEY, evidence_of
from userlink.doctor import provider_findings as judge
from userlink.doctor.finding import Severity, State
from userlink.testing.keys import SigningKey

ON, OFF, IMPOSSIBLE = State.ON, State.OFF, State.IMPOSSIBLE
FINE, ADVICE, UNSAFE = Severity.FINE, Severity.ADVICE, Severity.UNSAFE
LOOPBACK = "http://127.0.0.1:9000/"
AT_HOME = {"redirect_uri": "http://localhost:3000/auth/callback"}
METHODS = "code_challenge_methods_supported"
AUTH_METHODS = "token_endpoint_auth_methods_supported"
ALGORITHMS = "id_token_signing_alg_values_supported"
WEAK_RSA = {"kty": "RSA", "n": "AQAB" * 40, "e": "AQAB"}


@pytest.mark.parametrize(
    ("arguments", "state", "severity"),
    [
        ({}, ON, FINE),
        ({"domain": LOOPBACK, "authorization_params": AT_HOME}, OFF, ADVICE),
        ({"domain": LOOPBACK}, OFF, UNSAFE),
        ({"domain": LOOPBACK, "authorization_params": {}}, OFF, UNSAFE),
    ],
)
def test_issuer(arguments: dict[str, Any], state: State, severity: Severity) -> None:
    """A provider on this machine is for development, and not behind an application that others reach."""
    finding = judge.issuer(evidence_of(**arguments))

    assert (state, severity) == (finding.state, finding.severity)


@pytest.mark.parametrize(
    ("methods", "client_secret", "state", "severity"),
    [
        (["plain", "S256"], "client-secret", ON, FINE),
        (["plain"], "client-secret", IMPOSSIBLE, UNSAFE),
        (None, "client-secret", IMPOSSIBLE, ADVICE),
        ([], "client-secret", IMPOSSIBLE, ADVICE),
        (None, None, IMPOSSIBLE, UNSAFE),
    ],
)
def test_pkce(
    methods: list[str] | None, client_secret: str | None, state: State, severity: Severity
) -> None:
    """A provider that does not check S256 leaves a public client without any proof (RFC 9700, 2.1.1)."""
    finding = judge.pkce(evidence_of(document={METHODS: methods}, client_secret=client_secret))

    assert (state, severity) == (finding.state, finding.severity)


@pytest.mark.parametrize(
    ("promised", "state", "severity"), [(True, ON, FINE), (False, IMPOSSIBLE, ADVICE)]
)
def test_callback_issuer(promised: bool, state: State, severity: Severity) -> None:
    """Only a promise lets a callback without ``iss`` be refused (RFC 9207, 2.4)."""
    document = {"authorization_response_iss_parameter_supported": promised}

    finding = judge.callback_issuer(evidence_of(document=document))

    assert (state, severity) == (finding.state, finding.severity)


@pytest.fixture(scope="module")
def signing_key() -> dict[str, Any]:
    """Return a private key of the client's."""
    from joserfc.jwk import ECKey

    return ECKey.generate_key("P-256").as_dict(private=True)


@pytest.mark.parametrize(
    ("supported", "arguments", "state", "severity"),
    [
        (["client_secret_post"], {}, ON, FINE),
        (["client_secret_post", "private_key_jwt"], {}, ON, ADVICE),
        (["private_key_jwt"], {}, IMPOSSIBLE, ADVICE),
        (["client_secret_post"], {"client_secret": None}, OFF, ADVICE),
    ],
)
def test_client_authentication(
    supported: list[str], arguments: dict[str, Any], state: State, severity: Severity
) -> None:
    """The method in force is the one that a flow would choose, and the provider must list it."""
    finding = judge.client_authentication(
        evidence_of(document={AUTH_METHODS: supported}, **arguments)
    )

    assert (state, severity) == (finding.state, finding.severity)


@pytest.mark.parametrize(
    ("algorithms", "state", "severity"),
    [(["ES256"], ON, FINE), (None, ON, FINE), (["RS256"], IMPOSSIBLE, ADVICE)],
)
def test_client_authentication_by_key(
    signing_key: dict[str, Any], algorithms: list[str] | None, state: State, severity: Severity
) -> None:
    """The provider must know the key's algorithm too (OIDC Discovery, 3)."""
    document = {
        AUTH_METHODS: ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
    }

    finding = judge.client_authentication(
        evidence_of(document=document, client_assertion_signing_key=signing_key)
    )

    assert (state, severity) == (finding.state, finding.severity)
    assert str(signing_key["d"]) not in repr(finding)


@pytest.mark.parametrize(
    ("offered", "algorithms", "state", "severity"),
    [
        (["ES256", "none"], ["ES256"], ON, FINE),
        (None, ["ES256"], ON, FINE),
        (["HS256", "none"], ["ES256"], IMPOSSIBLE, UNSAFE),
        ([], ["ES256"], IMPOSSIBLE, UNSAFE),
        (["ES256"], ["ES256", "ES384", "RS256", "RS384", "RS512"], ON, ADVICE),
    ],
)
def test_signature_algorithms(
    offered: list[str] | None, algorithms: list[str], state: State, severity: Severity
) -> None:
    """Where nothing is in common, no ID token can be accepted (RFC 8725, 3.1)."""
    finding = judge.signature_algorithms(
        evidence_of(document={ALGORITHMS: offered}, algorithms=algorithms)
    )

    assert (state, severity) == (finding.state, finding.severity)


@pytest.mark.parametrize(
    ("keys", "state", "severity", "seen"),
    [
        ([PUBLIC_KEY], ON, FINE, "1 usable (EC)"),
        ([PUBLIC_KEY, WEAK_RSA], ON, FINE, "1 usable (EC); 1 others are passed over"),
        ([WEAK_RSA], IMPOSSIBLE, UNSAFE, "no published key"),
        ([], IMPOSSIBLE, UNSAFE, "no published key"),
        ([SigningKey("other", "EdDSA").public_jwk], IMPOSSIBLE, UNSAFE, "no published key"),
        ([PUBLIC_KEY, {**PUBLIC_KEY, "d": "AQAB"}], OFF, UNSAFE, "the provider publishes 1"),
    ],
)
def test_keys(keys: list[object], state: State, severity: Severity, seen: str) -> None:
    """They must be there, of a kind that is accepted, strong, and without their private half."""
    finding = judge.keys(evidence_of(keys=keys, algorithms=["ES256"]))

    assert (state, severity) == (finding.state, finding.severity)
    assert finding.seen.startswith(seen)


@pytest.mark.parametrize(
    ("asked_at", "answered_at", "state", "severity"),
    [
        (NOW, NOW, ON, FINE),
        (NOW + 61, NOW + 61, ON, FINE),
        (NOW + 62, NOW + 62, OFF, UNSAFE),
        (NOW - 60, NOW - 60, ON, FINE),
        (NOW - 65, NOW - 61, OFF, UNSAFE),
        (NOW - 65, NOW + 65, ON, FINE),
    ],
)
def test_clock(asked_at: int, answered_at: int, state: State, severity: Severity) -> None:
    """What the time of the request leaves open is not held against the clock."""
    finding = judge.clock(evidence_of(asked_at=asked_at, answered_at=answered_at))

    assert (state, severity) == (finding.state, finding.severity)


def test_clock_of_a_provider_that_tells_no_time() -> None:
    """It cannot be compared with."""
    finding = judge.clock(evidence_of(headers={}))

    assert (IMPOSSIBLE, ADVICE) == (finding.state, finding.severity)
