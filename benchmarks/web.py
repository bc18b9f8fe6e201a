"""A request and a response as frameworks have them, with nothing of a framework in them."""

from collections.abc import Mapping

__all__ = ["Request", "Response"]


class Request:
    """What a browser sent, as far as cookies go."""

    __slots__ = ("cookies",)

    def __init__(self, cookies: Mapping[str, str]) -> None:
        self.cookies = cookies


class Response:
    """What will be sent: the cookies set on it, by name; those deleted are empty."""

    __slots__ = ("cookies",)

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def set_cookie(
        self,
        name: str,
        value: str,
        *,
        max_age: int,
        path: str,
        secure: bool,
        httponly: bool,
        samesite: str,
    ) -> None:
        """Keep name and value; the attributes are what a framework would print after them."""
        self.cookies[name] = value
