"""What the machine looks at: one function a check, and the table of them.

A check answers pass, fail or inconclusive with a finding; it decides nothing. What a failed or
inconclusive check leads to is a person who looks (actions/checking.py).
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from certification import identifiers
from certification.identifiers import Verdict
from certification.models import (
    Application,
    AreaBan,
    Certificate,
    CheckKind,
    Credential,
    Document,
    HeldNumber,
    Result,
)
from certification.models.checks import plan_key
from certification.names import has_cjk
from certification.states import CertificateState
from portal import vault
from portal.evidence.actions import files
from portal.evidence.models import FileState

_SOON = timedelta(days=30)


class NotReady(Exception):
    """The file is still being prepared; the job looks again later."""


@dataclass(frozen=True)
class Outcome:
    """What a check says: the result, the finding's code and figures, and the input as it may be shown."""

    result: Result
    finding: str
    input: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """What a check looks at, with the moment for which it is asked."""

    application: Application
    credential: Credential | None
    document: Document | None
    at: datetime


def number_of(credential: Credential) -> str:
    """The declared number, normalised; "" if there is none. The caller must have the right to see it."""
    if not credential.identifier_sealed:
        return ""
    return vault.decrypt_text(credential.identifier_sealed, bound_to=credential.bound_to)


# --- pure ------------------------------------------------------------------------------------


def form(number: str, *, pattern: str, unconfirmed: bool) -> Outcome:
    """Whether the number has the form of its type; without an official source for the form, a mismatch is a hint."""
    shown = identifiers.mask(number)
    if identifiers.has_form(pattern, number):
        return Outcome(Result.PASSED, "form.right", shown)
    if unconfirmed:
        return Outcome(Result.INCONCLUSIVE, "form.unconfirmed", shown)
    return Outcome(Result.FAILED, "form.wrong", shown)


def checksum(number: str, *, function: str) -> Outcome:
    """Whether the check digit fits; an unusual but possible number passes with its warning."""
    answer = identifiers.CHECKSUMS[function](identifiers.normalise(number))
    result = Result.FAILED if answer.verdict is Verdict.WRONG else Result.PASSED
    return Outcome(result, answer.finding, identifiers.mask(number))


def embedded(number: str, *, identity: str) -> Outcome:
    """Whether the identity number inside a doctor's qualification number is the one declared."""
    shown = identifiers.mask(number)
    inside = identifiers.embedded_identity(identifiers.normalise(number))
    if not identity or inside is None:
        return Outcome(Result.INCONCLUSIVE, "embedded.nothing_to_compare", shown)
    same = identifiers.normalise(identity) == inside
    return Outcome(Result.PASSED if same else Result.FAILED, "embedded.same" if same else "embedded.other", shown)


def proof_age(dated_on: date | None, *, max_days: int, today: date, shown: str) -> Outcome:
    """Whether a paper is fresh enough, by the date that was declared for it."""
    if dated_on is None:
        return Outcome(Result.INCONCLUSIVE, "age.undated", shown)
    figures = {"date": dated_on.isoformat(), "days": max_days}
    # A day of grace, since the paper's zone may be ahead of UTC.
    if dated_on > today + timedelta(days=1):
        return Outcome(Result.FAILED, "age.future", shown, figures)
    if today - dated_on > timedelta(days=max_days):
        return Outcome(Result.FAILED, "age.old", shown, figures)
    return Outcome(Result.PASSED, "age.fresh", shown, figures)


def expiry(expires_on: date | None, *, needed: bool, today: date, shown: str) -> Outcome:
    """Whether a credential still runs, by the end date that was declared; it counts up to and with that day."""
    if expires_on is None:
        missing = Outcome(Result.INCONCLUSIVE, "expiry.missing", shown)
        return missing if needed else Outcome(Result.PASSED, "expiry.none", shown)
    figures = {"date": expires_on.isoformat()}
    if expires_on < today:
        return Outcome(Result.FAILED, "expiry.over", shown, figures)
    if expires_on - today < _SOON:
        return Outcome(Result.INCONCLUSIVE, "expiry.soon", shown, figures)
    return Outcome(Result.PASSED, "expiry.ahead", shown, figures)


def names(declared: Iterable[str]) -> Outcome:
    """Whether all papers carry the same name, apart from case, width, spaces, order of words and punctuation."""
    given = [name for name in declared if name.strip()]
    shown = str(len(given))
    if len(given) < 2:
        return Outcome(Result.PASSED, "names.single", shown)
    same = len({_plain_name(name) for name in given}) == 1
    return Outcome(Result.PASSED if same else Result.FAILED, "names.same" if same else "names.differ", shown)


def _plain_name(name: str) -> tuple[str, ...]:
    """Without case, width, accents and punctuation; words of scripts that have them in any order."""
    letters = [letter for letter in unicodedata.normalize("NFKD", name).casefold() if not unicodedata.combining(letter)]
    words = "".join(letter if letter.isalnum() else " " for letter in letters).split()
    # Chinese names are written with and without a space, and their characters have an order.
    return ("".join(words),) if has_cjk(name) else tuple(sorted(words))


# --- on rows ---------------------------------------------------------------------------------


def _credential(target: Target) -> Credential:
    assert target.credential is not None  # noqa: S101 -- the table says so
    return target.credential


def _document(target: Target) -> Document:
    assert target.document is not None  # noqa: S101 -- the table says so
    return target.document


def _shown(document: Document) -> str:
    return f"SHA-256 {document.file.sha256[:12]}…"


def _form(target: Target) -> Outcome:
    kind = _credential(target).type
    number = number_of(_credential(target))
    return form(number, pattern=kind.identifier_pattern, unconfirmed=kind.unconfirmed)


