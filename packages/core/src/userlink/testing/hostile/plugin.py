"""
``pytest --userlink-app=http://127.0.0.1:3000``: attack an application that runs, instead of running tests.

Installed with userlink, and loaded in every run of pytest: whatever costs time is imported when the option is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .case import Case
    from .credentials import Application
    from .network import HostileNetwork
    from .siege import Siege

__all__: list[str] = []

_OPTIONS = {
    "login": ("/auth/login", "path that begins a login, by GET"),
    "link": (
        "/auth/link/{connection}",
        "path that begins linking, by POST; empty when there is none",
    ),
    "unlink": ("/auth/unlink/{connection}", "path that begins unlinking, likewise"),
    "logout": ("/auth/logout", "path that ends the session, by POST; empty when there is none"),
    "backchannel-logout": ("", "path that is posted logout tokens; empty when there is none"),
    "me": ("/auth/profile", "page that names the sub of whoever is signed in"),
    "connection": ("github", "connection to link"),
    "return-to": (
        "return_to",
        "query parameter of the login with the page to go to; empty when there is none",
    ),
    "error-parameter": (
        "",
        "query parameter in which a refusal names its code; empty when there is none",
    ),
    "rival-login": (
        "",
        "path that begins a login at the second provider; empty when there is none",
    ),
}
_SIEGE = pytest.StashKey["Siege"]()


@pytest.fixture(scope="session")
def hostile_network() -> Iterator[HostileNetwork]:
    """Run the attacker's servers on free ports, for ``HostileContract``."""
    from .network import HostileNetwork

    with HostileNetwork() as network:
        yield network


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("userlink", "attack an application with userlink's hostile provider")
    group.addoption(
        "--userlink-app", metavar="URL", help="scheme, host and port of the application"
    )
    group.addoption(
        "--userlink-issuer-port",
        type=int,
        default=9400,
        metavar="PORT",
        help="where the hostile provider listens; the second one takes the next port (default: 9400)",
    )
    group.addoption(
        "--userlink-patience",
        type=float,
        default=15.0,
        metavar="SECONDS",
        help="how long the application may take for an answer (default: 15)",
    )
    group.addoption(
        "--userlink-restart-command",
        metavar="COMMAND",
        help="restarts the application, for cases that need cold caches",
    )
    for name, (default, text) in _OPTIONS.items():
        group.addoption(
            f"--userlink-{name}",
            default=default,
            metavar="TEXT",
            help=f"{text} (default: {default or 'none'})".replace("%", "%%"),
        )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave other tests alone while an application is attacked."""
    return True if config.getoption("--userlink-app") else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add an item for each case, before others choose among the items."""
    if not config.getoption("--userlink-app"):
        return
    from .all_cases import ALL_CASES

    for case in ALL_CASES:
        nodeid = f"userlink::{case.family}::{case.name}"
        # pytest leaves the type of its arguments open.
        item = CaseItem.from_parent(session, name=case.name, nodeid=nodeid)  # pyright: ignore[reportUnknownMemberType]
        item.case = case
        items.append(item)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what the application has to be configured with."""
    if not config.getoption("--userlink-app"):
        return []
    to_have = _siege(config).network.credentials
    return [
        f"userlink: attacking {config.getoption('--userlink-app')}, which must have as its provider",
        f"  issuer {to_have.issuer}, client_id {to_have.client_id}, client_secret {to_have.client_secret}",
        f"  and, where it knows a second one, issuer {to_have.rival_issuer} with the same client",
    ]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the provider."""
    siege = config.stash.get(_SIEGE, None)
    if siege is not None:
        siege.network.close()


class CaseItem(pytest.Item):
    """A case that is played against the application."""

    case: Case

    def runtest(self) -> None:
        """Play the case; a failure is shown as its report, without a traceback through the kit."""
        from .findings import BrokenSetup, NotApplicable, Weakness

        try:
            _siege(self.config).play(self.case)
        except NotApplicable as reason:
            pytest.skip(str(reason))
        except (Weakness, BrokenSetup) as finding:
            pytest.fail(str(finding), pytrace=False)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return what a failure is headed with."""
        return self.path, None, f"userlink: {self.name}"


def _siege(config: pytest.Config) -> Siege:
    siege = config.stash.get(_SIEGE, None)
    if siege is None:
        siege = config.stash[_SIEGE] = _opened(config)
    return siege


def _opened(config: pytest.Config) -> Siege:
    from .network import HostileNetwork
    from .siege import Siege, restarting

    patience_seconds = float(_text(config, "patience"))
    application = _application(config)
    command = _text(config, "restart-command")
    if command:
        application = restarting(application, command, patience_seconds)
    port = int(_text(config, "issuer-port"))
    try:
        network = HostileNetwork(port)
    except OSError as error:
        raise pytest.UsageError(
            f"Port {port} or the next one is taken ({error}): pass --userlink-issuer-port."
        ) from None
    return Siege(application, network, patience_seconds)


def _application(config: pytest.Config) -> Application:
    from .credentials import Application

    return Application(
        url=_text(config, "app").rstrip("/"),
        login=_text(config, "login"),
        link=_text(config, "link") or None,
        unlink=_text(config, "unlink") or None,
        logout=_text(config, "logout") or None,
        backchannel_logout=_text(config, "backchannel-logout") or None,
        me=_text(config, "me"),
        connection=_text(config, "connection"),
        return_to=_text(config, "return-to") or None,
        error_parameter=_text(config, "error-parameter") or None,
        rival_login=_text(config, "rival-login") or None,
    )


def _text(config: pytest.Config, name: str) -> str:
    """Return an option; one that is not given and has no default is empty."""
    value: object = config.getoption(f"--userlink-{name}")
    return "" if value is None else str(value)
