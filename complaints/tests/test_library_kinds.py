"""Pictures, sounds and texts in the library, with the real engine: their copies are found, an author hears, a draft is a click away."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.urls import reverse

from complaints import evidence_file, matching
from complaints.actions import possible_copies, works
from complaints.library import WORD_VERSIONS, get_library
from complaints.models import Fingerprint, LibraryEntry, LibraryMatch, LibraryPage, PossibleCopy, Work
from complaints.policies import library as policy
from complaints.tests import factories as make
from complaints.tests import specimens
from complaints.views.original_elsewhere import original_elsewhere
from portal.engines import fingerprints
from portal.media.actions import probes
from portal.people.models import User
from portal.testing.reading import page_text
from portal.testing.shared import Enter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moving")]
TEXT = " ".join(specimens.SENTENCES)
KINDS = ("image", "audio", "text")


def works_of(kind: str, seed: int) -> bytes:
    """Different works of one kind."""
    if kind == "image":
        return specimens.as_bytes(specimens.picture(seed))
    if kind == "audio":
        return specimens.sound(seed, 20)
    return f"{TEXT} And so it went on for {seed} years.".encode() if seed == 1 else _other_text(seed)


def _other_text(seed: int) -> bytes:
    chance = np.random.default_rng(seed)
    letters = np.array(list("etaoinshrdlu"))
    words = ["".join(chance.choice(letters, chance.integers(2, 9))) for _word in range(120)]
    return " ".join(words).encode()


COPIES: dict[str, bytes] = {
    "image": specimens.cropped(specimens.picture(1)),
    "audio": specimens.excerpt_of_sound(1, 20),
    "text": f"My own words first. {TEXT.upper()} The end.".encode(),
}


@pytest.fixture(autouse=True)
def _real_engine(_quick_engine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (matching, evidence_file, probes):
        monkeypatch.setattr(module, "fingerprints", fingerprints)


def registered(kind: str, seed: int = 1, owner: User | None = None) -> Work:
    person = owner or make.author()
    work = works.register_work(by=person, title=f"My {kind}", media=make.video(person, works_of(kind, seed)))
    make.run_jobs()
    return Work.objects.select_related("media", "owner").get(pk=work.pk)


def complained_of(kind: str, copied: bytes) -> None:
    """Somebody else complains of a post with this file."""
    complainant = make.author()
    original = make.post(make.account_of(complainant), works_of(kind, 9), kind=kind, title="Theirs")
    complaint = make.draft(complainant, original=original, copy=make.post(make.account(), copied, kind=kind, title="X"))
    make.submit(complaint)
    make.run_jobs()


@pytest.mark.parametrize("kind", KINDS)
def test_the_author_of_a_copied_work_hears_and_complains_with_one_click(kind: str, enter: Enter) -> None:
    work = registered(kind)
    registered(kind, 2)
    complained_of(kind, COPIES[kind])
    found = PossibleCopy.objects.get()
    assert (found.work, found.match.grade) == (work, "static" if kind == "image" else "similar")
    assert work.owner is not None
    client = enter(work.owner)
    text = page_text(client.get(reverse("complaints:possible_copy", args=[found.pk])))
    shown = {"image": "Same imagery in both pictures", "audio": "Similar sound", "text": "Passages in common"}
    assert shown[kind] in text
    assert "video" not in text.partition("Order of publication")[2].partition("Draft a complaint")[0]
    if kind == "text":
        assert "characters" in text
    made = possible_copies.complain_of_possible_copy(copy=found, by=work.owner)
    assert (make.fresh(made).original, make.fresh(made).copy) == (work, found.post)


@pytest.mark.parametrize("kind", KINDS)
def test_reviewers_see_that_the_original_is_somebody_elses_work(kind: str) -> None:
    earlier = registered(kind)
    complainant = make.author()
    mine = make.post(make.account_of(complainant), COPIES[kind], kind=kind, title="Mine")
    copy = make.post(make.account(), works_of(kind, 9), kind=kind, title="X")
    complaint = make.draft(complainant, original=mine, copy=copy)
    make.submit(complaint)
    make.run_jobs()
    assert [row.work for row in original_elsewhere(make.fresh(complaint))] == [earlier]


@pytest.mark.parametrize("kind", KINDS)
def test_it_leaves_the_library_with_its_file(kind: str) -> None:
    work = registered(kind)
    entry = LibraryEntry.objects.get()
    assert (entry.version, entry.count > 0) == (WORD_VERSIONS[kind], True)
    assert LibraryPage.objects.count() == entry.count
    assert work.owner is not None
    works.delete_work(work=work, by=work.owner)
    for model in (LibraryEntry, LibraryPage, Fingerprint):
        assert not model.objects.exists()


def test_each_kind_is_looked_for_among_its_own() -> None:
    rows = {kind: registered(kind) for kind in KINDS}
    for kind, work in rows.items():
        assert work.media is not None
        asked = matching.content_to_ask(work.media)
        for other in (*KINDS, "video"):
            told = [each.media for each in get_library().find(replace(asked, kind=other)).candidates]
            assert told == ([work.media_id] if other == kind else [])
    assert not LibraryMatch.objects.exists()


def test_the_library_does_not_tell_what_a_text_says() -> None:
    work = registered("text")
    assert work.media is not None
    assert not Fingerprint.objects.exists()
    folded = fingerprints.read_text(works_of("text", 1))
    guessed = fingerprints.words_of_text(folded, b"another key")
    kept = matching.content_to_keep(work.media).words
    assert len(kept) == LibraryEntry.objects.get().count
    assert not set(kept.signatures.tolist()) & set(guessed.signatures.tolist())


def test_a_quoted_sentence_is_no_possible_copy() -> None:
    author = make.author()
    long = f"{TEXT} {_other_text(7).decode()} {_other_text(8).decode()}"
    works.register_work(by=author, title="Long", media=make.video(author, long.encode()))
    make.run_jobs()
    rest = _other_text(5).decode() + _other_text(6).decode()
    complained_of("text", f"{rest} {specimens.SENTENCES[0]} {rest[::-1]}".encode())
    copied = Work.objects.get(title="X")
    assert copied.media is not None
    told = get_library().find(matching.content_to_ask(copied.media)).candidates
    assert Work.objects.get(title="Long").media_id in {each.media for each in told}  # found, and not enough of it
    assert not PossibleCopy.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_screening_a_file_finds_the_work(kind: str, tmp_path: Path) -> None:
    work = registered(kind)
    registered(kind, 2)
    path = tmp_path / "file"
    for data, grades in ((COPIES[kind], {"static", "similar"}), (works_of(kind, 1), {"identical"})):
        path.write_bytes(data)
        written = io.StringIO()
        call_command("screen", str(path), "--json", stdout=written)
        told = json.loads(written.getvalue())
        first = told["candidates"][0]
        assert (told["kind"], first["media"], first["matches"]) == (kind, str(work.media_id), True)
        assert first["grade"] in grades
        assert not any(row["matches"] for row in told["candidates"][1:])


def test_a_sticker_in_both_is_no_match_and_imagery_beside_it_is() -> None:
    sticker = fingerprints.Segment(0, 9, 0, 9, 1, "upright", 0, None, 0.5, "imagery", 30, (), ("small_area",))
    told = fingerprints.Comparison("imagery", 0.5, (sticker,), fingerprints.THRESHOLDS, {})
    assert not policy.is_match("video", told)
    more = replace(sticker, transformations=("cropped",))
    assert policy.is_match("video", replace(told, segments=(sticker, more)))


@pytest.mark.parametrize(("hits", "score", "found"), [(50, 0.05, False), (50, 0.3, True), (500, 0.05, True)])
def test_how_much_of_a_text_counts(hits: int, score: float, *, found: bool) -> None:
    row = fingerprints.Segment(0, 60, 0, 60, 1, "upright", hits, None, None, "similar")
    told = fingerprints.Comparison("similar", score, (row,), fingerprints.THRESHOLDS, {})
    assert policy.is_match("text", told) is found
    assert not policy.is_match("video", told)
    assert policy.is_match("audio", told)
