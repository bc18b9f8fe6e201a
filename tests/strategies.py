"""
Hypothesis strategies that all tests share; each feature adds to them, and so meets all the others.

``any_text`` holds what JSON strings and careless callers can: halves of surrogate pairs, control characters, letters
that only look like others.
"""

from typing import Any

from hypothesis import strategies as st

from userlink.protocol.freshness import Authentication, Freshness
from userlink.protocol.renewal_lease import RenewalLease
from userlink.protocol.session import Session
from userlink.protocol.token_sets import ConnectionTokenSet, RefreshToken, TokenSet
from userlink.protocol.transaction import SessionBinding, Transaction, TransactionKind
from userlink.protocol.values import Secret

__all__ = [
    "NOW",
    "acr_values",
    "any_text",
    "authentications",
    "authorization_params",
    "claims",
    "connection_token_sets",
    "demands",
    "json_objects",
    "json_values",
    "raw_json_values",
    "refresh_tokens",
    "renewal_leases",
    "scopes",
    "sessions",
    "subjects",
    "token_sets",
    "transactions",
    "unix_seconds",
    "unreserved",
]

NOW = 1_800_000_000  # Unix seconds; the instant at which tests are set

# Drawn evenly, such characters would come up too seldom to meet what chokes on them.
_TROUBLE = '\ud800\udfff\x00\r\n\t"\\<>&=%;#+ \u0660\u017f\u200b\u2028\ufeff'
any_text = st.text(st.characters() | st.sampled_from(_TROUBLE), max_size=40)
unreserved = st.text(
    st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"),
    min_size=1,
    max_size=64,
)
subjects = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=60)
unix_seconds = st.integers(0, 10**11)
scopes = st.lists(st.sampled_from("openid profile email offline_access read:user".split())).map(
    " ".join
)

_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | any_text
)
json_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=12,
)
json_objects: st.SearchStrategy[dict[str, Any]] = st.dictionaries(any_text, json_values, max_size=5)
# What Python's reader of JSON may make of a document, and the specification has not.
raw_json_values = json_values | st.sampled_from(
    [float("nan"), float("inf"), -float("inf"), 10**400]
)

secrets = unreserved.map(Secret)
optional_texts = st.none() | any_text

acr_values = st.lists(st.sampled_from(["gold", "silver", "urn:example:mfa"]), unique=True).map(
    tuple
)
demands = st.builds(
    Freshness,
    max_age_seconds=st.none() | st.integers(0, 10**6),
    acr_values=acr_values,
    since=st.none() | unix_seconds,
)
authentications = st.builds(
    Authentication,
    time=st.none() | unix_seconds,
    acr=st.none() | st.sampled_from(["gold", "bronze"]),
)

bindings = st.builds(SessionBinding, session=unreserved, subject=subjects)
transactions = st.builds(
    Transaction,
    kind=st.sampled_from(TransactionKind),
    state=unreserved,
    nonce=unreserved,
    code_verifier=unreserved,
    redirect_uri=st.just("https://app.example/auth/callback"),
    issuer=st.just("https://tenant.example.com/"),
    expires_at=unix_seconds,
    audience=optional_texts,
    scope=scopes,
    connection=optional_texts,
    binding=st.none() | bindings,
    app_state=json_objects,
    freshness=demands,
    then=st.none() | json_objects,
)

token_sets = st.builds(
    TokenSet,
    audience=st.none() | st.sampled_from(["urn:one", "urn:two", "urn:three"]),
    access_token=secrets,
    scope=scopes,
    expires_at=st.none() | unix_seconds,
    granted_by=st.sampled_from(TransactionKind),
)
refresh_tokens = st.builds(
    RefreshToken,
    token=secrets,
    audience=optional_texts,
    scope=scopes,
    granted_by=st.sampled_from(TransactionKind),
)
connection_token_sets = st.builds(
    ConnectionTokenSet,
    connection=st.sampled_from(["github", "google-oauth2"]),
    login_hint=optional_texts,
    access_token=secrets,
    scope=scopes,
    expires_at=st.none() | unix_seconds,
)
renewal_leases = st.builds(
    RenewalLease, id=unreserved, expires_at=unix_seconds, failure=optional_texts
)
sessions = st.builds(
    Session,
    id=secrets,
    issuer=st.just("https://tenant.example.com/"),
    subject=subjects,
    user=json_objects,
    id_token=secrets,
    id_token_expires_at=unix_seconds,
    created_at=unix_seconds,
    idle_expires_at=unix_seconds,
    absolute_expires_at=unix_seconds,
    refresh_token=st.none() | refresh_tokens,
    sid=optional_texts,
    token_sets=st.lists(token_sets, max_size=3).map(tuple),
    connection_token_sets=st.lists(connection_token_sets, max_size=2).map(tuple),
    renewal_lease=st.none() | renewal_leases,
    authentication=authentications,
    version=st.integers(0, 1000),
)

_CLAIM_NAMES = "iss sub aud azp exp iat nbf auth_time nonce at_hash".split()
# Claims that are near to right: each is drawn from values of the right kind and of every wrong one.
claims: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(_CLAIM_NAMES),
    raw_json_values
    | st.integers(NOW - 100, NOW + 100)
    | st.sampled_from(["https://tenant.example.com/", "client-1", "auth0|1", ["client-1"]]),
)

authorization_params: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from("audience scope prompt foo ui_locales login_hint".split()),
    st.none() | any_text.filter(lambda text: text.isprintable()) | st.integers(0, 10**6),
)
