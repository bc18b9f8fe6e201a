"""The demo as a newcomer sees it: Chromium, clicks, and what the pages say. Screenshots are kept."""

import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from support.chromium import chromium_path

ROOT = Path(__file__).parents[2]
ARTEFACTS = Path(os.environ.get("USERLINK_ARTIFACTS", ROOT / "artifacts")) / "demo"

GITHUB_SAYS = "GitHub says: you are alice-codes, with 12 public repositories."


@pytest.fixture(scope="module", params=["starlette", "flask"])
def demo_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Start the demo as ``nox -s demo`` does, on free ports, and read its address from what it prints."""
    ports = ["--port", "0", "--tenant-port", "0"]
    command = [sys.executable, "examples/demo/run.py", "--framework", request.param, *ports]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        lines: queue.Queue[str] = queue.Queue()
        assert process.stdout is not None
        reader = threading.Thread(target=read_lines, args=[process.stdout, lines])
        reader.start()
        try:
            introduction = ""
            while "Ctrl+C" not in introduction:
                introduction += lines.get(timeout=60)
            found = re.search(r"The application +(\S+)", introduction)
            assert found is not None
            assert "Test users        alice, bob, carol" in introduction
            yield found[1]
        finally:
            process.terminate()
            reader.join()


def read_lines(stream: Iterable[str], lines: "queue.Queue[str]") -> None:
    """Hand on each line as it comes."""
    for line in stream:
        lines.put(line)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start the machine's Chromium."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, demo_url: str) -> Iterator[Page]:
    """Open a fresh browser profile at the demo."""
    context = chromium.new_context(base_url=demo_url, viewport={"width": 1000, "height": 760})
    page = context.new_page()
    page.goto("/")
    yield page
    context.close()


def keep(page: Page, name: str) -> None:
    """Keep a screenshot as an artefact."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)


def sign_in(page: Page, name: str) -> None:
    """Sign in at the tenant's page."""
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label(name).check()
    page.get_by_label("Password").fill("development")
    keep(page, "02-sign-in")
    page.get_by_role("button", name="Continue").click()


def identities(page: Page) -> list[str]:
    """Read the identities that the profile lists."""
    return page.locator(".identity strong").all_inner_texts()


def test_the_journey_by_clicking(page: Page) -> None:
    """Sign in, link GitHub, unlink it, sign out; every page says what happened."""
    keep(page, "01-home")
    sign_in(page, "Alice Example")
    expect(page.get_by_role("status")).to_have_text("You are signed in.")
    assert ["User name and password"] == identities(page)
    keep(page, "03-profile")

    page.get_by_role("button", name="Link GitHub").click()
    page.get_by_label("alice-codes").check()
    keep(page, "04-github")
    page.get_by_role("button", name="Link this account").click()
    expect(page.get_by_role("status")).to_have_text("GitHub is linked to your account.")
    assert ["User name and password", "GitHub"] == identities(page)
    expect(page.locator(".says")).to_have_text(GITHUB_SAYS)
    keep(page, "05-linked")

    page.get_by_role("button", name="Unlink GitHub").click()
    keep(page, "06-confirm-unlink")
    page.get_by_role("button", name="Unlink").click()
    expect(page.get_by_role("status")).to_have_text("GitHub is no longer linked to your account.")
    assert ["User name and password"] == identities(page)
    expect(page.locator(".says")).to_have_count(0)
    keep(page, "07-unlinked")

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_contain_text("You are signed out")
    keep(page, "08-signed-out")


def test_a_cancelled_link_changes_nothing_and_says_so(page: Page) -> None:
    """The provider's Cancel leads back to the profile with a message."""
    sign_in(page, "Carol Example")
    page.get_by_role("button", name="Link Google").click()
    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_role("alert")).to_contain_text("Nothing was changed.")
    assert ["User name and password"] == identities(page)
    keep(page, "09-denied")


def test_an_identity_of_somebody_else_is_refused_and_says_so(page: Page) -> None:
    """bob-builds belongs to Bob: Carol cannot link it."""
    sign_in(page, "Carol Example")
    page.get_by_role("button", name="Link GitHub").click()
    page.get_by_label("bob-builds").check()
    page.get_by_role("button", name="Link this account").click()

    expect(page.get_by_role("alert")).to_contain_text("Nothing was changed.")
    assert ["User name and password"] == identities(page)


def test_the_back_button_after_a_link_does_no_harm(page: Page) -> None:
    """Delivering the callback again leads to the profile, signed in and linked as before."""
    sign_in(page, "Bob Example")
    callbacks: list[str] = []
    page.on(
        "request",
        lambda request: callbacks.append(request.url) if "/auth/callback" in request.url else None,
    )
    page.get_by_role("button", name="Link Google").click()
    page.get_by_role("button", name="Link this account").click()
    expect(page.get_by_role("status")).to_have_text("Google is linked to your account.")

    page.goto(callbacks[-1])

    assert page.url.endswith("/profile")
    assert {"User name and password", "GitHub", "Google"} == set(identities(page))


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(page: Page) -> None:
    """On plain http to loopback the names carry no prefix; all else holds (RFC 6265bis, 4.1.2)."""
    sign_in(page, "Alice Example")
    expect(page.get_by_role("status")).to_have_text("You are signed in.")
    cookies = {
        cookie["name"]: cookie
        for cookie in page.context.cookies()
        if cookie["name"].startswith("userlink")
    }

    assert "userlink_session" in cookies
    for cookie in cookies.values():
        shown = (cookie["httpOnly"], cookie["sameSite"], cookie["path"], cookie["domain"])
        assert (True, "Lax", "/", "localhost") == shown
    assert "" == page.evaluate("document.cookie")


def test_pages_are_usable_on_a_small_screen(page: Page) -> None:
    """Nothing needs scrolling sideways on a telephone."""
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page, "Alice Example")
    expect(page.get_by_role("status")).to_have_text("You are signed in.")
    keep(page, "10-small-screen")

    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
