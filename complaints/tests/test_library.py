"""Works enter the library, what matches is verified and shown to the author of the earlier work alone, and stays dismissed."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import F

from complaints import matching
from complaints.actions import authorisations, candidates, indexing, library_matches, possible_copies, works
from complaints.actions.candidates import Search
from complaints.library import Answer, Candidate, get_library
from complaints.models import (
    Complaint,
    EntryGap,
    Fingerprint,
    LibraryEntry,
    LibraryMatch,
    LibraryPage,
    PossibleCopy,
    Work,
)
from complaints.policies import library as policy
from complaints.tests import engine
from complaints.tests import factories as make
from complaints.views.original_elsewhere import original_elsewhere
from portal import clock
from portal.errors import Conflict, NotAllowed
from portal.jobs.attempts import JobAttempt
from portal.jobs.models import Job, JobState
from portal.media.models import MediaFile
from portal.people.models import User

pytestmark = pytest.mark.django_db


def registered(owner: User | None = None, film: bytes = b"") -> Work:
    """A work that has entered the library."""
    person = owner or make.author()
    media = make.video(person, film or engine.sample_video("kiln", f"of {person.pk}"))
    work = works.register_work(by=person, title="My film", media=media)
    make.run_jobs()
    return work


def complained_copy(film: bytes, **more: Any) -> Complaint:
    """Somebody else complains of a post with this film."""
    complainant = make.author()
    copy = make.post(make.account(), film, **more)
    original = make.post(make.account_of(complainant), engine.sample_video("city", f"of {complainant.pk}"))
    complaint = make.draft(complainant, original=original, copy=copy)
    make.submit(complaint)
    make.run_jobs()
    return make.fresh(complaint)


def copied(work: Work) -> PossibleCopy:
    complained_copy(engine.sample_video("kiln", "mirrored"))
    return PossibleCopy.objects.get(work=work)


def test_a_registered_work_enters_the_library_and_leaves_with_its_file() -> None:
    work = registered()
    assert LibraryEntry.objects.get().media_id == work.media_id
    assert LibraryPage.objects.exists()
    assert work.owner is not None
    works.delete_work(work=work, by=work.owner)
    assert not LibraryEntry.objects.exists()
    assert not LibraryPage.objects.exists()
    assert not Fingerprint.objects.exists()


def test_both_works_of_a_complaint_enter_the_library() -> None:
    complaint = complained_copy(engine.sample_video("kiln"))
    assert complaint.original is not None
    assert complaint.copy is not None
    held = set(LibraryEntry.objects.values_list("media", flat=True))
    assert held == {complaint.original.media_id, complaint.copy.media_id}


def test_the_author_of_the_earlier_work_sees_a_possible_copy() -> None:
    work = registered()
    complaint = complained_copy(engine.sample_video("kiln", "mirrored"))
    assert work.owner is not None
    found = policy.possible_copies_of(work.owner).get()
    assert (found.work, found.post, found.match.grade) == (work, complaint.copy, "motion_confirmed")
    assert (found.match.a_id, found.match.segments[0]["b_start"]) == (work.media_id, 1.0)
    assert found.match.segments[0]["transformations"] == ["cropped"]
    for other in (complaint.complainant, complaint.respondent, make.author()):
        if other is not None:
            assert not policy.possible_copies_of(other).exists()


def test_a_post_known_before_the_work_was_registered_is_shown_as_the_earlier_one() -> None:
    complaint = complained_copy(engine.sample_video("kiln", "first"))
    assert complaint.copy is not None
    work = registered()
    found = PossibleCopy.objects.get()
    assert (found.work, found.post, found.match.a_id) == (work, complaint.copy, complaint.copy.media_id)
    assert policy.is_earlier_post(work, found.post)


@pytest.mark.parametrize(
    ("days_between", "earlier"), [(-1, True), (1, False), (None, False)], ids=["older", "newer", "unknown"]
)
def test_a_post_that_came_to_be_known_later_is_the_earlier_one_by_its_date_alone(
    days_between: int | None, *, earlier: bool
) -> None:
    published = clock.now() - timedelta(days=100)
    work, post = Work(published_at=published, registered_at=clock.now()), Work(registered_at=clock.now())
    if days_between is not None:
        post.published_at = published + timedelta(days=days_between)
    assert policy.is_earlier_post(work, post) is earlier


def test_a_registered_work_that_is_no_post_is_shown_to_nobody() -> None:
    registered()
    registered(film=engine.sample_video("kiln", "another author's"))
    assert LibraryMatch.objects.count() == 1
    assert not PossibleCopy.objects.exists()


@pytest.mark.parametrize("kind", ["own_account", "authorised"])
def test_posts_of_the_author_and_of_authorised_accounts_are_not_possible_copies(kind: str) -> None:
    author = make.author()
    registered(author)
    account = make.account_of(author) if kind == "own_account" else make.account()
    if kind == "authorised":
        authorisations.authorise_account(by=author, platform="fake", account=account.id)
    other = make.author()
    mine = make.post(make.account_of(other), engine.sample_video("city", "x"))
    make.submit(make.draft(other, original=mine, copy=make.post(account, engine.sample_video("kiln", "again"))))
    make.run_jobs()
    assert LibraryMatch.objects.filter(grade="motion_confirmed").exists()
    assert not PossibleCopy.objects.exists()


def test_a_dismissed_one_stays_dismissed() -> None:
    work = registered()
    found = copied(work)
    assert work.owner is not None
    possible_copies.dismiss_possible_copy(copy=found, by=work.owner)
    assert found.post.media_id is not None
    for again in ("one", "two"):
        indexing.enqueue_index(found.post.media_id, again)
        make.run_jobs()
    assert PossibleCopy.objects.get().dismissed_at is not None
    assert not policy.possible_copies_of(work.owner).exists()
    with pytest.raises(Conflict):
        possible_copies.dismiss_possible_copy(copy=found, by=work.owner)
    with pytest.raises(Conflict):
        possible_copies.complain_of_possible_copy(copy=found, by=work.owner)


def test_only_the_author_may_dismiss_it_or_complain() -> None:
    found = copied(registered())
    for act in (possible_copies.dismiss_possible_copy, possible_copies.complain_of_possible_copy):
        with pytest.raises(NotAllowed):
            act(copy=found, by=make.author())
    found.refresh_from_db()
    assert (found.dismissed_at, found.complaint) == (None, None)


def test_a_complaint_is_drafted_once_with_both_works() -> None:
    work = registered()
    found = copied(work)
    assert work.owner is not None
    first = possible_copies.complain_of_possible_copy(copy=found, by=work.owner)
    stale = PossibleCopy.objects.defer("complaint").get(pk=found.pk)
    again = possible_copies.complain_of_possible_copy(copy=stale, by=work.owner)
    assert first == again
    made = make.fresh(first)
    assert (made.original, made.copy, made.complainant) == (work, found.post, work.owner)
    assert made.account_id == found.post.account_id


def test_a_job_twice_and_a_sweep_change_nothing() -> None:
    work = registered()
    copied(work)

    def rows() -> list[Any]:
        models = (LibraryEntry, LibraryPage, LibraryMatch, PossibleCopy)
        return [list(model.objects.order_by("pk").values()) for model in models]

    before = rows()
    for media in MediaFile.objects.all():
        indexing.enqueue_index(media.pk, "twice")
    make.run_jobs()
    assert indexing.enqueue_missing() == 0
    assert rows() == before


def test_one_that_dies_half_way_leaves_nothing_and_is_done_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    author = make.author()
    works.register_work(by=author, title="My film", media=make.video(author, engine.sample_video("kiln")))
    make.run_kind("media.probe")
    with monkeypatch.context() as patch:
        patch.setattr(JobAttempt, "finish", _broken_finish)
        make.run_kind(indexing.INDEX_WORK)
    assert Fingerprint.objects.exists()
    assert not LibraryEntry.objects.exists()
    assert indexing.enqueue_missing() == 1
    make.run_jobs()
    assert LibraryEntry.objects.count() == 1


def _broken_finish(_run: JobAttempt) -> Any:
    raise RuntimeError


def test_the_library_is_built_anew_from_stored_fingerprints(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = registered(), registered(film=engine.sample_video("city"))
    before = {row.pk: bytes(row.postings) for row in LibraryPage.objects.all()}
    LibraryEntry.objects.all().delete()
    LibraryPage.objects.all().delete()
    monkeypatch.setattr(matching, "make_fingerprint", lambda _: pytest.fail("decoded"))
    assert indexing.enqueue_missing() == 2
    make.run_jobs()
    assert set(LibraryEntry.objects.values_list("media", flat=True)) == {first.media_id, second.media_id}
    assert len(LibraryPage.objects.all()) == len(before)


def test_a_video_that_cannot_be_read_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    author = make.author()
    works.register_work(by=author, title="My film", media=make.video(author, engine.sample_video("undecodable")))
    make.run_jobs()
    assert LibraryEntry.objects.get().count == 0
    monkeypatch.setattr(matching, "make_fingerprint", lambda _: pytest.fail("decoded"))
    assert indexing.enqueue_missing() == 0
    assert not LibraryPage.objects.exists()


def test_two_videos_that_enter_at_once_find_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search of the second one runs before the first one is in, as in two processes."""
    with monkeypatch.context() as patch:
        patch.setattr(indexing, "find_matches", lambda _media: Search([], 0.0, finished=True))
        patch.setattr(indexing, "_newest_entry", lambda but=None: 1 if but else 0)
        registered()
        complained_copy(engine.sample_video("kiln", "mirrored"))
        queued = Job.objects.filter(kind=indexing.INDEX_WORK, payload__again=True)
        assert queued.exists()
    assert not LibraryMatch.objects.exists()
    queued.update(state=JobState.QUEUED)
    make.run_jobs()
    assert LibraryMatch.objects.count() == 1
    assert PossibleCopy.objects.count() == 1


