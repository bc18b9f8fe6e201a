"""
What is fuzzed: each target takes bytes that nobody vouches for, and fails only when a promise is broken.

The promises: nothing but the module's own typed error is raised, what is accepted is well-formed, and what was not
sealed or signed here is not opened. Time and memory are bounded by whoever runs the target.
"""

from collections.abc import Callable, Mapping

from attrs import frozen

from . import browser, provider

__all__ = ["TARGETS", "Target"]


@frozen
class Target:
    """
    One thing that is fuzzed.

    Attributes:
        run: takes the bytes; raises when a promise is broken.
        seeds: well-formed inputs, from which a fuzzer learns the form.
    """

    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


TARGETS: Mapping[str, Target] = {
    "callback": Target(browser.callback, browser.CALLBACKS),
    "cookie_header": Target(browser.cookie_header, browser.COOKIE_HEADERS),
    "cookie_opener": Target(browser.cookie_opener, browser.SEALED),
    "session_record": Target(browser.session_record, browser.SESSION_RECORDS),
    "transaction_record": Target(browser.transaction_record, browser.TRANSACTION_RECORDS),
    "return_to": Target(browser.return_to, browser.RETURN_TO),
    "discovery": Target(provider.discovery, provider.DISCOVERY_DOCUMENTS),
    "jwks": Target(provider.jwks, provider.KEY_SETS),
    "token_response": Target(provider.token_response, provider.TOKEN_RESPONSES),
    "id_token": Target(provider.id_token, provider.ID_TOKENS),
    "id_token_claims": Target(provider.id_token_claims, provider.CLAIMS),
}
