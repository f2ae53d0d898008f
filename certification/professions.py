"""Which professions a profile names. What a text means by a word is for a person to judge; here it is only found."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Code, name, and the words by which a profile says so. Words of Latin letters are found as whole words only.
_PROFESSIONS: Final[dict[str, tuple[Promise, tuple[str, ...]]]] = {
    "doctor": (_("doctor"), ("医生", "医师", "醫生", "醫師", "大夫", "doctor", "physician", "surgeon", "md")),
    "nurse": (_("nurse"), ("护士", "护师", "護士", "護師", "nurse")),
    "pharmacist": (_("pharmacist"), ("药师", "藥師", "pharmacist")),
    "dietitian": (_("dietitian"), ("营养师", "營養師", "dietitian", "nutritionist")),
    "lawyer": (_("lawyer"), ("律师", "律師", "lawyer", "attorney", "solicitor", "barrister")),
    "teacher": (_("teacher"), ("教师", "教師", "老师", "老師", "teacher", "lecturer", "professor", "教授")),
    "adviser": (_("financial adviser"), ("投资顾问", "理财师", "分析师", "financial adviser", "financial advisor")),
    "broker": (_("broker"), ("证券经纪", "经纪人", "stockbroker", "broker")),
    "accountant": (_("accountant"), ("会计师", "會計師", "accountant", "cpa")),
    "farmer": (_("farmer"), ("农民", "农艺师", "農民", "farmer", "agronomist")),
    "driver": (_("driver"), ("司机", "司機", "trucker", "truck driver")),
}


def professions_in(text: str) -> list[str]:
    """The codes of all professions that a text names, sorted."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return sorted(code for code, (_name, words) in _PROFESSIONS.items() if any(_names(plain, word) for word in words))


def profession_names(codes: Iterable[str]) -> list[str]:
    """The professions in the reader's language; codes that are not known any more as they are."""
    return [str(_PROFESSIONS[code][0]) if code in _PROFESSIONS else code for code in codes]


def _names(text: str, word: str) -> bool:
    if not word.isascii():
        return word in text
    return re.search(rf"(?<![a-z]){re.escape(word)}s?(?![a-z])", text) is not None
