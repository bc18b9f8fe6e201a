"""``userlink doctor`` as people and pipelines run it, against providers that are reached by HTTP."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.served_metadata import publishing
from userlink.doctor.command_line import main
from userlink.testing.keys import SigningKey
from userlink_devtenant import DevTenant

SECRET = "k3Jd0aQmXb7PZr9TtW5vYeC1sLhNfGu8oIxRq2Bz"
WEAK = "Winter2026!" * 4
AT_HOME = "http://localhost:3000/auth/callback"
PUBLISHED_PRIVATE_KEY = {**SigningKey("key-1", "ES256").public_jwk, "d": "AQAB"}


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DOMAIN", "CLIENT_ID", "CLIENT_SECRET", "SECRET", "REDIRECT_URI", "DIALECT"):
        monkeypatch.delenv(f"USERLINK_{name}", raising=False)


def application(folder: Path, issuer: str, arguments: str = "") -> str:
    """Write an application whose client has these arguments over the usual ones, and return its name."""
    name = f"app_{abs(hash(folder))}"
    folder.joinpath(f"{name}.py").write_text(
        "import time\n"
        "from userlink import SyncServerClient\n"
        "arguments = dict(\n"
        f"    domain={issuer!r}, client_id='userlink-demo', client_secret='a client secret',\n"
        f"    secret={SECRET!r}, authorization_params={{'redirect_uri': {AT_HOME!r}}},\n"
        ")\n"
        f"client = SyncServerClient(**(arguments | dict({arguments})))\n"
    )
    return f"{name}:client"


def unsafe_in(report: str) -> list[str]:
    """Return the protections that a report in JSON calls unsafe."""
    findings = json.loads(report)["findings"]
    return [each["protection"] for each in findings if each["severity"] == "unsafe"]


def test_a_client_for_development_is_not_unsafe(
    devtenant: DevTenant,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Plain http on this machine is said, and lets the command succeed."""
    monkeypatch.chdir(tmp_path)

    status = main(["doctor", application(tmp_path, devtenant.issuer)])

    assert 0 == status
    assert f"userlink doctor: {devtenant.issuer}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "unsafe"),
    [
        (f"secret=[{SECRET!r}, {WEAK!r}]", ["secrets"]),
        (f"client_secret={SECRET!r}", ["secrets"]),
        ("clock=lambda: int(time.time()) + 3600", ["clock"]),
        ("clock=lambda: int(time.time()) - 3600", ["clock"]),
        (
            "authorization_params={'redirect_uri': 'https://app.example/callback'}",
            ["issuer"],
        ),
        (
            "authorization_params={'redirect_uri': 'https://localhost/'}, secure_cookies=False",
            ["cookies"],
        ),
        ("algorithms=['ES512']", ["signature-algorithms", "keys"]),
    ],
)
def test_an_unsafe_configuration_fails(
    devtenant: DevTenant,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: str,
    unsafe: list[str],
) -> None:
    """Against a provider that is in order; no secret is shown."""
    monkeypatch.chdir(tmp_path)

    status = main(["doctor", application(tmp_path, devtenant.issuer, arguments), "--json"])

    printed = capsys.readouterr()
    assert (1, unsafe) == (status, unsafe_in(printed.out))
    assert [] == [each for each in (SECRET, WEAK[:11], "a client sec") if each in str(printed)]


@pytest.mark.parametrize(
    ("changes", "keys", "unsafe"),
    [
        ({"code_challenge_methods_supported": ["plain"]}, None, ["pkce"]),
        (
            {"id_token_signing_alg_values_supported": ["HS256", "none"]},
            None,
            ["signature-algorithms"],
        ),
        ({}, [], ["keys"]),
        ({}, [PUBLISHED_PRIVATE_KEY], ["keys"]),
    ],
)
def test_an_unsafe_provider_fails(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, object],
    keys: list[dict[str, object]] | None,
    unsafe: list[str],
) -> None:
    """Whatever the client is configured with."""
    monkeypatch.chdir(tmp_path)

    with publishing(changes) if keys is None else publishing(changes, keys) as issuer:
        status = main(["doctor", application(tmp_path, issuer), "--json"])

    assert (1, unsafe) == (status, unsafe_in(capsys.readouterr().out))


def test_options_and_environment_describe_a_client(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its secrets come from the environment alone."""
    with publishing() as issuer:
        monkeypatch.setenv("USERLINK_DOMAIN", issuer)
        monkeypatch.setenv("USERLINK_SECRET", WEAK)
        status = main(["doctor", "--client-id", "client", "--redirect-uri", AT_HOME, "--json"])

    printed = capsys.readouterr().out
    assert (1, ["secrets"]) == (status, unsafe_in(printed))
    assert WEAK[:11] not in printed


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["doctor", "no_such_module:client"], "No module named"),
        (["doctor", "--domain", "tenant example", "--client-id", "c"], "domain is malformed"),
        (["doctor", "--domain", "http://127.0.0.1:9/", "--client-id", "c"], "provider"),
    ],
)
def test_what_cannot_be_found_out_is_neither_safe_nor_unsafe(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    """The status is 2, and standard output stays empty."""
    status = main(arguments)

    printed = capsys.readouterr()
    assert (2, "") == (status, printed.out)
    assert told in printed.err


@pytest.mark.parametrize("arguments", [["doctor"], ["doctor", "--client-id", "c"], [], ["nurse"]])
def test_a_command_that_makes_no_sense_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """As is usual, with the status 2."""
    with pytest.raises(SystemExit) as end:
        main(arguments)

    assert 2 == end.value.code
    assert "usage: userlink" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [[sys.executable, "-m", "userlink"], [str(Path(sys.executable).parent / "userlink")]]
)
def test_it_runs_as_a_program(devtenant: DevTenant, tmp_path: Path, command: list[str]) -> None:
    """The module and the installed command are the same; modules of the current folder are found."""
    name = application(tmp_path, devtenant.issuer, f"secret={WEAK!r}")

    answer = subprocess.run(
        [*command, "doctor", name], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (1, "") == (answer.returncode, answer.stderr)
    assert "number 1 of 1 repeats a few characters" in answer.stdout
    assert WEAK[:11] not in answer.stdout
