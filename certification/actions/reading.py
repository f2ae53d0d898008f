"""The job that reads papers once their pages are drawn, and the applicant's answer to what was read.

A reading is one row for a file: whichever attempt is first writes it, and a later one finds it there.
"""

import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction

from certification import policies, readings
from certification.actions import drafts
from certification.models import Application, PageHash, PaperReading, ReadField, ReadKind, ReadState
from portal import clock, vault
from portal.engines import papers
from portal.errors import require_allowed
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile, FileState
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job
from portal.people.models import User

READ_JOB = readings.READ_JOB
READ_ATTEMPTS = 3


@dataclass
class _Found:
    """What was found in a file: how many pages could be read, values and hashes with the numbers of their pages, signs of editing."""

    pages: int = 0
    fields: list[tuple[int, papers.Field]] = field(default_factory=list)
    hashes: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    hints: list[dict[str, Any]] | None = None


def enqueue_reading(file: EvidenceFile) -> None:
    """Have a file of an application read; called in the transaction in which it is found ready."""
    if file.purpose == policies.DOCUMENT_PURPOSE:
        enqueue_job(READ_JOB, {"file": str(file.pk)}, key=readings.reading_job_key(str(file.pk)))


def read_papers(run: JobAttempt) -> None:
    """Job: read the first pages of `payload["file"]` and keep the values found."""
    file = EvidenceFile.objects.filter(pk=uuid.UUID(run.payload["file"]), purged_at=None).first()
    if file is None or PaperReading.objects.filter(file=file).exists():
        with run.finish():
            return
    with run.held():
        found = _read_pages(file)
        found.hints = _find_hints(file)
    with run.finish():
        _store(file, found)


def enqueue_unread(pk: str) -> None:
    """Have a file read that was ready before files were read; does nothing where its job is there."""
    file = EvidenceFile.objects.filter(pk=pk, state=FileState.READY, purged_at=None, paper_reading=None).first()
    if file is not None:
        enqueue_reading(file)


def give_up_reading(payload: dict[str, Any]) -> None:
    """After the last attempt: the file could not be read, which a person is told."""
    file = EvidenceFile.objects.get(pk=uuid.UUID(payload["file"]))
    _store(file, _Found())


def delete_read_values(file: EvidenceFile) -> None:
    """Delete what was read on a file that is purged."""
    ReadField.objects.filter(reading__file=file).delete()


def use_read_value(*, application: Application, by: User, value: ReadField) -> None:
    """Declare what was read in place of what was typed; the applicant alone may."""
    offer = _offer(application, by, value)
    if offer is not None and offer.document is not None:
        drafts.date_documents_like(document=offer.document, by=by, dated_on=offer.read_date)
    elif offer is not None:
        number = offer.read if offer.kind == ReadKind.NUMBER else ""
        facts = {} if number else {offer.kind.value: offer.read_fact}
        if offer.is_date:  # the two are compared with each other
            facts = {name: getattr(offer.credential, name) for name in ("issued_on", "expires_on")} | facts
        drafts.declare_credential(
            application=application, by=by, kind=offer.credential.type, number=number, facts=facts
        )


def keep_typed_value(*, application: Application, by: User, value: ReadField) -> None:
    """Keep what was typed: the value is not offered again."""
    if _offer(application, by, value) is not None:
        ReadField.objects.filter(pk=value.pk, kept_at=None).update(kept_at=clock.now())


def _offer(application: Application, by: User, value: ReadField) -> readings.Comparison | None:
    require_allowed(policies.refuse_attaching(application, by))
    return next((row for row in readings.open_offers(application) if row.field_id == value.pk), None)


def _read_pages(file: EvidenceFile) -> _Found:
    """What is on the pages. A page that cannot be read leaves the others."""
    found = _Found()
    for page in file.pages.order_by("number")[: papers.BOUNDS.pages]:
        try:
            reading = papers.read_page(files.page_content(page))
        except papers.Refused:
            continue
        found.pages += 1
        found.fields += [(page.number, one) for one in reading.fields]
        found.hashes += [(page.number, reading.picture_hash)] if reading.picture_hash else []
    return found


def _find_hints(file: EvidenceFile) -> list[dict[str, Any]] | None:
    """Signs of editing; None where none can be looked for: in a PDF, or in what could not be opened."""
    if not file.media_type.startswith("image/"):
        return None
    try:
        return [asdict(hint) for hint in papers.inspect_picture(files.file_content(file))]
    except papers.Refused:
        return None


def _store(file: EvidenceFile, found: _Found) -> None:
    state = ReadState.READ if found.pages else ReadState.FAILED
    values = {"state": state, "pages": found.pages, "hints": found.hints}
    with transaction.atomic():
        kept = EvidenceFile.objects.filter(pk=file.pk, purged_at=None).select_for_update(no_key=True)
        if not kept.exists():
            return
        reading, made = PaperReading.objects.get_or_create(file=file, defaults=values)
        if made:
            rows = [_row(reading, place, page, one) for place, (page, one) in enumerate(found.fields)]
            ReadField.objects.bulk_create(rows)
            PageHash.objects.bulk_create(_page_hash(file, page, words) for page, words in found.hashes)


def _page_hash(file: EvidenceFile, page: int, words: tuple[int, ...]) -> PageHash:
    """The words as signed numbers, which is what the database has."""
    signed = {f"word_{number}": word - (word >> 63 << 64) for number, word in enumerate(words)}
    return PageHash(file=file, page=page, **signed)


def _row(reading: PaperReading, position: int, page: int, found: papers.Field) -> ReadField:
    row = ReadField(
        reading=reading,
        page=page,
        position=position,
        kind=found.kind.value,
        corners=[number for corner in found.box for number in corner],
        confidence=min(max(found.confidence, 0.0), 1.0),
        certain=found.certain,
    )
    row.value_sealed = vault.encrypt_text(found.value, bound_to=row.bound_to)
    return row
