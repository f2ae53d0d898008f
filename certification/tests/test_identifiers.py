"""Golden numbers and properties of identifiers. Sources: GB 11643, GB 32100, 45 CFR 162.406, ISO 7064."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_11_2

from certification import identifiers
from certification.identifiers import ChecksumStatus

RIGHT, WARNING, WRONG = ChecksumStatus.RIGHT, ChecksumStatus.WARNING, ChecksumStatus.WRONG
DIGITS = "0123456789"


@pytest.mark.parametrize(
    ("function", "number", "verdict", "finding"),
    [
        ("cn_identity", "11010519491231002X", RIGHT, "checksum.right"),
        ("cn_identity", "360426199101010071", RIGHT, "checksum.right"),
        ("cn_identity", "110105194912310021", WRONG, "checksum.wrong"),
        ("cn_identity", "510102197310196564", WARNING, "checksum.region"),
        ("cn_identity", "", WRONG, "checksum.wrong"),
        ("cn_identity", "X10105194912310021", WRONG, "checksum.wrong"),
        ("cn_uscc", "91110000600037341L", RIGHT, "checksum.right"),
        ("cn_uscc", "91110108551385082Q", RIGHT, "checksum.right"),
        ("cn_uscc", "91110108551385082R", WRONG, "checksum.wrong"),
        ("us_npi", "1993999998", RIGHT, "checksum.right"),
        ("us_npi", "1993999999", WRONG, "checksum.wrong"),
        ("us_npi", "3993999998", WRONG, "checksum.wrong"),
        ("orcid", "0000000218250097", RIGHT, "checksum.right"),
        ("orcid", "0000000218250098", WRONG, "checksum.wrong"),
        ("lei", "213800KUD8LAJWSQ9D15", RIGHT, "checksum.right"),
        ("lei", "213800KUD8LAJWSQ9D16", WRONG, "checksum.wrong"),
        ("cn_doctor", "202210110510102197310196564", WARNING, "checksum.embedded_region"),
        ("cn_doctor", "20221011011010519491231002X", RIGHT, "checksum.embedded"),
        ("cn_doctor", "202210110110105194912310021", WRONG, "checksum.embedded_wrong"),
        ("cn_doctor", "202210110510102731019656", WARNING, "checksum.old_identity"),
        ("cn_doctor", "2022101", WRONG, "checksum.wrong"),
    ],
)
def test_golden_numbers(function: str, number: str, verdict: ChecksumStatus, finding: str) -> None:
    answer = identifiers.CHECKSUMS[function](number)
    assert (answer.status, answer.finding) == (verdict, finding)


@pytest.mark.parametrize("body", ["11010520991231000", "11010518491231000", "11010519490230000"])
def test_nobody_was_born_in_the_future_long_ago_or_on_a_day_that_is_none(body: str) -> None:
    number = body + ric.calc_check_digit(body + "0")
    assert identifiers.check_chinese_identity(number).finding == "checksum.birth_date"


def test_an_old_identity_number_holds_a_day_that_was() -> None:
    answer = identifiers.check_chinese_doctor("202210110510102731319656")
    assert (answer.status, answer.finding) == (WRONG, "checksum.embedded_wrong")


def test_the_identity_number_is_the_end_of_the_doctor_number() -> None:
    assert identifiers.embedded_identity_number("202210110510102197310196564") == "510102197310196564"
    assert identifiers.embedded_identity_number("202210110") is None


def test_a_birth_date_that_does_not_exist_is_wrong_though_the_check_digit_fits() -> None:
    body = "11010519490230002"
    number = body + ric.calc_check_digit(body + "0")
    assert identifiers.check_chinese_identity(number).finding == "checksum.birth_date"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0000-0002-1825-0097", "0000000218250097"),
        (" 1101 0519 4912 3100 2x ", "11010519491231002X"),
        ("９１１１００００６０００３７３４１Ｌ", "91110000600037341L"),
        ("1993–999–998", "1993999998"),
        ("1234\u200b567893", "1234567893"),
        ("\u200e1234567893", "1234567893"),
        ("\u202a1234567893\u202c", "1234567893"),
        ("\ufeff1234567893", "1234567893"),
        ("12345\ufe0f67893", "1234567893"),
        ("12\u00ad34567893", "1234567893"),
        ("0000\u22120002\u22121825\u22120097", "0000000218250097"),
        ("0000\u30fc0002\u2e3a1825\u301c0097", "0000000218250097"),
        ("\u066213800WSGIIZCXF1P572", "213800WSGIIZCXF1P572"),
        ("\u0661\u0662\u0663\u0664\u0665\u0666\u0667", "1234567"),
        ("\u0967\u0968\u0969 \u06f4\u06f5\u06f6", "123456"),
        ("AB\u200b1234567", "AB1234567"),
    ],
)
def test_numbers_are_compared_as_one_writes_them(typed: str, number: str) -> None:
    assert identifiers.normalise_identifier(typed) == number


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = identifiers.normalise_identifier(text)
    assert identifiers.normalise_identifier(once) == once


@given(st.text(alphabet=DIGITS + "ABCX", max_size=40))
def test_a_mask_keeps_the_length_and_shows_three_at_most(text: str) -> None:
    masked = identifiers.mask_identifier(text)
    assert len(masked) == len(text)
    assert sum(letter != "•" for letter in masked) <= 3


def _replaced(number: str, place: int, letter: str) -> str:
    return number[:place] + letter + number[place + 1 :]


@given(st.text(alphabet=DIGITS, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(DIGITS))
def test_one_wrong_digit_breaks_an_identity_number(body: str, place: int, digit: str) -> None:
    number = body + ric.calc_check_digit(body + "0")
    assume(number[place] != digit)
    assert identifiers.check_chinese_identity(_replaced(number, place, digit)).status is WRONG


@given(
    st.text(alphabet=DIGITS, min_size=8, max_size=8),
    st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9),
    st.integers(0, 16),
    st.sampled_from(DIGITS),
)
def test_one_wrong_character_breaks_a_social_credit_code(head: str, tail: str, place: int, digit: str) -> None:
    number = head + tail + uscc.calc_check_digit(head + tail)
    assert identifiers.check_social_credit_code(number).status is RIGHT
    assume(number[place] != digit)
    assert identifiers.check_social_credit_code(_replaced(number, place, digit)).status is WRONG


@given(st.sampled_from("12"), st.text(alphabet=DIGITS, min_size=8, max_size=8))
def test_each_npi_body_has_exactly_one_check_digit(first: str, rest: str) -> None:
    right = [digit for digit in DIGITS if identifiers.check_npi(first + rest + digit).status is RIGHT]
    assert len(right) == 1


@given(st.sampled_from("12"), st.text(alphabet=DIGITS, min_size=8, max_size=8), st.integers(1, 8), st.data())
def test_one_wrong_digit_breaks_an_npi(first: str, rest: str, place: int, data: st.DataObject) -> None:
    digit = next(digit for digit in DIGITS if identifiers.check_npi(first + rest + digit).status is RIGHT)
    number = first + rest + digit
    other = data.draw(st.sampled_from([digit for digit in DIGITS if digit != number[place]]))
    assert identifiers.check_npi(_replaced(number, place, other)).status is WRONG


@given(st.text(alphabet=DIGITS, min_size=15, max_size=15), st.integers(0, 14), st.sampled_from(DIGITS))
def test_one_wrong_digit_breaks_an_orcid(body: str, place: int, digit: str) -> None:
    number = body + mod_11_2.calc_check_digit(body)
    assert identifiers.check_orcid(number).status is RIGHT
    assume(number[place] != digit)
    assert identifiers.check_orcid(_replaced(number, place, digit)).status is WRONG


@given(st.text(max_size=40))
def test_no_text_makes_a_checksum_fail_otherwise_than_by_its_outcome(text: str) -> None:
    for function in identifiers.CHECKSUMS.values():
        assert function(identifiers.normalise_identifier(text)).status in ChecksumStatus
