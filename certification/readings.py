"""What was declared of a credential beside what a machine read on its papers. Nothing is decided here.

The machine's value of a kind is the likeliest of all pages (portal/engines/papers/choosing.py). It is certain only if its
number has the form and the check digit of the credential's type as well.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certification import identifiers
from certification.identifiers import ChecksumStatus
from certification.models import Application, Credential, Document, DocumentKind, ReadField, ReadKind, ReadState
from certification.names import is_same_whole_name, joined_name
from portal import vault
from portal.engines.papers import Field, FieldKind, choose_fields
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile, FileState
from portal.jobs.queue import count_unfinished

READ_JOB = "certification.read_papers"
_LIKELY = 0.8  # confidence from which a value that is not certain is offered where nothing was typed
_DATES = (ReadKind.ISSUED_ON, ReadKind.EXPIRES_ON)


class Agreement(models.TextChoices):
    """How a declared value and the one that was read compare."""

    SAME = "same", _("same")
    DIFFERS = "differs", _("different")
    NOT_DECLARED = "not_declared", _("not declared")
    UNREAD = "unread", _("not read")


@dataclass(frozen=True)
class PlacedField(Field):
    """A value with the row it is kept in."""

    row: ReadField | None = None


@dataclass(frozen=True)
class ReadingProgress:
    """How many files are still being opened or read, the names of those that could not be read, and how many were refused."""

    underway: int
    unread: Sequence[str]
    refused: int


@dataclass(frozen=True)
class Comparison:
    """One value of a credential: declared and read ("" where there is none), dates in ISO form.

    With a `document` it is the date of that document, declared for it and read on its file.
    """

    credential: Credential
    kind: ReadKind
    declared: str
    read: str
    certain: bool
    confidence: float
    agreement: Agreement
    field_id: int | None
    page: int | None
    document: Document | None = None

    @property
    def label(self) -> str:
        """What the value is."""
        if self.document is None:
            return str(self.kind.label)
        return _now("Date on the document (%(paper)s)") % {"paper": self.document.get_kind_display()}

    @property
    def read_fact(self) -> Any:
        """The read value as it is declared: a date, or a text."""
        return date.fromisoformat(self.read) if self.kind in _DATES else self.read

    @property
    def declared_masked(self) -> str:
        """The declared number with all but its last characters hidden."""
        return identifiers.mask_identifier(self.declared)

    @property
    def read_masked(self) -> str:
        """The number that was read, hidden alike."""
        return identifiers.mask_identifier(self.read)

    @property
    def percent(self) -> int:
        """The confidence as a whole percentage, rounded down."""
        return int(self.confidence * 100)

    @property
    def is_date(self) -> bool:
        """Whether the values are dates."""
        return self.kind in _DATES

    @property
    def declared_date(self) -> date | None:
        """The declared date."""
        return date.fromisoformat(self.declared) if self.declared and self.is_date else None

    @property
    def read_date(self) -> date | None:
        """The date that was read."""
        return date.fromisoformat(self.read) if self.read and self.is_date else None


def read_value(row: ReadField) -> str:
    """A value that was read. The caller must have the right to see it."""
    return vault.decrypt_text(row.value_sealed, bound_to=row.bound_to)


def declared_number(credential: Credential) -> str:
    """The declared number, normalised; "" if there is none. The caller must have the right to see it."""
    if not credential.identifier_sealed:
        return ""
    return vault.decrypt_text(credential.identifier_sealed, bound_to=credential.bound_to)


def fields_by_credential(application: Application) -> dict[int, list[ReadField]]:
    """The values read on the current documents of each credential. One query."""
    found: dict[int, list[ReadField]] = {}
    wanted = models.Q(reading__file__documents__application=application, reading__file__documents__replaced_at=None)
    rows = (
        ReadField.objects.filter(wanted)
        .select_related("reading")
        .annotate(credential=models.F("reading__file__documents__credential"))
    )
    for row in rows.order_by("reading", "page", "position"):
        found.setdefault(row.credential, []).append(row)
    return found


def reading_progress(application: Application) -> ReadingProgress:
    """How far the reading of the current documents has come. At most two queries."""
    current = application.documents.current().select_related("file__paper_reading").order_by("pk")
    rows = [(row.file, getattr(row.file, "paper_reading", None)) for row in current]
    waiting = [file for file, reading in rows if file.state == FileState.READY and reading is None]
    return ReadingProgress(
        underway=sum(file.state == FileState.STORED for file, _reading in rows) + _count_queued(waiting),
        unread=[file.name for file, reading in rows if reading is not None and reading.state == ReadState.FAILED],
        refused=sum(file.state == FileState.REFUSED for file, _reading in rows),
    )


def _count_queued(waiting: Sequence[EvidenceFile]) -> int:
    """Files whose job is due; what was ready before files were read has none until it is submitted."""
    return count_unfinished([reading_job_key(str(file.pk)) for file in waiting]) if waiting else 0


def is_being_read(file: str) -> bool:
    """Whether a job is to open or to read a file, by the file's primary key; without one nothing more will be known of it."""
    return count_unfinished([files.render_job_key(file), reading_job_key(file)]) > 0


