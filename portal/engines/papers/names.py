"""Names as papers print them: without titles, sex, and the sentence that goes on behind them."""

import re
from typing import Final

from portal.engines.papers import scripts


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HAN: Final = "㐀-䶿一-鿿"
_HAN_NAME: Final = re.compile(rf"[{_HAN}]{{2,4}}|[{_HAN}]{{2,8}}(?:·[{_HAN}]{{1,8}})+")
_LATIN_NAME: Final = re.compile(r"[^\W\d_][\w'’.\-]*(?: [^\W\d_][\w'’.\-]*){1,4}")
# Before and behind a name: boxes, ticks, lines and points of a form, or part of a seal.
_MARKS: Final = re.compile(r"^[\W_]+|[\W_]+$")
_LEAST: Final = 2  # signs of a Chinese name, words of another
# Written behind a Chinese name, with or without a space.
_HAN_TITLES: Final = re.compile(r"(?:同志|先生|女士|小姐|同学|老师|医生|医师|护士|律师|教授|博士)")
_HAN_EXTRAS: Final = re.compile(r"性别|[男女](?:性)?|汉|[一-鿿]{1,4}族")
_HAN_SEX: Final = "男女"
# Names of two signs to which a given name belongs; 男 or 女 behind one may be it.
_DOUBLE_SURNAMES: Final = _words(
    "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 东方 東方 皇甫 尉迟 公孙 慕容 令狐 司徒 夏侯 端木 百里 呼延 南宫 长孙 宇文 轩辕 闻人"
)
# Signs with which a sentence goes on behind a name.
_HAN_GOES_ON: Final = "已系为于在经自从参通完获是的之与和及于同因将"
_TITLES: Final = _words("dr mr mrs ms miss mx prof professor madam sir rev")
_DEGREES: Final = _words("md phd rn esq mbbs dds dmd msc bsc mba")
_SEX: Final = frozenset({"male", "female"})
_ALSO_SURNAMES: Final = frozenset({"male"})
_SEX_OR_INITIAL: Final = frozenset({"m", "f"})
_PARTICLES: Final = _words(
    "af al auf av aw ap ben bin bint da dal dalla das de dei del della den der des di do dos du e el ibn la las le lo los san "
    "ten ter van vom von y zu zum zur"
)
_SENTENCE: Final = _words(
    "has have had having is are was were been being who whose which that of for the in and with as by from to on at successfully "
    "completed passed met holds registered licensed certified awarded admitted qualified born son daughter graduated attended sex gender "
    "practises practices"
)


def read_name(text: str, *, in_sentence: bool = False, begins_sentence: bool = False) -> tuple[str, bool] | None:
    """The name that a text holds, and whether nothing speaks against it; None if it holds none.

    `begins_sentence`: the label is one with which a sentence begins; `in_sentence`: the text is the rest of that sentence.
    """
    whole = text.strip(" .,;:_-")
    kept = _MARKS.sub("", re.split(r"[(\[【〔<]", whole)[0])
    if scripts.has_han(kept):
        name, right = _han_name(kept, in_sentence=in_sentence, begins_sentence=begins_sentence)
    elif not kept or any(sign.isdigit() for sign in kept):
        return None
    else:
        name, right = _latin_name(kept)
        right = right and not in_sentence  # it may go on in the next line
    return name, right and kept == whole


def _han_name(text: str, *, in_sentence: bool, begins_sentence: bool) -> tuple[str, bool]:
    parts = [part for part in re.split(r"[\s,，、;；]+", text) if part]
    extra = False
    while len(parts) > 1 and (_HAN_TITLES.fullmatch(parts[-1]) or _HAN_EXTRAS.fullmatch(parts[-1])):
        extra = extra or _HAN_TITLES.fullmatch(parts[-1]) is None
        parts.pop()
    joined = "".join(parts)
    titled = _HAN_TITLES.search(joined, 1)
    name = joined[: titled.start()] if titled else joined
    if len(name) < _LEAST:  # a sign that was taken for a sex is the given name
        return "".join(text.split()), False
    right = _HAN_NAME.fullmatch(name) is not None and len(parts) == 1 and name[-1] not in _HAN_SEX
    right = right and not (titled and titled.end() < len(joined)) and not (extra and name in _DOUBLE_SURNAMES)
    if begins_sentence and not titled:
        right = right and not in_sentence and not _may_go_on(name)
    return name, right


def _may_go_on(name: str) -> bool:
    """Whether the last of these signs may be no part of the name, but of its sentence."""
    return name[-1] in _HAN_GOES_ON or ("·" not in name and len(name) > 3 and name[:2] not in _DOUBLE_SURNAMES)


def _latin_name(text: str) -> tuple[str, bool]:
    words = text.split()
    while len(words) > 1 and _plain(words[0]) in _TITLES:
        words = words[1:]
    sure, kept = words[-1].lower() not in _SEX_OR_INITIAL, words
    while len(kept) > 1 and _plain(kept[-1]) in _TITLES | _DEGREES | _SEX:
        sure = sure and _plain(kept[-1]) not in _ALSO_SURNAMES
        kept = kept[:-1]
    if len(kept) < _LEAST:
        kept, sure = words, False
    kept = [*kept[:-1], kept[-1].rstrip(",;")]
    ends = next((place for place, word in enumerate(kept) if _is_of_sentence(word)), len(kept))
    if _LEAST <= ends < len(kept):
        return " ".join(kept[:ends]).rstrip(",;"), False
    name = " ".join(kept)
    return name, sure and ends == len(kept) and _LATIN_NAME.fullmatch(name) is not None


def _is_of_sentence(word: str) -> bool:
    """Whether a word is none of a name: names begin with a capital, or are particles."""
    plain = word.strip(".,;:'’").lower()
    return plain in _SENTENCE or (word[0].islower() and plain not in _PARTICLES and not _has_capital(word))


def _has_capital(word: str) -> bool:
    return any(sign.isupper() for sign in word)


def _plain(word: str) -> str:
    """A title as it is looked up: without its dots and what stands around it."""
    return re.sub(r"[^\w]", "", word).lower()
