"""
A relying party written by hand, without userlink, in which any check can be left out by its name.

With all of them it withstands the hostile provider and browser; what is left out, a case of theirs must notice. It is
served for real, keeps everything in memory, and its pages are JSON.
"""

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from support.weak_freshness import check_freshness
from support.weak_logout import end_sessions
from support.weak_party import RelyingParty
from support.weak_tokens import Refused
from support.wsgi_serving import waitress_serving, werkzeug_serving
from userlink.testing.hostile import Application, ApplicationFactory, Credentials

__all__ = ["weak_application"]

LONGEST_CALLBACK = 16_000


def weak_application(*forgets: str) -> ApplicationFactory:
    """Return a factory of the relying party without the checks of these names."""

    @contextmanager
    def make(credentials: Credentials) -> Iterator[Application]:
        party = RelyingParty(credentials, credentials.issuer, frozenset(forgets))
        rival = RelyingParty(credentials, credentials.rival_issuer, frozenset(forgets))
        rival.sessions, rival.transactions = party.sessions, party.transactions
        app = pages(party, rival)
        served = werkzeug_serving(app)
        if not party.checks("server limit"):
            served = waitress_serving(app, max_request_header_size=4_000_000)
        with party.client, rival.client, served as origin:
            party.origin = rival.origin = origin
            yield Application(
                origin,
                rival_login="/rival/login",
                backchannel_logout="/auth/backchannel-logout",
            )

    return make


def pages(party: RelyingParty, rival: RelyingParty) -> Flask:
    """Return the party's pages."""
    app = Flask("weak")

    @app.get("/auth/login")
    def login() -> Response:
        return begin(party, "login", None)

    @app.get("/rival/login")
    def rival_login() -> Response:
        return begin(rival, "login", None)

    @app.route("/auth/<any(link,unlink):kind>/<connection>", methods=methods(party))
    def change(kind: str, connection: str) -> Response:
        return start_change(party, kind)

    @app.get("/auth/callback")
    def callback() -> Response:
        return complete(party, rival)

    @app.route("/auth/logout", methods=methods(party))
    def logout() -> Response:
        check_origin(party)
        party.sessions.pop(request.cookies.get("session", ""), None)
        target = request.args.get("return_to", "/")
        return private(redirect("/" if party.checks("return_to") else target, 303))

    @app.post("/auth/backchannel-logout")
    def backchannel_logout() -> Response:
        return end_sessions(party, party.sessions)

    @app.get("/auth/profile")
    def profile() -> Response:
        return show(party)

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        if "crash" in party.forgets:
            raise error
        return private(Response(refusal(party, error), 400, content_type="text/html"))

    return app


def show(party: RelyingParty) -> Response:
    """Show who is signed in."""
    values = cookie_values(party, "session")
    session = party.sessions.get(values[0]) if len(values) == 1 else None
    if not party.checks("cookie kinds") and not party.given.isdisjoint(values):
        session = {"claims": {"sub": "auth0|attacker"}}
    text = json.dumps({} if session is None else session["claims"])
    return Response(text, content_type="application/json")


def start_change(party: RelyingParty, kind: str) -> Response:
    """Send the browser to the provider to link or unlink."""
    check_origin(party)
    session_id = request.cookies.get("session", "")
    if session_id in party.sessions:
        return begin(party, kind, session_id)
    if party.checks("session required"):
        raise Refused("nobody is signed in")
    return begin(party, kind, None)


def refusal(party: RelyingParty, error: Refused) -> str:
    """Return the page that tells of a refusal."""
    if not party.checks("escaping"):
        return f"<p>{request.args.get('error_description')}</p>"
    return f"<p>{error}</p>"


def methods(party: RelyingParty) -> list[str]:
    """Return the methods of what changes something."""
    return ["POST"] if party.checks("method") else ["GET", "POST"]


def check_origin(party: RelyingParty) -> None:
    """Refuse what a page of another site has sent."""
    if (
        party.checks("origin")
        and request.method == "POST"
        and request.headers.get("Origin") != party.origin
    ):
        raise Refused("another site sent this")


