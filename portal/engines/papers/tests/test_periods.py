"""Which date behind a label is the last day of a period, and when there is none."""

import pytest

from portal.engines.papers import periods, scripts
from portal.engines.papers.limits import FieldKind
from portal.engines.papers.tests.test_fields import line, read

# Text of a line, the end read on it ("" for none), and whether it is certain.
ENDS = [
    ("有效期限:2015.03.12-长期", "", False),
    ("有效期限：2015.03.12-2035.03.12", "2035-03-12", True),
    ("有效期限:2015年03月12日至2035年03月12日", "2035-03-12", True),
    ("有效期限:2015.03.12一2035.03.12", "2035-03-12", True),
    ("有效期限:2015.03.12-", "", False),
    ("有效期限:2015.03.12至", "", False),
    ("有效期限:2015.03.12-2O35.03.12", "", False),
    ("有效期限:自2015年3月12日至长期", "", False),
    ("有效期限:2015年3月12日至永久", "", False),
    ("营业期限:2015年3月12日至长期", "", False),
    ("有效期:自2021年3月12日起五年", "", False),
    ("有效期:2021年3月12日起3年", "", False),
    ("有效期:自发证之日(2021年3月12日)起五年内有效", "", False),
    ("有效期:五年,2021年3月12日", "", False),
    ("有效期:五年(2021年3月12日至2026年3月11日)", "2026-03-11", True),
    ("有效期:三年,至2024年3月12日", "2024-03-12", True),
    ("有效期:自2021年3月12日起至2026年3月11日止", "2026-03-11", True),
    ("有效期:至2029年1月1日", "2029-01-01", True),
    ("有效期:2029年1月1日止", "2029-01-01", True),
    ("有效期:2029年1月1日到期", "2029-01-01", True),
    ("有效期:2029年1月1日", "2029-01-01", False),
    ("有效期:二〇二一年三月十二日起五年", "", False),
    ("有效期:二〇二一年三月十二日至二〇二六年三月十一日", "2026-03-11", True),
    ("有效期:签发日2021年3月12日", "", False),
    ("有效期:2035.03.12-2015.03.12", "2015-03-12", False),
    ("有效期至:2029年1月1日", "2029-01-01", True),
    ("有效期至2029年1月1日", "2029-01-01", True),
    ("有效期至:长期", "", False),
    ("有效期至:2021年3月12日起五年", "", False),
    ("有效期至:2021年3月12日起", "", False),
    ("到期日:自2021年3月12日起三年", "", False),
    ("Validity: 3 years from 12 March 2021", "", False),
    ("Validity: three (3) years from the date of issue (12 March 2021)", "", False),
    ("Validity: from 12 March 2021", "", False),
    ("Validity: since 12 March 2021", "", False),
    ("Validity: issued 12 March 2021", "", False),
    ("Validity: valid for 3 years, 12 March 2021", "", False),
    ("Validity: 12 March 2021 onwards", "", False),
    ("Validity: 12 March 2021 to", "", False),
    ("Validity: 12 March 2021 - long term", "", False),
    ("Validity: 12 March 2021 to permanent", "", False),
    ("Validity: 12 March 2021", "2021-03-12", False),
    ("Validity: 12 March 2021 to 11 March 2024", "2024-03-11", True),
    ("Validity: from 12 March 2021 until 11 March 2024", "2024-03-11", True),
    ("Validity: 3 years (until 11 March 2024)", "2024-03-11", True),
    ("Validity: until 11 March 2024", "2024-03-11", True),
    ("Period of validity: 12.03.2021 - 11.03.2024", "2024-03-11", False),
    ("Validity: 12 March 2021 11 March 2024", "2024-03-11", False),
    ("Validity 有效期至: 2029-01-01", "2029-01-01", True),
    ("有效期:2021年3月12日(含)起", "", False),
    ("有效期至:2021年3月12日(自发证之日起五年)", "", False),
    ("Validity: w.e.f. 12 March 2021", "", False),
    ("Validity: 15.03.2015-15.03.2025", "2025-03-15", True),
    ("Validity: 2021-03-12/2024-03-11", "2024-03-11", False),
    ("Valid until: 12 May 2029", "2029-05-12", True),
    ("Valid until: the end of 12 May 2029", "2029-05-12", True),
    ("Valid until 12 May 2029 (issued 12 May 2019)", "2029-05-12", False),
    ("Valid until: further notice, 12 May 2019", "2019-05-12", True),
    ("Valid until: revoked", "", False),
    ("Expires: 3 years from 12 March 2021", "", False),
    ("Expires: 36 months after 12 March 2021", "", False),
    ("Expires: never expires, issued 12 March 2021", "", False),
    ("Expiry date: within 30 days of 12 March 2021", "", False),
    ("Expires on 12 March 2031", "2031-03-12", True),
    ("Expiration date: not later than 12 March 2031", "2031-03-12", True),
    ("Valid thru: 03/04/2030", "2030-04-03", False),
]


