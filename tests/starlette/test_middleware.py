"""Pending cookies leave on the response to their own request, whichever response that is, and on no other."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import (
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from support.serving import listen, serving
from userlink import Cookie, CookiesNotWritable, ServerClient
from userlink_starlette import UserlinkMiddleware
from userlink_starlette._application import application_of
from userlink_starlette._exchange import bind_starlette

pytestmark = pytest.mark.anyio
Endpoint = Callable[[Request], Awaitable[Response]]


def set_cookie(request: Request, value: str = "1", name: str = "mine") -> None:
    """Set a cookie as a client of userlink would."""
    exchange = bind_starlette({"request": request})
    assert exchange is not None
    exchange.set_cookie(Cookie(name, value, 60, secure=True))


def header(value: str = "1", name: str = "mine") -> str:
    """Return the header that sets that cookie."""
    return Cookie(name, value, 60, secure=True).header()


def application(endpoint: Endpoint, **options: object) -> Starlette:
    """Make an application of one endpoint, with the middleware."""
    return Starlette(
        routes=[Route("/{rest:path}", endpoint)],
        middleware=[Middleware(UserlinkMiddleware)],
        **options,  # type: ignore[arg-type]  # whatever Starlette takes
    )


async def ask(app: ASGIApp, path: str = "/", cookie: str = "") -> httpx.Response:
    """Send one request."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://app.test") as browser:
        return await browser.get(path, headers={"cookie": cookie} if cookie else {})


def cookies_set(answer: httpx.Response) -> list[str]:
    """Return the cookies that an answer sets, one for each header."""
    return answer.headers.get_list("set-cookie")


def make_client(client_id: str) -> ServerClient:
    """Make a client that is never asked anything."""
    return ServerClient(
        domain="tenant.example.com",
        client_id=client_id,
        client_secret="secret",
        secret="a secret for tests, of 32 bytes or more",
    )


async def plain(request: Request) -> Response:
    set_cookie(request)
    return PlainTextResponse("done")


async def redirecting(request: Request) -> Response:
    set_cookie(request)
    return RedirectResponse("/elsewhere")


async def streaming(request: Request) -> Response:
    async def body() -> AsyncIterator[str]:
        yield "do"
        yield "ne"

    set_cookie(request)
    return StreamingResponse(body())


async def refusing(request: Request) -> Response:
    set_cookie(request)
    raise HTTPException(418)


async def failing(request: Request) -> Response:
    set_cookie(request)
    raise LookupError("of the application")


@pytest.mark.parametrize(
    ("endpoint", "status"), [(plain, 200), (redirecting, 307), (streaming, 200), (refusing, 418)]
)
async def test_every_kind_of_response_carries_the_cookies(endpoint: Endpoint, status: int) -> None:
    """Nobody has to hand the response around: a fresh redirect and an exception handler's answer will do."""
    answer = await ask(application(endpoint))

    assert (status, [header()]) == (answer.status_code, cookies_set(answer))
    assert "no-store" == answer.headers["cache-control"]


async def test_the_answer_of_a_handler_of_exceptions_carries_the_cookies() -> None:
    """An application turns its own exceptions into pages; what was set before stays set."""

    def page(request: Request, error: Exception) -> Response:
        return PlainTextResponse(str(error), status_code=409)

    answer = await ask(application(failing, exception_handlers={LookupError: page}))

    assert (409, [header()]) == (answer.status_code, cookies_set(answer))


async def test_cookies_that_no_response_took_along_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Starlette answers unhandled exceptions outside of all middleware; the log names the cookies, not their values."""
    with caplog.at_level(logging.WARNING, "userlink.starlette"):
        answer = await ask(application(failing))

    assert (500, []) == (answer.status_code, cookies_set(answer))
    assert "1 cookies were not sent" in caplog.text
    assert "mine" in caplog.text
    assert "mine=1" not in caplog.text


async def test_around_the_whole_application_even_that_answer_carries_them() -> None:
    """The middleware is plain ASGI and may stand outside of everything."""
    inner = Starlette(routes=[Route("/", failing)])
    answer = await ask(UserlinkMiddleware(inner))

    assert (500, [header()]) == (answer.status_code, cookies_set(answer))


async def test_a_mounted_application_sets_cookies_through_the_outer_one() -> None:
    """Starlette's mounts share the scope; frameworks that copy it share what is in it."""

    class Copying:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self.app(dict(scope), receive, send)

    app = Starlette(
        routes=[Mount("/mounted", Copying(Starlette(routes=[Route("/", plain)])))],
        middleware=[Middleware(UserlinkMiddleware)],
    )

    assert [header()] == cookies_set(await ask(app, "/mounted/"))


