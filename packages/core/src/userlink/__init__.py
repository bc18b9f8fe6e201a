"""
userlink: server-side login and user linking over OpenID Connect.

Names are imported when they are first used, so that ``import userlink`` costs next to nothing.
"""

from typing import TYPE_CHECKING

from .lazy_names import lazy_names

if TYPE_CHECKING:
    from userlink.plugins.blocking_httpx_transport import BlockingHttpxTransport
    from userlink.plugins.cookie_header import parse_cookie_header
    from userlink.plugins.exchange import CookieOverlay
    from userlink.plugins.hookspecs import BlockingTransport, Transport, hookimpl
    from userlink.plugins.httpx_transport import HttpxTransport
    from userlink.plugins.telemetry import LoggingPlugin
    from userlink.protocol.events import Event
    from userlink.protocol.options import (
        AccessTokenOptions,
        ConnectionTokenOptions,
        LinkOptions,
        LoginOptions,
        LogoutOptions,
        UnlinkOptions,
    )
    from userlink.protocol.reauthentication import ReauthenticationOptions
    from userlink.protocol.request_origin import application_origins, check_request_origin
    from userlink.protocol.results import (
        AccessToken,
        CallbackResult,
        LinkResult,
        LoginResult,
        LogoutResult,
        ReauthenticationResult,
        SessionData,
        UnlinkResult,
    )
    from userlink.protocol.return_to import safe_return_to
    from userlink.protocol.settings import ClientSettings
    from userlink.protocol.token_sets import ConnectionTokenSet, TokenSet
    from userlink.protocol.values import HttpRequest, HttpResponse, Secret
    from userlink.stores.memory_store import (
        BlockingMemoryStateStore,
        BlockingMemoryTransactionStore,
        MemoryStateStore,
        MemoryTransactionStore,
    )
    from userlink.stores.protocols import (
        BlockingStateStore,
        BlockingTransactionStore,
        Cookie,
        Exchange,
        LogoutClaims,
        StateRecord,
        StateStore,
        StoreOptions,
        TransactionRecord,
        TransactionStore,
    )

    from .client import ServerClient
    from .errors import (
        AuthorizationDenied,
        BackchannelLogoutNotSupported,
        CallbackError,
        CallbackIssuerMismatch,
        ConfigurationError,
        ConnectionTokensNotSupported,
        CookiesNotWritable,
        ExchangeNotRecognised,
        GrantRefused,
        IdTokenInvalid,
        InsufficientScope,
        InvalidCallback,
        InvalidOption,
        KeysInvalid,
        LinkedUserMismatch,
        LinkingNotSupported,
        LogoutTokenInvalid,
        MetadataInvalid,
        ProviderError,
        ProviderUnreachable,
        PushedAuthorizationMismatch,
        PushedAuthorizationRefused,
        PushedAuthorizationResponseInvalid,
        ReauthenticationRequired,
        RefreshTokenMissing,
        RequestOriginRefused,
        ReservedParameter,
        SessionChanged,
        SessionConflict,
        SessionError,
        SessionIdTokenExpired,
        SessionRequired,
        SessionTooLarge,
        StoreError,
        TokenRequestRefused,
        TokenResponseInvalid,
        TransactionAlreadyUsed,
        TransactionExpired,
        TransactionKindMismatch,
        TransactionNotFound,
        UserinfoInvalid,
        UserlinkError,
    )
    from .sync_client import SyncServerClient

