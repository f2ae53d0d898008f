"""Contact data is left out of what the other side reads; what a case is about stays."""

import time

import pytest
from django.utils import translation

from complaints.policies.disclosure import redact_contact

LEFT_OUT = "[contact details removed]"


@pytest.mark.parametrize(
    "private",
    [
        "ana@example.org",
        "+49 (30) 1234-5678",
        "13812345678",
        "我的号码13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "8613812345678",
        "86 138 1234 5678",
        "１３８１２３４５６７８",
        "010-62345678",
        "(010) 62345678",
        "0571-87654321",
        "(415) 555-2671",
        "1-415-555-2671",
        "415.555.2671",
        "phone: 030 123 45 67",
        "电话：6234 5678",
        "微信：ana_2020",
        "微信号 ana2020",
        "微信anakiln",
        "加V ana2020",
        "VX: anakiln",
        "vx ana2020",
        "WeChat: anakiln",
        "WeChat ID ana2020",
        "QQ 123456789",
        "QQ：12345",
        "QQ群：1234567",
        "110105199003078515",
        "11010519900307851X",
        "123-45-6789",
        "passport No. E12345678",
        "护照号：E12345678",
        "北京市朝阳区建国路88号",
        "杭州市西湖区文三路 478号华星大厦3单元502室",
        "12 Baker Street, Flat 3",
        "1600 Pennsylvania Avenue, Washington, DC 20500",
    ],
)
@pytest.mark.parametrize("around", ["{}", "Reach me: {}.", "请联系我，{}，谢谢", "before {} after"])
def test_contact_data_is_left_out(private: str, around: str) -> None:
    text = redact_contact(around.format(private), {})
    assert LEFT_OUT in text
    digits = [part for part in private.replace("-", " ").split() if part.isdigit() and len(part) > 3]
    assert not any(part in text for part in digits)


@pytest.mark.parametrize(
    "public",
    [
        "OC-000123",
        "CT-AB12-CD34-EF56",
        "V-000032-restitution-16",
        "2026-11-28",
        "28.11.2026 12:30:15",
        "2026年11月28日13时",
        "20261128",
        "https://fake.example/works/13812345678",
        "https://fake.example/watch?v=13812345678&t=12",
        "https://fake.example/works/7312345678901234567",
        "post 7312345678901234567",
        "BV1xx411c7mD",
        "1,250,000 views and 13,812 likes",
        "¥138000.00",
        "100 200 3000",
        "3.14159265358979",
        "from 00:01:15 to 00:02:38",
        "17 U.S.C. § 512(c)(3)",
        "the WeChat account of the museum",
        "我在微信公众号上看到",
        "第3号视频",
        "two films on 5 lanes",
        "5000000000",
        "sha256 9f86d081884c7d659a2feaa0c55ad015",
    ],
)
def test_what_a_case_is_about_stays(public: str) -> None:
    for around in ("{}", "See {} there.", "见{}。"):
        assert redact_contact(around.format(public), {}) == around.format(public)


def test_the_note_is_in_the_reader_s_language() -> None:
    with translation.override("zh-hans"):
        assert "contact details" not in redact_contact("13812345678", {})


@pytest.mark.parametrize("piece", ["区", "北京市", "1 ", "1-", "微信", "路1", "A ", "12 Aa ", "电话", "a.", "(0"])
def test_the_longest_text_takes_no_time(piece: str) -> None:
    began = time.monotonic()
    redact_contact(piece * (8_000 // len(piece)), {})
    assert time.monotonic() - began < 1
