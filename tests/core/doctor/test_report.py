"""Findings as people and programs read them."""

import json

from userlink.doctor.finding import Protection
from userlink.doctor.report import as_json, as_table

DOOR, ROOF = Protection("door", "RFC 1, 2"), Protection("roof", "RFC 3")
FINDINGS = (
    ROOF.on("tight"),
    DOOR.impossible("there is none", "Build one.", is_unsafe=True),
    Protection("cellar", "RFC 4").off("damp", "Dry it."),
)


def test_the_table_has_the_worst_first_and_ends_with_the_sum() -> None:
    """What must be changed is not looked for."""
    assert (
        "userlink doctor: https://tenant.example/\n"
        "\n"
        "unsafe  impossible  door    there is none\n"
        "                            -> Build one. (RFC 1, 2)\n"
        "advice  off         cellar  damp\n"
        "                            -> Dry it. (RFC 4)\n"
        "fine    on          roof    tight\n"
        "\n"
        "1 unsafe, 1 advice, 1 fine\n"
    ) == as_table("https://tenant.example/", FINDINGS)


def test_long_texts_are_wrapped_in_their_column() -> None:
    """No line is longer than a hundred characters."""
    table = as_table(
        "https://tenant.example/", [DOOR.off("a plank is loose, " * 20, "Nail. " * 30)]
    )

    assert all(len(line) <= 100 for line in table.splitlines())
    assert 20 == table.replace("\n", " ").count("plank")


def test_what_a_provider_wrote_gives_a_terminal_no_orders() -> None:
    """Its lists are shown; control characters in them are not."""
    table = as_table("https://tenant.example/", [DOOR.on("lists \x1b[2J\u202e, \x07")])

    assert not {"\x1b", "\x07", "\u202e"} & set(table)


def test_json_has_the_same_and_says_whether_it_is_unsafe() -> None:
    """In the order of judging, for programs that compare reports."""
    report = json.loads(as_json("https://tenant.example/", FINDINGS))

    assert ("https://tenant.example/", True) == (report["issuer"], report["is_unsafe"])
    assert ["roof", "door", "cellar"] == [each["protection"] for each in report["findings"]]
    assert {
        "protection": "door",
        "state": "impossible",
        "severity": "unsafe",
        "seen": "there is none",
        "change": "Build one.",
        "section": "RFC 1, 2",
    } == report["findings"][1]
    assert not json.loads(as_json("https://tenant.example/", FINDINGS[:1]))["is_unsafe"]
