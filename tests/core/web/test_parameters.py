"""Parameters of a request that starts something."""

import pytest

from userlink.web.parameters import read_parameters, single_parameters


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        (b"", {}),
        (b"return_to=%2Fprofile&ui_locales=de", {"return_to": "/profile", "ui_locales": "de"}),
        (b"a=", {"a": ""}),
        (b"a=1&a=2&b=3", {"b": "3"}),
        (b"a=1&a=1", {}),
        (b"a=%ff", {}),
        (b"a=\xff", {}),
        (b"&".join(b"p%d=1" % number for number in range(65)), {}),
    ],
)
def test_parameters_are_single_and_well_formed(encoded: bytes, expected: dict[str, str]) -> None:
    """What is doubled is not given; what is no UTF-8, or far too much, is nothing."""
    assert expected == read_parameters(encoded)


def test_parameters_that_were_decoded_before_are_held_to_the_same() -> None:
    """A framework may have read the form already."""
    assert {"b": "3"} == single_parameters([("a", "1"), ("a", "2"), ("b", "3")])
    assert {} == single_parameters((f"p{number}", "1") for number in range(65))
