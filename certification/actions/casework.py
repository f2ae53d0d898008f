"""Open, pause, resume and close the review case of an application or certificate."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from certification import policies
from certification.models import (
    ApplicantCategory,
    Application,
    Certificate,
    Check,
    CheckKind,
    CheckResult,
    InfoRequest,
    Inquiry,
    KeyArea,
    RecheckCause,
)
from portal import clock
from portal.clock import WorkCalendar
from portal.languages import Texts, in_each_language
from portal.people.models import User
from portal.reviews.actions import cases
from portal.reviews.actions.cases import Party
from portal.reviews.eligibility import FutureCase
from portal.reviews.models import ReviewCase
from portal.reviews.policies import TWO_PEOPLE
from portal.reviews.states import CaseState, Level, Stage
from portal.workflow import write_row

APPLICATION_CASE, CERTIFICATE_CASE = "certification.application", "certification.certificate"
_RENEWAL_PRIORITY = 1  # whose old certificate would run out while they wait
_URGENT_DAYS = 1  # to decide on a register that says otherwise than before
_URGENT = {RecheckCause.REGISTER, RecheckCause.DOCUMENT}
DOUBT_PRIORITY = 2  # the public relies on a doubted certificate until it is reviewed


def put_application_in_queue(application: Application, results: list[Check]) -> None:
    """Open the application's case after its first checks, or let it go on after an answer."""
    now = clock.now()
    if application.case is None:
        case = cases.open_case(
            APPLICATION_CASE,
            skill=application.area.code,
            titles=case_titles(application.area, application.category),
            parties=_parties(application),
            due_at=due_in_working_days(application.area, application.area.decision_days),
            by=None,
            priority=_RENEWAL_PRIORITY if application.renews_id else 0,
            reasons=check_flags(application, results),
            calendar=application.area.calendar,
            topics=_topics(application.pk, application.renews_id),
            account=_account(application.applicant_id, application.area.code),
        )
        application.move("finish_checks", case=case, touched_at=now)
        return
    cases.resume_case(application.case, by=None)
    reasons = check_flags(application, results)
    application.case.write(reasons=reasons)
    application.move("finish_checks", touched_at=now)


def open_certificate_case(
    certificate: Certificate,
    *,
    by: User | None,
    reasons: list[str] | None = None,
    days: int | None = None,
    priority: int = DOUBT_PRIORITY,
) -> ReviewCase:
    """A case about a certificate: not for those who approved it, nor for those who doubted it before.

    Due in `days` working days, by default as long as the area takes to decide.
    """
    application = certificate.application
    return cases.open_case(
        CERTIFICATE_CASE,
        skill=certificate.area.code,
        titles=case_titles(certificate.area, certificate.category),
        parties=[Party(certificate.holder, "holder")],
        due_at=due_in_working_days(certificate.area, days or certificate.area.decision_days),
        by=by,
        priority=priority,
        reasons=reasons,
        calendar=certificate.area.calendar,
        topics=_doubt_topics(certificate.pk, application.pk, application.renews_id),
        account=_account(application.applicant_id, application.area.code),
    )


def foresee_certificate_cases(certificates: QuerySet[Certificate], due_at: datetime) -> list[FutureCase]:
    """The cases that open_certificate_case() would open, as far as that says who may not decide in them. One query."""
    columns = ("pk", "holder", "area__code", "application", "application__renews", "application__applicant")
    return [
        FutureCase(
            key=key,
            party=holder,
            skill=area,
            level=Level.REVIEWER,
            topics=_doubt_topics(key, application, renews),
            account=_account(applicant, area),
            due_at=due_at,
        )
        for key, holder, area, application, renews, applicant in certificates.values_list(*columns)
    ]


def open_recheck_case(certificate: Certificate, cause: RecheckCause, *, by: User | None) -> ReviewCase:
    """A case in which a person looks again; urgent where a register or a document says otherwise than the certificate."""
    days = _URGENT_DAYS if cause in _URGENT else None
    return open_certificate_case(certificate, by=by, reasons=_recheck_flags(cause), days=days)


def _recheck_flags(cause: str) -> list[str]:
    return [f"{CheckResult.FAILED}:{CheckKind.REGISTRY}"] if cause == RecheckCause.REGISTER else []


def show_in_open_case(inquiry: Inquiry, cause: str, by: User | None, *, priority: int = DOUBT_PRIORITY) -> None:
    """Whoever has the case in hand sees that something came in: forms that they have open count no more.

    A case that reports without an account opened gets the priority of the reason that joins it. What is urgent makes the
    case so.
    """
    for case in (inquiry.answer_case, inquiry.case):
        if case is not None and case.state != CaseState.CLOSED:
            cases.mark_case_changed(case, by=by, priority=priority, cause=cause)
            if cause in _URGENT:
                due_at = min(case.due_at, due_in_working_days(inquiry.certificate.area, _URGENT_DAYS))
                case.write(due_at=due_at, reasons=sorted({*case.reasons, *_recheck_flags(cause)}))
            return


