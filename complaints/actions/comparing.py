"""Jobs after submission: fetch, check, fingerprint and compare both videos, then notify the respondent or screen.

Every job may run twice or die half way. A job reads the complaint again under lock before it writes, and
does nothing unless the complaint still waits in the round for which the job was asked.
"""

from dataclasses import asdict
from datetime import timedelta
from typing import Any, NamedTuple

from complaints import events, matching, notices
from complaints.actions import comparison_evidence, indexing, respondent_answers, works
from complaints.models import Comparison, Complaint, Fingerprint, MatchSegment, Work
from complaints.policies import limits, missing
from complaints.policies.terms import COMPLETE_TIME
from complaints.states import ComplaintState
from portal import clock
from portal.audit import trail
from portal.engines.fingerprints import Comparison as Match
from portal.engines.fingerprints import Segment
from portal.jobs.attempts import JobAttempt
from portal.jobs.models import Job, JobState
from portal.jobs.queue import enqueue_job
from portal.media.actions import files
from portal.media.models import Kind, MediaFile

PREPARE, FINGERPRINT, COMPARE = "complaints.prepare", "complaints.fingerprint", "complaints.compare"
LOOK_CLOSER = "complaints.look_closer"
PREPARE_ATTEMPTS = 8  # about ten minutes of a platform that does not answer
FINGERPRINT_ATTEMPTS = 4
_BETWEEN_LOOKS = timedelta(seconds=5)
_MOST_LOOKS = 120  # ten minutes; after that finish_stuck looks again
_STUCK_AFTER = timedelta(minutes=15)
_BETWEEN_TURNS, _LONGEST_TURN = timedelta(seconds=20), timedelta(minutes=10)


class CloserLook(NamedTuple):
    """Windows of two long videos: how many have been examined, of how many."""

    examined: int
    total: int


def begin_comparison(complaint: Complaint) -> None:
    """Enqueue the comparison of the current round."""
    _enqueue_step(PREPARE, complaint)


def prepare_videos(run: JobAttempt) -> None:
    """Job: wait for the complaint's turn, fetch both videos, wait until they are checked, then enqueue their fingerprints."""
    complaint = _waiting_complaint(run.payload)
    if complaint is None:
        return
    if ahead := limits.comparisons_ahead(complaint):
        with run.finish():
            _prepare_at_its_turn(complaint, run.payload, ahead)
        return
    found = {side: _video_status(work) for side, work in _pair(complaint).items()}
    with run.finish():
        row = _waiting_complaint(run.payload, lock=True)
        if row is None:
            return
        if "waiting" in found.values():
            _prepare_again_later(row, run.payload)
        elif codes := [_missing_code(side, text) for side, text in found.items() if text != "ready"]:
            _return_incomplete(row, codes)
        else:
            _continue_with_kind(row, _begun(run.payload))


def fingerprint_video(run: JobAttempt) -> None:
    """Job: make the fingerprint of one of the two videos, or of its sound; the last one enqueues the comparison."""
    complaint = _waiting_complaint(run.payload)
    if complaint is None:
        return
    media = MediaFile.objects.get(pk=run.payload["media"])
    if run.payload.get("sound"):
        _fingerprint_sound(run, media)
        return
    made, refused = None, ""
    if not matching.has_fingerprint(media):
        try:
            made = matching.make_fingerprint(media)
        except matching.Unreadable as error:
            if error.code == "too_heavy" and run.attempt == 1:
                raise  # perhaps the machine was short of memory; the second result counts
            refused = error.code
    with run.finish():
        _keep_fingerprint(run.payload, media, made, refused)


def compare_videos(run: JobAttempt) -> None:
    """Job: compare; look at long videos more closely; store the result, then notify the respondent or open a screening."""
    complaint = _waiting_complaint(run.payload)
    if complaint is None:
        return
    original, copy = _videos(complaint)
    looked = "windows" in run.payload
    match = matching.compare_fingerprints(original, copy, matching.unpack_windows(run.payload.get("windows", [])))
    windows = () if looked else matching.plan_windows(original, copy, match)
    with run.finish():
        row = _waiting_complaint(run.payload, lock=True)
        if row is None:
            return
        if windows:
            _look_at_window(row, matching.pack_windows(windows), 0, _begun(run.payload))
            return
        _store_comparison(row, match)
        respondent_answers.admit_or_screen_complaint(row, grade=match.grade)
        for media in (original, copy):
            indexing.enqueue_index(media.pk)


def look_closer(run: JobAttempt) -> None:
    """Job: fingerprint one window of both videos; the last one enqueues the comparison again.

    A window that cannot be read is left out of the comparison.
    """
    complaint = _waiting_complaint(run.payload)
    if complaint is None:
        return
    window = matching.unpack_windows(run.payload["windows"])[run.payload["number"]]
    made = matching.make_missing_windows(*_videos(complaint), window)
    with run.finish():
        row = _waiting_complaint(run.payload, lock=True)
        Fingerprint.objects.bulk_create(made, ignore_conflicts=True)
        if row is not None:
            _look_at_window(row, run.payload["windows"], run.payload["number"] + 1, _begun(run.payload))


