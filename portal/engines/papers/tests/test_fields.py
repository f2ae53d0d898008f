"""Labels, dates and numbers, and which text belongs to which label."""

from datetime import date

import pytest

from portal.engines.papers import choosing, dates, fields, labels, numbers, scripts
from portal.engines.papers.limits import Field, FieldKind, Line

IDENTITY = "11010519491231002X"


def line(text: str, x: int, y: int, *, sure: float = 0.99, width: int = 0) -> Line:
    """A line 40 px high at a place; `width` px long, by default as its text."""
    end = x + (width or 24 * len(text))
    return Line(((x, y), (end, y), (end, y + 40), (x, y + 40)), text, (sure,) * len(text))


def read(*found: Line) -> dict[FieldKind, Field]:
    """The fields, as if both readings were these lines."""
    values = [one for value in fields.find_values(found) if (one := fields.read_value(value, found))]
    return choosing.choose_fields(fields.agree(values, values))


@pytest.mark.parametrize(
    ("text", "kind", "rest"),
    [
        ("姓名 Name: Zhang Wei", FieldKind.NAME, "Zhang Wei"),
        ("姓 名:张 伟", FieldKind.NAME, "张 伟"),
        ("證書編號:1234", FieldKind.NUMBER, "1234"),
        ("License NumberRN 36044586", FieldKind.NUMBER, "RN 36044586"),
        ("Certificate #: 123", FieldKind.NUMBER, "123"),
        ("Certlficate No. 7", FieldKind.NUMBER, "7"),
        ("Date of birth: 3 May 1980", None, "3 May 1980"),
        ("姓名/Name", FieldKind.NAME, ""),
    ],
    ids=range(8),
)
def test_labels_are_found_whatever_their_spaces_script_and_neighbours(
    text: str, kind: FieldKind | None, rest: str
) -> None:
    found = labels.match_label(scripts.plain(text))
    assert found is not None
    assert (found.kind, found.rest) == (kind, rest)


@pytest.mark.parametrize("text", ["CERTIFICATE OF REGISTRATION", "Nominal value", "Nobody", "中国"], ids=range(4))
def test_other_words_are_no_labels(text: str) -> None:
    assert labels.match_label(text) is None


@pytest.mark.parametrize(
    ("text", "day", "only"),
    [
        ("2019年1月3日", date(2019, 1, 3), True),
        ("二〇二〇年十二月三十日", date(2020, 12, 30), True),
        ("May 12, 2019", date(2019, 5, 12), True),
        ("1st March 2020", date(2020, 3, 1), True),
        ("12/25/2019", date(2019, 12, 25), True),
        ("03/04/2020", date(2020, 4, 3), False),
    ],
    ids=range(6),
)
def test_dates_are_read_and_say_whether_they_could_mean_another_day(text: str, day: date, only: bool) -> None:
    assert dates.find_dates(text) == [(day, only)]


@pytest.mark.parametrize("text", ["31 February 2019", "2019年13月1日", "1019-01-01", "长期"], ids=range(4))
def test_what_is_no_day_is_no_date(text: str) -> None:
    assert dates.find_dates(text) == []


def test_a_value_stands_behind_beside_or_below_its_label() -> None:
    found = read(
        line("姓名:张伟", 100, 100),
        line("证书编号", 100, 200, width=160),
        line("200711010119800101", 300, 200),
        line("Valid until", 100, 300, width=200),
        line("12 May 2029", 100, 350),
    )
    assert found[FieldKind.NAME].value == "张伟"
    assert found[FieldKind.NUMBER].value == "200711010119800101"
    assert found[FieldKind.EXPIRES_ON].value == "2029-05-12"


def test_a_number_in_two_parts_is_one_number() -> None:
    found = read(line("编号:1234", 100, 100, width=200), line("56789", 320, 100))
    assert found[FieldKind.NUMBER].value == "123456789"


def test_a_period_ends_with_its_last_day() -> None:
    assert read(line("有效期限:2019年1月1日至2029年1月1日", 0, 0))[FieldKind.EXPIRES_ON].value == "2029-01-01"


def test_a_day_of_birth_is_not_the_day_of_issue() -> None:
    found = read(line("出生日期:1980年1月1日", 100, 100), line("发证日期:2010年2月2日", 100, 200))
    assert found[FieldKind.ISSUED_ON].value == "2010-02-02"


FIRST = [label for label, kind in labels.KINDS.items() if kind is FieldKind.FIRST_ISSUE]


