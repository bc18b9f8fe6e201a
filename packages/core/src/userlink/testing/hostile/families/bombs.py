"""ID tokens that are too long or too deep to be parsed in peace (RFC 8259, 9; RFC 8725, 3.11)."""

import json
from typing import TYPE_CHECKING

from ..case import refused
from ..misbehaviour import Claims, Misbehaviour
from ..signatures import compact
from .claims import token_case, with_claims

if TYPE_CHECKING:
    from ..provider import HostileProvider

__all__ = ["CASES"]

_DOWN = "One provider, or whoever plays it, stops the whole application."
_LARGE_BYTES = 200_000
_DEEP_LEVELS = 15_000


def _nested_payload(claims: Claims, provider: "HostileProvider") -> str:
    # Made by hand: encoders refuse what parsers must survive.
    key = provider.keys.signing
    text = json.dumps({**claims, "deep": "DEEP"}).replace('"DEEP"', _nested())
    header = json.dumps({"alg": key.algorithm, "kid": key.kid})
    return compact(header.encode(), text.encode(), key.signature)


def _nested_header(claims: Claims, provider: "HostileProvider") -> str:
    key = provider.keys.signing
    header = f'{{"alg":"{key.algorithm}","kid":"{key.kid}","deep":{_nested()}}}'
    return compact(header.encode(), json.dumps(claims).encode(), key.signature)


def _nested() -> str:
    return "[" * _DEEP_LEVELS + "]" * _DEEP_LEVELS


CASES = (
    token_case(
        "id-token-oversized",
        "An ID token of 200 kB is refused.",
        "RFC 8725, 3.11",
        _DOWN,
        with_claims(filling="x" * _LARGE_BYTES),
        expected=refused("id_token_invalid", "provider_unreachable"),
    ),
    token_case(
        "id-token-nested-payload",
        "An ID token whose claims are nested thousands of levels deep is refused, and nothing crashes.",
        "RFC 8259, 9",
        _DOWN,
        Misbehaviour(sign=_nested_payload),
    ),
    token_case(
        "id-token-nested-header",
        "An ID token whose header is nested thousands of levels deep is refused, and nothing crashes.",
        "RFC 8259, 9",
        _DOWN,
        Misbehaviour(sign=_nested_header),
    ),
)
