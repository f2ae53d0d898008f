"""Machine checks: one function each, and the table of them.

A check answers pass, fail or inconclusive with a finding; it decides nothing. What a failed or
inconclusive check leads to is a person who looks (actions/checking.py).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any

from certification import identifiers, readings
from certification.identifiers import ChecksumStatus
from certification.models import (
    Application,
    Certificate,
    CheckKind,
    CheckResult,
    Credential,
    Document,
    DocumentKind,
    HeldNumber,
    PageHash,
    PaperReading,
    ReadField,
)
from certification.models.checks import planned_check_key
from certification.names import is_same_whole_name
from certification.policies import bans
from certification.readings import Agreement, declared_number
from certification.states import CertificateState
from portal import clock
from portal.engines.papers import HintKind
from portal.evidence.actions import files
from portal.evidence.models import FileState

_SOON = timedelta(days=30)
_ALIKE = 12  # of 256 bits; copies of one picture differ in 4, papers of one layout in 30 and more


class FileNotReady(Exception):
    """The file is still being prepared; the job is tried again later."""


@dataclass(frozen=True)
class CheckOutcome:
    """What a check says: the result, the finding's code and figures, and the input as it may be shown."""

    result: CheckResult
    finding: str
    input: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckTarget:
    """What a check looks at, with the moment for which it is asked."""

    application: Application
    credential: Credential | None
    document: Document | None
    at: datetime


# --- pure ------------------------------------------------------------------------------------


def check_number_form(number: str, *, pattern: str, unconfirmed: bool) -> CheckOutcome:
    """Whether the number has the form of its type; without an official source for the form, a mismatch is a hint."""
    shown = identifiers.mask_identifier(number)
    if identifiers.matches_pattern(pattern, number):
        return CheckOutcome(CheckResult.PASSED, "form.right", shown)
    if unconfirmed:
        return CheckOutcome(CheckResult.INCONCLUSIVE, "form.unconfirmed", shown)
    return CheckOutcome(CheckResult.FAILED, "form.wrong", shown)


def check_checksum(number: str, *, function: str) -> CheckOutcome:
    """Whether the check digit fits; an unusual but possible number passes with its warning."""
    answer = identifiers.CHECKSUMS[function](identifiers.normalise_identifier(number))
    result = CheckResult.FAILED if answer.status is ChecksumStatus.WRONG else CheckResult.PASSED
    return CheckOutcome(result, answer.finding, identifiers.mask_identifier(number))


def check_embedded_identity(number: str, *, identity: str) -> CheckOutcome:
    """Whether the identity number inside a doctor's qualification number is the one declared."""
    shown = identifiers.mask_identifier(number)
    inside = identifiers.embedded_identity_number(identifiers.normalise_identifier(number))
    if not identity or inside is None:
        return CheckOutcome(CheckResult.INCONCLUSIVE, "embedded.nothing_to_compare", shown)
    same = identifiers.normalise_identifier(identity) == inside
    return CheckOutcome(
        CheckResult.PASSED if same else CheckResult.FAILED, "embedded.same" if same else "embedded.other", shown
    )


def check_proof_age(dated_on: date | None, *, max_days: int, today: date, shown: str) -> CheckOutcome:
    """Whether a document is recent enough, by the date that was declared for it."""
    if dated_on is None:
        return CheckOutcome(CheckResult.INCONCLUSIVE, "age.undated", shown)
    figures = {"date": dated_on.isoformat(), "days": max_days}
    # A day of grace, since the document's zone may be ahead of UTC.
    if dated_on > today + timedelta(days=1):
        return CheckOutcome(CheckResult.FAILED, "age.future", shown, figures)
    if today - dated_on > timedelta(days=max_days):
        return CheckOutcome(CheckResult.FAILED, "age.old", shown, figures)
    return CheckOutcome(CheckResult.PASSED, "age.fresh", shown, figures)


def check_expiry(expires_on: date | None, *, needed: bool, today: date, shown: str) -> CheckOutcome:
    """Whether a credential still runs, by the end date that was declared; it counts up to and with that day."""
    if expires_on is None:
        missing = CheckOutcome(CheckResult.INCONCLUSIVE, "expiry.missing", shown)
        return missing if needed else CheckOutcome(CheckResult.PASSED, "expiry.none", shown)
    figures = {"date": expires_on.isoformat()}
    if expires_on < today:
        return CheckOutcome(CheckResult.FAILED, "expiry.over", shown, figures)
    if expires_on - today < _SOON:
        return CheckOutcome(CheckResult.INCONCLUSIVE, "expiry.soon", shown, figures)
    return CheckOutcome(CheckResult.PASSED, "expiry.ahead", shown, figures)


