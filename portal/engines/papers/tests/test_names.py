"""Names without what is written around them, and when one may be no name."""

import pytest

from portal.engines.papers.limits import FieldKind
from portal.engines.papers.tests.test_fields import line, read

# Text of a line, the name read on it, and whether it is certain.
NAMES = [
    ("姓名：张三", "张三", True),
    ("姓名：☑张三", "张三", False),
    ("姓名：张三 男", "张三", True),
    ("姓名:张三,男,汉族", "张三", True),
    ("姓名:张三 性别 男", "张三", True),
    ("姓名:张三男", "张三男", False),
    ("姓名:欧阳 男", "欧阳", False),
    ("姓名:王 男", "王男", False),
    ("姓名:张 伟", "张伟", False),
    ("姓名:张伟(男)", "张伟", False),
    ("姓名:张伟(曾用名张强)", "张伟", False),
    ("姓名:张伟 李明", "张伟李明", False),
    ("姓名:阿卜杜拉·买买提", "阿卜杜拉·买买提", True),
    ("持证人：王芳女士", "王芳", True),
    ("持证人:王芳 女士", "王芳", True),
    ("持证人:王女士", "王女士", False),
    ("持证人:李强医师", "李强", True),
    ("兹证明：李明同志", "李明", True),
    ("兹证明李明同志", "李明", True),
    ("兹证明李明同志已通过考核", "李明", False),
    ("兹证明李明合格", "李明合格", False),
    ("兹证明:李明", "李明", True),
    ("兹证明:李明系", "李明系", False),
    ("兹证明:李明合格", "李明合格", False),
    ("兹证明:欧阳明月", "欧阳明月", True),
    ("Name: John Smith", "John Smith", True),
    ("Name: □ John Smith |", "John Smith", False),
    ("Name: John Smith Male", "John Smith", False),
    ("Name: Jane Smith Female", "Jane Smith", True),
    ("Name: Peter Male", "Peter Male", False),
    ("Name: John Smith M", "John Smith M", False),
    ("Name: Mr. John Smith", "John Smith", True),
    ("Name: Ms Jane Doe", "Jane Doe", True),
    ("Name: Prof. Dr. Jane Doe", "Jane Doe", True),
    ("Name: Jane Doe, M.D.", "Jane Doe", True),
    ("Name: Jane Doe Dr", "Jane Doe", True),
    ("Name: Jane Doe (Mrs)", "Jane Doe", False),
    ("Name: Jane Doe Sex Female", "Jane Doe", False),
    ("Name: Ludwig van der Berg", "Ludwig van der Berg", True),
    ("Name: Leonardo da Vinci", "Leonardo da Vinci", True),
    ("Name: SMITH, John", "SMITH, John", False),
    ("Name: John and Jane Smith", "John and Jane Smith", False),
    ("This is to certify that Jane Doe has completed", "Jane Doe", False),
    ("THIS IS TO CERTIFY THAT JANE DOE HAS COMPLETED", "JANE DOE", False),
    ("This is to certify that Mary Jane", "Mary Jane", False),
    ("Awarded to Jane Doe for her work", "Jane Doe", False),
    ("Awarded to: Jane Doe", "Jane Doe", True),
    ("Holder: Jane Doe who passed", "Jane Doe", False),
]


@pytest.mark.parametrize(("text", "name", "certain"), NAMES, ids=range(len(NAMES)))
def test_a_name_is_read_without_titles_sex_and_sentences(text: str, name: str, certain: bool) -> None:
    found = read(line(text, 0, 0))[FieldKind.NAME]
    assert (found.value, found.certain) == (name, certain)


@pytest.mark.parametrize(
    ("label", "below", "name", "certain"),
    [
        ("This is to certify that", "Jane Doe", "Jane Doe", True),
        ("This is to certify that", "Jane Doe has completed", "Jane Doe", False),
        ("兹证明", "李明", "李明", True),
        ("兹证明", "李明同志", "李明", True),
        ("兹证明", "李明合格", "李明合格", False),
    ],
    ids=range(5),
)
def test_a_name_below_its_label_may_be_the_beginning_of_a_sentence(
    label: str, below: str, name: str, certain: bool
) -> None:
    found = read(line(label, 100, 100), line(below, 100, 160))[FieldKind.NAME]
    assert (found.value, found.certain) == (name, certain)


def test_a_sex_in_a_part_of_its_own_is_no_part_of_the_name() -> None:
    assert read(line("姓名:张三", 100, 100, width=200), line("男", 330, 100))[FieldKind.NAME].value == "张三"


NUMBERS = [
    ("Licence No: 12345678", "12345678", True),
    ("Licence No: 12345(678)", "12345", False),
    ("Licence No: 12345 (678", "12345", False),
    ("证书编号:12345（678）", "12345", False),
    ("证书编号:12345(临)", "12345", False),
    ("Licence No: 12345, 67890", "12345", False),
    ("Licence No: 12345,", "12345", True),
    ("Licence No: 12345 ()", "12345", True),
    ("Licence No: 12345 Acct", "12345ACCT", False),
    ("Licence No: RN 36044", "RN36044", True),
]


@pytest.mark.parametrize(("text", "number", "certain"), NUMBERS, ids=range(len(NUMBERS)))
def test_a_number_that_was_cut_is_not_certain(text: str, number: str, certain: bool) -> None:
    found = read(line(text, 0, 0))[FieldKind.NUMBER]
    assert (found.value, found.certain) == (number, certain)


@pytest.mark.parametrize(
    ("text", "certain"),
    [
        ("发证机关:北京市司法局", True),
        ("发证机关:北京市司法局(盖章)", False),
        ("Issued by: Board of Medicine on 12 March 2021", False),
    ],
    ids=range(3),
)
def test_an_issuer_with_a_seal_or_a_date_behind_it_is_not_certain(text: str, certain: bool) -> None:
    assert read(line(text, 0, 0))[FieldKind.ISSUER].certain is certain
