"""A wrong configuration fails when the client is built, each with its own message."""

from typing import Any

import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import example, given
from hypothesis import strategies as st

from strategies import any_text, json_values
from support.signing import key_pair, private_pem_of
from userlink.errors import ConfigurationError, ReservedParameter
from userlink.protocol.dialects.auth0 import Auth0Dialect
from userlink.protocol.dialects.oidc import OidcDialect
from userlink.protocol.freshness import NOTHING_ASKED, Freshness
from userlink.protocol.settings import DEFAULT_ALGORITHMS, ClientSettings, checked_secrets
from userlink.protocol.urls import Issuer
from userlink.protocol.values import Secret

CANARY = "canary-9f4c1b7e"
LONG = "0123456789abcdef0123456789abcdef"  # 32 bytes, the least


def read(**arguments: Any) -> ClientSettings:
    """Read settings in which only what a test is about is unusual."""
    return ClientSettings.read(
        **{
            "domain": "tenant.example.com",
            "client_id": "client-1",
            "client_secret": "client-secret",
            **arguments,
        }
    )


def test_the_defaults() -> None:
    """As the design has them: a day idle, three in all, ten minutes at the provider, a minute of skew."""
    settings = read()

    assert Issuer.from_domain("tenant.example.com") == settings.issuer
    assert ("client-1", Secret("client-secret")) == (settings.client_id, settings.client_secret)
    assert {} == settings.authorization_params
    assert isinstance(settings.dialect, Auth0Dialect)
    assert ("RS256", "ES256", "PS256", "EdDSA") == settings.algorithms == DEFAULT_ALGORITHMS
    assert settings.token_endpoint_auth_method is None
    assert (86_400, 259_200) == (settings.session_idle_seconds, settings.session_absolute_seconds)
    assert (600, 60) == (settings.transaction_seconds, settings.clock_skew_seconds)
    assert NOTHING_ASKED == settings.link_freshness
    assert not settings.userinfo
    assert settings.secure_cookies
    assert "userlink" == settings.cookie_prefix
    assert 10 == settings.timeout_seconds
    assert () == settings.post_logout_redirect_uris


def test_everything_can_be_set() -> None:
    """And is kept as it was given."""
    own = OidcDialect()
    settings = read(
        domain="https://op.example/realm",
        client_secret=None,
        authorization_params={"redirect_uri": "https://app.example/cb", "max_age": 60},
        dialect=own,
        algorithms=["ES384", "Ed25519"],
        token_endpoint_auth_method="none",
        session_idle_seconds=60,
        session_absolute_seconds=61,
        transaction_seconds=1,
        clock_skew_seconds=0,
        link_max_age_seconds=300,
        link_acr_values=["gold", "silver"],
        userinfo=True,
        secure_cookies=False,
        cookie_prefix="my_App-2",
        timeout_seconds=2.5,
    )

    assert Issuer.from_domain("https://op.example/realm") == settings.issuer
    assert 2.5 == settings.timeout_seconds
    assert settings.client_secret is None
    assert {
        "redirect_uri": "https://app.example/cb",
        "max_age": "60",
    } == settings.authorization_params
    assert own is settings.dialect
    assert ("ES384", "Ed25519") == settings.algorithms
    assert "none" == settings.token_endpoint_auth_method
    assert (60, 61, 1, 0) == (
        settings.session_idle_seconds,
        settings.session_absolute_seconds,
        settings.transaction_seconds,
        settings.clock_skew_seconds,
    )
    assert Freshness(300, ("gold", "silver")) == settings.link_freshness
    assert settings.userinfo
    assert not settings.secure_cookies
    assert "my_App-2" == settings.cookie_prefix


@pytest.mark.parametrize("name", ["domain", "client_id"])
@pytest.mark.parametrize("value", [None, "", "  ", 5, b"x", ["x"]])
def test_a_missing_argument_is_named(name: str, value: object) -> None:
    """An environment variable that is not set is the usual reason."""
    with pytest.raises(ConfigurationError, match=f"The argument {name} is missing") as caught:
        read(**{name: value})

    assert f"Pass {name} as a string" in caught.value.hint


@pytest.mark.parametrize(
    ("domain", "message"),
    [
        ("tenant example.com", "neither a host name nor an issuer URL"),
        ("tenant.example.com/", "neither a host name nor an issuer URL"),
        ("user@tenant.example.com", "neither a host name nor an issuer URL"),
        ("tenant.example.com?x", "neither a host name nor an issuer URL"),
        ("tenant.example.com#x", "neither a host name nor an issuer URL"),
        ("tenant.example.com:99999", "neither a host name nor an issuer URL"),
        ("[::1", "neither a host name nor an issuer URL"),
        ("https://user:password@tenant.example.com", "not an absolute http or https URL"),
        ("https://tenant.example.com:x", "not an absolute http or https URL"),
        ("https://[::g]/", "not an absolute http or https URL"),
        ("https://tenant.example.com/?x=y", "no query and no fragment"),
        ("https://tenant.example.com/#", "no query and no fragment"),
        ("http://tenant.example.com", "plain http is accepted for loopback hosts only"),
    ],
)
def test_a_malformed_domain_says_what_is_wrong(domain: str, message: str) -> None:
    """The hint shows both forms."""
    with pytest.raises(ConfigurationError, match=f"domain is malformed.*{message}") as caught:
        read(domain=domain)

    assert "tenant.example.com" in caught.value.hint