def cookie_values(party: RelyingParty, name: str) -> list[str]:
    """Return every value of a cookie; the header may hold a name twice."""
    pairs = [pair.strip().partition("=") for pair in request.headers.get("Cookie", "").split(";")]
    values = [value for each, _, value in pairs if each == name]
    return values[:1] if not party.checks("cookie tossing") else values


def private(answer: Any) -> Response:
    """Keep an answer, and its address, to oneself."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    assert isinstance(answer, Response)
    return answer


def begin(party: RelyingParty, kind: str, session_id: str | None) -> Response:
    """Send the browser to the provider."""
    url, transaction = party.start(kind, session_id)
    if not party.checks("parameters"):
        url += f"&{request.query_string.decode()}"
    target = request.args.get("return_to", "/")
    is_path = re.fullmatch(r"/(?!/)[\x21-\x5b\x5d-\x7e]*", target) is not None
    transaction["return_to"] = target if is_path or not party.checks("return_to") else "/"
    answer = private(redirect(url, 303))
    answer.set_cookie(
        f"start_{transaction['state']}", transaction["browser"], httponly=True, samesite="Lax"
    )
    return answer


def complete(party: RelyingParty, rival: RelyingParty) -> Response:
    """Complete the flow that a callback answers."""
    given = request.args
    if party.checks("callback size") and len(request.query_string) > LONGEST_CALLBACK:
        raise Refused("too long")
    for name in ("state", "code", "error", "iss"):
        if len(given.getlist(name)) > 1 and party.checks("doubled"):
            raise Refused("a parameter is there twice")
    transaction = take(party, given.get("state", ""))
    party = rival if transaction["issuer"] == rival.issuer else party
    if party.checks("callback iss") and given.get("iss") != party.issuer:
        raise Refused("another issuer answered")
    if party.checks("code and error") and "code" in given and "error" in given:
        raise Refused("both a code and an error")
    if "code" not in given:
        raise Refused("the provider said no")
    session = bound_session(party, transaction)
    form = {
        "grant_type": "authorization_code",
        "code": given["code"],
        "redirect_uri": party.redirect_uri(),
        "code_verifier": transaction["verifier"],
    }
    tokens = party.tokens(form, transaction["nonce"])
    if (
        session is not None
        and party.checks("linked user")
        and tokens["claims"]["sub"] != session["sub"]
    ):
        raise Refused("the provider answered for another user")
    if session is not None:
        check_freshness(party, tokens["claims"])
    session_id = request.cookies.get("session", "")
    if session is None:
        session_id = secrets.token_urlsafe(16)
        session = party.sessions[session_id] = {}
    party.keep(session, tokens)
    answer = redirect(transaction.get("return_to", "/"), 303)
    answer = private(answer) if party.checks("headers") else answer
    answer.set_cookie("session", session_id, httponly=party.checks("cookie flags"), samesite="Lax")
    return answer


def take(party: RelyingParty, state: str) -> dict[str, Any]:
    """Take the transaction of this browser, once."""
    with party.lock:
        transaction = party.transactions.get(state)
        if not party.checks("state") and transaction is None and party.transactions:
            transaction = list(party.transactions.values())[-1]
        if transaction is None:
            raise Refused("nobody started this")
        cookies = cookie_values(party, f"start_{transaction['state']}")
        if party.checks("browser") and cookies != [transaction["browser"]]:
            raise Refused("another browser started this")
        if party.checks("single use"):
            party.transactions.pop(transaction["state"], None)
    return transaction


def bound_session(party: RelyingParty, transaction: dict[str, Any]) -> dict[str, Any] | None:
    """Return the session that a link goes into; None for a login."""
    if transaction["kind"] == "login":
        return None
    session_id = request.cookies.get("session", "")
    if not party.checks("session binding"):
        return party.sessions.get(session_id)
    if session_id != transaction["session"] or session_id not in party.sessions:
        raise Refused("another session started this")
    return party.sessions[session_id]