@pytest.mark.parametrize(
    "label", [*FIRST, "首次發證日期", "Original Issue Date", "Date of first issue", "初次领证日期 First issued"]
)
def test_a_day_of_first_issue_is_not_the_day_of_issue(label: str) -> None:
    first = line(f"{label}: 2010年2月2日", 100, 100)
    alone = read(first)
    assert (alone[FieldKind.FIRST_ISSUE].value, alone[FieldKind.FIRST_ISSUE].certain) == ("2010-02-02", True)
    assert (alone[FieldKind.ISSUED_ON].value, alone[FieldKind.ISSUED_ON].certain) == ("2010-02-02", False)
    for issue in ("发证日期:2022年3月3日", "Issue date: 3 March 2022"):
        for found in ((first, line(issue, 100, 200)), (line(issue, 100, 20), first)):
            issued = read(*found)[FieldKind.ISSUED_ON]
            assert (issued.value, issued.certain) == ("2022-03-03", True)


def test_a_weak_day_of_issue_comes_before_a_day_of_first_issue_of_another_page() -> None:
    first = read(line("Original issue date: 2 February 2010", 100, 100))[FieldKind.FIRST_ISSUE]
    weak = read(line("Issue date: 3 March 2022", 100, 100, sure=0.4))[FieldKind.ISSUED_ON]
    chosen = choosing.choose_fields([first, weak])[FieldKind.ISSUED_ON]
    assert (chosen.value, chosen.certain) == ("2022-03-03", False)


def test_a_wrong_check_digit_is_never_certain() -> None:
    right = read(line(f"身份证号:{IDENTITY}", 0, 0))[FieldKind.IDENTITY]
    assert right.certain
    wrong = read(line("身份证号:110105194912310021", 0, 0))[FieldKind.IDENTITY]
    assert not wrong.certain
    doctor = read(line(f"证书编号:200944123{IDENTITY}", 0, 0))[FieldKind.NUMBER]
    assert doctor.certain
    assert not read(line("证书编号:200944123110105194912310021", 0, 0))[FieldKind.NUMBER].certain


def test_an_identity_number_that_the_number_does_not_hold_makes_both_uncertain() -> None:
    other = "110101199003070134"
    assert numbers.check_identity("11010519491231002X")
    found = read(line(f"证书编号:200944123{IDENTITY}", 0, 0), line(f"身份证号:{other}", 0, 100))
    assert not found[FieldKind.NUMBER].certain
    assert not found[FieldKind.IDENTITY].certain


def test_letters_that_look_like_digits_make_a_number_uncertain() -> None:
    assert read(line("No. A-12345", 0, 0))[FieldKind.NUMBER].certain
    assert not read(line("No. O-12345", 0, 0))[FieldKind.NUMBER].certain


def test_a_weak_character_makes_a_value_uncertain() -> None:
    assert not read(line("姓名:张伟", 0, 0, sure=0.7))[FieldKind.NAME].certain


def test_readings_that_disagree_are_not_certain() -> None:
    first, second = (
        [one for value in fields.find_values(some) if (one := fields.read_value(value, some))]
        for some in ([line("编号:12345", 0, 0)], [line("编号:12346", 0, 0)])
    )
    [field] = fields.agree(first, second)
    assert (field.value, field.certain) == ("12345", False)


def test_an_end_before_its_beginning_is_not_certain() -> None:
    found = read(line("发证日期:2020年1月1日", 0, 0), line("有效期至:2019年1月1日", 0, 100))
    assert not any(field.certain for field in found.values())


def test_two_names_on_a_paper_are_not_certain() -> None:
    assert not read(line("姓名:张伟", 0, 0), line("持证人:李明", 0, 100))[FieldKind.NAME].certain


def test_of_several_numbers_the_one_of_the_form_is_chosen() -> None:
    box = line("x", 0, 0).box
    found = [Field(FieldKind.NUMBER, number, box, 0.95, certain=True) for number in ("123456", "1234567")]
    chosen = choosing.choose_fields(found, pattern=r"\d{6}")[FieldKind.NUMBER]
    assert (chosen.value, chosen.certain) == ("123456", True)
    assert not choosing.choose_fields(found)[FieldKind.NUMBER].certain
    assert not choosing.choose_fields(found, pattern=r"[A-Z]\d+")[FieldKind.NUMBER].certain


def test_a_text_that_goes_on_below_is_not_certain() -> None:
    assert read(line("Issued by: Board of Medicine", 100, 100))[FieldKind.ISSUER].certain
    found = read(line("Issued by", 100, 100, width=200), line("Board of Medicine", 340, 100), line("of Ohio", 340, 145))
    assert not found[FieldKind.ISSUER].certain