@pytest.mark.parametrize(
    "domain", ["[::1]:9000", "http://localhost:9000", "https://[2001:db8::1]/a"]
)
def test_addresses_and_loopback_are_in_order(domain: str) -> None:
    """For development and for networks without names."""
    assert read(domain=domain).issuer.discovery_url.endswith("/.well-known/openid-configuration")


@pytest.mark.parametrize("name", ["client_id", "client_secret"])
@pytest.mark.parametrize(
    "value", [f"{CANARY}\n", f"{CANARY}\u200b", f"\t{CANARY}", f"{CANARY}\ud800"]
)
def test_credentials_are_printable_ascii(name: str, value: str) -> None:
    """RFC 6749, A.1 and A.2: a line break from a file fails here and not as invalid_client. It is not quoted."""
    with pytest.raises(ConfigurationError, match=f"{name} has characters that are not") as caught:
        read(**{name: value})

    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("value", ["", " ", 5, b"x"])
def test_a_client_secret_that_is_none_must_be_none(value: object) -> None:
    """An empty one is a mistake, not a public client."""
    with pytest.raises(ConfigurationError, match="The argument client_secret is missing"):
        read(client_secret=value)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_method_that_needs_a_secret_needs_a_secret(method: str) -> None:
    """The hint names the way without one."""
    with pytest.raises(
        ConfigurationError, match=f"{method}, and there is no client_secret"
    ) as caught:
        read(client_secret=None, token_endpoint_auth_method=method)

    assert "'none'" in caught.value.hint


@pytest.mark.parametrize(
    ("method", "suggestion"),
    [
        ("client_secret_pst", "Did you mean client_secret_post?"),
        ("tls", "Known are client_secret_basic, client_secret_post, private_key_jwt, none."),
        (5, "Known are client_secret_basic, client_secret_post, private_key_jwt, none."),
    ],
)
def test_an_unknown_method_is_refused(method: object, suggestion: str) -> None:
    """The nearest known one is suggested."""
    with pytest.raises(ConfigurationError, match="no token_endpoint_auth_method") as caught:
        read(token_endpoint_auth_method=method)

    assert suggestion == caught.value.hint


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"link_max_age_seconds": -1}, "link_max_age_seconds is not a whole number of seconds"),
        ({"link_max_age_seconds": 1.5}, "link_max_age_seconds is not a whole number of seconds"),
        ({"link_acr_values": ["two words"]}, "link_acr_values is not a list of strings"),
        ({"link_acr_values": 5}, "link_acr_values is not a list of strings"),
        ({"authorization_params": {"max_age": "soon"}}, "max_age is not a whole number"),
        ({"userinfo": "yes"}, "userinfo is neither True nor False"),
        ({"userinfo": None}, "userinfo is neither True nor False"),
    ],
)
def test_a_wrong_policy_fails_here(arguments: dict[str, Any], message: str) -> None:
    """Not when the first user wants to link something."""
    with pytest.raises(ConfigurationError, match=message):
        read(**arguments)


def test_wrong_client_wide_parameters_fail_here() -> None:
    """A relative redirect_uri, a reserved name, something that is no mapping: not at the first request."""
    with pytest.raises(ConfigurationError, match="redirect_uri is not an absolute https URL"):
        read(authorization_params={"redirect_uri": "/auth/callback"})
    with pytest.raises(ReservedParameter):
        read(authorization_params={"State": "x"})
    wrong: list[object] = [[], "", 0, "audience"]
    for params in wrong:
        with pytest.raises(ConfigurationError, match="authorization_params is not a mapping"):
            read(authorization_params=params)


@pytest.mark.parametrize("dialect", ["Auth0", "", "keycloak"])
def test_an_unknown_dialect_is_refused(dialect: str) -> None:
    """The hint names those there are."""
    with pytest.raises(ConfigurationError, match="There is no dialect") as caught:
        read(dialect=dialect)

    assert "'auth0' or 'oidc'" in caught.value.hint


