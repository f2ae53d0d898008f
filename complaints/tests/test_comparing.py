"""From received to the other side under every fault: lost workers, silent platforms, videos that cannot be opened."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from complaints import matching
from complaints.actions import comparing, respondent_answers
from complaints.models import Comparison, Complaint, Fingerprint, Grade, Work
from complaints.policies import limits, missing
from complaints.states import ComplaintState as State
from complaints.tests import engine
from complaints.tests import factories as make
from complaints.views import videos
from portal import clock
from portal.audit import trail
from portal.engines import fingerprints
from portal.jobs import runner
from portal.jobs.attempts import JobAttempt, LeaseLost
from portal.jobs.models import Job, JobState
from portal.media.actions import probes
from portal.media.models import MediaFile
from portal.notifications.models import Notification
from portal.platforms import PlatformError
from portal.pools import ROUTES
from portal.sandbox import drawing

pytestmark = pytest.mark.django_db


def jobs(kind: str) -> list[Job]:
    return list(Job.objects.filter(kind=kind).order_by("pk"))


def between(original: bytes, copy: bytes) -> Complaint:
    """A complaint about two films, handed in."""
    author = make.author()
    mine, theirs = make.post(make.account_of(author), original), make.post(make.account(), copy)
    complaint = make.draft(author, original=mine, copy=theirs)
    make.submit(complaint)
    return complaint


def test_a_copy_is_fetched_compared_and_the_other_side_told() -> None:
    complaint = make.complaint(State.NOTIFIED)
    found = complaint.comparisons.get()
    assert (found.grade, found.round) == (Grade.MOTION_CONFIRMED, 1)
    assert (found.thresholds["motion"], found.versions) == (0.75, {"quick": engine.VERSION})
    assert (found.rhythm, found.usable_original, found.usable_copy) == (12.5, 1.0, 0.75)
    segment = found.segments.get()
    assert (segment.a_start, segment.b_start, segment.grade) == (0.0, 1.0, Grade.MOTION_CONFIRMED)
    assert (segment.places, segment.transformations) == (40, ["cropped"])
    assert segment.affine == [1.25, 0.0, -0.1, 0.0, 1.25, -0.05]
    for work in (complaint.original, complaint.copy):
        assert work is not None
        assert work.media is not None
        assert work.media.owner is None
        assert work.media.frozen_at is not None
    assert Fingerprint.objects.count() == 2
    assert complaint.told_at is not None
    assert complaint.answer_by == complaint.told_at + complaint.regime.answer_time


def test_the_same_file_is_identical_without_being_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    make_fingerprint = matching.make_fingerprint

    def decode(media: MediaFile) -> Fingerprint:
        assert Comparison.objects.exists()  # later, for the library
        return make_fingerprint(media)

    monkeypatch.setattr(matching, "make_fingerprint", decode)
    film = engine.sample_video("potter", "same")
    complaint = between(film, film)
    make.run_jobs()
    found = make.fresh(complaint).comparisons.get()
    assert (found.grade, found.score) == (Grade.IDENTICAL, 1.0)
    assert (found.segments.get().a_end, found.segments.get().b_end) == (8.0, 8.0)


def test_windows_of_long_videos_are_examined_one_job_each_and_one_that_cannot_be_read_is_left_out() -> None:
    complaint = between(engine.sample_video("long-concert"), engine.sample_video("long-concert", "cropped"))
    make.run_jobs()
    found = make.fresh(complaint).comparisons.get()
    assert (found.grade, found.segments.count()) == (Grade.MOTION_CONFIRMED, 2)
    assert [job.payload["number"] for job in jobs(comparing.LOOK_CLOSER)] == [0, 1, 2]
    assert Fingerprint.objects.filter(algorithm__startswith="pdq ").count() == 5
    assert comparing.closer_look(complaint) == (3, 3)


@pytest.mark.parametrize("dies_in", [0, 1, 2])
def test_a_worker_that_dies_in_a_window_loses_no_other(monkeypatch: pytest.MonkeyPatch, dies_in: int) -> None:
    complaint = between(engine.sample_video("long-concert"), engine.sample_video("long-concert", "cropped"))
    make_fingerprint = matching.make_fingerprint
    died: list[matching.Seconds] = []

    def dying(media: MediaFile, window: matching.Seconds | None = None) -> Fingerprint:
        if window == engine.WINDOWS[dies_in].a and not died:
            died.append(window)
            raise RuntimeError("died")
        return make_fingerprint(media, window)

    monkeypatch.setattr(matching, "make_fingerprint", dying)
    make.run_jobs()
    assert make.fresh(complaint).state == State.RECEIVED
    clock_later = clock.now() + timedelta(minutes=20)
    monkeypatch.setattr(clock, "now", lambda: clock_later)
    make.run_jobs()
    assert make.fresh(complaint).comparisons.get().segments.count() == 2


def test_a_window_that_fails_for_good_is_left_out_and_the_comparison_made(monkeypatch: pytest.MonkeyPatch) -> None:
    complaint = between(engine.sample_video("long-concert"), engine.sample_video("long-concert", "cropped"))
    make_fingerprint = matching.make_fingerprint

    def failing(media: MediaFile, window: matching.Seconds | None = None) -> Fingerprint:
        if window == engine.WINDOWS[1].a:
            raise RuntimeError("always")
        return make_fingerprint(media, window)

    monkeypatch.setattr(matching, "make_fingerprint", failing)
    for hour in range(comparing.FINGERPRINT_ATTEMPTS + 1):
        later = clock.now() + timedelta(hours=hour)
        with clock.freeze_time(later):
            make.run_jobs()
    found = make.fresh(complaint).comparisons.get()
    assert (found.grade, found.segments.count()) == (Grade.MOTION_CONFIRMED, 1)


def test_a_comparison_lost_after_its_windows_is_made_by_a_restart() -> None:
    complaint = between(engine.sample_video("long-concert"), engine.sample_video("long-concert", "cropped"))
    start = clock.now()
    others = [kind for kind in ROUTES if kind != comparing.COMPARE]
    for minute in range(4):
        with clock.freeze_time(start + timedelta(minutes=minute)):
            make.run_kind(comparing.COMPARE) if minute == 2 else runner.run_due_jobs(others)
    Job.objects.filter(kind=comparing.COMPARE).update(state=JobState.FAILED)
    assert make.fresh(complaint).state == State.RECEIVED
    with clock.freeze_time(start + timedelta(minutes=30)):
        assert comparing.restart_stuck_comparisons() == 1
        make.run_jobs()
    found = make.fresh(complaint).comparisons.get()
    assert (found.grade, found.segments.count()) == (Grade.MOTION_CONFIRMED, 2)


def test_a_sound_that_fails_for_good_leaves_the_pictures_to_be_compared() -> None:
    complaint = make.complaint(State.RECEIVED)
    make.run_kind(comparing.PREPARE)
    make.run_kind("media.probe")
    complaint = make.fresh(complaint)
    assert complaint.original is not None
    assert complaint.original.media is not None
    media = complaint.original.media
    about = {"complaint": complaint.pk, "round": complaint.round, "media": str(media.pk), "sound": True}
    comparing.give_up_comparing(about)
    assert make.fresh(complaint).state == State.RECEIVED
    assert list(Fingerprint.objects.filter(media=media).values_list("algorithm", flat=True)) == [matching.SOUND]
    make.run_jobs()
    assert make.fresh(complaint).comparisons.get().grade == Grade.MOTION_CONFIRMED


def test_the_page_says_how_many_parts_of_long_videos_are_examined() -> None:
    complaint = between(engine.sample_video("long-concert"), engine.sample_video("long-concert", "cropped"))
    others = [kind for kind in ROUTES if kind != comparing.LOOK_CLOSER]
    start = clock.now()
    for minute in range(4):
        with clock.freeze_time(start + timedelta(minutes=minute)):
            runner.run_due_jobs(others)
    told = [str(step["label"]) for step in videos.comparison_steps(make.fresh(complaint)) if step["current"]]
    assert told == ["Parts of long videos examined: 0 of 3"]
    with clock.freeze_time(start + timedelta(minutes=4)):
        runner.run_due_jobs([comparing.LOOK_CLOSER], limit=2)
    labels = [str(step["label"]) for step in videos.comparison_steps(make.fresh(complaint))]
    assert "Parts of long videos examined: 2 of 3" in labels


def test_no_match_dismisses_nothing_a_person_will_look() -> None:
    complaint = between(engine.sample_video("potter"), engine.sample_video("city"))
    make.run_jobs()
    complaint = make.fresh(complaint)
    assert complaint.state == State.NOTIFIED
    assert complaint.comparisons.get().grade == Grade.NONE
    assert complaint.flags == ["no_match"]


@pytest.mark.parametrize(
    ("original", "copy", "codes"),
    [
        (engine.sample_video("potter"), b"broken", ["copy_refused:unknown_type"]),
        (b"broken", engine.sample_video("potter"), ["original_refused:unknown_type"]),
        (b"broken", b"broken too", ["copy_refused:unknown_type", "original_refused:unknown_type"]),
        (engine.sample_video("potter"), b"", ["copy_refused:broken"]),
        (engine.sample_video("undecodable"), engine.sample_video("potter"), ["original_refused:broken"]),
    ],
)
def test_a_video_that_cannot_be_opened_makes_it_incomplete(original: bytes, copy: bytes, codes: list[str]) -> None:
    complaint = between(original or engine.sample_video("x"), copy)
    if not copy:
        assert complaint.copy is not None
        make.fake().media[complaint.copy.external_id] = b""
    make.run_jobs()
    complaint = make.fresh(complaint)
    assert (complaint.state, complaint.missing) == (State.INCOMPLETE, codes)
    assert all(str(missing.missing_sentence(code)).endswith(".") for code in codes)


@pytest.mark.parametrize("side", ["copy", "original"])
def test_a_post_that_is_gone_makes_it_incomplete(side: str) -> None:
    complaint = make.complaint(State.RECEIVED)
    work = getattr(complaint, side)
    del make.fake().works[work.external_id]
    make.run_jobs()
    complaint = make.fresh(complaint)
    assert complaint.missing == [f"{side}_gone"]
    assert Work.objects.get(pk=work.pk).fetch_error == "gone"


def test_two_complaints_about_one_post_keep_one_file_and_one_fingerprint() -> None:
    copy = make.post(make.account())
    for _ in range(2):
        make.submit(make.draft(copy=copy))
        make.run_jobs()
    assert Work.objects.filter(url=copy).count() == 1
    assert Comparison.objects.count() == 2
    assert Fingerprint.objects.count() == 3


def test_a_platform_that_fails_twice_is_asked_again() -> None:
    complaint = make.complaint(State.RECEIVED)
    make.fake().fail(2)
    start = clock.now()
    for minutes in range(0, 6, 2):
        with clock.freeze_time(start + timedelta(minutes=minutes)):
            make.run_jobs()
    assert make.fresh(complaint).state == State.NOTIFIED


def test_every_job_again_and_late_changes_nothing() -> None:
    complaint = make.complaint(State.NOTIFIED)
    before = [row.digest for row in trail.events_of(complaint.chain)]
    told = Notification.objects.count()
    for job in Job.objects.filter(kind__startswith="complaints."):
        assert runner.run_job(job.pk) is False
        Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED)
        runner.run_job(job.pk)
    assert [row.digest for row in trail.events_of(complaint.chain)] == before
    assert Comparison.objects.count() == 1
    assert Notification.objects.count() == told
    assert len(make.fake().messages[complaint.account_id]) == 1


def test_a_round_that_is_over_is_left_alone() -> None:
    complaint = make.complaint(State.INCOMPLETE)
    old = jobs(comparing.PREPARE)[0]
    Job.objects.filter(pk=old.pk).update(state=JobState.QUEUED)
    from complaints.actions import intake

    intake.complete_complaint(
        complaint=complaint, by=complaint.complainant, copy_media=make.video(complaint.complainant)
    )
    runner.run_job(old.pk)
    assert make.fresh(complaint).state == State.RECEIVED


@pytest.mark.parametrize("dies_in", ["fetched", "fingerprint", "compared", "told"])
def test_whatever_dies_half_way_is_done_again_once(dies_in: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker dies at the worst moment of its first attempt; the second one finds what is left."""
    places: dict[str, tuple[Any, str]] = {
        "fetched": (comparing, "_continue_with_fingerprints"),
        "fingerprint": (comparing, "_keep_fingerprint"),
        "compared": (comparing, "_store_comparison"),
        "told": (respondent_answers, "tell_respondent"),
    }
    module, name = places[dies_in]
    real: Any = getattr(module, name)
    deaths: list[int] = []

    def dying(*given: Any, **named: Any) -> Any:
        made = real(*given, **named)
        if not deaths:
            deaths.append(1)
            raise MemoryError("killed")
        return made

    monkeypatch.setattr(module, name, dying)
    complaint = make.complaint(State.RECEIVED)
    start = clock.now()
    for minutes in range(0, 4, 2):
        with clock.freeze_time(start + timedelta(minutes=minutes)):
            make.run_jobs()
    complaint = make.fresh(complaint)
    assert deaths
    assert complaint.state == State.NOTIFIED
    assert complaint.comparisons.count() == 1
    told = Notification.objects.filter(user=complaint.complainant).values_list("kind", flat=True).order_by("pk")
    assert list(told) == ["complaints.received", "complaints.other_side_told"]
    assert len(make.fake().messages[complaint.account_id]) == 1