_ERRORS = """
    AuthorizationDenied
    BackchannelLogoutNotSupported
    CallbackError
    CallbackIssuerMismatch
    ConfigurationError
    ConnectionTokensNotSupported
    CookiesNotWritable
    ExchangeNotRecognised
    GrantRefused
    IdTokenInvalid
    InsufficientScope
    InvalidCallback
    InvalidOption
    KeysInvalid
    LinkedUserMismatch
    LinkingNotSupported
    LogoutTokenInvalid
    MetadataInvalid
    ProviderError
    ProviderUnreachable
    PushedAuthorizationMismatch
    PushedAuthorizationRefused
    PushedAuthorizationResponseInvalid
    ReauthenticationRequired
    RefreshTokenMissing
    RequestOriginRefused
    ReservedParameter
    SessionChanged
    SessionConflict
    SessionError
    SessionIdTokenExpired
    SessionRequired
    SessionTooLarge
    StoreError
    TokenRequestRefused
    TokenResponseInvalid
    TransactionAlreadyUsed
    TransactionExpired
    TransactionKindMismatch
    TransactionNotFound
    UserinfoInvalid
    UserlinkError
"""
_HOMES = {
    "plugins.blocking_httpx_transport": "BlockingHttpxTransport",
    "sync_client": "SyncServerClient",
    "client": "ServerClient",
    "errors": _ERRORS,
    "plugins.cookie_header": "parse_cookie_header",
    "plugins.exchange": "CookieOverlay",
    "plugins.hookspecs": "BlockingTransport Transport hookimpl",
    "plugins.httpx_transport": "HttpxTransport",
    "plugins.telemetry": "LoggingPlugin",
    "protocol.events": "Event",
    "protocol.options": (
        "AccessTokenOptions ConnectionTokenOptions LinkOptions LoginOptions LogoutOptions UnlinkOptions"
    ),
    "protocol.reauthentication": "ReauthenticationOptions",
    "protocol.request_origin": "application_origins check_request_origin",
    "protocol.results": (
        "AccessToken CallbackResult LinkResult LoginResult LogoutResult ReauthenticationResult SessionData"
        " UnlinkResult"
    ),
    "protocol.return_to": "safe_return_to",
    "protocol.token_sets": "ConnectionTokenSet TokenSet",
    "protocol.settings": "ClientSettings",
    "protocol.values": "HttpRequest HttpResponse Secret",
    "stores.memory_store": (
        "BlockingMemoryStateStore BlockingMemoryTransactionStore MemoryStateStore MemoryTransactionStore"
    ),
    "stores.protocols": (
        "BlockingStateStore BlockingTransactionStore Cookie Exchange LogoutClaims StateRecord StateStore"
        " StoreOptions TransactionRecord TransactionStore"
    ),
}

__all__ = [
    "AccessToken",
    "AccessTokenOptions",
    "AuthorizationDenied",
    "BackchannelLogoutNotSupported",
    "BlockingHttpxTransport",
    "BlockingMemoryStateStore",
    "BlockingMemoryTransactionStore",
    "BlockingStateStore",
    "BlockingTransactionStore",
    "BlockingTransport",
    "CallbackError",
    "CallbackIssuerMismatch",
    "CallbackResult",
    "ClientSettings",
    "ConfigurationError",
    "ConnectionTokenOptions",
    "ConnectionTokenSet",
    "ConnectionTokensNotSupported",
    "Cookie",
    "CookieOverlay",
    "CookiesNotWritable",
    "Event",
    "Exchange",
    "ExchangeNotRecognised",
    "GrantRefused",
    "HttpRequest",
    "HttpResponse",
    "HttpxTransport",
    "IdTokenInvalid",
    "InsufficientScope",
    "InvalidCallback",
    "InvalidOption",
    "KeysInvalid",
    "LinkOptions",
    "LinkResult",
    "LinkedUserMismatch",
    "LinkingNotSupported",
    "LoggingPlugin",
    "LoginOptions",
    "LoginResult",
    "LogoutClaims",
    "LogoutOptions",
    "LogoutResult",
    "LogoutTokenInvalid",
    "MemoryStateStore",
    "MemoryTransactionStore",
    "MetadataInvalid",
    "ProviderError",
    "ProviderUnreachable",
    "PushedAuthorizationMismatch",
    "PushedAuthorizationRefused",
    "PushedAuthorizationResponseInvalid",
    "ReauthenticationOptions",
    "ReauthenticationRequired",
    "ReauthenticationResult",
    "RefreshTokenMissing",
    "RequestOriginRefused",
    "ReservedParameter",
    "Secret",
    "ServerClient",
    "SessionChanged",
    "SessionConflict",
    "SessionData",
    "SessionError",
    "SessionIdTokenExpired",
    "SessionRequired",
    "SessionTooLarge",
    "StateRecord",
    "StateStore",
    "StoreError",
    "StoreOptions",
    "SyncServerClient",
    "TokenRequestRefused",
    "TokenResponseInvalid",
    "TokenSet",
    "TransactionAlreadyUsed",
    "TransactionExpired",
    "TransactionKindMismatch",
    "TransactionNotFound",
    "TransactionRecord",
    "TransactionStore",
    "Transport",
    "UnlinkOptions",
    "UnlinkResult",
    "UserinfoInvalid",
    "UserlinkError",
    "application_origins",
    "check_request_origin",
    "hookimpl",
    "parse_cookie_header",
    "safe_return_to",
]

__getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
