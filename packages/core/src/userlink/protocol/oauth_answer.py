"""What the provider's answers to the client's own requests have in common (RFC 6749, 5.1 and 5.2)."""

import re
from collections.abc import Mapping
from typing import Any

from .json_object import parse_json_object
from .values import HttpResponse

__all__ = ["answered_members", "error_code_of"]

_ERROR_CODE = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]{1,100}")


def answered_members(response: HttpResponse) -> Mapping[str, Any] | None:
    """Return the members of an answer; None when it is not a JSON object, or does not say that it is JSON."""
    content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return parse_json_object(response.body) if content_type == "application/json" else None


def error_code_of(members: Mapping[str, Any] | None) -> str | None:
    """
    Return the error of an answer; None when it has none in the characters that one may have.

    The ``error_description`` is left where it is: providers quote codes and tokens in it.
    """
    error = None if members is None else members.get("error")
    return error if isinstance(error, str) and _ERROR_CODE.fullmatch(error) else None