def test_two_fingerprints_at_once_ask_for_one_comparison() -> None:
    make.complaint(State.NOTIFIED)
    assert len(jobs(comparing.FINGERPRINT)) == 2
    assert len(jobs(comparing.COMPARE)) == 1


def test_a_video_that_kills_every_worker_goes_before_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(_media: MediaFile) -> Fingerprint:
        raise MemoryError("killed")

    monkeypatch.setattr(matching, "make_fingerprint", killed)
    complaint = make.complaint(State.RECEIVED)
    start = clock.now()
    for minutes in range(0, 30, 3):
        with clock.freeze_time(start + timedelta(minutes=minutes)):
            make.run_jobs()
    complaint = make.fresh(complaint)
    assert complaint.state == State.NOTIFIED
    assert complaint.flags == ["not_compared"]
    assert not complaint.comparisons.exists()


def test_too_heavy_counts_at_the_second_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    def heavy(_media: MediaFile) -> Fingerprint:
        raise matching.Unreadable("too_heavy")

    monkeypatch.setattr(matching, "make_fingerprint", heavy)
    complaint = make.complaint(State.RECEIVED)
    make.run_jobs()
    assert {job.attempts for job in jobs(comparing.FINGERPRINT)} == {1}
    assert make.fresh(complaint).state == State.RECEIVED
    with clock.freeze_time(clock.now() + timedelta(minutes=5)):
        runner.run_due_jobs()
    assert make.fresh(complaint).missing[0].endswith("refused:too_heavy")


