"""Parameters of a request that starts something: from its query, and from the form it posts."""

from collections.abc import Mapping
from contextlib import aclosing

from starlette.exceptions import HTTPException
from starlette.requests import Request

from userlink.web.parameters import FORM_MEDIA_TYPE, LARGEST_FORM_BYTES, read_parameters

__all__ = ["form_parameters", "query_parameters"]


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
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != FORM_MEDIA_TYPE:
        return query_parameters(request)
    body = bytearray()
    async with aclosing(request.stream()) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > LARGEST_FORM_BYTES:
                raise HTTPException(413)
    return {**query_parameters(request), **read_parameters(bytes(body))}
