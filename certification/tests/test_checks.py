"""What the machine looks at, as tables."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certification import checks, findings
from certification.models import CheckKind, CheckResult

TODAY = date(2026, 11, 24)
PASSED, FAILED, OPEN = CheckResult.PASSED, CheckResult.FAILED, CheckResult.INCONCLUSIVE


@pytest.mark.parametrize(
    ("number", "pattern", "unconfirmed", "result", "finding"),
    [
        ("123456789012345", r"\d{15}", False, PASSED, "form.right"),
        ("1234 5678 9012 345", r"\d{15}", False, PASSED, "form.right"),
        ("12345678901234", r"\d{15}", False, FAILED, "form.wrong"),
        ("12345678901234", r"\d{15}", True, OPEN, "form.unconfirmed"),
        ("x1234567890123456", r"\d{17}|\d{12}", False, FAILED, "form.wrong"),
        ("123456789012", r"\d{17}|\d{12}", False, PASSED, "form.right"),
    ],
)
def test_form(number: str, pattern: str, unconfirmed: bool, result: CheckResult, finding: str) -> None:
    outcome = checks.check_number_form(number, pattern=pattern, unconfirmed=unconfirmed)
    assert (outcome.result, outcome.finding) == (result, finding)
    assert number[:8] not in outcome.input


@pytest.mark.parametrize(
    ("function", "number", "result"),
    [
        ("cn_identity", "11010519491231002X", PASSED),
        ("cn_identity", "510102197310196564", PASSED),
        ("cn_identity", "110105194912310021", FAILED),
        ("cn_uscc", "91110108551385082Q", PASSED),
        ("us_npi", "1993999999", FAILED),
        ("orcid", "0000-0002-1825-0097", PASSED),
    ],
)
def test_a_warning_passes_and_only_a_wrong_digit_fails(function: str, number: str, result: CheckResult) -> None:
    assert checks.check_checksum(number, function=function).result == result


@pytest.mark.parametrize(
    ("identity", "result"),
    [("510102197310196564", PASSED), ("11010519491231002X", FAILED), ("", OPEN)],
)
def test_the_number_inside_is_compared_with_the_declared_one(identity: str, result: CheckResult) -> None:
    assert checks.check_embedded_identity("202210110510102197310196564", identity=identity).result == result


@pytest.mark.parametrize(
    ("days_old", "result", "finding"),
    [
        (0, PASSED, "age.fresh"),
        (183, PASSED, "age.fresh"),
        (184, FAILED, "age.old"),
        (-1, PASSED, "age.fresh"),
        (-2, FAILED, "age.future"),
        (None, OPEN, "age.undated"),
    ],
)
def test_proof_age(days_old: int | None, result: CheckResult, finding: str) -> None:
    dated = None if days_old is None else TODAY - timedelta(days=days_old)
    outcome = checks.check_proof_age(dated, max_days=183, today=TODAY, shown="Document")
    assert (outcome.result, outcome.finding) == (result, finding)


@pytest.mark.parametrize(
    ("days_left", "needed", "result", "finding"),
    [
        (30, True, PASSED, "expiry.ahead"),
        (29, True, OPEN, "expiry.soon"),
        (0, True, OPEN, "expiry.soon"),
        (-1, True, FAILED, "expiry.over"),
        (None, True, OPEN, "expiry.missing"),
        (None, False, PASSED, "expiry.none"),
    ],
)
def test_expiry(days_left: int | None, needed: bool, result: CheckResult, finding: str) -> None:
    ends = None if days_left is None else TODAY + timedelta(days=days_left)
    outcome = checks.check_expiry(ends, needed=needed, today=TODAY, shown="Licence")
    assert (outcome.result, outcome.finding) == (result, finding)


@pytest.mark.parametrize(
    ("declared", "finding"),
    [
        ([], "names.single"),
        (["Li Ming"], "names.single"),
        (["Li Ming", " li  MING "], "names.same"),
        (["Li Ming", "Ming Li"], "names.same"),
        (["李明", "李 明", "李明"], "names.same"),
        (["李明", "明李"], "names.differ"),
        (["Li Ming", "Wang Ming"], "names.differ"),
        (["Anna-Maria O’Neil", "anna maria o'neil"], "names.same"),
        (["張偉", "张伟", "张 伟"], "names.same"),
        (["Dr. Li Ming", "LI MING", "Ming Li"], "names.same"),
        (["Li Ming", "Dr. Li Ming", "Wang Ming"], "names.differ"),
    ],
)
def test_names(declared: list[str], finding: str) -> None:
    assert checks.compare_names(declared).finding == finding


@given(st.lists(st.text(max_size=20), max_size=4))
def test_names_are_compared_without_regard_to_order_of_papers(declared: list[str]) -> None:
    assert checks.compare_names(declared).finding == checks.compare_names(list(reversed(declared))).finding


def test_every_finding_has_a_sentence_that_takes_its_figures() -> None:
    figures = {"type": "NPI", "count": 2, "pages": 3, "date": "2026-01-01", "days": 5, "editor": "gimp"}
    for code in findings.FINDING_SENTENCES:
        assert findings.finding_sentence(code, figures).endswith(".")


def test_a_finding_that_is_not_known_any_more_is_still_shown() -> None:
    assert "old.code" in findings.finding_sentence("old.code", {})


def test_every_computed_kind_has_one_rule() -> None:
    computed = set(CheckKind) - {CheckKind.REGISTRY, CheckKind.DOCUMENT_READ}
    assert [rule.kind for rule in checks.CHECK_RULES if rule.kind in computed] == [
        rule.kind for rule in checks.CHECK_RULES
    ]
    assert {rule.kind for rule in checks.CHECK_RULES} == computed
