"""What a browser brings: callbacks, cookies, and where it wants to go."""

from contextlib import suppress
from urllib.parse import urlsplit

from userlink import CallbackError, Secret
from userlink.plugins.cookie_header import parse_cookie_header
from userlink.protocol.callback import check_issuer, parse_callback, require_code
from userlink.protocol.return_to import safe_return_to
from userlink.protocol.session import Session
from userlink.protocol.transaction import Transaction, TransactionKind
from userlink.stores import cookies
from userlink.stores.keyring import derive_keys
from userlink.stores.sealing import Sealer

__all__ = [
    "CALLBACKS",
    "COOKIE_HEADERS",
    "RETURN_TO",
    "SEALED",
    "SESSION_RECORDS",
    "TRANSACTION_RECORDS",
    "callback",
    "cookie_header",
    "cookie_opener",
    "return_to",
    "session_record",
    "transaction_record",
]

ISSUER = "https://tenant.example.com/"
ORIGIN = "https://partner.example"
_NAME = "__Host-userlink_session"
# An initialisation vector of zeros: what is sealed here protects nothing, and should be the same each time.
_SEALER = Sealer(derive_keys([b"a secret of the fuzzer, 32 bytes."], "session"), bytes)
_OURS = _SEALER.seal(b'["a record"]', _NAME)
_SESSION = Session(
    id=Secret("id"),
    issuer=ISSUER,
    subject="auth0|alice",
    user={"sub": "auth0|alice", "name": "Alice"},
    id_token=Secret("e30.e30.c2ln"),
    id_token_expires_at=1,
    created_at=1,
    idle_expires_at=2,
    absolute_expires_at=3,
)
_TRANSACTION = Transaction(
    kind=TransactionKind.LINK,
    state="state",
    nonce="nonce",
    code_verifier="verifier",
    redirect_uri="https://app.example/auth/callback",
    issuer=ISSUER,
    expires_at=1,
    scope="openid",
    connection="github",
    app_state={"return_to": "/profile"},
)

CALLBACKS = (
    b"https://app.example/auth/callback?code=abc&state=def&iss=https%3A%2F%2Ftenant.example.com%2F",
    b"https://app.example/auth/callback?error=access_denied&error_description=No%0D%0A&state=def",
    b"/auth/callback?state=a&state=b&code=%ff#fragment",
)
COOKIE_HEADERS = (
    f"{_NAME}={_OURS}; theme=dark".encode(),
    f"{_NAME}.0={_OURS[:40]}; {_NAME}.1={_OURS[40:]}".encode(),
    b'a="b; c"; a=1; =; ;;',
)
SEALED = (_OURS.encode(), _SEALER.seal(b"", _NAME).encode())
SESSION_RECORDS = (_SESSION.to_record(),)
TRANSACTION_RECORDS = (_TRANSACTION.to_record(),)
RETURN_TO = (
    b"/profile?tab=links#top",
    b"https://partner.example/welcome",
    b"//evil.example/%2e%2e",
    b"/\\evil.example",
    b"https:evil.example",
)


def text(data: bytes) -> str:
    """Return any bytes as a string, as a web server hands them on: damaged ones as surrogates."""
    return data.decode("utf-8", "surrogateescape")


def callback(data: bytes) -> None:
    """A callback is parsed, or refused as one; what is parsed has one state, and a code or an error."""
    try:
        parsed = parse_callback(text(data))
        check_issuer(parsed, ISSUER, required=False)
        code = require_code(parsed)
    except CallbackError as error:
        expect(len(str(error)) < 2_000)
    else:
        expect(bool(code) and bool(parsed.state) and parsed.error is None)


def cookie_header(data: bytes) -> None:
    """Whatever a header holds, the session's cookie is ours or none."""
    held = parse_cookie_header([data.decode("latin-1")])
    sealed = cookies.read(held, _NAME)
    if sealed is not None:
        expect(_SEALER.open(sealed, _NAME) is None or sealed == _OURS)


def cookie_opener(data: bytes) -> None:
    """A text opens only if it was sealed here, character by character, and for this name."""
    sealed = text(data)
    opened = _SEALER.open(sealed, _NAME)
    expect(opened is None or data in SEALED)
    expect(_SEALER.open(sealed, "another name") is None)


def session_record(data: bytes) -> None:
    """A session's record is read, and reads the same once written anew; anything else is a ValueError."""
    with suppress(ValueError):
        session = Session.from_record(data)
        expect(Session.from_record(session.to_record()) == session)


def transaction_record(data: bytes) -> None:
    """A transaction's record is read, and reads the same once written anew; anything else is a ValueError."""
    with suppress(ValueError):
        transaction = Transaction.from_record(data, "state")
        expect(Transaction.from_record(transaction.to_record(), "state") == transaction)


def return_to(data: bytes) -> None:
    """A browser that is sent on stays on this host, or goes to an origin that was allowed."""
    target = safe_return_to(text(data), allowed_origins=[ORIGIN])
    if target.startswith("/"):
        # What browsers strip or take for a slash must not make it an address (WHATWG URL, 4.4).
        expect(target[1:2] not in ("/", "\\"))
        expect(not set(target) & set("\t\r\n\0"))
    else:
        parts = urlsplit(target)
        expect(f"{parts.scheme}://{parts.netloc}".lower() == ORIGIN)


def expect(promise: bool) -> None:
    """Fail when a promise is broken; unlike ``assert``, also under ``python -O``."""
    if not promise:
        raise AssertionError("a promise is broken")
