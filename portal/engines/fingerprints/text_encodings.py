"""How the bytes of a text are decoded: one answer for what is compared and what is shown, or none.

A byte order mark decides, then strict UTF-8. Without either, an encoding is taken only where the text that it gives can be
told from what other encodings give: Chinese by the share of characters that are frequent in Chinese, Latin letters in UTF-16
by their zero bytes, Windows code pages where they agree. docs/originality.md has the figures of these rules.
"""

import codecs
import functools
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Final

from portal.engines.fingerprints import limits
from portal.engines.limited_process import Refused

# The mark of UTF-32 starts as that of UTF-16 does.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    ("\ufeff".encode("gb18030"), "gb18030"),
)
_UTF_16: Final = ("utf-16-le", "utf-16-be")
# Each row is one encoding, under the names of its versions; the first that can be decoded counts.
_CHINESE: Final = (("gb18030",), ("cp950", "big5hkscs"), *((encoding,) for encoding in _UTF_16))
_LETTERS: Final = 20  # of a text whose encoding is found by its letters
_FREQUENT: Final = 0.55  # share of common_hanzi.txt in the letters beyond ASCII; docs/originality.md has those of texts
_ZEROS: Final = 0.5  # share of characters above which UTF-16 without a mark has a zero byte, where it is no Chinese
_WINDOWS: Final = ("cp1252", "cp1250", "cp1254", "cp1257")
_SIGNS: Final = frozenset("‘’“”„‚…–—•€«»§©®°·±²³¼½¾\xa0")  # beside letters, of those pages
_UNTELLING: Final = frozenset("…–—•·\xa0")  # of these signs, those that alone tell no page of Windows
_FOREIGN: Final = 0.125  # share of letters beyond ASCII in a text of a Windows code page, at most
# Marks where no text has them, but where the letters with accents of DOS and of the Macintosh are read as such: within words,
# but for the apostrophes of English.
_MISPLACED: Final = re.compile(
    r"(?<=[^\W\d_])(?:[‘“”…•–—\xa0](?=[^\W\d_])|[„‚§·]|[–—](?=\s))|(?<=\s)[–—](?=[^\W\d_])|”(?=[^\W\d_])"
    r"|(?<=[^\W\d_])(?<!\b[Oo])’(?=[^\W\d_])(?!(?:s|t|d|m|re|ve|ll)\b)"
)
_DATA: Final = Path(__file__).with_name("common_hanzi.txt")
_WHITE: Final = frozenset("\t\n\r\f")


def decode_text(data: bytes) -> str:
    """The text in a hostile file, without its byte order mark. Raises Refused where its encoding cannot be told."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _required(_decoded(data[len(mark) :], encoding))
    text = _decoded(data, "utf-8")
    return text if text is not None and "\0" not in text else _required(_told_apart(data))


def may_be_wide(head: bytes) -> bool:
    """Whether bytes with zeros among them may begin a text in UTF-16 or UTF-32."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return _begins_clean(head[len(mark) :], encoding)
    return any(_begins_clean(head, encoding) for encoding in _UTF_16)


def _begins_clean(head: bytes, encoding: str) -> bool:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)  # a character that is cut off is left out
    except UnicodeDecodeError:
        return False
    return _is_clean(set(text))


def _required(text: str | None) -> str:
    if text is None:
        raise Refused(limits.UNKNOWN_TYPE, "no encoding")
    return text


def _decoded(data: bytes, *encodings: str) -> str | None:
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _told_apart(data: bytes) -> str | None:
    """What one encoding says, and no other."""
    read = [text for encodings in _CHINESE if (text := _decoded(data, *encodings)) is not None and _is_clean(set(text))]
    chinese = [text for text in read if _is_chinese(text)]
    if chinese:
        return chinese[0] if len(chinese) == 1 else None
    return _wide_latin(data) if b"\0" in data else _windows(data)


def _is_clean(signs: set[str]) -> bool:
    """Whether a text of these signs has nothing of which encodings that were mistaken are full."""
    return all(unicodedata.category(sign) not in {"Cc", "Cn", "Co", "Cs"} for sign in signs - _WHITE)


def _is_chinese(text: str) -> bool:
    """Whether its letters are those that are frequent in Chinese, as they hardly are where Korean or Japanese was mistaken."""
    beyond = {sign: count for sign, count in Counter(text).items() if sign > "\x7f" and sign.isalpha()}
    letters = sum(beyond.values())
    frequent = sum(count for sign, count in beyond.items() if sign in _frequent())
    return letters >= _LETTERS and frequent >= _FREQUENT * letters


@functools.cache
def _frequent() -> frozenset[str]:
    lines = _DATA.read_text(encoding="utf-8").splitlines()
    return frozenset("".join(line for line in lines if not line.startswith("#")))


def _wide_latin(data: bytes) -> str | None:
    """UTF-16 most characters of which have a zero byte at the same side."""
    for zeros, encoding in zip((data[1::2], data[::2]), _UTF_16, strict=True):
        if zeros.count(0) > _ZEROS * len(zeros):
            text = _decoded(data, encoding)
            return text if text is not None and _is_clean(set(text)) and _ascii_letters(text) >= _LETTERS else None
    return None


def _windows(data: bytes) -> str | None:
    """Text mostly in ASCII, with letters and signs that are the same in the Windows code pages of Latin letters."""
    text = _decoded(data, _WINDOWS[0])
    beyond = {sign for sign in text or "" if sign > "\x7f"}
    if text is None or not beyond <= _shared_signs() or beyond <= _UNTELLING or not _is_clean(set(text)):
        return None
    letters, foreign = _ascii_letters(text), sum(sign > "\x7f" and sign.isalpha() for sign in text)
    told = letters >= _LETTERS and foreign <= _FOREIGN * letters and not _MISPLACED.search(text)
    return text if told else None


@functools.cache
def _shared_signs() -> frozenset[str]:
    """Letters and signs beyond ASCII that one byte stands for in all of _WINDOWS."""
    read = [{_decoded(bytes([number]), page) for page in _WINDOWS} for number in range(0x80, 0x100)]
    same = {sign for found in read if len(found) == 1 for sign in found if sign is not None}
    return frozenset(sign for sign in same if sign.isalpha() or sign in _SIGNS)


def _ascii_letters(text: str) -> int:
    return sum(sign.isascii() and sign.isalpha() for sign in text)
