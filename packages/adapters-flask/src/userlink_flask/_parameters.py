"""Parameters of a request that starts something: from its query, and from the form it posts."""

from collections.abc import Mapping

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from userlink.web.parameters import (
    FORM_MEDIA_TYPE,
    LARGEST_FORM_BYTES,
    read_parameters,
    single_parameters,
)

__all__ = ["form_parameters", "posted_form", "query_parameters"]


def query_parameters(request: Request) -> Mapping[str, str]:
    """Return the query's parameters. What is given twice counts as not given: nobody can say which is meant."""
    return read_parameters(request.query_string)


def form_parameters(request: Request) -> Mapping[str, str]:
    """
    Return the parameters of a posted form, and of the query where the form has none of that name.

    Raises:
        RequestEntityTooLarge: 413, when the form is too large.
    """
    if request.mimetype != FORM_MEDIA_TYPE:
        return query_parameters(request)
    return {**query_parameters(request), **_posted(request, LARGEST_FORM_BYTES)}


def posted_form(request: Request, most_bytes: int) -> Mapping[str, str] | None:
    """Return the parameters of the body alone; None when it is no form, or larger than it may be."""
    if request.mimetype != FORM_MEDIA_TYPE:
        return None
    try:
        return _posted(request, most_bytes)
    except RequestEntityTooLarge:
        return None


def _posted(request: Request, most_bytes: int) -> Mapping[str, str]:
    # A form that something has read before, such as a check for forgery, is not read again.
    request.max_content_length = min(request.max_content_length or most_bytes, most_bytes)
    return single_parameters(request.form.items(multi=True))
