"""What a case says about itself."""

from userlink.testing.hostile import ALL_CASES
from userlink.testing.hostile.case import accepted, refused


def test_an_expectation_reads_as_a_word() -> None:
    """With the errors that a refusal may have."""
    assert "accepted" == str(accepted())
    assert "refused" == str(refused())
    assert "refused, `a`, `b`" == str(refused("a", "b"))


def test_a_case_is_called_by_its_name() -> None:
    """No two share one."""
    names = [str(case) for case in ALL_CASES]

    assert len(set(names)) == len(names)
    assert names == [case.name for case in ALL_CASES]


def test_every_case_says_what_it_checks_and_what_it_would_mean() -> None:
    """In sentences, with a section."""
    for case in ALL_CASES:
        assert case.checks.endswith("."), case.name
        assert case.danger.endswith("."), case.name
        assert case.section, case.name