def show_check_made_again(application: Application, results: list[Check]) -> None:
    """Whoever has the case in hand sees what came of a check that was made again: forms that they have open count no more."""
    case = application.case
    if case is None or case.state == CaseState.CLOSED:
        return
    cases.mark_case_changed(case, by=None, cause="check_made_again")
    if case.stage == Stage.FIRST:
        case.write(reasons=check_flags(application, results))


def case_titles(area: KeyArea, category: ApplicantCategory | None) -> Texts:
    """How the queue names a case: area and category, nobody's name."""
    named = [row for row in (area, area.jurisdiction, category) if row is not None]
    return in_each_language(lambda: " · ".join(row.name for row in named))


def check_flags(application: Application, results: list[Check]) -> list[str]:
    """Why a person has to look closely, as codes: kinds of checks that failed or stayed open, two people needed."""
    codes = {
        f"{row.result}:{row.kind}" for row in results if row.result in (CheckResult.FAILED, CheckResult.INCONCLUSIVE)
    }
    if application.area.second_approval_always:
        codes.add(TWO_PEOPLE)
    return sorted(codes)


def due_in_working_days(area: KeyArea, days: int) -> datetime:
    """The moment so many working days from now, by the area's calendar."""
    calendar = area.calendar.working_days() if area.calendar else WorkCalendar()
    return calendar.add_working_days(clock.now(), days)


def pause_application_case(application: Application, *, by: User, version: int) -> None:
    """Pause the case until the applicant answers. Raises Conflict for a stale form."""
    case = case_of_application(application)
    cases.lock_case(case, version=version)
    cases.pause_case(case, by=by)


def lock_application(application: Application) -> None:
    """Read the application again and keep it to the end of the transaction: before its case, which is the order everywhere."""
    application.refresh_from_db(from_queryset=Application.objects.locked())
    if application.renews_id is not None:
        # What is decided on the certificate at the same moment counts for its renewal.
        application.renews = Certificate.objects.locked().get(pk=application.renews_id)


def lock_certificate(certificate: Certificate) -> None:
    """Read the certificate again and keep it, with all its periods, to the end of the transaction: before any case about it."""
    held: list[int] = []
    # A renewal may have been issued while one waited for these. After that none can be: it locks what it renews.
    while (periods := policies.own_periods(certificate)) != held:
        list(Certificate.objects.locked().filter(pk__in=periods).values_list("pk", flat=True))
        held = periods
    certificate.refresh_from_db(from_queryset=Certificate.objects.locked())


def lock_certificates_of(person_id: int) -> None:
    """Lock all certificates of a person, before one after the other is acted on in one transaction."""
    list(Certificate.objects.locked().filter(holder=person_id).values_list("pk", flat=True))


def open_inquiry(certificate: Certificate) -> Inquiry | None:
    """The inquiry that is open about the certificate, or about another period of it: what is decided in it holds for all."""
    rows = Inquiry.objects.filter(certificate__in=policies.own_periods(certificate), ended_at=None)
    return rows.select_related("case", "answer_case").order_by("raised_at", "pk").first()


def end_looks(certificate: Certificate) -> None:
    """End the inquiries in which a look was only due, once the certificate has ended or is doubted; their cases close undecided."""
    rows = Inquiry.objects.filter(certificate__in=policies.own_periods(certificate), ended_at=None)
    for inquiry in rows.filter(policies.opened_only_by(RecheckCause.LOOK_UP)).select_related("case"):
        cases.close_open_case(inquiry.case, by=None)
        write_row(inquiry, {"ended_at": clock.now()})


def close_application_case(application: Application, *, by: User | None) -> None:
    """Close the case of an application that ended without a decision."""
    cases.close_open_case(application.case, by=by)


def create_information_request(
    application: Application, *, items: list[dict[str, Any]], by: User | None = None, text: str = ""
) -> InfoRequest:
    """Ask the applicant for more, to be answered within the time for answers; `by` is None for the machine."""
    now = clock.now()
    return InfoRequest.objects.create(
        application=application,
        number=application.info_requests.count() + 1,
        by=by,
        text=text,
        items=items,
        asked_at=now,
        due_at=now + policies.ANSWER_PERIOD,
    )


def case_of_application(application: Application) -> ReviewCase:
    """The application's case; Conflict while it has none."""
    return cases.require_case(application.case)


def _topics(application: int, renews: int | None) -> list[str]:
    """The application with its certificate; of a renewal also the doubts about the certificate that it renews."""
    renewed = [f"certification.doubt:{renews}"] if renews else []
    return [f"certification.application:{application}", *renewed]


def _doubt_topics(certificate: int, application: int, renews: int | None) -> list[str]:
    return [*_topics(application, renews), f"certification.doubt:{certificate}"]


def _account(applicant: int, area: str) -> str:
    """The applicant as somebody who is certified in this area, over all applications."""
    return f"certification.person:{applicant}:{area}"


def _parties(application: Application) -> list[Party]:
    parties = [Party(application.applicant, "applicant")]
    if application.submitted_by is not None:
        parties.append(Party(application.submitted_by, "agent"))
    return parties
