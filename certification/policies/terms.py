"""What an application must show, what it lacks, and which certificate it would give; with all time limits."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _now

from certification import expressions
from certification.models import (
    Abolition,
    Application,
    Check,
    CheckKind,
    CheckResult,
    Credential,
    CredentialType,
    DocumentKind,
    KeyArea,
    Requirement,
)
from certification.states import STANDING_STATES
from portal import clock
from portal.evidence.models import FileState
from portal.reviews.clocks import APPEAL_WINDOW
from portal.reviews.policies import TWO_PEOPLE

Reason = str | Promise | None

ANSWER_PERIOD = timedelta(days=14)
QUESTION_ROUNDS = 2
REGISTRY_CHECK_VALIDITY = timedelta(days=30)
FORGED_REASONS = frozenset({"forged", "forged-paper"})  # codes of reasons after which the area is closed
AT_ONCE_REASONS = FORGED_REASONS | {"struck-off"}  # of revocations that need no suspension before
BAN_AFTER_REJECTION = timedelta(days=90)
BAN_AFTER_REVOCATION = timedelta(days=365)
DRAFT_RETENTION = timedelta(days=30)
DOCUMENT_RETENTION = timedelta(days=30)  # after the end of the case, or of the last right of appeal in it
CONSENT_VERSION = "2026-11-30"  # the day of the words in creator/_consent_text.html; a test holds the two together
TEXT_LIMIT = 4000  # characters of what an applicant, holder or reviewer writes
DOCUMENT_PURPOSE = "certification.document"  # of every file that an applicant or holder hands in


def appeal_deadline(decided_at: datetime) -> datetime:
    """Until when a decision can be appealed: six months, the floor of DSA Art. 20."""
    return decided_at + APPEAL_WINDOW


def applicable_requirement(application: Application) -> Requirement | None:
    """The version that counts: the frozen one after submission, the one in force before."""
    if application.requirement is not None:
        return application.requirement
    mine = Requirement.objects.filter(area=application.area_id, category=application.category_id)
    return mine.in_force(clock.now()).first()


class Gap(str):
    """A sentence that says what is missing, with the field of the evidence step that takes it; both "" where there is none.

    `code` is that of the credential type; `field` is the field's name in the page.
    """

    __slots__ = ("code", "field")
    code: str
    field: str

    def __new__(cls, sentence: str, code: str = "", field: str = "") -> Self:
        """The sentence, and where it is mended."""
        gap = super().__new__(cls, sentence)
        gap.code, gap.field = code, field
        return gap


def application_gaps(application: Application) -> list[Gap]:
    """What the application still lacks against its requirement, as sentences for the applicant."""
    requirement = applicable_requirement(application)
    if requirement is None:
        return []
    declared = list(application.credentials.select_related("type"))
    held = {credential.type.code for credential in declared}
    missing = expressions.missing_parts(requirement.expression, held)
    kinds = {
        row.code: row for row in CredentialType.objects.filter(code__in={code for part in missing for code in part})
    }
    gaps = [_missing_credential(part, kinds) for part in missing]
    gaps += [gap for credential in declared for gap in _credential_gaps(credential)]
    return [*gaps, *_unopened_gaps(application), *_outdated_proofs(application)]


def _unopened_gaps(application: Application) -> Iterable[Gap]:
    """Files that could not be opened; agents read this too, so it names no file."""
    refused = application.documents.current().filter(file__state=FileState.REFUSED)
    for document in refused.select_related("file", "credential__type"):
        figures = {"paper": document.get_kind_display(), "reason": document.file.refusal_text}
        sentence = _now("%(paper)s: a file could not be opened. %(reason)s Please replace it.") % figures
        code = document.credential.type.code if document.credential else ""
        yield Gap(sentence, code, f"{code or 'more'}-{document.kind}-uploads")


def _missing_credential(choice: list[str], kinds: dict[str, CredentialType]) -> Gap:
    known = [code for code in choice if code in kinds]
    names = _now(" or ").join(kinds[code].name for code in known)
    first = known[0] if known else ""
    return Gap(_now("Please add: %(names)s.") % {"names": names}, first)


def _credential_gaps(credential: Credential) -> Iterable[Gap]:
    kind, figures = credential.type, {"type": credential.type_name}
    if kind.has_number and not credential.identifier_sealed:
        yield Gap(_now("%(type)s: please enter the number.") % figures, kind.code, f"{kind.code}-number")
    if kind.needs_expiry and credential.expires_on is None:
        yield Gap(_now("%(type)s: please enter the end date.") % figures, kind.code, f"{kind.code}-expires_on")
    documents = credential.documents.current()
    attached = {document.kind for document in documents}
    undated = next((document for document in documents if document.dated_on is None), None)
    if kind.max_age_of_proof and undated is not None:
        sentence = _now("%(type)s: please enter the date.") % figures
        yield Gap(sentence, kind.code, f"{kind.code}-{undated.kind}-dated_on")
    for needed in kind.evidence_kinds:
        if needed not in attached:
            name = str(DocumentKind(needed).label)
            sentence = _now("%(type)s: please add the document “%(paper)s”.") % {**figures, "paper": name}
            yield Gap(sentence, kind.code, f"{kind.code}-{needed}-uploads")


def _outdated_proofs(application: Application) -> Iterable[Gap]:
    """Credentials that have ended, and documents that are too old by now.

    After submission only what was changed since: nobody who is asked has to replace what was in time when it was submitted.
    """
    today = clock.today()
    for credential in application.credentials.select_related("type").order_by("pk"):
        kind, figures = credential.type, {"type": credential.type_name}
        changed = credential.round > application.round
        if changed and credential.expires_on is not None and credential.expires_on < today:
            sentence = _now("%(type)s: its end date has passed. Please add a document that is still valid.") % figures
            yield Gap(sentence, kind.code, f"{kind.code}-expires_on")
        for document in credential.documents.current():
            if document.round > application.round and is_too_old(document.dated_on, kind):
                sentence = _now("%(type)s: the document is older than %(days)d days. Please add a recent one.")
                days = {"days": kind.max_age_of_proof}
                yield Gap(sentence % (figures | days), kind.code, f"{kind.code}-{document.kind}-dated_on")
                break


def is_too_old(dated_on: date | None, kind: CredentialType) -> bool:
    """Whether a document of this date is older than its credential type allows."""
    most = kind.max_age_of_proof
    return bool(most and dated_on is not None and clock.today() - dated_on > timedelta(days=most))


def running_abolition(area: KeyArea, category: int | None = None) -> Abolition | None:
    """The announced abolition of an area, or of a category of it (primary key), that comes first."""
    rows = Abolition.objects.announced().filter(area=area)
    return rows.filter(Q(category=None) | Q(category=category)).first()


def ending_abolition(application: Application) -> Abolition | None:
    """The announced abolition of what the application asks for, or of a credential accepted in it, that comes first."""
    rows = list(Abolition.objects.announced().filter(Q(area=application.area_id) | Q(area=None)))
    accepted = application.credentials.exclude(accepted_by=None)
    held: dict[int, str] = dict(accepted.values_list("type", "type__code"))

    def ends(row: Abolition) -> bool:
        if row.area_id:
            return row.category_id in (None, application.category_id)
        if row.credential_type_id not in held or application.requirement is None:
            return row.credential_type_id in held
        rest = set(held.values()) - {held[row.credential_type_id]}
        return not expressions.is_satisfied(application.requirement.expression, rest)

    return next((row for row in rows if ends(row)), None)


def certificate_validity(application: Application, at: datetime) -> tuple[datetime, datetime]:
    """From when and until when a certificate issued at a moment runs: not beyond an announced abolition."""
    begins, ends = full_validity(application, at)
    abolition = ending_abolition(application)
    return begins, ends if abolition is None else min(ends, abolition.takes_effect_at)


def full_validity(application: Application, at: datetime) -> tuple[datetime, datetime]:
    """The same without abolitions.

    It ends with the requirement's longest validity, a credential type's, or the earliest end date of
    an accepted document (which counts to the end of that day where the area is), whichever comes first.
    A renewal begins where the old one ends, or at once after a confirmed change, but the longest validities count from its issue: that is when a
    person last looked. The result is empty (end <= begin) where the old one runs for longer than the new one could.
    """
    old = application.renews
    follows = old is not None and old.state in STANDING_STATES and old.renewable_from is None
    begins = max(at, old.valid_to) if old is not None and follows else at
    days = application.requirement.max_validity if application.requirement else 0
    ends = [at + timedelta(days=days)]
    for credential in application.credentials.exclude(accepted_by=None).select_related("type"):
        if credential.type.max_validity is not None:
            ends.append(at + timedelta(days=credential.type.max_validity))
        if credential.expires_on is not None:
            ends.append(_end_of_day(credential.expires_on, application.area))
    return begins, min(ends)


def start_of_day(day: date, area: KeyArea | None = None) -> datetime:
    """The first moment of a day where an area is, or in UTC."""
    return _end_of_day(day - timedelta(days=1), area)


def _end_of_day(day: date, area: KeyArea | None) -> datetime:
    zone = ZoneInfo(area.calendar.zone if area is not None and area.calendar else "UTC")
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def latest_registry_checks(application: Application) -> dict[int, Check]:
    """The newest look into the register for each credential."""
    rows = [row for row in application.checks.latest_results() if row.kind == CheckKind.REGISTRY]
    return {row.credential_id: row for row in rows if row.credential_id is not None}


def second_approval_reasons(application: Application) -> list[str]:
    """Why two people must approve, as codes; empty if one is enough."""
    codes = [TWO_PEOPLE] if application.area.second_approval_always else []
    failed = [check for check in application.checks.latest_results() if check.result == CheckResult.FAILED]
    return codes + [f"{check.result}:{check.kind}" for check in failed]