def compare_names(declared: Iterable[str]) -> CheckOutcome:
    """Whether all documents carry the same name, as names are compared everywhere (names.py)."""
    given = [name for name in declared if name.strip()]
    shown = str(len(given))
    if len(given) < 2:
        return CheckOutcome(CheckResult.PASSED, "names.single", shown)
    same = all(is_same_whole_name(one, other) for one, other in combinations(given, 2))
    return CheckOutcome(
        CheckResult.PASSED if same else CheckResult.FAILED, "names.same" if same else "names.differ", shown
    )


# --- on rows ---------------------------------------------------------------------------------


def _target_credential(target: CheckTarget) -> Credential:
    assert target.credential is not None  # noqa: S101 -- the table says so
    return target.credential


def _target_document(target: CheckTarget) -> Document:
    assert target.document is not None  # noqa: S101 -- the table says so
    return target.document


def _shown_hash(document: Document) -> str:
    return f"SHA-256 {document.file.sha256[:12]}…"


def _form(target: CheckTarget) -> CheckOutcome:
    kind = _target_credential(target).type
    number = declared_number(_target_credential(target))
    return check_number_form(number, pattern=kind.identifier_pattern, unconfirmed=kind.unconfirmed)


def _checksum(target: CheckTarget) -> CheckOutcome:
    return check_checksum(
        declared_number(_target_credential(target)), function=_target_credential(target).type.checksum
    )


def _embedded(target: CheckTarget) -> CheckOutcome:
    identity = target.application.credentials.filter(type__checksum="cn_identity").first()
    return check_embedded_identity(
        declared_number(_target_credential(target)), identity=declared_number(identity) if identity else ""
    )


def _duplicate_number(target: CheckTarget) -> CheckOutcome:
    credential = _target_credential(target)
    shown = credential.identifier_masked
    others = HeldNumber.objects.filter(fingerprint=credential.fingerprint, standing=True)
    if others.exclude(holder=target.application.applicant_id).exists():
        return CheckOutcome(CheckResult.FAILED, "number.certified_elsewhere", shown)
    declared = Credential.objects.filter(fingerprint=credential.fingerprint, application__submitted_at__isnull=False)
    elsewhere = declared.exclude(application__applicant=target.application.applicant_id)
    count = elsewhere.values("application__applicant").distinct().count()
    if count:
        return CheckOutcome(CheckResult.FAILED, "number.declared_elsewhere", shown, {"count": count})
    return CheckOutcome(CheckResult.PASSED, "number.unique", shown)


def _opens(target: CheckTarget) -> CheckOutcome:
    document = _target_document(target)
    if document.file.state == FileState.STORED:
        raise FileNotReady(str(document.file_id))
    if document.file.state == FileState.REFUSED:
        return CheckOutcome(CheckResult.FAILED, "file.refused", _shown_hash(document))
    return CheckOutcome(CheckResult.PASSED, "file.opens", _shown_hash(document), {"pages": document.file.page_count})


def _duplicate_file(target: CheckTarget) -> CheckOutcome:
    document = _target_document(target)
    count = files.duplicates_of_file(document.file).values("owner").distinct().count()
    if count:
        return CheckOutcome(CheckResult.FAILED, "file.elsewhere", _shown_hash(document), {"count": count})
    return CheckOutcome(CheckResult.PASSED, "file.unique", _shown_hash(document))


def _reading(target: CheckTarget) -> PaperReading:
    """What was read on the document; raises FileNotReady while the job is due."""
    document = _target_document(target)
    reading = PaperReading.objects.filter(file=document.file_id).first()
    if reading is None and document.file.state != FileState.REFUSED:
        raise FileNotReady(str(document.file_id))
    return reading or PaperReading(file=document.file)


