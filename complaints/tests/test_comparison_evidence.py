"""The sealed evidence of a comparison: made once, twice, half, never; the same for everybody; gone with a video."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils.html import escape

from complaints import events, evidence_file
from complaints.actions import comparison_evidence
from complaints.models import ComparisonEvidence, Complaint, MatchSegment
from complaints.states import ComplaintState as State
from complaints.tests import engine
from complaints.tests import factories as make
from portal import clock, vault
from portal.audit.models import AuditEvent
from portal.engines.fingerprints import Refused
from portal.errors import Conflict
from portal.evidence import blobs
from portal.evidence.actions import keys
from portal.evidence.models import OrphanBlob
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.media.actions.retention import video_retention
from portal.media.models import MediaFile

pytestmark = pytest.mark.django_db


def evidence_of(complaint: Complaint) -> ComparisonEvidence:
    return complaint.comparisons.get().evidence


def page_of(complaint: Complaint) -> str:
    """What the complainant sees."""
    client = Client()
    client.force_login(complaint.complainant)
    return client.get(complaint.get_absolute_url()).content.decode()


def job() -> Job:
    return Job.objects.get(kind=comparison_evidence.DRAW_EVIDENCE)


def _refuse(*_: Any) -> None:
    raise Refused("too_heavy")


def run_again() -> bool:
    Job.objects.filter(pk=job().pk).update(state=JobState.QUEUED, run_after=clock.now() - timedelta(hours=1))
    return runner.run_job(job().pk)


def test_one_file_with_pairs_of_pictures_levels_and_figures() -> None:
    complaint = make.complaint(State.NOTIFIED)
    row = evidence_of(complaint)
    plain = comparison_evidence.read_evidence(row)
    names = zipfile.ZipFile(io.BytesIO(plain)).namelist()
    kinds = [evidence_file.picture_name(kind, number) for number in range(1, 7) for kind in evidence_file.PICTURE_KINDS]
    assert sorted(names) == sorted(["evidence.json", *kinds, "original-levels.bin", "copy-levels.bin"])
    told = json.loads(evidence_file.read_entry(plain, "evidence.json"))
    assert (told["complaint"], told["grade"], told["original"]["sha256"]) == (
        complaint.number,
        "motion_confirmed",
        make.fresh(complaint).original.media.sha256,  # type: ignore[union-attr]
    )
    seconds = [8 * (number + 0.5) / 6 for number in range(6)]
    assert [each["original"] for each in told["moments"]] == pytest.approx(seconds, abs=0.001)
    assert [each["copy"] for each in told["moments"]] == pytest.approx([each + 1 for each in seconds], abs=0.001)
    assert told["sounds"][0]["code"] in {"sound_same", "sound_replaced", "sound_unclear"}
    assert evidence_file.read_entry(plain, "copy-on-original-1.jpg").startswith(b"\xff\xd8\xff")
    text = json.dumps(told)
    assert complaint.account_handle not in text
    assert complaint.complainant.email not in text
    event = AuditEvent.objects.get(event=events.EVIDENCE_DRAWN)
    assert (event.chain, event.data["sha256"]) == (complaint.chain, hashlib.sha256(plain).hexdigest())
    assert row.location not in OrphanBlob.objects.values_list("location", flat=True)


def test_the_job_again_changes_nothing() -> None:
    complaint = make.complaint(State.NOTIFIED)
    before = evidence_of(complaint)
    assert run_again()
    after = evidence_of(complaint)
    assert (after.pk, after.sha256, after.location) == (before.pk, before.sha256, before.location)
    assert AuditEvent.objects.filter(event=events.EVIDENCE_DRAWN).count() == 1


def test_made_anew_it_is_the_same_file() -> None:
    comparison = make.complaint(State.NOTIFIED).comparisons.get()
    assert evidence_file.make_evidence(comparison).file == evidence_file.make_evidence(comparison).file


def test_a_worker_that_dies_after_storing_leaves_an_orphan_and_the_file_is_made_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die(*_: Any, **__: Any) -> None:
        raise RuntimeError("the worker is gone")

    complaint = make.complaint(State.RECEIVED)
    with monkeypatch.context() as patch:
        patch.setattr(ComparisonEvidence, "save", die)
        make.run_jobs()
    complaint = make.fresh(complaint)
    assert complaint.state == State.NOTIFIED
    assert not ComparisonEvidence.objects.exists()
    orphans = OrphanBlob.objects.count()
    assert orphans
    run_again()
    assert evidence_of(complaint).sha256
    assert OrphanBlob.objects.count() == orphans


def test_a_video_that_cannot_be_drawn_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "draw_video_evidence", _refuse)
    complaint = make.complaint(State.NOTIFIED)
    assert not ComparisonEvidence.objects.exists()
    assert complaint.told_at is not None


@pytest.mark.parametrize("grade", ["none", "not_comparable", "similar"])
def test_a_comparison_without_a_segment_has_a_file_too(grade: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = replace(engine.compare_fingerprints(engine.Fingerprint("a"), engine.Fingerprint("b")), grade=grade)
    monkeypatch.setattr(engine, "compare_fingerprints", lambda *_: replace(told, usable_b=0.2))
    author = make.author()
    mine = make.post(make.account_of(author), engine.sample_video("potter"))
    complaint = make.draft(
        author, original=mine, copy=make.post(make.account(), engine.sample_video("city"), title="Our town")
    )
    make.submit(complaint)
    make.run_jobs()
    plain = comparison_evidence.read_evidence(evidence_of(complaint))
    said = json.loads(evidence_file.read_entry(plain, "evidence.json"))
    assert (said["grade"], said["segments"], said["moments"], said["usable_copy"]) == (grade, [], [], 0.2)
    assert "80 % of the alleged copy has too little detail" in said["sentences"]["en"]["not_confirmed"][0]
    assert page_of(complaint).count("The sealed file") == 1


def test_the_file_says_what_the_page_says_with_the_titles_of_that_time() -> None:
    complaint = make.fresh(make.complaint(State.NOTIFIED))
    assert complaint.copy is not None
    title = complaint.copy.title
    assert title
    type(complaint.copy).objects.filter(pk=complaint.copy.pk).update(title="Renamed since")
    said = json.loads(
        evidence_file.read_entry(comparison_evidence.read_evidence(evidence_of(complaint)), "evidence.json")
    )
    assert said["texts"]["title"][1] == title
    page = page_of(complaint)
    for sentence in (*said["sentences"]["en"]["found"], *said["sentences"]["en"]["not_confirmed"]):
        assert escape(sentence) in page
    assert set(said["sentences"]) == {code for code, _ in settings.LANGUAGES}
    assert said["sentences"]["en"] != said["sentences"]["zh-hans"]
    section = page.partition("The two titles")[2].partition("</section>")[0]
    assert "Renamed since" not in section


@pytest.mark.parametrize("side", ["original", "copy"])
def test_it_goes_with_either_video_and_its_hash_stays(side: str) -> None:
    complaint = make.fresh(make.complaint(State.NOTIFIED))
    row = evidence_of(complaint)
    media = getattr(complaint, side).media
    assert video_retention.purge(MediaFile.objects.filter(pk=media.pk), by=None)
    gone = ComparisonEvidence.objects.get()
    assert (gone.summary, gone.location, bytes(gone.wrapped_key), gone.sha256) == ({}, "", b"", row.sha256)
    assert OrphanBlob.objects.filter(location=row.location).exists()
    with pytest.raises(Conflict):
        comparison_evidence.read_evidence(gone)


def test_a_video_purged_while_it_is_drawn_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(engine, "draw_video_evidence", _refuse)
        complaint = make.complaint(State.NOTIFIED)
    comparison = complaint.comparisons.get()
    made = evidence_file.make_evidence(comparison)

    def purge_meanwhile(_: Any) -> evidence_file.MadeEvidence:
        media = make.fresh(complaint).copy.media  # type: ignore[union-attr]
        video_retention.purge(MediaFile.objects.filter(pk=media.pk), by=None)  # type: ignore[union-attr]
        return made

    monkeypatch.setattr(evidence_file, "make_evidence", purge_meanwhile)
    assert run_again()
    assert not ComparisonEvidence.objects.exists()


def test_the_database_keeps_it_as_it_was_sealed() -> None:
    row = evidence_of(make.complaint(State.NOTIFIED))
    for change in ({"sha256": "0" * 64}, {"size": 1}):
        with pytest.raises(DatabaseError), transaction.atomic():
            ComparisonEvidence.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()


def test_another_file_in_its_place_is_not_believed() -> None:
    row = evidence_of(make.complaint(State.NOTIFIED))
    data = vault.encrypt_bytes(b"another file", data_key=row.data_key(), bound_to=row.bound_to)
    location = blobs.store_blob(data)
    ComparisonEvidence.objects.filter(pk=row.pk).update(location=location)
    row.refresh_from_db()
    with pytest.raises(vault.Tampered):
        comparison_evidence.read_evidence(row)


def test_its_key_moves_with_the_master_key() -> None:
    assert "comparison evidence" in keys.rotate_keys()


def _segment(a: tuple[float, float], b: tuple[float, float], rate: float = 1.0, *codes: str) -> MatchSegment:
    return MatchSegment(a_start=a[0], a_end=a[1], b_start=b[0], b_end=b[1], rate=rate, transformations=list(codes))


@pytest.mark.parametrize(
    ("row", "second", "shown"),
    [
        (_segment((10, 20), (3, 13)), 12, 5),
        (_segment((10, 20), (3, 23), 2.0), 12, 7),
        (_segment((10, 20), (0, 6)), 20, 6),  # the copy begins within the stretch
        (_segment((10, 20), (4, 8)), 12, 6),  # the copy ends within it
        (_segment((10, 20), (3, 13), 1.0, "reversed"), 12, 11),
        (_segment((10, 20), (0, 6), 1.0, "reversed"), 10, 6),
        (_segment((10, 20), (0, 10)), 10, 0),
        (_segment((1.5, 10), (0, 8)), 1.5, -0.5),
    ],
)
def test_where_the_copy_shows_a_second_of_the_original(row: MatchSegment, second: float, shown: float) -> None:
    assert row.copy_second(second) == pytest.approx(shown)


@pytest.mark.parametrize(
    ("lengths", "counts"),
    [([8], [6]), ([10, 1], [5, 1]), ([3] * 9, [1] * 6), ([6, 6], [3, 3]), ([0.0], [6]), ([], [])],
)
def test_moments_are_spread_over_the_segments(lengths: list[float], counts: list[int]) -> None:
    rows = [_segment((100 * n, 100 * n + length), (0, length)) for n, length in enumerate(lengths)]
    found = evidence_file.choose_moments(rows)
    assert [sum(number == each for each, _ in found) for number in sorted({n for n, _ in found})] == counts
    assert [second for _, second in found] == sorted(second for _, second in found)
    assert all(rows[number].a_start <= second <= rows[number].a_end for number, second in found)
