"""A mutant that no test noticed must be explained, unless it changes nothing that counts."""

from pathlib import Path

import pytest

from mutation.survivors import Survivor, compare, is_equivalent, known_survivors, unexplained


def test_only_the_lines_that_differ_are_compared() -> None:
    """Each side on one line, for a call may stretch over several."""
    original = ["def digest(text):", "    return first(", "        text)", "    # end"]
    mutated = ["def digest(text):", "    return first(", "        None)", "    # end"]

    assert Survivor("flows/pkce.py", "text)", "None)") == compare(
        "flows/pkce.py", original, mutated
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('raise ValueError("not a token")', 'raise ValueError("XXnot a tokenXX")'),
        ('raise ValueError("not a token")', "raise ValueError(None)"),
        ('hint="Start again.", x=1', 'hint="start again.", x=1'),
        ('text.encode("utf-8")', 'text.encode("UTF-8")'),
        ('"It is long: " f"{name!r} here."', '"XXIt is long: XX" f"{name!r} here."'),
        ('refuse_claim("azp", "is missing")', 'refuse_claim("azp", None)'),
        ('"It is too long.",', "None,"),
        ('"It is too long.", check=name', "None, check=name"),
        ('"It is late.", hint=hint )', '"It is late.", )'),
        ('"It is late.", hint=hint', '"It is late.", hint=None'),
        ('raise Refused("It is late.", hint=_HINT)', 'raise Refused("It is late.", )'),
        (
            'raise Refused("It is late.", hint="Start again.")',
            'raise Refused(None, hint="Start again.")',
        ),
    ],
)
def test_the_wording_of_a_message_is_its_authors(before: str, after: str) -> None:
    """Tests hold its class, its code and that it shows no secret."""
    assert is_equivalent(Survivor("x.py", before, after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("if a < b:", "if a <= b:"),
        ('if name == "nonce":', 'if name == "XXnonceXX":'),
        ('raise ValueError("not a token")', 'raise TypeError("not a token")'),
        ('refuse("nonce", "it is another")', 'refuse("XXnonceXX", "it is another")'),
        ('encode("utf-8", "surrogatepass")', 'encode("utf-8", "SURROGATEPASS")'),
        ('f(a, "b c")', 'f(None, "b c")'),
        ('f(a, "b c")', "f(a, None)"),
        ('return " ".join(scopes)', 'return "XX XX".join(scopes)'),
        ('f"Basic {encoded(pair)}"', 'f"Basic {encoded(None)}"'),
        ("f\"{url}{'&' if '?' in url else '?'}\"", "f\"{url}{'&' if '?' not in url else '?'}\""),
        ("raise Refused('late', check='iat')", "raise Refused('late', )"),
    ],
)
def test_anything_else_is_a_gap(before: str, after: str) -> None:
    """A limit, a name, a class, an argument."""
    survivor = Survivor("x.py", before, after)

    assert not is_equivalent(survivor)
    assert [survivor] == unexplained([survivor], [])
    assert [] == unexplained([survivor], [survivor])


def test_every_survivor_that_is_let_live_has_a_reason() -> None:
    """The list is short, and says why for each."""
    known = known_survivors(Path(__file__).parents[2] / "mutation/survivors.toml")

    assert all(len(reason) > 20 for reason in known.values())
