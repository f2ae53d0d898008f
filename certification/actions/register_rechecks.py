"""Certificates looked up again: planned by day, asked when due, and what failed is put before a person.

No re-check suspends by itself (ADR 51): it opens an inquiry, urgent where the register says otherwise than before, in which a
reviewer suspends, with reasons and 14 days to answer, or dismisses it. What stays open is asked again, and after a week
looked up by a person. A register that an operator has to see to (registers/faults.py) is one alarm and no case: the re-checks
that rest on it are due until it can be asked.
"""

from datetime import date, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from certification import policies
from certification.actions import casework, periods
from certification.actions.rechecks import trigger_recheck
from certification.actions.register_questions import ask_register
from certification.models import (
    AUTOMATIC_REGISTERS,
    CONCLUSIVE,
    Certificate,
    Check,
    CheckKind,
    CheckResult,
    Credential,
    Inquiry,
    QueryReason,
    RecheckCause,
    RecheckTrigger,
    RegisterRecheck,
)
from certification.registers import faults
from certification.states import STANDING_STATES, CertificateState
from portal import clock
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job

CONSEQUENCE_JOB: Final = "certification.take_register_answer"
SILENCE = timedelta(days=7)  # without an answer, after which a person looks
_AGAIN = timedelta(days=1)
_AT_ONCE = 500

# When each accepted credential of a standing certificate is due: its interval after the last conclusive look at the number in
# any certificate of the holder in the area (policies.same_entry), at the latest on the day after the end that the register
# has told. What a new interval finds overdue is spread over one interval, by the number of the certificate, so that thousands
# do not come to people on one day.
_DUE = """
    SELECT c.id AS credential_id, least(
        CASE WHEN coalesce(l.at, s.issued_at) + make_interval(days => t.recheck_every) < v.applied_at
             THEN v.applied_at + make_interval(hours => (s.id % (24 * greatest(t.recheck_every, 1)))::int)
             ELSE coalesce(l.at, s.issued_at) + make_interval(days => t.recheck_every) END,
        ((l.data ->> 'expires_on')::date + 1)::timestamptz) AS due_at
    FROM certification_certificate s
    JOIN certification_credential c ON c.application_id = s.application_id AND c.accepted_at IS NOT NULL
    JOIN certification_credentialtype t ON t.id = c.type_id AND t.recheck_every IS NOT NULL AND t.registry <> 'none'
    LEFT JOIN (
        SELECT DISTINCT ON (type_id) type_id, applied_at FROM certification_credentialtypeversion
        WHERE applied_at IS NOT NULL AND before -> 'recheck_every' IS DISTINCT FROM "values" -> 'recheck_every'
        ORDER BY type_id, version DESC
    ) v ON v.type_id = t.id
    LEFT JOIN LATERAL (
        SELECT k.at, k.data FROM certification_certificate p
        JOIN certification_credential o
          ON o.application_id = p.application_id AND o.type_id = c.type_id AND o.fingerprint = c.fingerprint
          AND (c.fingerprint <> '' OR o.id = c.id)
        JOIN certification_check k ON k.credential_id = o.id AND k.kind = 'registry' AND k.result IN ('pass', 'fail')
        WHERE p.holder_id = s.holder_id AND p.area_id = s.area_id
        ORDER BY k.id DESC LIMIT 1
    ) l ON true
    WHERE s.state IN ('active', 'suspended')
"""
_PLAN = f"""
    INSERT INTO certification_registerrecheck (credential_id, due_at) SELECT credential_id, due_at FROM ({_DUE}) AS due
    ON CONFLICT (credential_id) DO UPDATE SET due_at = excluded.due_at
    WHERE certification_registerrecheck.silent_since IS NULL AND certification_registerrecheck.due_at <> excluded.due_at
"""  # noqa: S608 -- composed of our own constants
_UNPLAN = f"""
    DELETE FROM certification_registerrecheck r WHERE NOT EXISTS (
        SELECT 1 FROM ({_DUE}) AS due WHERE due.credential_id = r.credential_id)
"""  # noqa: S608 -- as above


