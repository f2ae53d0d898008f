"""The library in PostgreSQL finds what counting over everything finds, and holds neither more nor less than its entries."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints.library import Candidate, WorkContent, get_library, pages
from complaints.models import LibraryEntry, LibraryPage
from complaints.tests import engine
from complaints.tests import factories as make
from portal.engines.fingerprints import NEAR, WORD_COUNT, VisualWords
from portal.media.models import MediaFile

pytestmark = pytest.mark.django_db

_names = itertools.count()


def video() -> MediaFile:
    return make.video(make.author(), engine.sample_video("potter", f"library{next(_names)}"))


def words(*pairs: tuple[int, int]) -> VisualWords:
    rows = sorted(dict(pairs).items())
    numbers, signatures = [row[0] for row in rows], [row[1] for row in rows]
    return VisualWords(
        np.array(numbers, np.int32), np.array(signatures, np.uint64), np.arange(len(rows), dtype=np.int32)
    )


def add(media: MediaFile, some: VisualWords) -> bool:
    return get_library().add(media, WorkContent("video", some))


def find(some: VisualWords) -> list[Candidate]:
    return get_library().find(WorkContent("video", some)).candidates


def held() -> dict[int, set[tuple[int, int]]]:
    """{entry: {(word, signature)}} of all postings; fails on a posting that is there twice."""
    found: dict[int, set[tuple[int, int]]] = {}
    for row in LibraryPage.objects.all():
        for entry, signature in np.frombuffer(bytes(row.postings), pages.POSTING).tolist():
            one = (row.pk % WORD_COUNT, signature)
            assert one not in found.setdefault(entry, set())
            found[entry].add(one)
    return found


def expected(kept: dict[int, VisualWords]) -> dict[int, set[tuple[int, int]]]:
    return {
        entry: set(zip(some.words.tolist(), some.signatures.tolist(), strict=True))
        for entry, some in kept.items()
        if len(some)
    }


def brute_force(kept: dict[int, VisualWords], asked: VisualWords, newest: int) -> dict[int, float]:
    """Scores by comparing every pair of words, before any shortlist."""
    scores = {}
    for entry, some in kept.items():
        best: dict[int, float] = {}
        for (word, signature), (other, own, point) in itertools.product(
            zip(some.words.tolist(), some.signatures.tolist(), strict=True),
            zip(asked.words.tolist(), asked.signatures.tolist(), asked.points.tolist(), strict=True),
        ):
            bits = (signature ^ own).bit_count()
            if word == other and bits <= NEAR:
                having = sum(word in each.words for each in kept.values())
                weight = math.log1p(newest / having) * math.exp(-((bits / 16) ** 2))
                best[point] = max(best.get(point, 0.0), weight)
        if best:
            scores[entry] = sum(best.values()) / math.sqrt(len(some) + 200)
    return scores


_word = st.one_of(st.integers(0, 5), st.integers(WORD_COUNT - 2, WORD_COUNT - 1))
_signature = st.one_of(st.integers(0, 3), st.integers((1 << 64) - 4, (1 << 64) - 1), st.integers(0, (1 << 64) - 1))
_some = st.dictionaries(_word, _signature, max_size=6).map(lambda rows: words(*rows.items()))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=st.lists(_some, min_size=1, max_size=5), asked=_some, gone=st.sets(st.integers(0, 4)))
def test_finds_what_brute_force_finds(kept: list[VisualWords], asked: VisualWords, gone: set[int]) -> None:
    library = get_library()
    with transaction.atomic():
        films = [video() for _each in kept]
        for film, some in zip(films, kept, strict=True):
            assert add(film, some)
        numbers = [LibraryEntry.objects.get(media=film).pk for film in films]
        for place in gone & set(range(len(films))):
            assert library.remove(films[place])
        left = {numbers[place]: some for place, some in enumerate(kept) if place not in gone}
        assert held() == expected(left)
        found = find(asked)
        newest = max(left, default=0)
        told = brute_force(left, asked, newest)
        medias = dict(LibraryEntry.objects.values_list("media", "pk"))
        assert {medias[each.media]: pytest.approx(each.score) for each in found} == told
        assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
        transaction.set_rollback(True)


def test_adding_or_removing_again_changes_nothing() -> None:
    film, library = video(), get_library()
    some = words((1, 5), (7, 9))
    assert [add(film, some), add(film, some)] == [True, False]
    entry = LibraryEntry.objects.get()
    assert held() == {entry.pk: {(1, 5), (7, 9)}}
    assert [library.remove(film), library.remove(film)] == [True, False]
    assert not LibraryEntry.objects.exists()
    assert not LibraryPage.objects.exists()


def test_an_entry_of_another_version_is_made_anew() -> None:
    film = video()
    add(film, words((1, 5), (7, 9)))
    LibraryEntry.objects.update(version="0.0")
    assert find(words((1, 5))) == []
    assert add(film, words((2, 5)))
    assert held() == {LibraryEntry.objects.get().pk: {(2, 5)}}
    assert [each.media for each in find(words((2, 5)))] == [film.pk]


def test_one_that_breaks_half_way_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    film, other = video(), video()
    add(other, words((1, 6)))
    before = held()

    def half(entry: int, some: VisualWords, kind: str) -> int:
        whole(entry, VisualWords(some.words[:1], some.signatures[:1], some.points[:1]), kind)
        raise DatabaseError

    whole = pages.add_postings
    monkeypatch.setattr(pages, "add_postings", half)
    with pytest.raises(DatabaseError), transaction.atomic():
        add(film, words((1, 5), (7, 9)))
    assert held() == before
    assert LibraryEntry.objects.count() == 1


def test_a_page_takes_no_more_than_its_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_POSTINGS", 2)
    library = get_library()
    films = [video() for _each in range(3)]
    for film in films:
        add(film, words((1, 5), (100 + LibraryEntry.objects.count(), 5)))
    assert sorted(len(bytes(row.postings)) for row in LibraryPage.objects.all()) == [12, 12, 12, 24]
    assert library.remove(films[2])
    assert len(held()) == 2


def test_entries_of_later_parts_have_pages_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PART", 1)
    films = [video() for _each in range(3)]
    for film in films:
        add(film, words((1, 5)))
    assert LibraryPage.objects.count() == 3
    assert {each.media for each in find(words((1, 5)))} == {film.pk for film in films}


def test_a_question_is_answered_alike_in_batches_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    for step in range(1, 5):
        add(video(), words(*((number * step, number) for number in range(200))))
    asked = words(*((number, number) for number in range(0, 200, 3)))
    whole = find(asked)
    monkeypatch.setattr(pages, "_AT_ONCE", 7)
    assert find(asked) == whole
    assert len(whole) == 4


def test_a_question_takes_three_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    some = words(*((number, number) for number in range(500)))
    add(video(), some)
    fetch, asked = pages._fetch, []

    def count(sql: str, told: Any) -> list[tuple[Any, ...]]:
        asked.append(sql)
        return fetch(sql, told)

    monkeypatch.setattr(pages, "_fetch", count)
    assert len(find(some)) == 1
    assert asked == [pages._NEWEST, pages._READ, pages._SHORTLISTED]
    assert connection.in_atomic_block


def test_a_work_is_found_however_many_have_the_same_words() -> None:
    film, some = video(), words(*((number, number) for number in range(30)))
    add(film, some)
    first = LibraryEntry.objects.get().pk
    for number in range(1, 300):
        pages.add_postings(first + number, some)
    assert [each.media for each in find(some)] == [film.pk]


def test_rare_words_are_searched_first_and_what_was_left_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    film, rare, common = video(), (1, 5), (2, 6)
    add(film, words(rare, common))
    for _number in range(3):
        add(video(), words(common))
    assert get_library().find(WorkContent("video", words(rare, common))).unsearched == 0
    monkeypatch.setattr(pages, "_MOST_READ", 1)
    answer = get_library().find(WorkContent("video", words(rare, common)))
    assert ([each.media for each in answer.candidates], answer.unsearched) == ([film.pk], 0.5)


def test_an_entry_of_which_full_pages_took_less_than_half_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_POSTINGS", 1)
    some, films = words((1, 5), (2, 5), (3, 5)), [video(), video(), video()]
    add(films[0], some)
    add(films[1], some)
    add(films[2], words((1, 5), (8, 5), (9, 5)))
    gaps = dict(LibraryEntry.objects.values_list("media", "gap"))
    assert [gaps[film.pk] for film in films] == ["", "crowded", ""]
