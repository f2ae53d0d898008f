"""Texts in several encodings: each decodes to itself or is refused, and what is no text is refused."""

import contextlib
import functools
import time
from pathlib import Path
from typing import Final

import pytest
from babel.messages.pofile import read_po
from django.conf import settings as configured
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc_purepy import OpenCC

from portal.engines.fingerprints import Refused, limits, plain_text, read_text, sniffing, text_encodings

CHINESE: Final = (
    "港口的渡轮每天早上六点一刻离开旧码头，船上只有三个渔民和一只黄狗，他们从不说话，只看着远处的灯塔慢慢亮起来。\n"
)
TRADITIONAL: Final = (
    "港口的渡輪每天早上六點一刻離開舊碼頭，船上只有三個漁民和一隻黃狗，他們從不說話，只看著遠處的燈塔慢慢亮起來。\n"
)
ENGLISH: Final = "“The ferry didn’t wait”, she said… – and the café’s owner laughed.\n"
_FEW: Final = 25  # of so many sentences one is converted, which takes time
SIMPLIFIED_ENCODINGS: Final = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "gb18030",
    "gbk",
    "gb2312",
)
TRADITIONAL_ENCODINGS: Final = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "gb18030",
    "gbk",
    "cp950",
)


@functools.cache
def chinese_sentences() -> list[str]:
    """Those of the product's pages, without places for values."""
    path = Path(configured.BASE_DIR, "portal/locale/zh_Hans/LC_MESSAGES/django.po")
    with path.open("rb") as file:
        texts = [str(entry.string) for entry in read_po(file) if entry.id and isinstance(entry.string, str)]
    return [text for text in texts if len(text) >= 24 and text.isprintable() and "%" not in text]


@functools.cache
def traditional_sentences() -> list[str]:
    converted = [OpenCC("s2t").convert(text) for text in chinese_sentences()[::_FEW]]
    return [text for text in converted if text.encode("cp950", "ignore").decode("cp950") == text]


def _pages(sentences: list[str]) -> st.SearchStrategy[str]:
    """Several sentences, with English between them."""
    rest = st.sampled_from([*sentences, "Portal 2.0 (2026)"])
    return st.tuples(st.lists(st.sampled_from(sentences), min_size=3, max_size=3), st.lists(rest, max_size=20)).map(
        lambda found: "\r\n".join([*found[0], *found[1]])
    )


@settings(deadline=None)
@given(st.data(), st.sampled_from(SIMPLIFIED_ENCODINGS))
def test_simplified_chinese_decodes_to_itself(data: st.DataObject, encoding: str) -> None:
    text = data.draw(_pages(chinese_sentences())).encode(encoding, "ignore").decode(encoding)
    assert plain_text(text.encode(encoding)) == text


@settings(deadline=None)
@given(st.data(), st.sampled_from(TRADITIONAL_ENCODINGS))
def test_traditional_chinese_decodes_to_itself(data: st.DataObject, encoding: str) -> None:
    text = data.draw(_pages(traditional_sentences()))
    assert plain_text(text.encode(encoding)) == text


