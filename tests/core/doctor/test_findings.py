"""All protections are judged, in one order, each under its own name."""

from pathlib import Path

import pytest

from support.doctor_evidence import evidence_of
from userlink.doctor.finding import Severity, State
from userlink.doctor.findings import JUDGES, find, is_unsafe

ROOT = Path(__file__).parents[3]


def test_every_protection_is_judged_under_its_name_and_section() -> None:
    """A judge that speaks for another protection would be found here."""
    assert [(protection.name, protection.section) for protection in JUDGES] == [
        (finding.protection, finding.section) for finding in find(evidence_of())
    ]


def test_a_configuration_that_has_it_all_has_nothing_to_change() -> None:
    """No finding nags where nothing can be done."""
    findings = find(
        evidence_of(
            document={"token_endpoint_auth_methods_supported": ["client_secret_post"]},
            link_max_age_seconds=300,
        )
    )

    assert {(State.ON, Severity.FINE)} == {(each.state, each.severity) for each in findings}
    assert not is_unsafe(findings)


@pytest.mark.parametrize("page", ["how-to/deployment-checklist.md", "reference/command-lines.md"])
def test_every_protection_is_in_the_documentation(page: str) -> None:
    """A name in a report leads somewhere."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")

    assert [] == [each.name for each in JUDGES if f"`{each.name}`" not in text]


def test_one_unsafe_finding_makes_a_configuration_unsafe() -> None:
    """However much else is fine."""
    assert is_unsafe(find(evidence_of(secure_cookies=False)))