def test_a_check_that_never_ends_is_waited_for_and_then_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    complaint = make.complaint(State.RECEIVED)
    start = clock.now()
    runner.run_job(jobs(comparing.PREPARE)[0].pk)
    Job.objects.filter(kind="media.probe").update(state=JobState.FAILED)
    monkeypatch.setattr(comparing, "_MOST_LOOKS", 10)
    for seconds in range(5, 90, 5):
        with clock.freeze_time(start + timedelta(seconds=seconds)):
            make.run_kind(comparing.PREPARE)
    assert make.fresh(complaint).state == State.RECEIVED
    assert len(jobs(comparing.PREPARE)) == 11
    MediaFile.objects.filter(works__isnull=False).update(state="ready", kind="video", duration=8.0)
    with clock.freeze_time(start + timedelta(minutes=20)):
        assert comparing.restart_stuck_comparisons() == 1
        assert comparing.restart_stuck_comparisons() == 0
        runner.run_due_jobs()
    assert make.fresh(complaint).state == State.NOTIFIED


def test_what_is_still_worked_at_is_not_begun_again() -> None:
    make.complaint(State.RECEIVED)
    with clock.freeze_time(clock.now() + timedelta(hours=1)):
        assert comparing.restart_stuck_comparisons() == 0


def test_a_lost_lease_writes_nothing() -> None:
    complaint = make.complaint(State.RECEIVED)
    job = jobs(comparing.PREPARE)[0]
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempts=2)
    with pytest.raises(LeaseLost):
        comparing.prepare_videos(JobAttempt(job.pk, job.kind, job.payload, 1, 1))
    assert len(jobs(comparing.FINGERPRINT)) == 0
    assert make.fresh(complaint).state == State.RECEIVED


