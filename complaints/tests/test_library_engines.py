"""What every engine of the library must do, whichever the settings name; and an embedding that looks at fingerprints."""

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from complaints import apps
from complaints.library import Answer, Library, WorkContent, get_library
from complaints.models import LibraryEntry
from complaints.tests import engine
from complaints.tests import factories as make
from portal import grants
from portal.engines.fingerprints import WORD_COUNT, VisualWords
from portal.media.models import MediaFile

pytestmark = pytest.mark.django_db
ENGINES = ("complaints.library.pages.PageLibrary", "complaints.library.vectors.VectorLibrary")
_names = itertools.count()


class MeanHash:
    """An embedding over fingerprints: 64 values, of which the test knows what they must be."""

    version = "1"
    size = 64

    def embed(self, content: WorkContent) -> npt.NDArray[np.float32]:
        return np.array([content.made], np.float32).reshape(-1, self.size)


@pytest.fixture(scope="module")
def has_vectors(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> bool:
    """What an operator does once, and what `migrate` does where the settings name the engine; False without pgvector."""
    with django_db_blocker.unblock(), grants.as_database_owner(connection) as role:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")
            if cursor.fetchone() is None:
                return False
        place = {name: connection.settings_dict[name.upper()] for name in ("host", "port")}
        dbname = connection.settings_dict["NAME"]
        with psycopg.connect(**place, dbname=dbname, user="postgres", autocommit=True) as superuser:
            superuser.execute("CREATE EXTENSION IF NOT EXISTS vector")
        for path in ("complaints.library.vectors.WordEmbedding", f"{__name__}.MeanHash"):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(settings, "LIBRARY_EMBEDDING", path)
                patch.setattr(settings, "LIBRARY_ENGINE", ENGINES[1])
                for _twice in range(2):
                    apps._prepare_library()
        grants.grant_app_rights(connection, role, also=("TRUNCATE",))
        return True


@pytest.fixture(params=ENGINES, ids=["pages", "vectors"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, *, has_vectors: bool) -> Library:
    if request.param == ENGINES[1] and not has_vectors:
        pytest.skip("this server has no pgvector")
    monkeypatch.setattr(settings, "LIBRARY_ENGINE", request.param)
    return get_library()


def work() -> MediaFile:
    return make.video(make.author(), engine.sample_video("potter", f"engine{next(_names)}"))


def content(seed: int, kind: str = "video", count: int = 900) -> WorkContent:
    """Words of a work that has nothing in common with one of another seed, but by chance."""
    chance = np.random.default_rng(seed)
    words = np.unique(chance.integers(0, WORD_COUNT, count)).astype(np.int32)
    signatures = chance.integers(0, 1 << 63, len(words)).astype(np.uint64)
    return WorkContent(kind, VisualWords(words, signatures, chance.permutation(len(words)).astype(np.int32)))


def part_of(whole: WorkContent, share: float) -> WorkContent:
    """A stretch in the middle, in words as noisy as those of a copy."""
    words = whole.words
    middle = np.abs(words.points / len(words) - 0.5) <= share / 2
    return replace(whole, words=VisualWords(words.words[middle], words.signatures[middle], words.points[middle]))


def found(answer: Answer) -> list[Any]:
    return [each.media for each in answer.candidates]


def test_a_work_and_an_excerpt_of_it_are_found_among_others(library: Library) -> None:
    rows = [work() for _each in range(8)]
    for seed, media in enumerate(rows):
        assert library.add(media, content(seed))
    assert found(library.find(content(3)))[0] == rows[3].pk
    assert found(library.find(part_of(content(5), 0.3)))[0] == rows[5].pk
    assert found(library.find(content(3), most=1)) == [rows[3].pk]
    scores = [each.score for each in library.find(content(3)).candidates]
    assert scores == sorted(scores, reverse=True)
    assert 0 <= library.find(content(3)).unsearched <= 1


def test_what_is_removed_is_found_no_more(library: Library) -> None:
    media = work()
    assert [library.add(media, content(1)), library.add(media, content(1))] == [True, False]
    entry = LibraryEntry.objects.get()
    assert (entry.media_id, entry.version, entry.gap) == (media.pk, library.versions["video"], "")
    assert [library.remove(media), library.remove(media)] == [True, False]
    assert not LibraryEntry.objects.exists()
    assert library.find(content(1)) == Answer([])


def test_an_entry_of_another_version_or_with_a_gap_is_made_anew(library: Library) -> None:
    media = work()
    library.add(media, content(1))
    LibraryEntry.objects.update(version="0.0")
    assert found(library.find(content(1))) == []
    assert library.add(media, content(2))
    assert (found(library.find(content(2))), found(library.find(content(1)))) == ([media.pk], [])
    LibraryEntry.objects.update(gap="too_heavy")
    assert library.add(media, content(1))
    assert LibraryEntry.objects.get().gap == ""
    assert len(library.versions["video"]) <= 40


def test_each_kind_is_looked_for_among_its_own_by_every_engine(library: Library) -> None:
    rows = {kind: work() for kind in ("video", "image", "audio", "text")}
    for kind, media in rows.items():
        MediaFile.objects.filter(pk=media.pk).update(kind=kind)
        library.add(media, content(1, kind))
    assert set(library.versions) == set(rows)
    for kind, media in rows.items():
        assert found(library.find(content(1, kind))) == [media.pk]


def test_a_work_that_cannot_be_read_is_held_and_never_found(library: Library) -> None:
    media = work()
    assert library.add(media, WorkContent.unread("video"))
    assert LibraryEntry.objects.filter(media=media, version=library.versions["video"]).exists()
    assert library.find(content(1)) == Answer([])
    assert library.find(WorkContent.unread("video")) == Answer([])


def test_what_is_rolled_back_was_not_added(library: Library) -> None:
    media = work()
    with transaction.atomic():
        library.add(media, content(1))
        transaction.set_rollback(True)
    assert library.find(content(1)) == Answer([])
    assert library.add(media, content(1))


def test_an_embedding_that_the_settings_name_sees_the_fingerprint(
    monkeypatch: pytest.MonkeyPatch, *, has_vectors: bool
) -> None:
    if not has_vectors:
        pytest.skip("this server has no pgvector")
    monkeypatch.setattr(settings, "LIBRARY_ENGINE", ENGINES[1])
    monkeypatch.setattr(settings, "LIBRARY_EMBEDDING", f"{__name__}.MeanHash")
    library, near, far = get_library(), work(), work()
    chance = np.random.default_rng(1)
    one, other = chance.normal(size=64), chance.normal(size=64)
    for media, made in ((near, one), (far, other)):
        library.add(media, WorkContent("video", VisualWords.none(), made))  # type: ignore[arg-type]
    asked = WorkContent("video", VisualWords.none(), one + chance.normal(size=64) / 4)  # type: ignore[arg-type]
    assert found(library.find(asked))[0] == near.pk
    monkeypatch.setattr(settings, "LIBRARY_EMBEDDING", "complaints.library.vectors.WordEmbedding")
    assert get_library().versions != library.versions
