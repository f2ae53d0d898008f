"""Forms of numbers: what may be written, what is refused and why, and that nothing accepted can be slow."""

import re
import time

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as some

from certification import number_forms
from certification.reference import loading


@pytest.mark.parametrize("row", loading._read_rows("credential_types"), ids=lambda row: row["code"])
def test_every_form_of_the_reference_data_can_be_read(row: dict[str, str]) -> None:
    pattern = row.get("identifier_pattern", "")
    number_forms.validate_identifier_rule(pattern, row.get("checksum", ""))
    assert number_forms.describe_number_form(pattern) != pattern or not pattern


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"\d{17}[\dX]", "17 digits, then 1 sign out of 0–9, X"),
        (r"DV\d{6}", "“DV”, then 6 digits"),
        (r"[A-Z]?\d{12,14}", "0 to 1 letter, then 12 to 14 digits"),
        (r"\d{12}|[0-9A-Z]{16}", "12 digits, or 16 letters or digits"),
        (r"(?:AB){2}\d", "2 times (“AB”), then 1 digit"),
    ],
)
def test_words(pattern: str, words: str) -> None:
    assert number_forms.describe_number_form(pattern) == words


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", "not complete"),
        ("[0-9", "not complete"),
        ("A|", "not complete"),
        (r"\d+", "repeats without an end"),
        ("(A+)+B", "repeats without an end"),
        (r"(\d{1,20}){1,20}X", "very slow"),
        ("(?:A|A){30}B", "very slow"),
        (r"\d?\d?\d?\d?\d?\d?\d?\d?\d?\d?\d?\d?\d?\d?\d?X", "very slow"),
        (r"\d{65}", "cannot be used"),
        (r"\d{40}\d{40}", "at most 64"),
        ("A?", "empty number"),
        ("a1", "never occurs"),
        ("A-1", "never occurs"),
        (".{5}", "cannot be used"),
        (r"\w{5}", "cannot be used"),
        (r"^\d{5}$", "cannot be used"),
        (r"(\d)\1", "cannot be used"),
        ("(?=A)A", "cannot be used"),
        ("[^A]", "cannot be used"),
        ("[Z-A]", "cannot be used"),
        ("A{3,1}", "cannot be used"),
        ("A{", "cannot be used"),
        ("A)", "cannot be used"),
        ("(((((((((A)))))))))", "nested too deeply"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(pattern: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        number_forms.validate_identifier_rule(pattern, "")
    assert said in " ".join(refused.value.messages)


def test_a_form_and_a_check_digit_that_no_number_has_are_refused() -> None:
    with pytest.raises(ValidationError, match="No number can meet both"):
        number_forms.validate_identifier_rule(r"\d{5}", "us_npi")
    with pytest.raises(ValidationError, match="needs the form"):
        number_forms.validate_identifier_rule("", "us_npi")
    number_forms.validate_identifier_rule(r"\d{5,12}", "us_npi")


@given(some.text(alphabet="AB0\\d[]-(){}|?,19+*:", max_size=30), some.text(alphabet="AB019", max_size=64))
def test_what_is_accepted_compiles_and_is_compared_at_once(pattern: str, number: str) -> None:
    try:
        form = number_forms.read_number_form(pattern)
    except ValidationError:
        return
    compiled = re.compile(pattern)
    before = time.perf_counter()
    found = compiled.fullmatch(number)
    assert time.perf_counter() - before < 0.5
    assert found is None or len(number) in form.lengths