def test_a_purged_copy_is_fetched_anew() -> None:
    complaint = make.complaint(State.NOTIFIED)
    assert complaint.copy is not None
    old = complaint.copy.media
    MediaFile.objects.filter(pk=old.pk).update(purged_at=clock.now(), wrapped_key=b"", name="", poster="")  # type: ignore[union-attr]
    again = make.draft(copy=complaint.copy.url)
    make.submit(again)
    make.run_jobs()
    copy = make.fresh(again).copy
    assert copy is not None
    assert copy.media != old
    assert make.fresh(again).comparisons.count() == 1


def test_a_refusal_of_the_platform_is_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that is not the platform's own counts as one of its attempts, too."""
    monkeypatch.setattr(make.fake(), "open_media", lambda _: (_ for _ in ()).throw(PlatformError("busy")))
    complaint = make.complaint(State.RECEIVED)
    runner.run_due_jobs()
    assert make.fresh(complaint).state == State.RECEIVED
    assert jobs(comparing.PREPARE)[0].state == JobState.QUEUED


def test_a_worker_killed_between_fetching_a_video_and_its_record(monkeypatch: pytest.MonkeyPatch) -> None:
    complaint = make.complaint(State.RECEIVED)
    platform = make.fake()
    fetch = platform.open_media

    def die(work_id: str) -> None:
        fetch(work_id).close()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(platform, "open_media", die)
        with pytest.raises(KeyboardInterrupt):
            runner.run_due_jobs()
    with clock.freeze_time(clock.now() + timedelta(hours=1)):
        for pk in Job.objects.filter(state=JobState.RUNNING).values_list("pk", flat=True):
            runner.run_job(pk)
        make.run_jobs()
    complaint = make.fresh(complaint)
    assert complaint.comparisons.count() == 1
    fetched = {work.media_id for work in (complaint.original, complaint.copy) if work is not None}
    assert None not in fetched
    assert {file.pk for file in MediaFile.objects.filter(owner=None)} <= fetched


