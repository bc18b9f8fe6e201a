"""A mutant that no test noticed must be explained, unless it changes nothing that counts."""

from pathlib import Path

import pytest

from mutation.survivors import (
    Survivor,
    is_equivalent,
    known_survivors,
    read_diff,
    unexplained,
)

DIFF = """# userlink.protocol.pkce.x_digest__mutmut_3: survived
--- src/userlink/protocol/flows/pkce.py
+++ src/userlink/protocol/flows/pkce.py
@@ -1,3 +1,3 @@
 def digest(text):
-    return first(
-        text)
+    return second(
+        text)
     # end
"""


def test_a_diff_is_read_as_the_lines_it_changes() -> None:
    """The module's name begins below ``protocol/``; lines are joined, for formatting is no difference."""
    assert Survivor("flows/pkce.py", "return first( text)", "return second( text)") == read_diff(
        DIFF
    )
    assert None is read_diff("# nothing was changed\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('raise ValueError("not a token")', 'raise ValueError("XXnot a tokenXX")'),
        ('raise ValueError("not a token")', "raise ValueError(None)"),
        ('hint="Start again.", x=1', 'hint="start again.", x=1'),
        ('text.encode("utf-8")', 'text.encode("UTF-8")'),
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
