"""The README begins with what a newcomer needs, and its application runs as it stands there."""

from pathlib import Path
from types import ModuleType

import httpx
import pytest
from starlette.applications import Starlette

from support import pages
from userlink_devtenant import DevTenant
from userlink_devtenant.browser import TenantBrowser

README = Path(__file__).parents[2] / "README.md"
APP_URL = "http://localhost:3000"
TWO_COMMANDS = [
    'python -m pip install "nox[uv]" && nox -s demo',
    'python -m pip install "nox[uv]" && nox',
]


def the_application() -> str:
    """Return the source of the README's first visible block."""
    return pages.visible_blocks(README)[0]


@pytest.fixture
def app(devtenant: DevTenant, monkeypatch: pytest.MonkeyPatch) -> Starlette:
    """Run the application's source, configured by its environment and by nothing else."""
    monkeypatch.setenv("APP_URL", APP_URL)
    monkeypatch.setenv("APP_SECRET", "a secret of these tests, and of nothing else")
    monkeypatch.setenv("AUTH0_DOMAIN", devtenant.issuer)
    monkeypatch.setenv("AUTH0_CLIENT_ID", "userlink-demo")
    monkeypatch.setenv("AUTH0_CLIENT_SECRET", "userlink-demo-secret-for-development-only")
    module = ModuleType("app")
    exec(compile(the_application(), "app.py", "exec"), vars(module))  # noqa: S102
    assert isinstance(module.app, Starlette)
    return module.app


def test_the_two_commands_come_first_and_as_they_are() -> None:
    """The demo and the tests are one line each, before anything else that is shown in a box."""
    lines = README.read_text(encoding="utf-8").splitlines()
    boxed = [lines[number + 1] for number, line in enumerate(lines) if line == "```console"]

    assert TWO_COMMANDS == boxed[:2]


def test_the_application_is_at_most_40_lines() -> None:
    """Empty lines count."""
    assert len(the_application().splitlines()) <= 40


@pytest.mark.anyio
async def test_the_application_logs_in_and_links(
    app: Starlette, devtenant: DevTenant, devtenant_browser: TenantBrowser
) -> None:
    """A stranger is sent to sign in, comes back, links GitHub, unlinks it, and signs out."""
    async with app.router.lifespan_context(app), browser_of(app) as browser:
        sent_to_login = await browser.get("/")
        sent_to_tenant = await browser.get(sent_to_login.headers["location"])
        devtenant_browser.open(sent_to_tenant.headers["location"])
        await browser.get(devtenant_browser.sign_in("alice"))
        assert "<h1>Alice Example</h1>" in (await browser.get("/")).text

        sent_to_tenant = await browser.post("/auth/link/github", headers={"origin": APP_URL})
        devtenant_browser.open(sent_to_tenant.headers["location"])
        await browser.get(devtenant_browser.choose_account("alice-codes"))
        assert ["Username-Password-Authentication", "github"] == connections(devtenant)
        assert ", github</p>" in (await browser.get("/")).text

        sent_to_tenant = await browser.post("/auth/unlink/github", headers={"origin": APP_URL})
        devtenant_browser.open(sent_to_tenant.headers["location"])
        await browser.get(devtenant_browser.confirm_unlink())
        assert ["Username-Password-Authentication"] == connections(devtenant)

        signed_out = await browser.post("/auth/logout", headers={"origin": APP_URL})
        assert signed_out.headers["location"].startswith(devtenant.issuer)
        assert 303 == (await browser.get("/")).status_code


@pytest.mark.anyio
async def test_the_application_says_that_a_link_was_denied(
    app: Starlette, devtenant: DevTenant, devtenant_browser: TenantBrowser
) -> None:
    """The code of the error stands on the page, and nothing was linked."""
    async with app.router.lifespan_context(app), browser_of(app) as browser:
        sent_to_tenant = await browser.get("/auth/login")
        devtenant_browser.open(sent_to_tenant.headers["location"])
        await browser.get(devtenant_browser.sign_in("alice"))
        sent_to_tenant = await browser.post("/auth/link/github", headers={"origin": APP_URL})
        devtenant_browser.open(sent_to_tenant.headers["location"])

        page = await browser.get(devtenant_browser.cancel(), follow_redirects=True)

        assert "<p>authorization_denied</p>" in page.text
        assert ["Username-Password-Authentication"] == connections(devtenant)


def browser_of(app: Starlette) -> httpx.AsyncClient:
    """Return a browser for the application; redirects are left to the test."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url=APP_URL, headers={"accept": "text/html"}
    )


def connections(devtenant: DevTenant) -> list[str]:
    """Return the connections of Alice's identities, as the tenant knows them."""
    return [identity.connection for identity in devtenant.identities_of("alice")]
