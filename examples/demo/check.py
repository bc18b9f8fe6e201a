"""The demo's journey without a browser: every step over HTTP, printed with what was sent and received."""

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from userlink_devtenant import DevTenant, RecordedRequest
from userlink_devtenant.browser import TenantBrowser

# Parameters that are secret, or long: the first characters tell them apart, and no more is shown.
SHORTENED = {
    "client_secret", "code", "code_challenge", "code_verifier", "id_token_hint", "nonce", "request_uri",
    "state", "subject_token",
}  # fmt: skip


class StepFailed(Exception):
    """A step did not go as it should."""


def check(app_url: str, tenant: DevTenant) -> bool:
    """Walk the journey, print each step, and tell whether all went well."""
    with httpx.Client(base_url=app_url) as application, TenantBrowser(tenant.issuer) as browser:
        journey = Journey(app_url, tenant, application, browser)
        for number, (title, step) in enumerate(journey.steps(), start=1):
            print(f"\n{number}. {title}", flush=True)
            try:
                step()
            except (StepFailed, httpx.HTTPError, RuntimeError) as error:
                print(f"   ✘ {error}", flush=True)
                return False
    print("\nThe whole journey went as it should.", flush=True)
    return True


class Journey:
    """
    One person's walk through the application and its provider.

    Args:
        app_url: of the application.
        tenant: the provider.
        application: the browser's connection and cookies for the application.
        browser: the browser's view of the provider.
    """

    def __init__(
        self, app_url: str, tenant: DevTenant, application: httpx.Client, browser: TenantBrowser
    ) -> None:
        self._app_url = app_url
        self._tenant = tenant
        self._application = application
        self._browser = browser
        self._callback_url = ""
        self._page = ""

    def steps(self) -> list[tuple[str, Callable[[], None]]]:
        """Return the steps with their titles."""
        return [
            ("Nobody is signed in", self.signed_out),
            ("Sign in as alice", self.sign_in),
            ("The profile lists one identity", self.one_identity),
            ("Link GitHub, and cancel at GitHub's page", self.deny),
            ("Link GitHub", self.link),
            ("The profile lists the new identity", self.two_identities),
            ("Ask GitHub in the user's name", self.ask_github),
            ("Deliver the link's callback once more", self.replay),
            ("Deliver the link's callback to another browser", self.steal),
            ("Ask for a link from another site's page", self.forge),
            ("Unlink GitHub", self.unlink),
            ("Sign out", self.sign_out),
        ]

    def signed_out(self) -> None:
        """The profile sends a stranger to the start."""
        answer = self._get("/profile")
        expect(
            answer.headers.get("location") == "/?error=session_required", "a stranger is sent off"
        )

    def sign_in(self) -> None:
        """Application, provider, application."""
        answer = self._get("/auth/login?return_to=/profile")
        self._to_tenant(answer, "login")
        self._back(self._browser.sign_in("alice"))
        answer = self._get(self._callback_url)
        self._show_token_request()
        expect(
            answer.headers.get("location") == "/profile?done=signed_in", "the login is completed"
        )
        self._open(answer)
        expect("You are signed in." in self._page, "the page says so")

    def one_identity(self) -> None:
        """Only the primary one."""
        self._identities([], "the primary identity stands alone")
        expect("Link GitHub" in self._page, "there is a button to link GitHub")

    def deny(self) -> None:
        """Cancelling changes nothing, and the page says so."""
        self._to_tenant(self._post("/auth/link/github"), "link")
        self._back(self._browser.cancel())
        self._open(self._get(self._callback_url))
        expect("Nothing was changed." in self._page, "the page says that nothing was changed")
        self._identities([], "and nothing was")

    def link(self) -> None:
        """Application, provider, GitHub's page at the provider, application."""
        self._to_tenant(self._post("/auth/link/github"), "link")
        self._back(self._browser.choose_account("alice-codes"))
        answer = self._get(self._callback_url)
        self._show_token_request()
        location = answer.headers.get("location", "")
        expect(location == "/profile?done=linked&connection=github", "the link is completed")
        self._open(answer)
        expect("GitHub is linked to your account." in self._page, "the page says so")

    def two_identities(self) -> None:
        """The page, the session and the provider agree."""
        self._identities(["github"], "GitHub stands beside the primary identity")
        expect("alice-codes" in self._page, "the page names the account")

    def ask_github(self) -> None:
        """The application has exchanged its refresh token for GitHub's own, and asked with that."""
        self._show_token_request()
        show("application → GitHub", "GET", "/github/user")
        says = "GitHub says: you are alice-codes, with 12 public repositories."
        expect(says in self._text(), says)
        calls = self._tenant.requests_to("/github/user")
        expect(
            bool(calls) and "Bearer " in (calls[-1].authorization or ""), "it was asked for that"
        )
        exchanges = self._exchanges()
        self._page = unescape(self._get("/profile").text)
        expect(says in self._text(), "the page says so again")
        expect(len(exchanges) == len(self._exchanges()) == 1, "with the token that was kept")

    def replay(self) -> None:
        """A repeated callback sends the user on and does nothing."""
        before = len(self._tenant.requests_to("/oauth/token"))
        answer = self._get(self._callback_url)
        expect(answer.headers.get("location") == "/profile", "the user is sent on")
        sent = len(self._tenant.requests_to("/oauth/token")) - before
        expect(sent == 0, "and no token request was sent")

    def steal(self) -> None:
        """Another browser cannot use the callback."""
        with httpx.Client(base_url=self._app_url) as stranger:
            answer = stranger.get(self._callback_url)
            show("browser → application", "GET", self._callback_url)
            show(
                "application → browser", str(answer.status_code), answer.headers.get("location", "")
            )
            expect(
                answer.headers.get("location") == "/?error=transaction_not_found",
                "the stranger is refused",
            )
            expect(stranger.get("/auth/profile").status_code == 401, "and is not signed in")

    def forge(self) -> None:
        """A page of another site cannot start a link."""
        answer = self._post("/auth/link/github", origin="https://evil.example", site="cross-site")
        expect(answer.status_code == 403, "the request is refused")
        expect(self._get("/auth/link/github").status_code == 405, "and so is a plain link to it")

    def unlink(self) -> None:
        """Application, provider, application."""
        self._to_tenant(self._post("/auth/unlink/github"), "unlink")
        self._back(self._browser.confirm_unlink())
        answer = self._get(self._callback_url)
        self._open(answer)
        expect("GitHub is no longer linked" in self._page, "the page says so")
        self._identities([], "and the primary identity stands alone")
        expect("GitHub says" not in self._page, "GitHub says nothing any more")

    def sign_out(self) -> None:
        """Here and at the provider."""
        answer = self._post("/auth/logout")
        revoked = self._tenant.requests_to("/oauth/revoke")
        hints = [request.form["token_type_hint"] for request in revoked]
        expect("refresh_token" in hints, "the refresh token is revoked at the provider")
        location = answer.headers.get("location", "")
        expect(location.startswith(self._tenant.issuer), "the browser is sent to the provider")
        back = self._browser.open(location)
        if back is None:
            back = self._browser.confirm_sign_out()
        show("provider → browser", "302", back or "")
        expect(back is not None and back.startswith(self._app_url), "and comes back from there")
        self._page = unescape(self._get(back or "/").text)
        expect("You are signed out" in self._page, "where the page says so")
        expect(self._get("/auth/profile").status_code == 401, "nobody is signed in any more")

    def _identities(self, linked: list[str], claim: str) -> None:
        answer = self._get("/auth/profile")
        names = [identity["connection"] for identity in answer.json()["identities"][1:]]
        held = [identity.connection for identity in self._tenant.identities_of("alice")][1:]
        expect(names == linked == held, claim)
        self._page = unescape(self._application.get("/profile").text)

    def _text(self) -> str:
        """Return what the page says, without its marks."""
        return " ".join(re.sub(r"<[^>]*>", "", self._page).split())

    def _exchanges(self) -> list[RecordedRequest]:
        requests = self._tenant.requests_to("/oauth/token")
        return [request for request in requests if "subject_token" in request.form]

    def _to_tenant(self, answer: httpx.Response, kind: str) -> None:
        expect(answer.status_code == 303, f"the {kind} is started")
        pushed = self._tenant.requests_to("/oauth/par")[-1]
        show("application → provider", "POST", f"/oauth/par?{urlencode(list(pushed.form.items()))}")
        carried = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
        expect(carried.keys() == {"client_id", "request_uri"}, "the browser's URL says no more")
        self._browser.open(answer.headers["location"])

    def _back(self, callback_url: str) -> None:
        self._callback_url = callback_url
        show("provider → browser", "302", callback_url)

    def _open(self, answer: httpx.Response) -> None:
        self._page = unescape(self._get(answer.headers["location"]).text)

    def _get(self, url: str) -> httpx.Response:
        return self._send(self._application.build_request("GET", url))

    def _post(
        self, path: str, origin: str | None = None, site: str = "same-origin"
    ) -> httpx.Response:
        headers = {"origin": origin or self._app_url, "sec-fetch-site": site}
        data = {"return_to": "/profile"}
        return self._send(self._application.build_request("POST", path, headers=headers, data=data))

    def _send(self, request: httpx.Request) -> httpx.Response:
        show("browser → application", request.method, str(request.url))
        answer = self._application.send(request)
        location = answer.headers.get("location", "")
        show("application → browser", str(answer.status_code), location)
        for header in answer.headers.get_list("set-cookie"):
            name, _, rest = header.partition("=")
            value, _, attributes = rest.partition("; ")
            print(f"        sets {name} ({len(value)} characters; {attributes})", flush=True)
        return answer

    def _show_token_request(self) -> None:
        request = self._tenant.requests_to("/oauth/token")[-1]
        show(
            "application → provider",
            "POST",
            f"/oauth/token?{urlencode(list(request.form.items()))}",
        )


def expect(holds: bool, claim: str) -> None:
    """Print a claim that holds; fail the step with one that does not."""
    if not holds:
        raise StepFailed(f"This does not hold: {claim}.")
    print(f"   ✔ {claim}", flush=True)


def show(way: str, what: str, url: str) -> None:
    """Print one message, each parameter on a line of its own, secrets shortened."""
    parts = urlsplit(url)
    shown = parts._replace(query="").geturl()
    print(f"   {way}  {what} {shown}", flush=True)
    for name, value in parse_qsl(parts.query):
        text = f"{value[:6]}… ({len(value)} characters)" if name in SHORTENED else value
        print(f"        {name} = {text}", flush=True)