def plan_rechecks() -> None:
    """Bring the plan up to the certificates that stand and the intervals of their types. Two statements; safe to repeat."""
    with connection.cursor() as cursor:
        cursor.execute(_UNPLAN)
        cursor.execute(_PLAN)


def recheck_due_credentials() -> int:
    """Ask the registers that are due, and have a person look where there is none to ask; how many.

    During an inquiry as well, whose case then shows what came in: else reports would put off what a register has to say.
    """
    due = RegisterRecheck.objects.filter(due_at__lte=clock.now()).order_by("due_at", "pk")
    looked_at = ~Q(credential__type__registry__in=AUTOMATIC_REGISTERS) & Q(credential__in=_in_look_up())
    standing = due.filter(
        credential__application__certificate__state=CertificateState.ACTIVE,
        credential__application__certificate__valid_to__gt=clock.now(),
    ).exclude(looked_at)
    askable = standing.exclude(
        credential__type__registry__in=AUTOMATIC_REGISTERS, credential__type__register_code__in=faults.register_faults()
    )
    rows = list(askable.select_related("credential__type", "credential__application__certificate")[:_AT_ONCE])
    for row in rows:
        _recheck(row)
    return len(rows)


def open_cases_of_expired_papers() -> int:
    """Put valid certificates before a person one of whose accepted documents has reached its end date; how many.

    A certificate ends with the earliest of its documents when it is issued: this finds what was corrected or restored since.
    """
    over = Credential.objects.filter(
        accepted_at__isnull=False,
        expires_on__lt=clock.today() - _AGAIN,  # a day of grace, since the area's zone may be behind UTC
        application__certificate__state=CertificateState.ACTIVE,
        application__certificate__valid_to__gt=clock.now(),
    ).exclude(recheck_triggers__cause=RecheckCause.DOCUMENT)
    rows = over.select_related("application__certificate").order_by("pk")[:_AT_ONCE]
    for row in rows:
        occasion = f"document:{row.pk}:{row.expires_on}"
        trigger_recheck(row.application.certificate, RecheckCause.DOCUMENT, occasion=occasion, credential=row)
    return len(rows)


def end_idle_looks() -> int:
    """End the looks that were only due at certificates that have ended meanwhile; how many certificates."""
    idle = Inquiry.objects.filter(policies.opened_only_by(RecheckCause.LOOK_UP), ended_at=None)
    renewed = Exists(Certificate.objects.filter(renews=OuterRef("pk"), state__in=STANDING_STATES))
    rows = Certificate.objects.exclude(state__in=STANDING_STATES).filter(~renewed, inquiries__in=idle).distinct()
    found = list(rows.select_related("application").order_by("pk")[:_AT_ONCE])
    for certificate in found:
        with transaction.atomic():
            casework.lock_certificate(certificate)
            if not periods.standing_periods(certificate):
                casework.end_looks(certificate)
    return len(found)


def enqueue_consequence(check: Check) -> None:
    """Have a register's answer compared with the certificate that rests on it, in a transaction of its own."""
    if Certificate.objects.filter(application=check.application_id, state=CertificateState.ACTIVE).exists():
        enqueue_job(CONSEQUENCE_JOB, {"check": check.pk}, key=f"{CONSEQUENCE_JOB}:{check.pk}")


def take_answer(run: JobAttempt) -> None:
    """Job: what an answer means for a certificate. Passed: the next look is planned. Failed: a person is told. Open: again."""
    rows = Check.objects.select_related("credential__type", "credential__application", "application__certificate")
    check = rows.get(pk=run.payload["check"])
    with run.finish():
        credential, certificate = check.credential, check.application.certificate
        if credential is None or certificate.effective_state != CertificateState.ACTIVE:
            return
        settle_recheck(check, credential)
        if check.result == CheckResult.FAILED and not _is_settled(check, certificate):
            _put_before_person(certificate, RecheckCause.REGISTER, credential, check)
        elif check.result == CheckResult.INCONCLUSIVE:
            _wait(credential, certificate, check)


