"""How a client is registered at a provider in memory."""

from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Mapping
from urllib.parse import unquote_plus

from attrs import field, frozen

from .client_assertions import ClientAssertions

__all__ = ["Registration"]


@frozen
class Registration:
    """
    A client, as the provider knows it.

    Attributes:
        client_id: its name.
        client_secret: its proof; None for a public client.
        redirect_uris: where browsers may be sent back to, compared character by character (RFC 9700, 4.1.3).
        post_logout_redirect_uris: the same for after a logout.
        assertions: judges what the client signs; None for a client without a key. One with a key proves itself so
            and in no other way.
    """

    client_id: str
    client_secret: str | None = field(repr=False)
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    assertions: ClientAssertions | None = None

    def is_proved_by(self, authorization: str | None, form: Mapping[str, str]) -> bool:
        """
        Tell whether a token request comes from this client (RFC 6749, 2.3).

        Args:
            authorization: the header, or None.
            form: the parameters of the body.
        """
        if self.assertions is not None:
            alone = authorization is None and "client_secret" not in form
            return alone and self.assertions.accept(form)
        if "client_assertion" in form:
            return False
        if authorization is None:
            given = form.get("client_id"), form.get("client_secret")
        elif "client_secret" in form:
            return False  # one method at a time
        else:
            given = _basic(authorization)
        return given == (self.client_id, self.client_secret)


def _basic(authorization: str) -> tuple[str | None, str | None]:
    scheme, _, pair = authorization.partition(" ")
    try:
        client_id, colon, secret = b64decode(pair, validate=True).decode().partition(":")
    except (BadBase64, ValueError):
        return None, None
    if scheme.lower() != "basic" or not colon:
        return None, None
    return unquote_plus(client_id), unquote_plus(secret)
