"""How a relying party written by hand lets its provider end sessions; any check can be left out."""

import time
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from support.weak_tokens import ProviderOfOne, Refused, is_number

__all__ = ["end_sessions"]

EVENT = "http://schemas.openid.net/event/backchannel-logout"
USED: set[str] = set()


def end_sessions(party: ProviderOfOne, sessions: dict[str, dict[str, Any]]) -> Response:
    """Answer a logout token that was posted as a form."""
    token = request.form.get("logout_token", "")
    if not party.checks("form only"):
        token = token or request.args.get("logout_token", "")
    claims = party.verified(token, ("logout+jwt", "JWT"))
    check(party, claims)
    sub, sid = claims.get("sub"), claims.get("sid")
    if "no logout by sid" in party.forgets:
        sid = None
    if "no logout by sub" in party.forgets and sid is None:
        sub = "nobody"
    for name, session in list(sessions.items()):
        is_meant = session.get("sid") == sid if sid is not None else session.get("sub") == sub
        if is_meant or (sub is None and "sid" not in claims):
            sessions.pop(name)
    headers = {"Cache-Control": "no-store"} if party.checks("headers") else {}
    return Response("", 200, headers)


def check(party: ProviderOfOne, claims: dict[str, Any]) -> None:
    """Check every claim."""
    events, jti = claims.get("events"), claims.get("jti")
    is_announced = isinstance(events, dict) and isinstance(events.get(EVENT), dict)
    is_wrong = {
        "logout iss": claims.get("iss") != party.issuer,
        "logout aud": claims.get("aud") != party.credentials.client_id,
        "logout exp": not is_number(claims.get("exp")) or claims["exp"] < time.time() - 60,
        "logout subject": claims.get("sub") is None and claims.get("sid") is None,
        "logout event": not is_announced,
        "logout nonce": "nonce" in claims,
        "logout jti": not isinstance(jti, str),
        "logout replay": jti in USED,
    }
    for name, wrong in is_wrong.items():
        if wrong and party.checks(name):
            raise Refused(f"{name} is wrong")
    USED.add(str(jti))
