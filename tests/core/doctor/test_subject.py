"""Which client is looked at: one that is named, or one made from options."""

from pathlib import Path

import pytest

from userlink import ServerClient, SyncServerClient
from userlink.doctor.subject import NoSubject, Options, client_named, client_of

OPTIONS = Options("tenant.example", "client", "https://app.example/callback", "auth0")
ARGUMENTS = 'domain="tenant.example", client_id="client", secret="k3Jd0aQmXb7PZr9TtW5vYeC1sLhNfGu8"'


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """Write an application into the current folder, and return its name, which no other test has."""
    name = f"app_{abs(hash(request.node.nodeid))}"
    tmp_path.joinpath(f"{name}.py").write_text(
        "import userlink\n"
        f"client = userlink.ServerClient({ARGUMENTS})\n"
        "class Holder:\n"
        f"    client = userlink.SyncServerClient({ARGUMENTS})\n"
        "def make():\n"
        "    return Holder.client\n"
        "def fail():\n"
        '    raise KeyError("APP_SECRET")\n'
        "def refuse():\n"
        '    return userlink.ServerClient(domain="tenant.example", client_id="client", secret="short")\n'
        "number = 3\n"
    )
    monkeypatch.chdir(tmp_path)
    return name


def test_a_client_is_found_by_its_name(module: str) -> None:
    """An attribute, one of an attribute, or what a function makes."""
    assert isinstance(client_named(f"{module}:client"), ServerClient)
    assert isinstance(client_named(f"{module}:Holder.client"), SyncServerClient)
    assert client_named(f"{module}:make") is client_named(f"{module}:Holder.client")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("{module}", "does not name a client"),
        (":client", "does not name a client"),
        ("{module}:", "does not name a client"),
        ("no_such_module:client", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("{module}:nothing", "AttributeError"),
        ("{module}:fail", "KeyError: 'APP_SECRET'"),
        ("{module}:refuse", "Secret number 1 has 5 bytes"),
        ("{module}:number", "is neither a ServerClient nor a SyncServerClient"),
    ],
)
def test_what_is_no_client_is_told(module: str, name: str, told: str) -> None:
    """What the application's own code raised is told, in one line."""
    with pytest.raises(NoSubject) as failure:
        client_named(name.format(module=module))

    assert told in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_client_is_made_from_options() -> None:
    """Its secrets come from the environment, since options are in the list of processes."""
    environment = {
        "USERLINK_CLIENT_SECRET": "the client secret",
        "USERLINK_SECRET": "k3Jd0aQmXb7PZr9TtW5vYeC1sLhNfGu8,oIxRq2BzVd6HnKcM4wEjSyUpAgFt0l9D",
    }

    client, has_own_secret = client_of(OPTIONS, environment)

    with client:
        assert has_own_secret
        assert client.settings.client_secret is not None
        assert (
            "https://app.example/callback" == client.settings.authorization_params["redirect_uri"]
        )


def test_without_a_sealing_secret_there_is_one_for_looking() -> None:
    """It is not the application's, which is said."""
    client, has_own_secret = client_of(OPTIONS, {})

    with client:
        assert not has_own_secret
        assert client.settings.client_secret is None


def test_options_that_make_no_client_are_told() -> None:
    """With what to do about it."""
    with pytest.raises(NoSubject, match=r"domain is malformed.*Give a host"):
        client_of(Options("tenant example", "client", None, "auth0"), {})
