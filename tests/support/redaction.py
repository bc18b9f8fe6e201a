"""A witness of a hostile run: it knows the secrets that went over the wire, and reads everything that is shown."""

import gc
import json
import logging
import sys
from base64 import b64encode
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote_plus, urlsplit

import pytest

from support.frames import chain_of, variables_of
from userlink import HttpRequest, UserlinkError
from userlink.protocol.effects import Effect, Flow, Table
from userlink.protocol.json_object import is_mapping
from userlink.runtime import blocking_engine, engine
from userlink.runtime.call import Call
from userlink.testing.hostile import Answer, Browser, Page
from userlink.testing.hostile import provider as hostile_provider
from userlink.testing.hostile import stage as hostile_stage
from userlink.testing.hostile.http_server import HttpServer

__all__ = ["RunWitness"]

T = TypeVar("T")
# Parameters, of forms, addresses and answers, that nobody but the two ends may read.
_SECRET_NAMES = frozenset(
    "access_token assertion client_assertion client_secret code code_verifier id_token id_token_hint logout_token"
    " nonce refresh_token request_uri state subject_token token".split()
)
_LEAST = 16  # characters: what is shorter was made up by a case, and stands in many texts by chance
# Servers, not ours, that write down the addresses which they were asked for.
_SERVERS_LOGS = ("uvicorn.access",)