def give_up_preparing(payload: dict[str, Any]) -> None:
    """After the platform failed to answer: tell the complainant, who may have it tried again."""
    complaint = _waiting_complaint(payload, lock=True)
    if complaint is None:
        return
    silent = any(work.media_id is None for work in _pair(complaint).values())
    if silent:
        _return_incomplete(complaint, [missing.PLATFORM_SILENT])
    else:
        respondent_answers.admit_or_screen_complaint(complaint, grade="")


def give_up_comparing(payload: dict[str, Any]) -> None:
    """After a comparison failed for good: continue without one; a person decides in any case.

    If only the sound of a video has failed, its pictures are compared.
    """
    if payload.get("sound"):
        media = MediaFile.objects.get(pk=payload["media"])
        if matching.has_pictures(media):
            _keep_fingerprint(payload, media, matching.make_unheard_fingerprint(media), "")
            return
    complaint = _waiting_complaint(payload, lock=True)
    if complaint is not None:
        respondent_answers.admit_or_screen_complaint(complaint, grade="")


def closer_look(complaint: Complaint) -> CloserLook | None:
    """How far the closer look at two long videos is, in the present round; None where there is none. One query."""
    about = {"payload__complaint": complaint.pk, "payload__round": complaint.round}
    job = Job.objects.filter(kind=LOOK_CLOSER, **about).order_by("-pk").first()
    if job is None:
        return None
    return CloserLook(
        job.payload["number"] + (job.state in (JobState.DONE, JobState.FAILED)), len(job.payload["windows"])
    )


def give_up_looking(payload: dict[str, Any]) -> None:
    """After a window failed for good: continue with the next."""
    complaint = _waiting_complaint(payload, lock=True)
    if complaint is not None:
        _look_at_window(complaint, payload["windows"], payload["number"] + 1, _begun(payload))


