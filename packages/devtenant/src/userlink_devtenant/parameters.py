"""Reading request parameters: each at most once, empty ones as if they were not there."""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Request
from werkzeug.datastructures import MultiDict

from .errors import Refusal

__all__ = ["add_query", "form_only", "once_each", "query_and_form"]

FORM_TYPE = "application/x-www-form-urlencoded"


def query_and_form(request: Request) -> "MultiDict[str, str]":
    """Return query and form parameters together, so that one in both places counts as repeated."""
    together: MultiDict[str, str] = MultiDict(request.args)
    together.update(request.form)
    return together


def form_only(request: Request) -> "MultiDict[str, str]":
    """
    Return the form of a POST.

    Raises:
        Refusal: when it is not form-encoded, or parameters came in the URL, where they would end
            up in logs (RFC 6749, sections 2.3.1 and 3.2).
    """
    if request.args:
        raise Refusal("invalid_request", "Parameters belong into the body, not into the URL.")
    if request.mimetype != FORM_TYPE:
        raise Refusal("invalid_request", f"The body must be of the type {FORM_TYPE}.")
    return MultiDict(request.form)


def once_each(parameters: "MultiDict[str, str]") -> dict[str, str]:
    """
    Return parameters as a plain mapping, without the empty ones (RFC 6749, section 3.1).

    Raises:
        Refusal: ``invalid_request``, when one is repeated.
    """
    repeated = sorted(name for name, values in parameters.lists() if len(values) > 1)
    if repeated:
        raise Refusal(
            "invalid_request", f"Parameters are sent more than once: {', '.join(repeated)}."
        )
    return {name: value for name, value in parameters.items(multi=False) if value}


def add_query(uri: str, parameters: Mapping[str, str]) -> str:
    """Append parameters to an address that may have some already."""
    parts = urlsplit(uri)
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    return urlunsplit(parts._replace(query=query))