def looks() -> list[int]:
    return [job.payload["number"] for job in Job.objects.filter(kind=library_matches.LOOK_CLOSER).order_by("pk")]


def test_long_videos_of_the_library_get_a_closer_look_before_they_count() -> None:
    work = registered(film=engine.sample_video("long-kiln"))
    complained_copy(engine.sample_video("long-kiln", "mirrored"))
    assert looks() == [0, 1, 2, 3]
    match = LibraryMatch.objects.get()
    assert (match.a_id, match.grade, len(match.segments)) == (work.media_id, "motion_confirmed", 2)
    assert PossibleCopy.objects.get().work == work


def test_a_window_that_fails_for_good_is_left_out_of_the_closer_look(monkeypatch: pytest.MonkeyPatch) -> None:
    make_fingerprint = matching.make_fingerprint

    def failing(media: MediaFile, window: matching.Seconds | None = None) -> Fingerprint:
        if window == engine.WINDOWS[1].a:
            raise RuntimeError("always")
        return make_fingerprint(media, window)

    monkeypatch.setattr(matching, "make_fingerprint", failing)
    registered(film=engine.sample_video("long-kiln"))
    complained_copy(engine.sample_video("long-kiln", "mirrored"))
    start = clock.now()
    for hour in range(1, indexing.INDEX_ATTEMPTS + 2):
        with clock.freeze_time(start + timedelta(hours=hour)):
            make.run_jobs()
    assert looks() == [0, 1, 2, 3]
    assert len(LibraryMatch.objects.get().segments) == 1