def _lookalike(target: CheckTarget) -> CheckOutcome:
    """Whether a page looks like one that somebody else has uploaded."""
    document = _target_document(target)
    _reading(target)
    pages = list(PageHash.objects.filter(file=document.file_id))
    if not pages:
        return CheckOutcome(CheckResult.INCONCLUSIVE, "page.plain", _shown_hash(document))
    others = PageHash.objects.exclude(file__owner=document.file.owner_id)
    owners = {owner for page in pages for owner in others.like(page, most=_ALIKE).values_list("file__owner", flat=True)}
    if owners:
        return CheckOutcome(CheckResult.FAILED, "page.alike", _shown_hash(document), {"count": len(owners)})
    return CheckOutcome(CheckResult.PASSED, "page.unlike", _shown_hash(document))


def _edited(target: CheckTarget) -> CheckOutcome:
    """Signs of editing leave the check open: a person looks."""
    reading, shown = _reading(target), _shown_hash(_target_document(target))
    if reading.hints is None:
        return CheckOutcome(CheckResult.INCONCLUSIVE, "edits.not_looked", shown)
    editor = next((hint["detail"] for hint in reading.hints if hint["kind"] == HintKind.EDITOR), "")
    if any(hint["kind"] == HintKind.SAVED_BEFORE for hint in reading.hints):
        return CheckOutcome(CheckResult.INCONCLUSIVE, "edits.part", shown)
    if editor:
        return CheckOutcome(CheckResult.INCONCLUSIVE, "edits.editor", shown, {"editor": editor})
    if not reading.is_examined:
        return CheckOutcome(CheckResult.INCONCLUSIVE, "edits.metadata_only", shown)
    return CheckOutcome(CheckResult.PASSED, "edits.none", shown)


def _compared(target: CheckTarget) -> CheckOutcome:
    """Fails on a value that was read for certain and is not the declared one; both are shown to a person."""
    document = _target_document(target)
    _reading(target)
    credential = document.credential
    fields = ReadField.objects.filter(reading__file=document.file_id).select_related("reading")
    rows = list(fields.order_by("page", "position"))
    compared = readings.compare_credential(credential, rows, [document]) if credential else []
    certain = [row.agreement for row in compared if row.certain and row.declared]
    if Agreement.DIFFERS in certain:
        return CheckOutcome(CheckResult.FAILED, "read.other", _shown_hash(document))
    if not certain:
        return CheckOutcome(CheckResult.INCONCLUSIVE, "read.nothing", _shown_hash(document))
    return CheckOutcome(CheckResult.PASSED, "read.same", _shown_hash(document), {"count": len(certain)})


def _proof_age(target: CheckTarget) -> CheckOutcome:
    document = _target_document(target)
    days = document.credential.type.max_age_of_proof if document.credential else None
    return check_proof_age(document.dated_on, max_days=days or 0, today=target.at.date(), shown=_shown_hash(document))


def _expiry(target: CheckTarget) -> CheckOutcome:
    credential = _target_credential(target)
    needed = credential.type.needs_expiry
    shown = credential.expires_on.isoformat() if credential.expires_on else "–"
    return check_expiry(credential.expires_on, needed=needed, today=target.at.date(), shown=shown)


def _names(target: CheckTarget) -> CheckOutcome:
    personal = target.application.credentials.filter(type__personal=True).order_by("pk")
    return compare_names(personal.values_list("name_on_document", flat=True))


def _looks_like_pages_of(application: Application, people: list[int]) -> bool:
    """Whether a page of a document that names somebody looks like one of these people; FileNotReady as `_reading()`."""
    documents = list(bans.personal_documents(application))
    for document in documents:
        _reading(CheckTarget(application, None, document, clock.now()))
    pages = PageHash.objects.filter(file__in=[document.file_id for document in documents])
    theirs = PageHash.objects.filter(file__owner__in=people, file__frozen_at__isnull=False)
    return any(theirs.like(page, most=_ALIKE).exists() for page in pages)


def _history(target: CheckTarget) -> CheckOutcome:
    """Fails on earlier forged documents or a revoked certificate: a flag for the reviewer, never a decision.

    Forged documents of others count where they have the same number or file, or a page that looks like one of these.
    """
    application, person = target.application, target.application.applicant_id
    if bans.bans_of_person(application).exists():
        return CheckOutcome(CheckResult.FAILED, "history.forged", target.application.number)
    if bans.bans_by_evidence(application).exists():
        return CheckOutcome(CheckResult.FAILED, "history.forged_number", target.application.number)
    others = list(bans.bans_of_others(application).values_list("person", flat=True))
    if others and _looks_like_pages_of(application, others):
        return CheckOutcome(CheckResult.FAILED, "history.forged_page", target.application.number)
    if Certificate.objects.filter(holder=person, state=CertificateState.REVOKED).exists():
        return CheckOutcome(CheckResult.FAILED, "history.revoked", target.application.number)
    return CheckOutcome(CheckResult.PASSED, "history.clean", target.application.number)


