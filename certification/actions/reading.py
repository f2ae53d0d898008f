"""The job that reads papers once their pages are drawn, and the applicant's answer to what was read.

A reading is one row for a file: whichever attempt is first writes it, and a later one finds it there.
"""

import uuid
from typing import Any

from django.db import transaction

from certification import policies, readings
from certification.actions import drafts
from certification.models import Application, PaperReading, ReadField, ReadKind, ReadState
from portal import clock, vault
from portal.engines import papers
from portal.errors import require_allowed
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job
from portal.people.models import User

READ_JOB = "certification.read_papers"
READ_ATTEMPTS = 3

# Each value with the number of its page.
_Found = list[tuple[int, papers.Field]]


def enqueue_reading(file: EvidenceFile) -> None:
    """Have a file of an application read; called in the transaction in which it is found ready."""
    if file.purpose == policies.DOCUMENT_PURPOSE:
        enqueue_job(READ_JOB, {"file": str(file.pk)}, key=f"{READ_JOB}:{file.pk}")


def read_papers(run: JobAttempt) -> None:
    """Job: read the first pages of `payload["file"]` and keep the values found."""
    file = EvidenceFile.objects.filter(pk=uuid.UUID(run.payload["file"]), purged_at=None).first()
    if file is None or PaperReading.objects.filter(file=file).exists():
        with run.finish():
            return
    with run.held():
        count, found = _read_pages(file)
    with run.finish():
        _store(file, ReadState.READ if count else ReadState.FAILED, count, found)


def give_up_reading(payload: dict[str, Any]) -> None:
    """After the last attempt: the file could not be read, which a person is told."""
    file = EvidenceFile.objects.get(pk=uuid.UUID(payload["file"]))
    _store(file, ReadState.FAILED, 0, [])


def delete_read_values(file: EvidenceFile) -> None:
    """Delete what was read on a file that is purged."""
    ReadField.objects.filter(reading__file=file).delete()


def use_read_value(*, application: Application, by: User, field: ReadField) -> None:
    """Declare what was read in place of what was typed; the applicant alone may."""
    offer = _offer(application, by, field)
    if offer is not None:
        number = offer.read if offer.kind == ReadKind.NUMBER else ""
        facts = {} if number else {offer.kind.value: offer.read_fact}
        drafts.declare_credential(
            application=application, by=by, kind=offer.credential.type, number=number, facts=facts
        )


def keep_typed_value(*, application: Application, by: User, field: ReadField) -> None:
    """Keep what was typed: the value is not offered again."""
    if _offer(application, by, field) is not None:
        ReadField.objects.filter(pk=field.pk, kept_at=None).update(kept_at=clock.now())


def _offer(application: Application, by: User, field: ReadField) -> readings.Comparison | None:
    require_allowed(policies.refuse_attaching(application, by))
    return next((row for row in readings.open_offers(application) if row.field_id == field.pk), None)


def _read_pages(file: EvidenceFile) -> tuple[int, _Found]:
    """How many pages could be read, and what was found on them. A page that cannot be read leaves the others."""
    count, found = 0, []
    for page in file.pages.order_by("number")[: papers.BOUNDS.pages]:
        try:
            reading = papers.read_page(files.page_content(page))
        except papers.Refused:
            continue
        count += 1
        found += [(page.number, field) for field in reading.fields]
    return count, found


def _store(file: EvidenceFile, state: ReadState, count: int, found: _Found) -> None:
    with transaction.atomic():
        kept = EvidenceFile.objects.filter(pk=file.pk, purged_at=None).select_for_update(no_key=True)
        if not kept.exists():
            return
        reading, made = PaperReading.objects.get_or_create(file=file, defaults={"state": state, "pages": count})
        if made:
            rows = [_row(reading, place, page, field) for place, (page, field) in enumerate(found)]
            ReadField.objects.bulk_create(rows)


def _row(reading: PaperReading, position: int, page: int, field: papers.Field) -> ReadField:
    row = ReadField(
        reading=reading,
        page=page,
        position=position,
        kind=field.kind.value,
        corners=[number for corner in field.box for number in corner],
        confidence=min(max(field.confidence, 0.0), 1.0),
        certain=field.certain,
    )
    row.value_sealed = vault.encrypt_text(field.value, bound_to=row.bound_to)
    return row
