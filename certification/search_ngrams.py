"""How names are found: the n-grams that a text is filed under, and those that a query asks for.

Chinese is written without spaces, so each run of it is filed under its characters and pairs; words of
other scripts are filed under every beginning of two letters and more, so that typing finds early.
"""

import re
import unicodedata
from collections.abc import Iterator

_CJK = "぀-ヿ㐀-䶿一-鿿豈-﫿가-힯"
_RUNS = re.compile(rf"[{_CJK}]+|[^\W{_CJK}_]+")
_LONGEST = 20
_SHORTEST = 2


def ngrams_of_texts(*texts: str) -> list[str]:
    """Everything under which the texts can be found, sorted."""
    return sorted({gram for text in texts for run in _runs(text) for gram in _indexed_ngrams(run)})


def ngrams_of_query(query: str) -> list[str]:
    """The n-grams that a row must have to fit the query; empty when the query is too short to search for."""
    runs = list(_runs(query))
    if sum(len(run) for run in runs) < _SHORTEST:
        return []
    return sorted({gram for run in runs for gram in _queried_ngrams(run)})


def has_cjk(text: str) -> bool:
    """Whether anything in the text is written in Chinese, Japanese or Korean letters."""
    return re.search(f"[{_CJK}]", text) is not None


def _runs(text: str) -> Iterator[str]:
    yield from _RUNS.findall(unicodedata.normalize("NFKC", text).casefold())


def _is_cjk(run: str) -> bool:
    return re.match(f"[{_CJK}]", run) is not None


def _indexed_ngrams(run: str) -> Iterator[str]:
    if _is_cjk(run):
        yield from run
        yield from _pairs(run)
    elif len(run) < _SHORTEST:
        yield run
    else:
        for end in range(_SHORTEST, min(len(run), _LONGEST) + 1):
            yield run[:end]


def _queried_ngrams(run: str) -> Iterator[str]:
    if _is_cjk(run):
        yield from _pairs(run) if len(run) > 1 else run
    else:
        yield run[:_LONGEST]


def _pairs(run: str) -> Iterator[str]:
    for start in range(len(run) - 1):
        yield run[start : start + 2]