@pytest.mark.parametrize("algorithms", [None, [], (), "RS256", 5, {"RS256"}, iter(["RS256"])])
def test_algorithms_are_a_list(algorithms: object) -> None:
    """A string is a sequence too, of letters."""
    with pytest.raises(ConfigurationError, match="algorithms is not a list"):
        read(algorithms=algorithms)


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "HS256", "HS512", "rs256", "ES256K", "", None, 5, []]
)
def test_an_algorithm_that_no_id_token_may_have_is_refused(algorithm: object) -> None:
    """Neither ``none`` nor a shared secret can be configured (RFC 8725, 3.1 and 3.2)."""
    with pytest.raises(ConfigurationError, match="is not one that ID tokens may have"):
        read(algorithms=["RS256", algorithm])


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("session_idle_seconds", 60),
        ("session_absolute_seconds", 60),
        ("transaction_seconds", 1),
        ("clock_skew_seconds", 0),
    ],
)
def test_lifetimes_are_whole_seconds(name: str, least: int) -> None:
    """Neither less than makes sense, nor True, nor a fraction, nor a string."""
    assert least == getattr(read(**{name: least}), name)
    for value in (least - 1, -1, True, float(least), "60", None):
        with pytest.raises(ConfigurationError, match=f"{name} is not a whole number of seconds"):
            read(**{name: value})


def test_the_skew_has_an_end() -> None:
    """A minute at most: more would accept expired tokens."""
    assert 60 == read(clock_skew_seconds=60).clock_skew_seconds
    with pytest.raises(ConfigurationError, match="clock_skew_seconds is more than 60"):
        read(clock_skew_seconds=61)


@pytest.mark.parametrize(
    ("redirect_uri", "secure"),
    [
        ("https://app.example/cb", True),
        ("http://localhost:3000/cb", False),
        ("HTTP://localhost:3000/cb", False),
        (None, True),
    ],
)
def test_cookies_are_secure_unless_the_callback_is_plain(
    redirect_uri: str | None, secure: bool
) -> None:
    """Plain http is for loopback only, where browsers would drop a secure cookie."""
    assert secure is read(authorization_params={"redirect_uri": redirect_uri}).secure_cookies


@pytest.mark.parametrize("value", ["no", 0, 1, "False"])
def test_secure_cookies_is_true_false_or_none(value: object) -> None:
    """A string from the environment would be true whatever it says."""
    with pytest.raises(ConfigurationError, match="secure_cookies is not True, False or None"):
        read(secure_cookies=value)


@pytest.mark.parametrize(
    "prefix", ["my app", "a;b", "a=b", "ä", "--", "a\n", "__", "a.b", "\u0661"]
)
def test_a_cookie_prefix_has_letters_that_a_cookie_may_have(prefix: str) -> None:
    """RFC 6265, 4.1.1; nothing that could end the name."""
    with pytest.raises(ConfigurationError, match="cookie_prefix has characters"):
        read(cookie_prefix=prefix)


@pytest.mark.parametrize("prefix", ["", None, 5])
def test_a_cookie_prefix_must_be_there(prefix: object) -> None:
    """Every cookie needs a name."""
    with pytest.raises(ConfigurationError, match="cookie_prefix is missing"):
        read(cookie_prefix=prefix)


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        (LONG, (LONG.encode(),)),
        (LONG.encode(), (LONG.encode(),)),
        ([LONG, b"x" * 40], (LONG.encode(), b"x" * 40)),
        ((LONG,), (LONG.encode(),)),
        ("ä" * 16, (("ä" * 16).encode(),)),
    ],
)
def test_secrets_are_one_or_a_list(secret: Any, expected: tuple[bytes, ...]) -> None:
    """In the order given: the first seals. What counts is bytes."""
    assert expected == checked_secrets(secret)


@pytest.mark.parametrize("secret", [None, "", b"", [], ()])
def test_a_missing_secret_says_how_to_make_one(secret: Any) -> None:
    """The command in the hint can be pasted."""
    with pytest.raises(ConfigurationError, match="The argument secret is missing") as caught:
        checked_secrets(secret)

    assert "python -c" in caught.value.hint


@pytest.mark.parametrize(
    ("secret", "number", "size"),
    [
        (LONG[:31], 1, 31),
        (b"x", 1, 1),
        ([LONG, "short"], 2, 5),
        (["", LONG], 1, 0),
    ],
)
def test_a_short_secret_is_refused(secret: Any, number: int, size: int) -> None:
    """The one that is too short is numbered, and not quoted."""
    with pytest.raises(ConfigurationError, match=f"number {number} has {size} bytes") as caught:
        checked_secrets(secret)

    assert "short" not in caught.value.message


@pytest.mark.parametrize(
    "secret", [5, 0, False, {"secret": LONG}, {LONG}, [None], [LONG, 5], [[LONG]], bytearray(40)]
)
def test_a_secret_that_is_neither_string_nor_list_is_refused(secret: Any) -> None:
    """Nor does anything else happen: no error of Python's own."""
    with pytest.raises(ConfigurationError, match="not a string or a list of strings"):
        checked_secrets(secret)


