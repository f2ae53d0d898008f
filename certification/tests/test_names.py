"""Finding names in two scripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certification import search_ngrams


@pytest.mark.parametrize(
    ("filed", "query", "found"),
    [
        ("王小明", "小明", True),
        ("王小明", "王小", True),
        ("王小明", "王明", False),
        ("王小明", "王小明", True),
        ("北京协和医院", "协和", True),
        ("Zhang Wei", "zha", True),
        ("Zhang Wei", "wei zhang", True),
        ("Zhang Wei", "hang", False),
        ("Zhang Wei 张伟", "张伟", True),
        ("ＺＨＡＮＧ", "zhang", True),
        ("O’Neil", "neil", True),
        ("José", "josé", True),
    ],
)
def test_what_finds_what(filed: str, query: str, found: bool) -> None:
    assert (set(search_ngrams.ngrams_of_query(query)) <= set(search_ngrams.ngrams_of_texts(filed))) is found


@pytest.mark.parametrize("query", ["", " ", "王", "a", "!?"])
def test_too_short_a_query_asks_for_nothing(query: str) -> None:
    assert search_ngrams.ngrams_of_query(query) == []


@given(st.text(max_size=40))
def test_every_text_finds_itself(text: str) -> None:
    assert set(search_ngrams.ngrams_of_query(text)) <= set(search_ngrams.ngrams_of_texts(text))