@pytest.mark.parametrize(("text", "day", "certain"), ENDS, ids=range(len(ENDS)))
def test_an_end_is_certain_only_where_the_text_says_that_it_is_one(text: str, day: str, certain: bool) -> None:
    found = read(line(text, 0, 0)).get(FieldKind.EXPIRES_ON)
    assert (found.value if found else "", bool(found and found.certain)) == (day, certain)


@pytest.mark.parametrize(
    ("label", "value", "day", "certain"),
    [
        ("有效期限", "2015.03.12-长期", "", False),
        ("有效期限", "2015.03.12-2035.03.12", "2035-03-12", True),
        ("有效期限", "2035.03.12", "2035-03-12", False),
        ("有效期至", "2035.03.12", "2035-03-12", True),
        ("Validity", "5 years from 12 March 2021", "", False),
    ],
    ids=range(5),
)
@pytest.mark.parametrize("place", [(300, 100), (100, 160)], ids=["beside", "below"])
def test_a_period_beside_or_below_its_label_is_read_alike(
    label: str, value: str, day: str, certain: bool, place: tuple[int, int]
) -> None:
    found = read(line(label, 100, 100, width=180), line(value, *place)).get(FieldKind.EXPIRES_ON)
    assert (found.value if found else "", bool(found and found.certain)) == (day, certain)


def test_a_period_in_two_parts_is_one_period() -> None:
    found = read(line("有效期限:2015.03.12-", 100, 100, width=420), line("2035.03.12", 530, 100))
    assert found[FieldKind.EXPIRES_ON].value == "2035-03-12"
    assert FieldKind.EXPIRES_ON not in read(line("有效期限:2015.03.12-", 100, 100, width=420), line("长期", 530, 100))


ISSUED = [
    ("发证日期:2021年3月12日", "2021-03-12", True),
    ("发证日期:2021年3月12日起生效", "2021-03-12", True),
    ("发证日期:2021年3月12日起五年", "2021-03-12", False),
    ("Issued: 12 March 2021", "2021-03-12", True),
    ("Issued on 12 March 2021, expires 12 March 2024", "2021-03-12", False),
    ("Issued: valid until 12 March 2024", "", False),
    ("Date of issue: 30 days after 12 March 2021", "2021-03-12", False),
]


@pytest.mark.parametrize(("text", "day", "certain"), ISSUED, ids=range(len(ISSUED)))
def test_an_end_is_not_the_day_of_issue(text: str, day: str, certain: bool) -> None:
    found = read(line(text, 0, 0)).get(FieldKind.ISSUED_ON)
    assert (found.value if found else "", bool(found and found.certain)) == (day, certain)


@pytest.mark.parametrize(
    ("text", "is_length"),
    [
        ("五年", True),
        ("3年", True),
        ("12个月", True),
        ("two years", True),
        ("2019年5月", False),
        ("2019年5月1日", False),
    ],
    ids=range(6),
)
def test_a_length_of_time_is_told_from_a_date(text: str, is_length: bool) -> None:
    assert periods.has_length(scripts.plain(text)) is is_length
