"""Findings as people and programs read them."""

import json
from collections.abc import Sequence
from textwrap import wrap

from .finding import Finding, Severity

__all__ = ["as_json", "as_table"]

_ORDER = (Severity.UNSAFE, Severity.ADVICE, Severity.FINE)
_WIDTH = 100


def as_table(issuer: str, findings: Sequence[Finding]) -> str:
    """Lay findings out in a table, the worst first, and end with their sum."""
    columns = [
        max(len(cell) for cell in column) for column in zip(*map(_head, findings), strict=True)
    ]
    lines = [f"userlink doctor: {issuer}", ""]
    for finding in sorted(findings, key=lambda finding: _ORDER.index(finding.severity)):
        cells = [cell.ljust(width) for cell, width in zip(_head(finding), columns, strict=True)]
        margin = "  ".join(cells) + "  "
        texts = [*_wrapped(finding.seen, len(margin))]
        if finding.change is not None:
            texts += _wrapped(f"-> {finding.change} ({finding.section})", len(margin))
        lines += [
            f"{margin if number == 0 else ' ' * len(margin)}{text}"
            for number, text in enumerate(texts)
        ]
    return "\n".join([*lines, "", _sum(findings), ""])


def as_json(issuer: str, findings: Sequence[Finding]) -> str:
    """Write findings as one JSON object."""
    return json.dumps(
        {
            "issuer": issuer,
            "is_unsafe": any(finding.severity is Severity.UNSAFE for finding in findings),
            "findings": [
                {
                    "protection": finding.protection,
                    "state": finding.state.value,
                    "severity": finding.severity.value,
                    "seen": finding.seen,
                    "change": finding.change,
                    "section": finding.section,
                }
                for finding in findings
            ],
        },
        indent=2,
    )


def _head(finding: Finding) -> tuple[str, str, str]:
    return finding.severity.value, finding.state.value, finding.protection


def _wrapped(text: str, margin: int) -> list[str]:
    # What a provider wrote is shown as text, not obeyed by a terminal.
    shown = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
    return wrap(shown, _WIDTH - margin, break_long_words=False, break_on_hyphens=False)


def _sum(findings: Sequence[Finding]) -> str:
    counts = [
        f"{sum(finding.severity is severity for finding in findings)} {severity.value}"
        for severity in _ORDER
    ]
    return ", ".join(counts)
