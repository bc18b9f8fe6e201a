"""How the ready-made routes answer."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from strategies import json_objects
from userlink_starlette._answers import (
    AsciiJson,
    PrivateAnswers,
    redirect,
    with_error_code,
    without_error_code,
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/", "/?userlink_error=x"),
        ("/a?b=1&c=%20", "/a?b=1&c=%20&userlink_error=x"),
        ("/a#part", "/a?userlink_error=x#part"),
        ("/a?b#part?no", "/a?b&userlink_error=x#part?no"),
        ("/a?userlink_error=old&b=1", "/a?b=1&userlink_error=x"),
        ("/a?userlink_erro%72=old", "/a?userlink_error=x"),
        ("https://app.example", "https://app.example?userlink_error=x"),
    ],
)
def test_an_error_code_is_added_once_before_the_fragment(url: str, expected: str) -> None:
    """The rest of the address stays as it is written; an earlier code gives way."""
    assert expected == with_error_code(url, "x")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/a", "/a"),
        ("/a?userlink_error=x", "/a"),
        ("/a?userlink_error", "/a"),
        ("/a?b=1&userlink_error=x&c#d", "/a?b=1&c#d"),
        ("/a?my_userlink_error=x", "/a?my_userlink_error=x"),
    ],
)
def test_an_error_code_is_taken_away(url: str, expected: str) -> None:
    """So that a page is not told of an old failure after a new success."""
    assert expected == without_error_code(url)


@given(st.text("ab/?#&=%_", max_size=12).map("/".__add__))
def test_adding_and_taking_away_come_back_to_the_same(url: str) -> None:
    """An address without a code is what it was, up to empty parts of its query."""
    clean = without_error_code(url)

    assert clean == without_error_code(with_error_code(url, "x"))
    assert 1 == with_error_code(with_error_code(url, "y"), "x").count("userlink_error=")


def test_a_redirect_is_followed_by_get() -> None:
    """303 turns the POST that started a link into a GET at the provider."""
    answer = redirect("https://tenant.example/authorize?a=b%20c")

    assert 303 == answer.status_code
    assert "https://tenant.example/authorize?a=b%20c" == answer.headers["location"]


@pytest.mark.anyio
async def test_private_answers_overrule_what_the_application_said() -> None:
    """The address of a callback holds a code: no cache and no other site shall learn it (RFC 9700, 4.2.4)."""
    shared = PlainTextResponse("x", headers={"cache-control": "public", "x-kept": "1"})
    transport = httpx.ASGITransport(PrivateAnswers(shared))
    async with httpx.AsyncClient(transport=transport, base_url="https://app.test") as browser:
        answer = await browser.get("/")

    assert ["no-store"] == answer.headers.get_list("cache-control")
    assert "no-referrer" == answer.headers["referrer-policy"]
    assert "1" == answer.headers["x-kept"]
    assert "public" == shared.headers["cache-control"]


async def ask(route: Route, *, raising: bool = False) -> httpx.Response:
    """Send a request to an application of one route."""
    app = Starlette(routes=[route])
    transport = httpx.ASGITransport(app, raise_app_exceptions=raising)
    async with httpx.AsyncClient(transport=transport, base_url="https://app.test") as browser:
        return await browser.get("/")


@pytest.mark.anyio
async def test_an_unhandled_exception_is_answered_in_private_and_raised() -> None:
    """The address of a callback that fails holds a code too; whoever watches for exceptions still sees this one."""

    async def failing(request: Request) -> Response:
        raise LookupError("canary of the application")

    route = Route("/", failing, middleware=[Middleware(PrivateAnswers)])
    answer = await ask(route)

    assert (500, "no-store", "no-referrer") == (
        answer.status_code,
        answer.headers["cache-control"],
        answer.headers["referrer-policy"],
    )
    assert "Internal Server Error" == answer.text
    with pytest.raises(LookupError, match="canary"):
        await ask(route, raising=True)


@pytest.mark.anyio
async def test_an_answer_that_has_begun_is_not_begun_again() -> None:
    """What fails while it streams is the server's to break off."""

    async def streaming(request: Request) -> Response:
        async def body() -> AsyncIterator[str]:
            yield "x"
            raise LookupError("canary of the application")

        return StreamingResponse(body())

    route = Route("/", streaming, middleware=[Middleware(PrivateAnswers)])

    with pytest.raises(LookupError, match="canary"):
        await ask(route, raising=True)


@given(json_objects)
@example({"name": "\ud800", "\udfff": ["\u00e9", "\U0001f600"]})
def test_every_claim_can_be_written(claims: dict[str, object]) -> None:
    """A half of a surrogate pair is what JSON can say and UTF-8 cannot (RFC 8259, 8.2)."""
    body = AsciiJson(claims).body

    assert bytes(body).isascii()
    assert claims == json.loads(bytes(body))
