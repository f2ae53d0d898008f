"""Works enter the library, what matches is verified and shown to the author of the earlier work alone, and stays dismissed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from complaints import matching
from complaints.actions import authorisations, indexing, possible_copies, works
from complaints.models import (
    Complaint,
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
        patch.setattr(indexing, "find_matches", lambda _media: [])
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
    return [job.payload["number"] for job in Job.objects.filter(kind=indexing.LOOK_CLOSER).order_by("pk")]


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
    words = matching.words_to_keep(media)
    works.delete_work(work=work, by=work.owner)
    with transaction.atomic():
        assert indexing._keep(media, words, []) is False
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