def restart_stuck_comparisons() -> int:
    """Restart comparisons whose job was lost; returns how many. Running ones are left alone."""
    late = Complaint.objects.filter(state=ComplaintState.RECEIVED, touched_at__lt=clock.now() - _STUCK_AFTER)
    slot = int(clock.now().timestamp() // _STUCK_AFTER.total_seconds())
    rows = [row for row in late.order_by("touched_at", "pk")[:100] if not _is_worked_at(row)]
    for row in rows:
        _enqueue_step(PREPARE, row, begun=f"again{slot}")
    return len(rows)


def _enqueue_step(kind: str, complaint: Complaint, *more: str, at: Any = None, begun: str = "", **payload: Any) -> None:
    """Enqueue a job of the round once. `begun` names a restart, all of whose jobs are new ones; it is passed on from job to job."""
    said = {"complaint": complaint.pk, "round": complaint.round, "begun": begun, **payload}
    about = [kind, str(complaint.pk), str(complaint.round), begun, *more]
    enqueue_job(kind, said, key=":".join(filter(None, about)), at=at)


def _look_at_window(complaint: Complaint, windows: list[list[float]], number: int, begun: str) -> None:
    """Enqueue that window; after the last one, the comparison with all of them."""
    if number < len(windows):
        _enqueue_step(LOOK_CLOSER, complaint, str(number), begun=begun, windows=windows, number=number)
    else:
        _enqueue_step(COMPARE, complaint, "closer", begun=begun, windows=windows)


def _begun(payload: dict[str, Any]) -> str:
    return str(payload.get("begun", ""))


def _waiting_complaint(payload: dict[str, Any], *, lock: bool = False) -> Complaint | None:
    """The complaint, if it is still in the job's round; else None."""
    rows = Complaint.objects.locked() if lock else Complaint.objects.with_parties()
    return rows.filter(pk=payload["complaint"], round=payload["round"], state=ComplaintState.RECEIVED).first()


def _pair(complaint: Complaint) -> dict[str, Work]:
    assert complaint.original is not None  # noqa: S101 -- handed in, the database says
    assert complaint.copy is not None  # noqa: S101 -- as above
    return {missing.COPY: complaint.copy, missing.ORIGINAL: complaint.original}


def _videos(complaint: Complaint) -> tuple[MediaFile, MediaFile]:
    pair = _pair(complaint)
    original, copy = pair[missing.ORIGINAL].media, pair[missing.COPY].media
    assert original is not None  # noqa: S101 -- prepared
    assert copy is not None  # noqa: S101 -- as above
    return original, copy


def _video_status(work: Work) -> str:
    """Fetch the video if need be; then how far it is, as works.video_status() says. Raises PlatformError."""
    return works.fetch_work_video(work) or works.video_status(work)


def _missing_code(side: str, text: str) -> str:
    kind, _colon, refusal = text.partition(":")
    return missing.refused_code(side, refusal) if kind == "refused" else missing.gone_code(side)


def _prepare_at_its_turn(complaint: Complaint, payload: dict[str, Any], ahead: int) -> None:
    """Look again after a time that grows with what is ahead; so nobody's many complaints hold up those of others."""
    turn = payload.get("turn", 0) + 1
    at = clock.now() + min(_BETWEEN_TURNS * ahead, _LONGEST_TURN)
    _enqueue_step(PREPARE, complaint, f"turn{turn}", at=at, begun=_begun(payload), turn=turn)


def _prepare_again_later(complaint: Complaint, payload: dict[str, Any]) -> None:
    looks = payload.get("looks", 0) + 1
    if looks <= _MOST_LOOKS:
        at = clock.now() + _BETWEEN_LOOKS
        _enqueue_step(PREPARE, complaint, str(looks), at=at, begun=_begun(payload), looks=looks)


def _continue_with_kind(complaint: Complaint, begun: str) -> None:
    """Freeze the fetched works and go on as their kind asks: two of different kinds cannot be compared by machine.

    Then the complainant is told why and may bring another file, or have people look without a comparison.
    """
    original, copy = _videos(complaint)
    files.freeze_videos([media for media in (original, copy) if media.frozen_at is None], at=clock.now(), by=None)
    if original.kind != copy.kind:
        _return_incomplete(complaint, [missing.OTHER_KIND])
    else:
        _continue_with_fingerprints(complaint, begun)


def _continue_with_fingerprints(complaint: Complaint, begun: str) -> None:
    """Enqueue the comparison as soon as both have fingerprints."""
    original, copy = _videos(complaint)
    if matching.is_same_file(original, copy) or original.kind == Kind.TEXT:
        _enqueue_step(COMPARE, complaint, begun=begun)
        return
    for media in (original, copy):
        about = {"media": str(media.pk), "begun": begun}
        if matching.has_pictures(media):
            _enqueue_step(FINGERPRINT, complaint, str(media.pk), **about)
        if matching.has_sound(media):
            _enqueue_step(FINGERPRINT, complaint, str(media.pk), "sound", **about, sound=True)


def _fingerprint_sound(run: JobAttempt, media: MediaFile) -> None:
    """Sound of a video that cannot be read is not compared; the pictures are."""
    made, refused = None, ""
    if not matching.has_sound_fingerprint(media):
        try:
            made = matching.make_sound_fingerprint(media)
        except matching.Unreadable as error:
            if error.code == "too_heavy" and run.attempt == 1:
                raise  # as for pictures
            if matching.has_pictures(media):
                made = matching.make_unheard_fingerprint(media)
            else:
                refused = error.code
    with run.finish():
        _keep_fingerprint(run.payload, media, made, refused)


def _keep_fingerprint(payload: dict[str, Any], media: MediaFile, made: Fingerprint | None, refused: str) -> None:
    complaint = _waiting_complaint(payload, lock=True)
    if made is not None:
        Fingerprint.objects.bulk_create([made], ignore_conflicts=True)
    if complaint is None:
        return
    if refused:
        sides = [side for side, work in _pair(complaint).items() if work.media_id == media.pk]
        _return_incomplete(complaint, [missing.refused_code(side, refused) for side in sides])
    elif all(matching.is_fingerprinted(each) for each in _videos(complaint)):
        _enqueue_step(COMPARE, complaint, begun=_begun(payload))


def _store_comparison(complaint: Complaint, found: Match) -> None:
    row = Comparison.objects.create(
        complaint=complaint,
        round=complaint.round,
        grade=found.grade,
        score=found.score,
        rhythm=found.rhythm,
        usable_original=found.usable_a,
        usable_copy=found.usable_b,
        thresholds=asdict(found.thresholds),
        versions=found.versions,
    )
    MatchSegment.objects.bulk_create([_segment_row(row, segment) for segment in found.segments])
    comparison_evidence.enqueue_evidence(row)
    trail.record_event(
        events.COMPARED, complaint, by=None, round=complaint.round, grade=found.grade, score=round(found.score, 3)
    )


def _segment_row(comparison: Comparison, found: Segment) -> MatchSegment:
    plain = asdict(found) | {"affine": list(found.affine), "transformations": list(found.transformations)}
    del plain["backwards"]  # the transformations tell it where it was measured
    return MatchSegment(comparison=comparison, **plain)


def _return_incomplete(complaint: Complaint, codes: list[str]) -> None:
    """Ask the complainant for videos that cannot be fetched or opened."""
    now = clock.now()
    complaint.move("return_incomplete", missing=codes, complete_by=now + COMPLETE_TIME, touched_at=now)
    trail.record_event(events.RETURNED, complaint, by=None, missing=codes)
    notices.notify_sides(events.RETURNED, complaint, once=str(complaint.round))


def _is_worked_at(complaint: Complaint) -> bool:
    kinds, open_states = (PREPARE, FINGERPRINT, COMPARE, LOOK_CLOSER), (JobState.QUEUED, JobState.RUNNING)
    return Job.objects.filter(kind__in=kinds, state__in=open_states, payload__complaint=complaint.pk).exists()
