"""Parameters of a request that starts something: from its query, and from the form it posts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

__all__ = ["form_parameters", "query_parameters"]

_MOST_PARAMETERS = 64
_LARGEST_FORM = 16_384  # bytes; a form that starts something holds a return_to and little else


def query_parameters(request: Request) -> Mapping[str, str]:
    """Return the query's parameters. What is given twice counts as not given: nobody can say which is meant."""
    query: bytes = request.scope["query_string"]
    return _single(_parse(query))


async def form_parameters(request: Request) -> Mapping[str, str]:
    """
    Return the parameters of a posted form, and of the query where the form has none of that name.

    Raises:
        HTTPException: 413, when the form is too large.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        return query_parameters(request)
    body = bytearray()
    async with aclosing(request.stream()) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > _LARGEST_FORM:
                raise HTTPException(413)
    return {**query_parameters(request), **_single(_parse(bytes(body)))}


def _parse(encoded: bytes) -> Iterable[tuple[str, str]]:
    try:
        return parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        )
    except ValueError:
        return ()


def _single(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    given = list(pairs)
    times = Counter(name for name, _ in given)
    return {name: value for name, value in given if times[name] == 1}