@dataclass(frozen=True)
class CheckRule:
    """When a check is made, on what, and by which function."""

    kind: CheckKind
    on: str  # application | credential | document
    applies: Callable[[Any], bool]
    run: Callable[[CheckTarget], CheckOutcome]


def _always(_row: object) -> bool:
    return True


def _is_document(row: Document) -> bool:
    """All but photos of one's work, which are alike and edited for good reasons."""
    return row.kind != DocumentKind.PRACTICE


def _has_values(row: Document) -> bool:
    """Documents of a credential with a number, and proofs with a date: what is declared of them can be read there."""
    if row.credential is None:
        return False
    return bool(row.credential.type.has_number) or readings.is_dated_proof(row, row.credential)


CHECK_RULES: tuple[CheckRule, ...] = (
    CheckRule(CheckKind.IDENTIFIER_FORM, "credential", lambda row: row.type.has_number, _form),
    CheckRule(CheckKind.IDENTIFIER_CHECKSUM, "credential", lambda row: bool(row.type.checksum), _checksum),
    CheckRule(CheckKind.IDENTIFIER_EMBEDDED, "credential", lambda row: row.type.checksum == "cn_doctor", _embedded),
    CheckRule(
        CheckKind.IDENTIFIER_DUPLICATE,
        "credential",
        lambda row: row.type.personal and bool(row.fingerprint),
        _duplicate_number,
    ),
    CheckRule(CheckKind.EXPIRY, "credential", _always, _expiry),
    CheckRule(CheckKind.DOCUMENT_OPENS, "document", _always, _opens),
    CheckRule(CheckKind.DOCUMENT_DUPLICATE, "document", _always, _duplicate_file),
    CheckRule(CheckKind.DOCUMENT_LOOKALIKE, "document", _is_document, _lookalike),
    CheckRule(CheckKind.DOCUMENT_EDITED, "document", _is_document, _edited),
    CheckRule(CheckKind.DOCUMENT_COMPARED, "document", _has_values, _compared),
    CheckRule(
        CheckKind.PROOF_AGE,
        "document",
        lambda row: bool(row.credential_id and row.credential.type.max_age_of_proof),
        _proof_age,
    ),
    CheckRule(CheckKind.NAMES, "application", _always, _names),
    CheckRule(CheckKind.HISTORY, "application", _always, _history),
)
_BY_KIND = {rule.kind.value: rule for rule in CHECK_RULES}


def plan_checks(application: Application) -> list[str]:
    """The checks of the application's present round: everything that changed in it, and what concerns the whole."""
    return list(dict.fromkeys(_plan(application)))


def _plan(application: Application) -> Iterator[str]:
    changed: dict[str, list[Credential] | list[Document]] = {
        "credential": list(application.credentials.filter(round=application.round).select_related("type")),
        "document": list(
            application.documents.current().filter(round=application.round).select_related("credential__type")
        ),
    }
    for credential in application.credentials.filter(round=application.round).select_related("type"):
        if credential.type.is_asked_automatically:
            yield planned_check_key(CheckKind.REGISTRY, credential.pk, None)
    for rule in CHECK_RULES:
        if rule.on == "application":
            yield planned_check_key(rule.kind, None, None)
        for row in changed.get(rule.on, []):
            if rule.applies(row):
                yield planned_check_key(rule.kind, *((row.pk, None) if rule.on == "credential" else (None, row.pk)))


def resolve_planned_check(application: Application, key: str, at: datetime) -> tuple[CheckRule, CheckTarget]:
    """The rule and rows behind a planned check's key."""
    kind, credential, document = key.split(":")
    return _BY_KIND[kind], CheckTarget(
        application,
        application.credentials.select_related("type").get(pk=credential) if credential else None,
        application.documents.select_related("file", "credential__type").get(pk=document) if document else None,
        at,
    )