def reading_job_key(file: str) -> str:
    """The key of the job that reads a file, by the file's primary key."""
    return f"{READ_JOB}:{file}"


def compare_credential(
    credential: Credential, rows: Sequence[ReadField], documents: Iterable[Document]
) -> list[Comparison]:
    """A comparison for each value that was declared or read, and for the date of each of `documents` that is its proof."""
    chosen = _chosen(credential, rows)
    compared = [_compare(credential, kind, chosen.get(_read_kind(credential, kind))) for kind in _wanted(credential)]
    dated = [row for row in documents if row.credential_id == credential.pk and is_dated_proof(row, credential)]
    compared += [_compare_date(row, credential, rows) for row in dated]
    return [row for row in compared if row.declared or row.read]


def is_dated_proof(document: Document, credential: Credential) -> bool:
    """Whether a document's date is declared, and can be read on it: where proof must be recent, but for photos of one's work."""
    return bool(credential.type.max_age_of_proof) and document.kind != DocumentKind.PRACTICE


def missing_comparison(credential: Credential, kind: ReadKind) -> Comparison:
    """The comparison of a value that was neither declared nor read."""
    return _compare(credential, kind, None)


def open_offers(application: Application) -> list[Comparison]:
    """What the applicant is asked about: read otherwise than typed, or read and not typed; each until it is answered."""
    rows = fields_by_credential(application)
    credentials = application.credentials.select_related("type", "application").order_by("pk")
    kept = {row.pk for some in rows.values() for row in some if row.kept_at}
    documents = list(application.documents.current())
    compared = [one for row in credentials for one in compare_credential(row, rows.get(row.pk, ()), documents)]
    return [one for one in compared if one.field_id not in kept and _is_offered(one)]


# Characters that can be declared; what is longer was not read right.
_LONGEST: dict[str, int] = {ReadKind.NAME: 120, ReadKind.ISSUER: 160}


def _is_offered(one: Comparison) -> bool:
    if len(one.read) > _LONGEST.get(one.kind, 400):
        return False
    if one.agreement == Agreement.DIFFERS:
        return one.certain
    return one.agreement == Agreement.NOT_DECLARED and (one.certain or one.confidence >= _LIKELY)


def _wanted(credential: Credential) -> list[ReadKind]:
    """The values that are declared of a credential of this type; where proof must be recent, each document has a date of its own."""
    kind = credential.type
    wanted = [ReadKind.NUMBER] if kind.has_number else []
    wanted += [ReadKind.NAME] if kind.personal else []
    wanted += [ReadKind.ISSUER] if kind.issuers else []
    return [*wanted, *([] if kind.max_age_of_proof else [ReadKind.ISSUED_ON]), ReadKind.EXPIRES_ON]


