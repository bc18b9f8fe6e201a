"""
A certified OpenID Provider for integration tests: npm's ``oidc-provider`` as an Auth0-like tenant.

Nobody of this project wrote it, so what passes against it is not proved only against our own
reading of the specifications. Its users are ``alice`` and ``bob``; its connections ``github``
(accounts ``octocat``, ``hubot``), ``google-oauth2`` (``ada``, ``grace``) and ``email``
(``second``, ``third``). It asks for nothing that a request did not bring: PKCE is required, a
redirect_uri must be registered and repeated at the token endpoint, linking needs an unexpired
``id_token_hint`` of the user who is signed in. The client's id and secret hold characters that
must be form-encoded before HTTP Basic (RFC 6749 2.3.1).

In a test::

    def test_login(oidc_provider: OidcProvider, browser: PlainBrowser) -> None:
        oidc_provider.set_redirect_uris(f"{application}/auth/callback")
        login_url = ...                                          # what the application answers
        callback_url = login(browser, login_url, "alice")        # walks the provider's pages
        assert "openid" in oidc_provider.events("authorize")[0].parameters["scope"]

The provider listens on 127.0.0.1. Cookies know no port, so let the application be ``localhost``.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Self, Unpack

import attrs
import httpx

from .browser import origin_of
from .oidc_provider_pages import (
    Answer,
    UnexpectedPage,
    cancel,
    choose_connection_account,
    confirm_unlink,
    log_out,
    login,
    pass_through,
    walk,
)
from .oidc_provider_process import ReadyProvider, running_provider
from .oidc_provider_values import (
    Account,
    Algorithm,
    Client,
    ClientMetadata,
    Endpoint,
    Event,
    Identity,
    Settings,
    ToldClient,
)

__all__ = [
    "Account",
    "Answer",
    "Client",
    "ClientMetadata",
    "Event",
    "Identity",
    "OidcProvider",
    "Settings",
    "ToldClient",
    "UnexpectedPage",
    "cancel",
    "choose_connection_account",
    "confirm_unlink",
    "log_out",
    "login",
    "pass_through",
    "walk",
]


@attrs.frozen
class OidcProvider:
    """
    A running provider, and the controls of its test.

    Its methods block. A back-channel logout calls the application, so it must not run in the
    thread that calls `end_sessions`.
    """

    ready: ReadyProvider
    _controls: httpx.Client

    @classmethod
    @contextmanager
    def running(cls, *, issuer_ends_with_slash: bool = False) -> Generator[Self]:
        """Start one, and stop it at the end; skip the test where Node.js is missing."""
        with (
            running_provider(issuer_ends_with_slash=issuer_ends_with_slash) as ready,
            httpx.Client(base_url=f"{origin_of(ready.issuer)}/test/", trust_env=False) as controls,
        ):
            yield cls(ready, controls)

    @property
    def issuer(self) -> str:
        """The issuer identifier, exactly as discovery and tokens have it."""
        return self.ready.issuer

    @property
    def client(self) -> Client:
        """The client that is registered from the start."""
        return Client(self.ready.client_id, self.ready.client_secret)

    @property
    def client_id(self) -> str:
        """The id of `client`."""
        return self.ready.client_id

    @property
    def client_secret(self) -> str:
        """The secret of `client`."""
        return self.ready.client_secret

    def reset(self) -> None:
        """Forget sessions, tokens, clients, links, keys, settings and events of earlier tests."""
        self._call("POST", "reset")

    def register_client(self, **metadata: Unpack[ClientMetadata]) -> Client:
        """
        Register a client, or change the one whose ``client_id`` is given.

        Args:
            metadata: What a new client is to have (``client_id`` and ``redirect_uris`` at least;
                a secret is made up when none is given), or what is to change.

        Raises:
            ValueError: When the provider refuses the metadata, with its reason.
        """
        told = self._call("POST", "clients", metadata)
        return Client(told["client_id"], told["client_secret"])

    def set_redirect_uris(self, *redirect_uris: str) -> None:
        """Make these the redirect URIs of `client`."""
        self.register_client(client_id=self.client_id, redirect_uris=redirect_uris)

    def change_settings(self, **settings: Unpack[Settings]) -> None:
        """
        Change lifetimes, or whether refresh tokens rotate, for what is issued from now on.

        Raises:
            ValueError: When a value is of the wrong kind.
        """
        self._call("POST", "settings", settings)

    def rotate_keys(self, *, retire_old: bool = False) -> None:
        """
        Sign with new keys from now on.

        Args:
            retire_old: Whether the old keys leave the published set at once.
        """
        self._call("POST", "rotate-keys", {"retire_old": retire_old})

    def events(self, endpoint: Endpoint | None = None) -> list[Event]:
        """Return what was sent since the last reset, oldest first, to one endpoint if named."""
        return [
            Event(
                item["endpoint"],
                item["method"],
                tuple((name, value) for name, value in item["parameters"]),
                item["authentication"],
                item["status"],
                item["error"],
            )
            for item in self._call("GET", "events")
            if endpoint in (None, item["endpoint"])
        ]

    def accounts(self) -> dict[str, Account]:
        """Return the users by username, with the identities they have now."""
        return {
            item["username"]: Account(
                item["username"],
                item["subject"],
                tuple(
                    Identity(one["connection"], one["user_id"], one["provider"], one["isSocial"])
                    for one in item["identities"]
                ),
            )
            for item in self._call("GET", "accounts")
        }

    def account(self, username: str) -> Account:
        """Return one user."""
        return self.accounts()[username]

    def signed_in_subjects(self) -> list[str]:
        """Return the subject of each session at the provider."""
        return [session["subject"] for session in self._call("GET", "sessions")]

    def end_sessions(self, username: str) -> list[ToldClient]:
        """
        End a user's sessions and tell their clients (Back-Channel Logout 1.0, 2.5).

        Returns:
            Who was told, and what came of it.
        """
        subject = self.account(username).subject
        told = self._call("POST", "end-sessions", {"subject": subject})
        return [ToldClient(one["client_id"], one["session_id"], one["error"]) for one in told]

    def sign_id_token(self, claims: Mapping[str, object], *, algorithm: Algorithm = "RS256") -> str:
        """Sign any claims with the provider's own key, to make tokens that it would not issue."""
        body = {"claims": dict(claims), "algorithm": algorithm}
        signed: str = self._call("POST", "id-token", body)["id_token"]
        return signed

    def _call(self, method: str, control: str, body: Mapping[str, object] | None = None) -> Any:
        content = None if method == "GET" else body or {}
        answer = self._controls.request(method, control, json=content)
        if answer.status_code == HTTPStatus.BAD_REQUEST:
            raise ValueError(answer.json()["error"])
        return answer.raise_for_status().json()