@given(st.binary(max_size=2000))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for head in (b"", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0"):
        text_encodings.may_be_wide(head + data)
        try:
            assert read_text(head + data).length
        except Refused as refused:
            assert refused.code in {limits.UNKNOWN_TYPE, limits.EMPTY}  # noqa: PT017 -- either is right


@given(st.text(min_size=1, max_size=400))
def test_text_in_utf_8_is_read_as_it_always_was(text: str) -> None:
    data = text.encode("utf-8", "ignore")
    if "\0" not in text:
        assert text_encodings.decode_text(data) == data.decode("utf-8-sig")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16", "utf-16-be", "utf-32"])
def test_one_text_has_one_fingerprint_whatever_its_encoding(encoding: str) -> None:
    text = CHINESE * 3
    assert read_text(text.encode(encoding)).sha256 == read_text(text.encode()).sha256


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("\ufeff" + CHINESE, "gb18030"),
        (TRADITIONAL, "big5hkscs"),
        (TRADITIONAL + "佢哋喺度做嘢，唔知點解咁嘅。", "big5hkscs"),
        (ENGLISH, "cp1252"),
        ("Die Fähre über den Fluss fährt täglich; niemand weiß, „warum“.", "cp1252"),
        (ENGLISH, "utf-16-le"),
        (ENGLISH, "utf-16-be"),
        ("항구의 나룻배는 매일 아침 떠난다.", "utf-16"),
        ("Паром уходит каждое утро.", "utf-16"),
        ("😀 " + ENGLISH, "utf-32"),
    ],
)
def test_other_texts_whose_encoding_can_be_told_are_read(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    assert plain_text(data) == text.removeprefix("\ufeff")
    assert sniffing.detect_kind(data) == sniffing.TEXT


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param("항구의 나룻배는 매일 아침 여섯 시 십오 분에 낡은 부두를 떠난다. 배에는 어부 세 사람과 누런 개 한 마리뿐이다.", "euc_kr", id="Korean"),
        pytest.param("港の渡し船は毎朝六時十五分に古い桟橋を離れる。船には三人の漁師と一匹の黄色い犬しかいない。", "euc_jp", id="Japanese"),
        pytest.param("港の渡し船は毎朝六時十五分に古い桟橋を離れる。船には三人の漁師と一匹の黄色い犬しかいない。", "shift_jis", id="Shift JIS"),
        pytest.param("Паром уходит каждое утро из старой гавани в четверть седьмого.", "cp1251", id="Russian"),
        pytest.param("Loď odplouvá každé ráno ze starého přístavu ve čtvrt na sedm.", "cp1250", id="Czech"),
        pytest.param("Le bac quitte à six heures le vieux port, où personne ne l’attend.", "cp1252", id="French"),
        pytest.param("El barco sale del puerto cada mañana, según el país y la estación.", "mac_roman", id="Macintosh"),
        pytest.param("Le bac quitte à six heures le vieux port, où l'on attend l'été.", "cp850", id="DOS"),
        pytest.param("渔民和黄狗", "gb18030", id="a few characters"),
    ],
)  # fmt: skip
def test_what_could_be_another_text_is_refused(text: str, encoding: str) -> None:
    with pytest.raises(Refused) as caught:
        plain_text(text.encode(encoding))
    assert caught.value.code == limits.UNKNOWN_TYPE


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\0" * 1000, id="zeros"),
        pytest.param(b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x03\0>\0\x01\0\0\0" + bytes(range(256)), id="ELF"),
        pytest.param(b"\xff\xfe" + b"\x7fELF\x02\x01\x01" + b"\0" * 90, id="ELF with a mark"),
        pytest.param(b"\xff\xfe" + "one\x1b[31m".encode("utf-16-le"), id="escape"),
        pytest.param("\ue000 of one's own, and many other words".encode("gb18030"), id="private use"),
        pytest.param(bytes(number * 167 % 251 + 4 for number in range(1000)), id="noise"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as caught:
        plain_text(data)
    assert caught.value.code == limits.UNKNOWN_TYPE


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x03\0>\0\x01\0\0\0", id="ELF"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + b">\0\x03\0\xfe\xff\t\0", id="Word"),
        pytest.param(b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0", id="ZIP"),
        pytest.param(b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0", id="EXE"),
        pytest.param(b"\0" * 100, id="zeros"),
        pytest.param(b"\xff\xfe" + b"\0" * 100, id="zeros after a mark"),
    ],
)
def test_other_files_with_zeros_are_refused_by_their_first_bytes(head: bytes) -> None:
    with pytest.raises(Refused) as caught:
        sniffing.detect_kind(head)
    assert caught.value.code == limits.UNKNOWN_TYPE


def test_markup_is_refused_in_any_encoding() -> None:
    with pytest.raises(Refused):
        plain_text("<!DOCTYPE html><p>Hello".encode("utf-16"))


@pytest.mark.parametrize("piece", [b"\x93H ", b"a\x97", b"\0A", b"\xb5\xc4", "“ä".encode("cp1252"), b" \xa0", b"o\x92"])
def test_the_largest_text_takes_no_longer_than_its_size(piece: bytes) -> None:
    started = time.process_time()
    with contextlib.suppress(Refused):
        text_encodings.decode_text((piece * (1 << 20))[: 1 << 20])
    assert time.process_time() - started < 5