def _read_kind(credential: Credential, kind: ReadKind) -> FieldKind:
    """An identity card calls its number by another label."""
    is_identity = kind == ReadKind.NUMBER and credential.type.checksum == "cn_identity"
    return FieldKind.IDENTITY if is_identity else FieldKind(kind.value)


def _chosen(credential: Credential, rows: Iterable[ReadField]) -> dict[FieldKind, PlacedField]:
    fields = [_placed(row) for row in rows]
    pattern = credential.type.identifier_pattern if credential.type.has_number else ""
    chosen = choose_fields(fields, pattern=pattern)
    for kind in (FieldKind.NUMBER, FieldKind.IDENTITY):
        if kind in chosen and not _is_formed(credential, chosen[kind].value):
            chosen[kind] = replace(chosen[kind], certain=False)
    return chosen


def _is_formed(credential: Credential, number: str) -> bool:
    """Whether form and check digit are those of the type."""
    check = identifiers.CHECKSUMS.get(credential.type.checksum)
    if check is not None and check(number).status is ChecksumStatus.WRONG:
        return False
    return identifiers.matches_pattern(credential.type.identifier_pattern, number)


def _placed(row: ReadField) -> PlacedField:
    x1, y1, x2, y2, x3, y3, x4, y4 = row.corners
    box = ((x1, y1), (x2, y2), (x3, y3), (x4, y4))
    return PlacedField(FieldKind(row.kind), read_value(row), box, row.confidence, row.certain, row)


def _compare_date(document: Document, credential: Credential, rows: Iterable[ReadField]) -> Comparison:
    """The declared date of a document and the date of issue that was read on its file."""
    own = _chosen(credential, [row for row in rows if row.reading.file_id == document.file_id])
    return _compare(credential, ReadKind.ISSUED_ON, own.get(FieldKind.ISSUED_ON), document)


def _compare(
    credential: Credential, kind: ReadKind, found: PlacedField | None, document: Document | None = None
) -> Comparison:
    declared = declared_value(credential, kind) if document is None else _written_date(document.dated_on)
    return Comparison(
        credential,
        kind,
        declared,
        read=found.value if found else "",
        certain=bool(found and found.certain),
        confidence=found.confidence if found else 0.0,
        agreement=_agreement(kind, declared, found),
        field_id=found.row.pk if found and found.row else None,
        page=found.row.page if found and found.row else None,
        document=document,
    )


def _agreement(kind: ReadKind, declared: str, found: PlacedField | None) -> Agreement:
    if found is None:
        return Agreement.UNREAD
    if not declared:
        return Agreement.NOT_DECLARED
    return Agreement.SAME if is_same_value(kind, declared, found.value) else Agreement.DIFFERS


def declared_value(credential: Credential, kind: ReadKind) -> str:
    """The declared value as it is compared, dates in ISO form; "" if there is none. The caller must have the right to see it."""
    if kind == ReadKind.NUMBER:
        return declared_number(credential)
    value = {
        ReadKind.NAME: credential.name_on_document,
        ReadKind.ISSUER: credential.issuer,
        ReadKind.ISSUED_ON: credential.issued_on,
        ReadKind.EXPIRES_ON: credential.expires_on,
    }[kind]
    return _written_date(value) if isinstance(value, date) else value or ""


def _written_date(day: date | None) -> str:
    return day.isoformat() if day else ""


def is_same_value(kind: ReadKind, one: str, other: str) -> bool:
    """Whether two values of a kind say the same."""
    if kind == ReadKind.NAME:
        return is_same_whole_name(one, other)
    return _compared(kind, one) == _compared(kind, other)


def _compared(kind: ReadKind, text: str) -> str:
    """As values are compared: numbers normalised, other texts by their letters alone."""
    if kind in _DATES:
        return text
    if kind == ReadKind.NUMBER:
        return identifiers.normalise_identifier(text)
    return joined_name(text)
