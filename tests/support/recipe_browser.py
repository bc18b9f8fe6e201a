"""Browsers for the application of a how-to page, which runs in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from support.cookie_jar import CookieJar
from userlink_devtenant import DevTenant
from userlink_devtenant.browser import TenantBrowser
from userlink_devtenant.config import Client

__all__ = ["APP", "ORIGIN", "RecipeBrowser", "register", "running_recipe"]

TESTS = Path(__file__).parents[1]
APP = "https://app.test"
ORIGIN = {"Origin": APP}


def register(devtenant: DevTenant) -> None:
    """Make the page's application known to the tenant at an https address, until its next reset."""
    devtenant.add_client(
        Client(
            "userlink-demo",
            client_secret="userlink-demo-secret-for-development-only",
            redirect_uris=(f"{APP}/auth/callback",),
            post_logout_redirect_uris=(f"{APP}/",),
        )
    )


@contextmanager
def running_recipe(page: Path, issuer: str) -> Iterator[str]:
    """Serve the application of a page until the end of the block, and say where it listens."""
    program = [sys.executable, "-m", "support.recipe_server", str(page), issuer, APP]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            port = process.stdout.readline().strip()
            assert port, "the application did not start; it has said why"
            yield f"http://localhost:{port}"
        finally:
            process.kill()


class RecipeBrowser:
    """
    One person's browser: a strict cookie jar for the application, which it takes to be at ``https://app.test``.

    Args:
        address: where the application listens.
        devtenant: where people sign in.
    """

    def __init__(self, address: str, devtenant: DevTenant) -> None:
        self.jar = CookieJar()
        self.tenant = TenantBrowser(devtenant.issuer, password=devtenant.config.password)
        self._http = httpx.Client(base_url=address, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self.tenant.close()
        self._http.close()

    def send(self, method: str, url: str, headers: dict[str, str] | None = None) -> httpx.Response:
        """Send a request to the application with the cookies of the jar, and keep those of the answer."""
        url = f"{APP}{url.removeprefix(APP)}"
        answer = self.send_raw(
            method, url, self.jar.header_for(url).encode("latin-1"), headers or {}
        )
        for header in answer.headers.get_list("set-cookie"):
            self.jar.store(url, header)
        return answer

    def send_raw(
        self, method: str, url: str, cookies: bytes, headers: dict[str, str]
    ) -> httpx.Response:
        """Send a request with exactly this ``Cookie`` header."""
        parts = urlsplit(url)
        fields = [*((name.encode(), value.encode()) for name, value in headers.items())]
        if cookies:
            fields.append((b"Cookie", cookies))
        return self._http.request(method, f"{parts.path}?{parts.query}", headers=fields)

    def go(self, method: str, url: str, headers: dict[str, str] | None = None) -> str:
        """Send a request, and return where its answer redirects to."""
        answer = self.send(method, url, headers)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def sign_in(self, user: str = "alice") -> str:
        """Sign in, and return where the application sends the browser."""
        self.tenant.open(self.go("GET", "/login"))
        return self.go("GET", self.tenant.sign_in(user))

    def start_link(self) -> str:
        """Start a link, choose an account, and return the callback URL without opening it."""
        self.tenant.open(self.go("POST", "/link/github", ORIGIN))
        return self.tenant.choose_account("alice-codes")

    def user(self, cookies: bytes | None = None) -> Any:
        """Return the claims of who is signed in, by the jar's cookies or by these."""
        if cookies is None:
            return self.send("GET", "/me").json()
        return self.send_raw("GET", "/me", cookies, {}).json()

    def as_sent(self, prefix: bytes = b"") -> bytes:
        """Return the cookies as they stand in a header, with something before each name."""
        pairs = self.jar.header_for(f"{APP}/").encode("latin-1").split(b"; ")
        return b"; ".join(prefix + pair for pair in pairs)