def test_a_closer_look_ends_with_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    work = registered(film=engine.sample_video("long-kiln"))
    make_missing = matching.make_missing_windows

    def purged_meanwhile(original: MediaFile, copy: MediaFile, window: Any) -> list[Fingerprint]:
        made = make_missing(original, copy, window)
        if work.owner is not None and Work.objects.get(pk=work.pk).deleted_at is None:
            works.delete_work(work=work, by=work.owner)
        return made

    with monkeypatch.context() as patch:
        patch.setattr(matching, "make_missing_windows", purged_meanwhile)
        registered(film=engine.sample_video("long-kiln", "another author's"))
    assert looks() == [0]
    assert not Fingerprint.objects.filter(media=work.media_id).exists()
    assert not LibraryMatch.objects.exists()


def test_a_video_that_is_purged_while_it_is_looked_for_does_not_enter() -> None:
    work = registered()
    media = work.media
    assert media is not None
    assert work.owner is not None
    content = matching.content_to_keep(media)
    works.delete_work(work=work, by=work.owner)
    with transaction.atomic():
        assert indexing._keep(media, content, Search([], 0.0, finished=True), {}) is False
    assert not LibraryEntry.objects.exists()


def test_reviewers_see_that_the_original_is_in_another_work() -> None:
    earlier = registered()
    complainant = make.author()
    mine = make.post(make.account_of(complainant), engine.sample_video("kiln", "posted"))
    complaint = make.draft(complainant, original=mine, copy=make.post(make.account(), engine.sample_video("kiln", "c")))
    make.submit(complaint)
    make.run_jobs()
    found = policy.matches_of_original(make.fresh(complaint)).get()
    assert earlier.media_id in {found.a_id, found.b_id}
    shown = original_elsewhere(make.fresh(complaint))
    assert [(row.work, row.registered, row.match) for row in shown] == [(earlier, True, found)]


def test_neither_the_copy_nor_their_own_works_are_told_to_reviewers() -> None:
    complainant = make.author()
    registered(complainant)
    mine = make.post(make.account_of(complainant), engine.sample_video("kiln", "posted"))
    complaint = make.draft(complainant, original=mine, copy=make.post(make.account(), engine.sample_video("kiln", "c")))
    make.submit(complaint)
    make.run_jobs()
    assert LibraryMatch.objects.count() == 3
    assert original_elsewhere(make.fresh(complaint)) == []


