"""The sealed evidence of a comparison: made once by a job, read for pages, purged with either video."""

import hashlib
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from complaints import events, evidence_file
from complaints.models import Comparison, ComparisonEvidence, Complaint, EvidenceLook
from complaints.policies import evidence as policy
from portal import clock, vault
from portal.audit import trail
from portal.errors import Conflict, require_allowed
from portal.evidence import blobs
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job
from portal.media.actions.retention import video_retention
from portal.media.models import MediaFile
from portal.people.models import User

DRAW_EVIDENCE = policy.DRAW_EVIDENCE
DRAW_ATTEMPTS = 3


def enqueue_evidence(comparison: Comparison) -> None:
    """Ask for the evidence of a comparison, in the transaction that stores it, whatever it found."""
    enqueue_job(DRAW_EVIDENCE, {"comparison": comparison.pk}, key=policy.drawing_key(comparison))


def enqueue_again(*, comparison: Comparison, by: User) -> None:
    """Have evidence drawn that could not be drawn. Raises NotAllowed while that is under way, or where it is there."""
    with transaction.atomic():
        # Whoever asks at the same moment waits here, and then finds the job.
        complaint = Complaint.objects.locked().get(pk=comparison.complaint_id)
        require_allowed(policy.refuse_drawing_again(comparison))
        key = f"{policy.drawing_key(comparison)}{policy.AGAIN}{clock.now().timestamp():.6f}"
        enqueue_job(DRAW_EVIDENCE, {"comparison": comparison.pk}, key=key)
        trail.record_event(events.EVIDENCE_ASKED_AGAIN, complaint, by=by, round=comparison.round)


def log_look(evidence: ComparisonEvidence, *, by: User | None, side: str, part: str) -> None:
    """Somebody is sent a part of the evidence; kept once for each person or side, part and hour."""
    at = clock.now()
    hour = at.replace(minute=0, second=0, microsecond=0)
    seen = EvidenceLook(evidence=evidence, by=by, side=side, part=part, at=at, hour=hour)
    EvidenceLook.objects.bulk_create([seen], ignore_conflicts=True)


def draw_evidence(run: JobAttempt) -> None:
    """Job: make the file and keep it; does nothing where it is there or a video is gone."""
    comparison = _undrawn_comparison(run.payload)
    if comparison is None:
        return
    with run.held():
        made = evidence_file.make_evidence(comparison)
    row, sealed = _sealed_row(comparison, made)
    row.location = blobs.store_blob(sealed)  # an orphan, which is swept, unless the transaction below adopts it
    with run.finish():
        complaint = Complaint.objects.locked().get(pk=comparison.complaint_id)
        videos = _videos(comparison)
        # A video that was purged meanwhile must leave nothing behind that was made of it.
        if len(video_retention.lock(videos)) == len(videos) and _undrawn_comparison(run.payload) is not None:
            row.save()
            blobs.adopt_blobs(row.location)
            trail.record_event(
                events.EVIDENCE_DRAWN, complaint, by=None, round=comparison.round, sha256=row.sha256, size=row.size
            )


def read_evidence(evidence: ComparisonEvidence) -> bytes:
    """The sealed file. Raises Conflict if it was purged, StorageDown, vault.Tampered if it is not what was sealed."""
    if evidence.purged_at is not None:
        raise Conflict(_("This file has been deleted because its retention period has ended."))
    sealed = blobs.read_blob(evidence.location)
    plain = vault.decrypt_bytes(sealed, data_key=evidence.data_key(), bound_to=evidence.bound_to)
    if hashlib.sha256(plain).hexdigest() != evidence.sha256:
        raise vault.Tampered(evidence.bound_to)
    return plain


def purge_evidence_of(media: MediaFile) -> None:
    """Purge what was made of a video that is purged; in the caller's transaction."""
    works = Q(comparison__complaint__original__media=media) | Q(comparison__complaint__copy__media=media)
    for row in ComparisonEvidence.objects.filter(works, purged_at=None).order_by("pk"):
        gone = {"purged_at": clock.now(), "location": "", "wrapped_key": b"", "summary": {}}
        if ComparisonEvidence.objects.filter(pk=row.pk, purged_at=None).update(**gone):
            blobs.orphan_blobs(row.location)


def _undrawn_comparison(payload: dict[str, Any]) -> Comparison | None:
    """The comparison with both videos, unless its evidence is there or a video is missing."""
    kept = {f"complaint__{side}__media__purged_at": None for side in ("original", "copy")}
    rows = Comparison.objects.filter(pk=payload["comparison"], evidence=None, **kept)
    both = rows.exclude(complaint__original__media=None).exclude(complaint__copy__media=None)
    return both.select_related("complaint__original__media", "complaint__copy__media").first()


def _sealed_row(comparison: Comparison, made: evidence_file.MadeEvidence) -> tuple[ComparisonEvidence, bytes]:
    """The row, not saved, and the encrypted file."""
    row = ComparisonEvidence(
        comparison=comparison,
        sha256=hashlib.sha256(made.file).hexdigest(),
        size=len(made.file),
        summary=made.summary,
    )
    key = vault.new_data_key()
    row.wrap_data_key(key)
    return row, vault.encrypt_bytes(made.file, data_key=key, bound_to=row.bound_to)


def _videos(comparison: Comparison) -> set[MediaFile]:
    pair = (comparison.complaint.original, comparison.complaint.copy)
    return {work.media for work in pair if work is not None and work.media is not None}