def settle_recheck(check: Check, credential: Credential) -> None:
    """A conclusive look counts for every certificate that shows the number.

    The next one is due an interval later, or on the day after the end that the register has told.
    """
    if check.result not in CONCLUSIVE or not hasattr(credential.application, "certificate"):
        return
    due_at = check.at + timedelta(days=credential.type.recheck_every or policies.REGISTRY_CHECK_VALIDITY.days)
    if told := check.data.get("expires_on"):
        due_at = min(due_at, policies.end_of_day(date.fromisoformat(told)))
    rows = RegisterRecheck.objects.filter(credential__in=policies.same_entry(credential))
    rows.update(silent_since=None, due_at=due_at)


def _recheck(row: RegisterRecheck) -> None:
    credential = row.credential
    if credential.type.registry in AUTOMATIC_REGISTERS:
        with transaction.atomic():
            # What comes of it moves the row on; should the answer be lost, it is due again.
            RegisterRecheck.objects.filter(pk=row.pk).update(due_at=clock.now() + _AGAIN)
            ask_register(credential=credential, by=None, reason=QueryReason.RECHECK)
        return
    certificate = credential.application.certificate
    _put_before_person(certificate, RecheckCause.LOOK_UP, credential)


def _wait(credential: Credential, certificate: Certificate, check: Check) -> None:
    """Ask again tomorrow; after a week in vain a person looks, unless it is for an operator to see to."""
    now = clock.now()
    row = RegisterRecheck.objects.filter(credential=credential).first()
    if row is None:
        return
    if check.finding in faults.FAULT_FINDINGS:
        RegisterRecheck.objects.filter(pk=row.pk).update(silent_since=None, due_at=now + _AGAIN)
        return
    since = row.silent_since or now
    RegisterRecheck.objects.filter(pk=row.pk).update(silent_since=since, due_at=now + _AGAIN)
    if now - since >= SILENCE:
        _put_before_person(certificate, RecheckCause.LOOK_UP, credential, check)


def _in_look_up() -> QuerySet[RecheckTrigger, int | None]:
    """The credentials that a person has to look up in an inquiry that is open, by primary key."""
    rows = RecheckTrigger.objects.filter(cause=RecheckCause.LOOK_UP, inquiry__ended_at=None, credential__isnull=False)
    return rows.values_list("credential", flat=True)


def _put_before_person(
    certificate: Certificate, cause: RecheckCause, credential: Credential, check: Check | None = None
) -> None:
    """In the inquiry that is open, or in a new one; the same finding, or one look that a person has to take, once."""
    if cause == RecheckCause.LOOK_UP and _cannot_join(certificate, credential):
        return
    about = f"check:{check.pk}" if check else f"{credential.pk}:{clock.today()}"
    trigger_recheck(certificate, cause, occasion=f"{cause.value}:{about}", credential=credential, check=check)


def _cannot_join(certificate: Certificate, credential: Credential) -> bool:
    """Whether a person has to look the number up already, or after the open inquiry about a period that does not show it."""
    if _in_look_up().filter(credential__in=policies.same_entry(credential)).exists():
        return True
    inquiry = casework.open_inquiry(certificate)
    return inquiry is not None and not policies.shows_entry(inquiry.certificate, credential)


def _is_settled(check: Check, certificate: Certificate) -> bool:
    """Whether people decided about this very finding before: they approved in spite of it, or dismissed or cleared it."""
    assert check.credential is not None  # noqa: S101 -- a look into a register is about one
    looks = Check.objects.filter(credential__in=policies.same_entry(check.credential), kind=CheckKind.REGISTRY)
    earlier = looks.filter(result=CheckResult.FAILED, finding=check.finding).exclude(pk=check.pk)
    agreed = looks.filter(result=CheckResult.PASSED, pk__lt=check.pk)
    if (last := agreed.order_by("-pk").values_list("pk", flat=True).first()) is not None:
        earlier = earlier.filter(pk__gt=last)  # The register has agreed since: this is a new finding.
    approved = earlier.filter(credential=check.credential, at__lte=certificate.issued_at)
    raised = earlier.filter(
        recheck_triggers__certificate__in=policies.own_periods(certificate),
        recheck_triggers__inquiry__ended_at__isnull=False,
    )
    return any(_facts(row) == _facts(check) for row in [*approved, *raised])


def _facts(check: Check) -> dict[str, Any]:
    return {name: value for name, value in check.data.items() if name != "as_of"}
