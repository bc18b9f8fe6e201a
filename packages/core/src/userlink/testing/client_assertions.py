"""How a provider in memory judges client assertions (RFC 7523, 3; OIDC Core, 9)."""

import json
from collections.abc import Mapping

from attrs import define, field

from userlink.errors import IdTokenInvalid
from userlink.protocol.id_token import ID_TOKEN
from userlink.protocol.keys import KEY_TYPES, parse_key_set
from userlink.protocol.signed_token import parse_signed_token, verify
from userlink.protocol.values import HttpResponse, Secret
from userlink.runtime.clock import Clock

__all__ = ["ClientAssertions"]

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LONGEST_SECONDS = 300  # Auth0's limit


@define
class ClientAssertions:
    """
    Accepts each assertion of the client once.

    Args:
        client_id: the client's.
        issuer: the provider's, which alone may be the audience.
        public_key: the client's key, as a JWK.
        clock: tells the time.
    """

    client_id: str
    issuer: str
    public_key: Mapping[str, object]
    clock: Clock
    _seen: set[str] = field(factory=set[str], init=False)

    def accept(self, form: Mapping[str, str]) -> bool:
        """Tell whether a form carries an assertion of the client; it is spent by this."""
        if form.get("client_assertion_type") != _ASSERTION_TYPE:
            return False
        claims = self._claims(form.get("client_assertion", ""))
        if claims is None or form.get("client_id", self.client_id) != self.client_id:
            return False
        named = claims.get("iss"), claims.get("sub"), claims.get("aud")
        jti, expires_at, now = claims.get("jti"), claims.get("exp"), self.clock()
        if named != (self.client_id, self.client_id, self.issuer):
            return False
        if not isinstance(expires_at, int) or not now < expires_at <= now + _LONGEST_SECONDS:
            return False
        if not isinstance(jti, str) or jti in self._seen:
            return False
        self._seen.add(jti)
        return True

    def _claims(self, assertion: str) -> Mapping[str, object] | None:
        document = json.dumps({"keys": [dict(self.public_key)]}).encode()
        try:
            token = parse_signed_token(ID_TOKEN, Secret(assertion), tuple(KEY_TYPES))
            return verify(token, parse_key_set(HttpResponse(200, {}, document)))
        except IdTokenInvalid:
            return None