def mirrored() -> bytes:
    return drawing.edit_video(drawing.draw_video("potter", seconds=8), mirror=True, crf=36)


def filmed_again() -> bytes:
    return drawing.draw_video("potter", seconds=8, take=1)


def something_else() -> bytes:
    return drawing.draw_video("city", seconds=8)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("copied", "grades"),
    [
        (mirrored, {Grade.MOTION_CONFIRMED}),
        (filmed_again, {Grade.IMAGERY, Grade.STATIC, Grade.NONE}),
        (something_else, {Grade.NONE}),
    ],
)
def test_real_videos_through_the_real_engine(
    copied: Callable[[], bytes], grades: set[Grade], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (matching, probes):
        monkeypatch.setattr(module, "fingerprints", fingerprints)
    complaint = between(drawing.draw_video("potter", seconds=8), copied())
    make.run_jobs()
    complaint = make.fresh(complaint)
    found = complaint.comparisons.get()
    assert complaint.state == State.NOTIFIED
    assert found.grade in grades
    if found.grade == Grade.MOTION_CONFIRMED:
        assert found.score > 0.7
        assert {segment.orientation for segment in found.segments.all()} == {"mirrored"}


def test_comparisons_of_one_person_take_turns_and_hold_up_nobody() -> None:
    many = make.author()
    mine = []
    for _number in range(4):
        mine.append(make.draft(many))
        make.submit(mine[-1])
    other = make.complaint(State.RECEIVED)
    begun = clock.now()
    make.run_kind(comparing.PREPARE)
    waiting = [job for job in jobs(comparing.PREPARE) if "turn" in job.payload]
    assert sorted(job.payload["complaint"] for job in waiting) == [mine[2].pk, mine[3].pk]
    assert {job.payload["complaint"]: (job.run_after - begun).seconds // 10 for job in waiting} == {
        mine[2].pk: 2,
        mine[3].pk: 4,
    }
    assert limits.comparisons_ahead(make.fresh(other)) == 0
    for minutes in range(1, 4):
        with clock.freeze_time(begun + timedelta(minutes=minutes)):
            make.run_jobs()
    assert {make.fresh(each).state for each in (*mine, other)} == {State.NOTIFIED}


def test_comparisons_of_one_client_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "AT_ONCE_OF_CLIENT", 1)
    rows = [make.complaint(State.RECEIVED) for _number in range(3)]
    Complaint.objects.filter(pk__in=[row.pk for row in rows[:2]]).update(by_client="shop")
    assert [limits.comparisons_ahead(make.fresh(row)) for row in rows] == [0, 1, 0]