@given(any_text)
@example("\udc80" * 9)
def test_a_secret_of_any_text_is_judged_by_its_bytes(text: str) -> None:
    """Also one that came undecodable from the environment (PEP 383)."""
    secret = text * 4
    size = len(secret.encode("utf-8", "surrogatepass"))
    if size >= 32:
        assert size == len(checked_secrets(secret)[0])
    else:
        with pytest.raises(ConfigurationError):
            checked_secrets(secret)


ARGUMENTS = (
    "domain client_id client_secret authorization_params dialect algorithms token_endpoint_auth_method"
    " session_idle_seconds session_absolute_seconds transaction_seconds clock_skew_seconds secure_cookies"
    " cookie_prefix"
).split()


@given(st.dictionaries(st.sampled_from(ARGUMENTS), json_values, max_size=3))
def test_any_configuration_is_settings_or_a_configuration_error(arguments: dict[str, Any]) -> None:
    """Whatever an application reads from its files."""
    try:
        settings = read(**arguments)
    except ConfigurationError:
        return
    assert "none" not in settings.algorithms


def test_the_client_secret_does_not_print() -> None:
    """Not in the settings, and in no error about them."""
    settings = read(client_secret=CANARY)

    assert CANARY not in repr(settings)
    with pytest.raises(ConfigurationError) as caught:
        read(client_secret=CANARY, token_endpoint_auth_method="tls")
    assert CANARY not in str(caught.value)


def test_settings_are_frozen() -> None:
    """They are read once; nothing changes them under a running flow."""
    with pytest.raises(FrozenInstanceError):
        read().client_id = "other"  # type: ignore[misc]  # what may not be done


@pytest.mark.parametrize("secret", [None, "client-secret"])
def test_a_key_may_stand_beside_a_secret_or_alone(secret: str | None) -> None:
    """It is imported once, here."""
    pem = private_pem_of(key_pair("ES256"))
    settings = read(
        client_secret=secret,
        client_assertion_signing_key=pem,
        client_assertion_signing_alg="ES256",
        token_endpoint_auth_method="private_key_jwt",
    )

    assert settings.client_assertion_key is not None
    assert "ES256" == settings.client_assertion_key.alg
    assert read().client_assertion_key is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"token_endpoint_auth_method": "private_key_jwt"}, "there is no key"),
        (
            {"token_endpoint_auth_method": "private_key_jwt", "client_secret": None},
            "there is no key",
        ),
        ({"client_assertion_signing_alg": "ES256"}, "no key that signs with it"),
        ({"client_assertion_signing_key": CANARY}, "not a private key that can be read"),
        (
            {
                "client_assertion_signing_key": private_pem_of(key_pair("ES256")),
                "client_assertion_signing_alg": "RS256",
            },
            "cannot sign with 'RS256'",
        ),
    ],
)
def test_a_method_without_its_key_is_refused(arguments: dict[str, Any], message: str) -> None:
    """And a key that does not do, which the error does not quote."""
    with pytest.raises(ConfigurationError, match=message) as caught:
        read(**arguments)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("choice", ["auto", "required", "never"])
def test_pushing_is_a_choice_of_three(choice: str) -> None:
    """Where nothing is said, the provider's metadata decide."""
    assert choice == read(pushed_authorization=choice).pushed_authorization
    assert "auto" == read().pushed_authorization


@pytest.mark.parametrize(
    ("choice", "suggestion"),
    [
        ("require", "Did you mean required?"),
        (True, "Known are auto, required, never."),
        (None, "Known are auto, required, never."),
    ],
)
def test_there_is_no_fourth(choice: object, suggestion: str) -> None:
    """The nearest known one is suggested."""
    with pytest.raises(ConfigurationError, match="There is no pushed_authorization") as caught:
        read(pushed_authorization=choice)

    assert suggestion == caught.value.hint


def test_a_logout_may_lead_to_listed_urls() -> None:
    """Each complete, as it is registered at the provider."""
    urls = ["https://www.example/bye?x=y", "http://localhost:3000/"]

    assert tuple(urls) == read(post_logout_redirect_uris=urls).post_logout_redirect_uris


@pytest.mark.parametrize(
    "urls",
    [
        "https://www.example/",
        None,
        {"https://www.example/"},
        [5],
        ["/bye"],
        ["http://www.example/"],
    ],
)
def test_a_logout_may_lead_nowhere_else(urls: Any) -> None:
    """A single string would be a list of letters; relative and plain http URLs are no targets."""
    with pytest.raises(ConfigurationError, match="post_logout_redirect_uris"):
        read(post_logout_redirect_uris=urls)
