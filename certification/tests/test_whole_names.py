"""Whole names are compared in one way, wherever two of them meet."""

import pytest

from certification import checks, readings
from certification.models import ReadKind
from certification.names import is_same_whole_name
from certification.registers.answers import Record
from certification.registers.names import is_same_name

NAMES = [
    ("張偉", "张伟", True),
    ("歐陽芳", "欧阳 芳", True),
    ("张伟", "伟张", False),
    ("Yılmaz", "YILMAZ", True),
    ("İbrahim Yılmaz", "IBRAHIM YILMAZ", True),
    ("Łukasz Żak", "LUKASZ ZAK", True),
    ("Sean O'Brien", "SEAN OBRIEN", True),
    ("Sean O’Brien", "O'BRIEN, SEAN", True),
    ("O'Neil Anna-Maria", "Anna Maria ONeil", True),
    ("Smith-Jones Anna", "ANNA SMITH JONES", True),
    ("SMITH JOHN", "John Smith", True),
    ("Smith, John", "John Smith", True),
    ("Dr. John Smith", "John Smith", True),
    ("Jørgen Straße", "JORGEN STRASSE", True),
    ("Ｊｏｈｎ Ｓｍｉｔｈ", "John Smith", True),
    ("John Smith", "Jane Smith", False),
    ("John Smith", "John Smithe", False),
    ("John Smith", "John", False),
    ("Dr.", "Mr.", False),
    ("John Do", "John", False),
    ("กิตติ ใจดี", "กุตตุ ใจดี", False),
    ("กิตติ ใจดี", "กิตติ  ใจดี", True),
    ("सुनील", "सनील", False),
    ("सुनील कुमार", "कुमार सुनील", True),
    ("अमित", "अमिता", False),
    ("བསྟན་འཛིན", "བསྟིན་འཛན", False),
    ("သန်း", "သိန်း", False),
    ("சுரேஷ்", "சரேஷ்", False),
    ("सुक्\u200dमा", "सुक्मा", True),
    ("Андрей", "Андреи", False),
    ("Андрей", "Андрей", True),
    ("Артём Соловьёв", "АРТЕМ СОЛОВЬЕВ", True),
    ("Її", "Іі", False),
    ("Γιώργος", "ΓΙΩΡΓΟΣ", True),
    ("דָּוִד", "דוד", True),
    ("مُحَمَّد أحمد", "محمد احمد", True),
    ("ئەخمەت", "يەخمەت", False),
    ("Nguyễn Thị Hạnh", "NGUYEN THI HANH", True),
    ("葛\U000e0100城", "葛城", True),
    ("バン", "ハン", False),
]


@pytest.mark.parametrize(("one", "other", "same"), NAMES, ids=range(len(NAMES)))
def test_two_ways_of_writing_a_name_are_compared_alike_everywhere(one: str, other: str, same: bool) -> None:
    assert is_same_whole_name(one, other) is is_same_whole_name(other, one) is same
    assert readings.is_same_value(ReadKind.NAME, one, other) is same
    assert checks.compare_names([one, other]).finding == ("names.same" if same else "names.differ")
    assert is_same_name(one, Record("1", name=other)) is same


@pytest.mark.parametrize("name", ["", " ", ".", "李明", "Anna"], ids=range(5))
def test_a_name_is_itself(name: str) -> None:
    assert is_same_whole_name(name, f" {name} ")


def test_an_issuer_is_compared_by_its_letters() -> None:
    assert readings.is_same_value(ReadKind.ISSUER, "四川省衛生健康委員會", "四川省 卫生健康委员会")
    assert readings.is_same_value(ReadKind.ISSUER, "Łódź Medical Board", "LODZ MEDICAL BOARD.")
    assert not readings.is_same_value(ReadKind.ISSUER, "Board of Medicine", "Medicine Board of")
