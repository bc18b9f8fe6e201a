"""
How recently, and in which ways, a user must have authenticated (OIDC Core, 3.1.2.1 and 3.1.3.7; RFC 9470, 3 and 6).

A provider may ignore what it is asked: the answer counts, and only as a verified ID token gives it. Whatever asks for
freshness, the strictest counts, so that a call can sharpen a client's policy and never soften it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from userlink.errors import InvalidOption, ReauthenticationRequired

from .json_object import is_sequence
from .urls import is_sendable

__all__ = [
    "NOTHING_ASKED",
    "NOTHING_KNOWN",
    "Authentication",
    "Freshness",
    "checked_acr_values",
    "checked_max_age",
]

_MOST_SECONDS = 10**11  # three thousand years
_ACR_VALUE = re.compile(r"\S+")  # several are sent separated by spaces


@frozen
class Authentication:
    """
    What an ID token says of how its user authenticated.

    Attributes:
        time: ``auth_time``, in Unix seconds; None when it is not known.
        acr: the class of the authentication, or None.
    """

    time: int | None = None
    acr: str | None = None

    @classmethod
    def of(cls, claims: Mapping[str, Any]) -> "Authentication":
        """Read the claims of a validated ID token, whose ``auth_time`` is a number if it is there."""
        time, acr = claims.get("auth_time"), claims.get("acr")
        return cls(None if time is None else int(time), acr if isinstance(acr, str) else None)


@frozen
class Freshness:
    """
    What is asked of an authentication. Without arguments, nothing is.

    Attributes:
        max_age_seconds: how long ago it may have been, or None.
        acr_values: the classes that will do; empty when every class does.
        since: Unix seconds before which it may not have been, or None.
    """

    max_age_seconds: int | None = None
    acr_values: tuple[str, ...] = ()
    since: int | None = None

    def __bool__(self) -> bool:
        return self.max_age_seconds is not None or bool(self.acr_values) or self.since is not None

    @classmethod
    def asked(cls, max_age: object, acr_values: object) -> "Freshness":
        """
        Read options, or parameters of an authorization request.

        Raises:
            InvalidOption: when one is of the wrong form.
        """
        return cls(
            checked_max_age("max_age", max_age), checked_acr_values("acr_values", acr_values)
        )

    def and_by(self, params: Mapping[str, str | tuple[str, ...]]) -> "Freshness":
        """
        Join what authorization parameters ask.

        Raises:
            InvalidOption: when one is of the wrong form, or no class of authentication would do.
        """
        age = params.get("max_age")
        number = int(age) if isinstance(age, str) and age.isdecimal() and len(age) < 12 else age
        return self.and_(self.asked(number, params.get("acr_values")))

    def and_(self, other: "Freshness") -> "Freshness":
        """
        Join two demands: the shorter age, and the classes that do for both.

        Raises:
            InvalidOption: when no class does for both.
        """
        classes = self.acr_values or other.acr_values
        if self.acr_values and other.acr_values:
            classes = tuple(each for each in self.acr_values if each in other.acr_values)
            if not classes:
                raise InvalidOption(
                    "None of the acr_values asked for is among those that are required besides.",
                    hint="Ask for one that the client's link_acr_values and authorization_params allow.",
                )
        return Freshness(
            _least(self.max_age_seconds, other.max_age_seconds),
            classes,
            _greatest(self.since, other.since),
        )

    def params(self) -> dict[str, str]:
        """
        Return the parameters of an authorization request that ask for it.

        An authentication of now is asked for by an age of zero, which makes ``auth_time`` come (OIDC Core, 3.1.2.1).
        """
        seconds = self.max_age_seconds if self.since is None else 0
        age = {} if seconds is None else {"max_age": str(seconds)}
        return {**age, "acr_values": " ".join(self.acr_values)} if self.acr_values else age

    def check(self, authentication: Authentication, now: int, clock_skew_seconds: int) -> None:
        """
        Check that an authentication meets the demand.

        Args:
            authentication: from a validated ID token, or from the session that remembers one.
            now: Unix seconds.
            clock_skew_seconds: how far the provider's clock may be off.

        Raises:
            ReauthenticationRequired: when it was too long ago, or in a way that does not do, or that is not known.
        """
        if self.max_age_seconds is not None or self.since is not None:
            self._check_time(authentication.time, now, clock_skew_seconds)
        if self.acr_values and authentication.acr not in self.acr_values:
            raise ReauthenticationRequired(
                "The user has not authenticated in one of the ways asked for (acr).", check="acr"
            )

    def _check_time(self, time: int | None, now: int, skew: int) -> None:
        if time is None:
            raise ReauthenticationRequired(
                "When the user has authenticated is not known (auth_time).", check="auth_time"
            )
        if time > now + skew:  # it would stay fresh for as long as it likes
            raise ReauthenticationRequired(
                "The time of the user's authentication (auth_time) lies in the future.",
                check="auth_time",
            )
        earliest = _greatest(
            self.since, None if self.max_age_seconds is None else now - self.max_age_seconds
        )
        if earliest is not None and time < earliest - skew:
            raise ReauthenticationRequired(
                f"The user authenticated {now - time} seconds ago (auth_time): too long.",
                check="auth_time",
            )

    def to_values(self) -> tuple[int | None, tuple[str, ...], int | None] | None:
        """Return what a record holds of it."""
        return (self.max_age_seconds, self.acr_values, self.since) if self else None

    @classmethod
    def from_values(cls, values: Sequence[Any] | None) -> "Freshness":
        """Read what ``to_values()`` returned; anything else is a ValueError."""
        if values is None:
            return cls()
        if len(values) != 3 or not is_sequence(values[1]):
            raise ValueError("not a demand for freshness")
        age, classes, since = values
        if not all(isinstance(each, str) for each in classes) or not all(
            isinstance(each, int | None) for each in (age, since)
        ):
            raise ValueError("not a demand for freshness")
        return cls(age, tuple(classes), since)


NOTHING_KNOWN = Authentication()
NOTHING_ASKED = Freshness()


def checked_max_age(name: str, value: object) -> int | None:
    """
    Check an age in seconds (OIDC Core, 3.1.2.1).

    Raises:
        InvalidOption: when it is anything but a whole number of seconds, or None.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _MOST_SECONDS:
        raise InvalidOption(
            f"{name} is not a whole number of seconds.", hint=f"Pass {name} as an int, such as 300."
        )
    return value


def checked_acr_values(name: str, value: object) -> tuple[str, ...]:
    """
    Check classes of authentication: a list of strings, or one string that separates them by spaces.

    Raises:
        InvalidOption: when it is anything else.
    """
    given = value.split() if isinstance(value, str) else () if value is None else value
    if is_sequence(given) and all(
        isinstance(each, str) and _ACR_VALUE.fullmatch(each) and is_sendable(each) for each in given
    ):
        return tuple(dict.fromkeys(given))
    raise InvalidOption(
        f"{name} is not a list of strings without spaces.",
        hint=f'Pass {name} as a list, such as ["urn:example:gold"].',
    )


def _least(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _greatest(one: int | None, other: int | None) -> int | None:
    return max((each for each in (one, other) if each is not None), default=None)
