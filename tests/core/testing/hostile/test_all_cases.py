"""The reference lists every case, and no other."""

from pathlib import Path

from userlink.testing.hostile import ALL_CASES, Family

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "hostile.md"


def table() -> str:
    """Write the table of the reference."""
    lines: list[str] = []
    for family in Family:
        cases = [case for case in ALL_CASES if case.family is family]
        if cases:
            lines += [f"### {family.capitalize()}", "", "| case | checks | section | must be |"]
            lines.append("| --- | --- | --- | --- |")
        for case in cases:
            cold = " (cold)" if case.needs_cold_caches else ""
            cells = (f"`{case.name}`", case.checks, case.section, f"{case.expected}{cold}")
            lines.append(f"| {' | '.join(cells)} |")
        if cases:
            lines.append("")
    return "\n".join(lines)


def test_the_reference_lists_every_case() -> None:
    """In the words of the case itself."""
    page = PAGE.read_text(encoding="utf-8")

    assert (
        table().strip()
        == page.partition("## The cases")[2].partition("\n\n")[2].partition("\n\n")[2].strip()
    )


def test_a_case_belongs_to_the_tokens_or_another_family() -> None:
    """The order of the families is that of the cases."""
    order = list(Family)
    families = [order.index(case.family) for case in ALL_CASES]

    assert sorted(families) == families