async def test_installed_twice_it_sets_each_cookie_once() -> None:
    """An inner application may bring the middleware too."""
    outer = Starlette(
        routes=[Mount("/inner", application(plain))], middleware=[Middleware(UserlinkMiddleware)]
    )

    assert [header()] == cookies_set(await ask(outer, "/inner/"))


async def test_a_middleware_that_replaces_the_response_loses_no_cookie() -> None:
    """What leaves is what counts, not what the endpoint returned."""

    class Replacing(BaseHTTPMiddleware):
        async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
            await call_next(request)
            return PlainTextResponse("replaced")

    app = Starlette(
        routes=[Route("/", plain)],
        middleware=[Middleware(UserlinkMiddleware), Middleware(Replacing)],
    )
    answer = await ask(app)

    assert ("replaced", [header()]) == (answer.text, cookies_set(answer))


async def test_what_the_application_said_stays() -> None:
    """Its own cookies, its headers, and its decision on caching."""

    async def endpoint(request: Request) -> Response:
        set_cookie(request)
        response = PlainTextResponse("x", headers={"cache-control": "private", "x-own": "1"})
        response.set_cookie("theirs", "2")
        return response

    answer = await ask(application(endpoint))

    assert ["theirs=2", "mine=1"] == [each.partition(";")[0] for each in cookies_set(answer)]
    assert ("private", "1") == (answer.headers["cache-control"], answer.headers["x-own"])


async def test_a_page_for_shared_caches_is_not_for_them_when_it_sets_a_cookie() -> None:
    """A refreshed session must not be handed to everybody who asks the cache (RFC 9111, 7.3)."""

    async def endpoint(request: Request) -> Response:
        if request.url.path == "/mine":
            set_cookie(request)
        return PlainTextResponse("x", headers={"cache-control": "public, max-age=600"})

    app = application(endpoint)
    mine, other = await ask(app, "/mine"), await ask(app, "/other")

    assert ("no-store", "Cookie") == (mine.headers["cache-control"], mine.headers["vary"])
    assert "public, max-age=600" == other.headers["cache-control"]


async def test_a_response_without_cookies_is_left_alone() -> None:
    """Pages that have nothing to do with userlink stay cacheable."""

    async def endpoint(request: Request) -> Response:
        return PlainTextResponse("x")

    answer = await ask(application(endpoint))

    assert [] == cookies_set(answer)
    assert {"cache-control", "vary"}.isdisjoint(answer.headers)


async def test_a_later_call_of_a_request_sees_what_an_earlier_one_set() -> None:
    """Cookies set are laid over those received, deleted ones left out; the last word goes out."""

    async def endpoint(request: Request) -> Response:
        set_cookie(request, "1")
        set_cookie(request, "2")
        later = bind_starlette({"request": Request(request.scope)})
        assert later is not None
        later.set_cookie(Cookie("old", "", 0, secure=True))
        return JSONResponse(dict(later.cookies))

    answer = await ask(application(endpoint), cookie="old=1; kept=1")

    assert {"kept": "1", "mine": "2"} == answer.json()
    assert [header("2"), Cookie("old", "", 0, secure=True).header()] == cookies_set(answer)


async def test_one_response_object_for_all_requests_leaks_nothing() -> None:
    """An application may keep a response and send it to everybody."""
    shared = PlainTextResponse("for all")

    async def endpoint(request: Request) -> Response:
        if request.url.path == "/mine":
            set_cookie(request)
        return shared

    app = application(endpoint)

    assert [header()] == cookies_set(await ask(app, "/mine"))
    assert [] == cookies_set(await ask(app, "/other"))


