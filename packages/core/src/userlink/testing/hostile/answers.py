"""What a hostile provider answers: an HTTP response, and at which pace it comes, if ever."""

import json
from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, frozen

from userlink.protocol.values import HttpResponse

__all__ = ["ENDLESS_BYTES", "Answer", "json_answer", "json_members", "redirect_to", "with_members"]

# Where an endless answer ends after all: whoever has read this much has no limit.
ENDLESS_BYTES = 32 * 1024 * 1024


@frozen
class Answer:
    """
    An HTTP response, honest or not.

    Attributes:
        status: the HTTP status code.
        headers: of the response; ``Content-Length`` and ``Connection`` are added.
        body: the bytes; of an endless answer, what is repeated.
        is_silent: whether nothing is sent at all.
        is_endless: whether the body has no end that a client should wait for.
        pause_seconds: between any two bytes of the body.
    """

    status: int = 200
    headers: Mapping[str, str] = field(factory=dict[str, str])
    body: bytes = field(default=b"", repr=False)
    is_silent: bool = False
    is_endless: bool = False
    pause_seconds: float = 0

    @classmethod
    def of(cls, response: HttpResponse) -> "Answer":
        """Return an honest provider's response as an answer."""
        return cls(response.status, response.headers, response.body)


def json_answer(document: object, status: int = 200) -> Answer:
    """Return an answer that holds a JSON document."""
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return Answer(status, headers, json.dumps(document).encode())


def json_members(answer: Answer) -> dict[str, Any]:
    """Return the members of an answer that holds a JSON object."""
    members: dict[str, Any] = json.loads(answer.body)
    return members


def with_members(answer: Answer, **changes: object) -> Answer:
    """Return an answer with other members in its JSON object; those that are None are left out."""
    members = {**json_members(answer), **changes}
    kept = {name: value for name, value in members.items() if value is not None}
    return evolve(answer, body=json.dumps(kept).encode())


def redirect_to(url: str, status: int = 302) -> Answer:
    """Return an answer that sends its reader elsewhere; 307 asks for the body to be sent there too."""
    return Answer(status, {"location": url})