def _held(*film: str) -> MediaFile:
    """A video in the library, without its jobs."""
    media = make.video(make.author(), engine.sample_video(*film))
    MediaFile.objects.filter(pk=media.pk).update(state="ready", kind="video")
    media.refresh_from_db()
    Fingerprint.objects.bulk_create([matching.make_fingerprint(media)])
    get_library().add(media, matching.content_to_keep(media))
    return media


@pytest.mark.parametrize("known", [False, True], ids=["by the library's order", "by what is known to match"])
def test_many_copies_do_not_hide_the_original(monkeypatch: pytest.MonkeyPatch, *, known: bool) -> None:
    """The original comes last in the library's order, or is not named by it at all."""
    original = registered()
    copies = [_held("kiln", f"copy {number}") for number in range(25)]
    assert original.media is not None
    for media in copies:
        LibraryMatch.objects.create(a=original.media, b=media, grade="imagery", score=0.5)
    order = [Candidate(media.pk, 9.0) for media in copies]
    order += [] if known else [Candidate(original.media.pk, 0.1)]
    if not known:
        LibraryMatch.objects.all().delete()
    monkeypatch.setattr(type(get_library()), "find", lambda _self, _asked, most: Answer(order[:most]))
    asked = _held("kiln", "again")
    search = indexing.find_matches(asked)
    assert search.finished
    assert original.media_id in {each.media.pk for each in search.compared if each.matches}
    monkeypatch.setattr(candidates, "MOST_COMPARED", 10)
    assert not indexing.find_matches(asked).finished


def test_candidates_that_do_not_match_end_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    registered()
    order = [Candidate(_held("city", f"other {number}").pk, 9.0) for number in range(25)]
    monkeypatch.setattr(type(get_library()), "find", lambda _self, _asked, most: Answer(order[:most]))
    asked = _held("kiln", "again")
    search = indexing.find_matches(asked)
    assert (len(search.compared), search.finished) == (10, True)


def test_a_work_that_was_too_heavy_is_counted_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_heavy(_media: MediaFile) -> None:
        raise matching.Unreadable("too_heavy")

    with monkeypatch.context() as patch:
        patch.setattr(matching, "make_fingerprint", too_heavy)
        registered()
        make.run_jobs()
        assert LibraryEntry.objects.get().gap == EntryGap.TOO_HEAVY
        assert dict(indexing.gap_samples())[("too_heavy",)] == 1
        assert indexing.enqueue_missing() == 0
        for tries, hours in ((1, 7), (2, 13)):
            _grow_older(hours)
            assert indexing.enqueue_missing() == 1
            make.run_jobs()
            assert LibraryEntry.objects.get().tries == tries
    _grow_older(13)
    assert indexing.enqueue_missing() == 0
    _grow_older(13)
    assert indexing.enqueue_missing() == 1
    make.run_jobs()
    entry = LibraryEntry.objects.get()
    assert (entry.gap, entry.tries, entry.count > 0) == ("", 0, True)


def _grow_older(hours: int) -> None:
    """The entry, and the jobs about it, which are one an hour at most."""
    Job.objects.filter(kind=indexing.INDEX_WORK).delete()
    LibraryEntry.objects.update(made_at=F("made_at") - timedelta(hours=hours))


def test_the_queue_is_kept_filled_and_each_work_has_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    works_of_all = [registered(film=engine.sample_video("city", str(number))) for number in range(3)]
    LibraryEntry.objects.all().delete()
    monkeypatch.setattr(indexing, "_QUEUED", 2)
    assert [indexing.enqueue_missing(), indexing.enqueue_missing()] == [2, 0]
    Job.objects.filter(kind=indexing.INDEX_WORK, state=JobState.QUEUED).update(state=JobState.DONE)
    assert [indexing.enqueue_missing(), indexing.enqueue_missing()] == [1, 0]
    make.run_jobs()
    assert LibraryEntry.objects.filter(media=works_of_all[2].media).exists()


def test_entries_are_rebuilt_at_once_by_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = registered(), registered(film=engine.sample_video("city"))
    LibraryEntry.objects.update(version="0.0")
    Fingerprint.objects.filter(media=second.media).delete()
    monkeypatch.setattr(matching, "compare_fingerprints", lambda *_: pytest.fail("compared"))
    monkeypatch.setattr(matching, "make_fingerprint", lambda _: pytest.fail("decoded"))
    out = io.StringIO()
    call_command("rebuild_library", stdout=out)
    assert "1 entries made anew, 1 left" in out.getvalue()
    media = MediaFile.objects.get(works=first)
    found = get_library().find(matching.content_to_ask(media))
    assert [each.media for each in found.candidates] == [media.pk]
