"""Parameters of a request that starts something: from its query, and from the form it posts."""

from collections.abc import Mapping
from contextlib import aclosing

from starlette.exceptions import HTTPException
from starlette.requests import Request

from userlink.web.parameters import LARGEST_FORM_BYTES, is_form, read_parameters

__all__ = ["form_parameters", "posted_form", "query_parameters"]


def query_parameters(request: Request) -> Mapping[str, str]:
    """Return the query's parameters. What is given twice counts as not given: nobody can say which is meant."""
    query: bytes = request.scope["query_string"]
    return read_parameters(query)


async def form_parameters(request: Request) -> Mapping[str, str]:
    """
    Return the parameters of a posted form, and of the query where the form has none of that name.

    Raises:
        HTTPException: 413, when the form is too large.
    """
    if not is_form(request.headers.get("content-type", "")):
        return query_parameters(request)
    posted = await posted_form(request, LARGEST_FORM_BYTES)
    if posted is None:
        raise HTTPException(413)
    return {**query_parameters(request), **posted}


async def posted_form(request: Request, most_bytes: int) -> Mapping[str, str] | None:
    """Return the parameters of the body alone; None when it is no form, or larger than it may be."""
    if not is_form(request.headers.get("content-type", "")):
        return None
    body = bytearray()
    async with aclosing(request.stream()) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > most_bytes:
                return None
    return read_parameters(bytes(body))