class RunWitness(logging.Handler):
    """
    Learns secrets where they cross the wire, on the attacker's side, and notes all that the application shows.

    Attributes:
        secrets: what must not be shown.
        shown: every text, and where it was.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.secrets: set[str] = set()
        self.shown: dict[str, str] = {}
        self._errors: list[BaseException] = []

    # ------------------------------------------------------------------------------- secrets

    def learn(self, pairs: Iterable[tuple[str, object]]) -> None:
        """Keep the values of secret names, those of signed tokens by their signatures too."""
        for name, value in pairs:
            if name in _SECRET_NAMES and isinstance(value, str) and len(value) >= _LEAST:
                self.secrets.add(value)
                signature = value.rpartition(".")[2]
                if value.count(".") == 2 and len(signature) >= _LEAST:
                    self.secrets.add(signature)

    def learn_address(self, url: str) -> None:
        """Keep the secret parameters of an address."""
        self.learn(parse_qsl(urlsplit(url).query, keep_blank_values=True))

    def hear(self, request: HttpRequest, answer: Answer) -> None:
        """Keep the secrets of what the provider was asked, and of what it said."""
        self.learn_address(request.url)
        self.learn(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True))
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        if scheme:
            self.secrets.add(credentials)
        try:
            members: object = json.loads(answer.body)
        except ValueError:
            return
        if is_mapping(members):
            self.learn(members.items())

    def follow(self, browser: Browser, page: Page) -> None:
        """Keep the cookies of a browser, and the secrets of where it is sent."""
        values = (*browser.cookies.values(), *(value for _, value in browser.extra_cookies))
        self.secrets.update(value for value in values if len(value) >= _LEAST)
        self.learn_address(page.location)

    # --------------------------------------------------------------------------------- texts

    def see(self, where: str, *values: object) -> None:
        """Note how values show themselves."""
        for value in values:
            for text in (_shown(repr, value), _shown(str, value), _shown(format, value)):
                self.shown.setdefault(text, where)

    def read(self, where: str, *texts: str) -> None:
        """Note texts."""
        for text in texts:
            self.shown.setdefault(text, where)

    def emit(self, record: logging.LogRecord) -> None:
        """Note a log line, its parts, and the error that it tells of."""
        if record.name in _SERVERS_LOGS:
            return
        where = f"log {record.name}"
        self.read(where, record.getMessage())
        self.see(where, record.args, vars(record))
        reported = [record.exc_info[1] if record.exc_info else None]
        if record.name.startswith(
            "userlink"
        ):  # as a reporter does that takes errors from where they are logged
            reported.append(sys.exception())
        for error in reported:
            if error is not None:
                self.see_error(where, error)

    def see_error(self, where: str, error: BaseException) -> None:
        """Note an error and all those behind it, with the variables of their frames."""
        for each in chain_of(error):
            self.see(f"{where}: {type(each).__name__}", each, each.args, vars(each))
            self.read(f"{where}: {type(each).__name__}", *getattr(each, "__notes__", ()))
        self.read(f"{where}: a variable", *variables_of(error))

    def see_errors(self) -> None:
        """Note every error of userlink that came to be, whoever caught it."""
        for error in self._errors:
            self.see_error("error", error)
        self._errors.clear()

    def see_objects(self) -> None:
        """Note every object of userlink that is alive."""
        for each in gc.get_objects():
            room = str(type(each).__module__)
            if room.startswith("userlink") and not room.startswith("userlink.testing"):
                self.see(f"{room}.{type(each).__qualname__}", each)

    def found(self) -> list[str]:
        """Return where a secret stands, in the clear, percent-encoded or in Base64."""
        forms = {form for secret in self.secrets for form in _forms(secret)}
        beginnings: dict[str, list[str]] = {}
        for form in forms:
            beginnings.setdefault(form[:_LEAST], []).append(form)
        return sorted(
            f"{where}: {text[:400]}"
            for text, where in self.shown.items()
            if _holds(text, beginnings) or ("%" in text and _holds(unquote_plus(text), beginnings))
        )

    # -------------------------------------------------------------------------------- taking part

    def attend(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Listen from now on: to the wire, to browsers, flows, errors and every logger."""
        witness = self

        class FollowedBrowser(Browser):
            def get(self, url: str, headers: Mapping[str, str] | None = None) -> Page:
                witness.learn_address(url)
                page = super().get(url, headers)
                witness.follow(self, page)
                return page

            def post(
                self, url: str, headers: Mapping[str, str] | None = None, form: str = ""
            ) -> Page:
                witness.learn(parse_qsl(form))
                page = super().post(url, headers, form)
                witness.follow(self, page)
                return page

        def tapped(answer: Any, port: int = 0) -> HttpServer:
            def listening(request: HttpRequest) -> Answer:
                given: Answer = answer(request)
                witness.hear(request, given)
                return given

            return HttpServer(listening, port)

        initialise = UserlinkError.__init__

        def noted(error: UserlinkError, *args: Any, **kwargs: Any) -> None:
            witness._errors.append(error)
            initialise(error, *args, **kwargs)

        monkeypatch.setattr(hostile_stage, "Browser", FollowedBrowser)
        monkeypatch.setattr(hostile_provider, "HttpServer", tapped)
        monkeypatch.setattr(UserlinkError, "__init__", noted)
        for module, name in ((engine, "run_async"), (blocking_engine, "run")):
            monkeypatch.setattr(module, name, self._watching(getattr(module, name)))

    def _watching(self, run: Callable[[Flow[Any], Table, Call], Any]) -> Callable[..., Any]:
        def watching(flow: Flow[Any], table: Table, call: Call) -> Any:
            return run(self._watched(flow), table, call)

        return watching

    def _watched(self, flow: Flow[T]) -> Generator[Effect[Any], Any, T]:
        try:
            effect = next(flow)
            while True:
                self.see("effect", effect)
                try:
                    answer = yield effect
                except Exception as error:  # noqa: BLE001  # as the driver does it
                    effect = flow.throw(error)
                else:
                    if not isinstance(answer, bytes):  # entropy, which is to be used
                        self.see("answer", answer)
                    effect = flow.send(answer)
        except StopIteration as stop:
            result: T = stop.value
            if not isinstance(result, str):  # the address to send the browser to
                self.see("result", result)
            return result
        finally:
            flow.close()


def _shown(show: Any, value: object) -> str:
    try:
        text: str = show(value)
    except Exception as error:  # noqa: BLE001  # it shows nothing
        return f"<{type(error).__name__}>"
    return text


def _holds(text: str, beginnings: Mapping[str, list[str]]) -> bool:
    # Thousands of secrets in millions of characters: each place is looked up, and not each secret searched.
    return any(
        text.startswith(form, start)
        for start in range(len(text) - _LEAST + 1)
        for form in beginnings.get(text[start : start + _LEAST], ())
    )


def _forms(secret: str) -> set[str]:
    data = secret.encode("utf-8", "surrogatepass")
    encoded = {secret}  # texts are searched as they are, and decoded
    for offset in range(3):  # wherever in a longer text it begins
        middle = b64encode(b"\0" * offset + data).decode().rstrip("=")[4 if offset else 0 : -2]
        encoded |= {middle, middle.replace("+", "-").replace("/", "_")}
    return encoded
