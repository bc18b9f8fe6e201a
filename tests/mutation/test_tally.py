"""The outcome is counted by module, and what nobody has explained is shown."""

from mutation.survivors import Survivor
from mutation.tally import describe

LIMIT = Survivor("pkce.py", "if a < b:", "if a <= b:")
NAME = Survivor("pkce.py", 'f("nonce")', 'f("XXnonceXX")')
WORDS = Survivor("flows/link.py", 'Refused("not so")', 'Refused("XXnot soXX")')
OUTCOMES = {
    "userlink.protocol.pkce.x_digest__mutmut_1": "killed",
    "userlink.protocol.pkce.x_digest__mutmut_2": "survived",
    "userlink.protocol.pkce.x_digest__mutmut_3": "survived",
    "userlink.protocol.pkce.x_digest__mutmut_4": "not checked",
    "userlink.protocol.flows.link.x_start__mutmut_1": "survived",
}
SURVIVORS = {
    "userlink.protocol.pkce.x_digest__mutmut_2": LIMIT,
    "userlink.protocol.pkce.x_digest__mutmut_3": NAME,
    "userlink.protocol.flows.link.x_start__mutmut_1": WORDS,
}


def test_what_nobody_has_explained_is_shown() -> None:
    """The line as it is, and as no test minded it."""
    text, left = describe(OUTCOMES, SURVIVORS, {NAME: "the same name"})

    assert 1 == left
    assert "- if a < b:\n+ if a <= b:\n" in text
    assert "nonce" not in text
    assert "not so" not in text


def test_each_module_has_its_line() -> None:
    """What was not tried does not count."""
    text, _ = describe(OUTCOMES, SURVIVORS, {NAME: "the same name"})

    assert [
        "flows.link: 1 mutants, 0 noticed, 1 survive: 1 explained, 0 not.",
        "pkce: 3 mutants, 1 noticed, 2 survive: 1 explained, 1 not.",
        "all: 4 mutants, 1 noticed, 3 survive: 2 explained, 1 not.",
    ] == text.splitlines()[-3:]