async def test_concurrent_requests_do_not_mix_their_cookies() -> None:
    """Twenty requests all set a cookie before the first of them answers."""
    waiting = 0
    everybody_is_here = anyio.Event()
    answers: dict[int, list[str]] = {}

    async def endpoint(request: Request) -> Response:
        nonlocal waiting
        set_cookie(request, request.url.path[1:])
        waiting += 1
        if waiting == 20:
            everybody_is_here.set()
        await everybody_is_here.wait()
        return PlainTextResponse("x")

    app = application(endpoint)

    async def one(number: int) -> None:
        answers[number] = cookies_set(await ask(app, f"/{number}"))

    async with anyio.create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(one, number)

    assert {number: [header(str(number))] for number in range(20)} == answers


async def test_a_cookie_set_while_the_response_streams_is_refused() -> None:
    """The headers are gone: the application is told, instead of a login that never happened."""
    refusals: list[CookiesNotWritable] = []

    async def endpoint(request: Request) -> Response:
        async def body() -> AsyncIterator[str]:
            yield "x"
            try:
                set_cookie(request, "late")
            except CookiesNotWritable as error:
                refusals.append(error)

        set_cookie(request)
        return StreamingResponse(body())

    answer = await ask(application(endpoint))

    assert [header()] == cookies_set(answer)
    assert ["cookies_not_writable"] == [error.code for error in refusals]


async def test_a_cookie_set_in_a_background_task_is_refused() -> None:
    """A task runs after the response, and must not reach another one."""
    refusals: list[CookiesNotWritable] = []

    async def endpoint(request: Request) -> Response:
        def task() -> None:
            try:
                set_cookie(request, "late")
            except CookiesNotWritable as error:
                refusals.append(error)

        return PlainTextResponse("x", background=BackgroundTask(task))

    app = application(endpoint)

    assert [] == cookies_set(await ask(app))
    assert 1 == len(refusals)
    assert [] == cookies_set(await ask(app))


async def test_a_request_object_that_outlives_its_request_cannot_set_cookies() -> None:
    """Neither on its own response, which has gone, nor on the next one."""
    kept: list[Request] = []

    async def endpoint(request: Request) -> Response:
        kept.append(request)
        if len(kept) > 1:
            with pytest.raises(CookiesNotWritable):
                set_cookie(kept[0], "late")
        return PlainTextResponse("x")

    app = application(endpoint)
    await ask(app)

    assert [] == cookies_set(await ask(app))
    assert 2 == len(kept)


async def test_an_inner_application_with_a_client_of_its_own_gives_way_again() -> None:
    """What stands around a mounted application asks its own client, before and after."""
    outer, inner = make_client("outer"), make_client("inner")
    seen: list[ServerClient] = []

    async def endpoint(request: Request) -> Response:
        seen.append(application_of(request.scope).client)
        return PlainTextResponse("x")

    innermost = UserlinkMiddleware(Starlette(routes=[Route("/", endpoint)]), inner)

    async def between(scope: Scope, receive: Receive, send: Send) -> None:
        await innermost(scope, receive, send)
        seen.append(application_of(scope).client)

    await ask(UserlinkMiddleware(between, outer))

    assert [inner, outer] == seen


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
async def test_everything_but_http_passes_through(kind: str) -> None:
    """Untouched: the scope, the two callables, and what they carry."""
    seen: list[object] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend([dict(scope), receive, send])

    async def receive() -> Message:
        return {}

    async def send(message: Message) -> None:
        pass

    await UserlinkMiddleware(app)({"type": kind}, receive, send)

    assert [{"type": kind}, receive, send] == seen


async def test_a_real_server_keeps_requests_of_one_connection_apart() -> None:
    """Uvicorn reuses the connection; the second answer on it carries nothing of the first."""

    async def endpoint(request: Request) -> Response:
        if request.url.path == "/mine":
            set_cookie(request)
            set_cookie(request, "2", name="other")
        assert request.client is not None
        return PlainTextResponse(str(request.client.port))

    listener, origin = listen()
    with serving(application(endpoint), listener):
        async with httpx.AsyncClient(trust_env=False) as browser:
            first = await browser.get(f"{origin}/mine")
            browser.cookies.clear()
            second = await browser.get(f"{origin}/plain")

    assert first.text == second.text
    assert [header(), header("2", "other")] == cookies_set(first)
    assert [] == cookies_set(second)
