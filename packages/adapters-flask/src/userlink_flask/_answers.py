"""How the ready-made routes answer: redirects, claims, and headers that keep both private."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, current_app

from userlink.web.caching import PRIVATE_HEADERS

from ._pending import detached

__all__ = ["keep_private", "redirect", "show"]


def keep_private(response: Response) -> Response:
    """Keep an answer out of caches and its address out of ``Referer`` headers, whoever made it."""
    response = detached(response)
    for name, value in PRIVATE_HEADERS.items():
        response.headers[name] = value
    return response


def redirect(url: str) -> Response:
    """Send the browser elsewhere, by GET whatever the method was (RFC 9110, 15.4.4)."""
    return current_app.response_class(status=303, headers={"Location": url})


def show(content: Mapping[str, Any], status: int = 200) -> Response:
    """Answer in JSON and ASCII: claims may hold halves of surrogate pairs, which UTF-8 cannot write (RFC 8259, 8.2)."""
    text = json.dumps(dict(content), allow_nan=False, separators=(",", ":"))
    return current_app.response_class(f"{text}\n", status, mimetype="application/json")
