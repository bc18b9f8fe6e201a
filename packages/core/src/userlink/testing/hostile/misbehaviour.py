"""One named way in which a provider deviates from what is right: functions over its honest answers."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import frozen

from .answers import Answer

if TYPE_CHECKING:
    from .provider import HostileProvider

__all__ = ["HONEST", "Alter", "Claims", "Misbehaviour", "Parameters"]

Claims: TypeAlias = dict[str, Any]
Parameters: TypeAlias = list[tuple[str, str]]
Alter: TypeAlias = Callable[[Answer, "HostileProvider"], Answer]


def _same_claims(claims: Claims, provider: "HostileProvider") -> Claims:
    return claims


def _signed(claims: Claims, provider: "HostileProvider") -> str:
    return provider.keys.signing.sign(claims)


def _same_answer(answer: Answer, provider: "HostileProvider") -> Answer:
    return answer


def _same_parameters(parameters: Parameters, provider: "HostileProvider") -> Parameters:
    return parameters


@frozen
class Misbehaviour:
    """
    A deviation. Each part is given what an honest provider would send, and the provider; left out, it changes nothing.

    Attributes:
        claims: changes what an ID token says.
        sign: makes the ID token of the claims.
        discovery: changes the answer with the metadata.
        jwks: changes the answer with the keys.
        pushed: changes the answer to a pushed authorization request.
        token: changes the token endpoint's answer.
        userinfo: changes the userinfo endpoint's answer.
        callback: changes the parameters that the browser is sent back with.
    """

    claims: Callable[[Claims, "HostileProvider"], Claims] = _same_claims
    sign: Callable[[Claims, "HostileProvider"], str] = _signed
    discovery: Alter = _same_answer
    jwks: Alter = _same_answer
    pushed: Alter = _same_answer
    token: Alter = _same_answer
    userinfo: Alter = _same_answer
    callback: Callable[[Parameters, "HostileProvider"], Parameters] = _same_parameters


HONEST = Misbehaviour()