def _checksum(target: Target) -> Outcome:
    return checksum(number_of(_credential(target)), function=_credential(target).type.checksum)


def _embedded(target: Target) -> Outcome:
    identity = target.application.credentials.filter(type__checksum="cn_identity").first()
    return embedded(number_of(_credential(target)), identity=number_of(identity) if identity else "")


def _duplicate_number(target: Target) -> Outcome:
    credential = _credential(target)
    shown = credential.identifier_masked
    others = HeldNumber.objects.filter(fingerprint=credential.fingerprint, standing=True)
    if others.exclude(holder=target.application.applicant_id).exists():
        return Outcome(Result.FAILED, "number.certified_elsewhere", shown)
    declared = Credential.objects.filter(fingerprint=credential.fingerprint, application__submitted_at__isnull=False)
    elsewhere = declared.exclude(application__applicant=target.application.applicant_id)
    count = elsewhere.values("application__applicant").distinct().count()
    if count:
        return Outcome(Result.FAILED, "number.declared_elsewhere", shown, {"count": count})
    return Outcome(Result.PASSED, "number.unique", shown)


def _opens(target: Target) -> Outcome:
    document = _document(target)
    if document.file.state == FileState.STORED:
        raise NotReady(str(document.file_id))
    if document.file.state == FileState.REFUSED:
        return Outcome(Result.FAILED, "file.refused", _shown(document))
    return Outcome(Result.PASSED, "file.opens", _shown(document), {"pages": document.file.page_count})


def _duplicate_file(target: Target) -> Outcome:
    document = _document(target)
    count = files.duplicates(document.file).values("owner").distinct().count()
    if count:
        return Outcome(Result.FAILED, "file.elsewhere", _shown(document), {"count": count})
    return Outcome(Result.PASSED, "file.unique", _shown(document))


def _proof_age(target: Target) -> Outcome:
    document = _document(target)
    days = document.credential.type.max_age_of_proof if document.credential else None
    return proof_age(document.dated_on, max_days=days or 0, today=target.at.date(), shown=_shown(document))


def _expiry(target: Target) -> Outcome:
    credential = _credential(target)
    needed = credential.type.needs_expiry
    shown = credential.expires_on.isoformat() if credential.expires_on else "–"
    return expiry(credential.expires_on, needed=needed, today=target.at.date(), shown=shown)


def _names(target: Target) -> Outcome:
    personal = target.application.credentials.filter(type__personal=True).order_by("pk")
    return names(personal.values_list("name_on_document", flat=True))


def _history(target: Target) -> Outcome:
    """Earlier forged papers or a revoked certificate: a reason to look twice, never a verdict."""
    person = target.application.applicant_id
    if AreaBan.objects.filter(person=person, area=target.application.area, lifted_at=None).exists():
        return Outcome(Result.FAILED, "history.forged", target.application.number)
    if Certificate.objects.filter(holder=person, state=CertificateState.REVOKED).exists():
        return Outcome(Result.FAILED, "history.revoked", target.application.number)
    return Outcome(Result.PASSED, "history.clean", target.application.number)


@dataclass(frozen=True)
class Rule:
    """When a check is made, on what, and by which function."""

    kind: CheckKind
    on: str  # application | credential | document
    wanted: Callable[[Any], bool]
    run: Callable[[Target], Outcome]


def _always(_row: object) -> bool:
    return True


RULES: tuple[Rule, ...] = (
    Rule(CheckKind.IDENTIFIER_FORM, "credential", lambda row: row.type.has_number, _form),
    Rule(CheckKind.IDENTIFIER_CHECKSUM, "credential", lambda row: bool(row.type.checksum), _checksum),
    Rule(CheckKind.IDENTIFIER_EMBEDDED, "credential", lambda row: row.type.checksum == "cn_doctor", _embedded),
    Rule(
        CheckKind.IDENTIFIER_DUPLICATE,
        "credential",
        lambda row: row.type.personal and bool(row.fingerprint),
        _duplicate_number,
    ),
    Rule(CheckKind.EXPIRY, "credential", _always, _expiry),
    Rule(CheckKind.DOCUMENT_OPENS, "document", _always, _opens),
    Rule(CheckKind.DOCUMENT_DUPLICATE, "document", _always, _duplicate_file),
    Rule(
        CheckKind.PROOF_AGE,
        "document",
        lambda row: bool(row.credential_id and row.credential.type.max_age_of_proof),
        _proof_age,
    ),
    Rule(CheckKind.NAMES, "application", _always, _names),
    Rule(CheckKind.HISTORY, "application", _always, _history),
)
_BY_KIND = {rule.kind.value: rule for rule in RULES}


def plan(application: Application) -> list[str]:
    """The checks of the application's present round: everything that changed in it, and what concerns the whole."""
    return list(dict.fromkeys(_plan(application)))


def _plan(application: Application) -> Iterator[str]:
    changed: dict[str, list[Credential] | list[Document]] = {
        "credential": list(application.credentials.filter(round=application.round).select_related("type")),
        "document": list(
            application.documents.current().filter(round=application.round).select_related("credential__type")
        ),
    }
    for rule in RULES:
        if rule.on == "application":
            yield plan_key(rule.kind, None, None)
        for row in changed.get(rule.on, []):
            if rule.wanted(row):
                yield plan_key(rule.kind, *((row.pk, None) if rule.on == "credential" else (None, row.pk)))


def target_of(application: Application, key: str, at: datetime) -> tuple[Rule, Target]:
    """The rule and rows behind a planned check's key."""
    kind, credential, document = key.split(":")
    return _BY_KIND[kind], Target(
        application,
        application.credentials.select_related("type").get(pk=credential) if credential else None,
        application.documents.select_related("file", "credential__type").get(pk=document) if document else None,
        at,
    )
