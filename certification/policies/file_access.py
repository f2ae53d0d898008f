"""Who may see a file, and how long it is needed."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certification.models import Application, Inquiry, Inspection
from certification.policies.certificates import refuse_inquiry_decision
from certification.policies.people import refuse_documents, refuse_examining
from certification.policies.terms import DOCUMENT_PURPOSE, Reason
from certification.states import OPEN_STATES, STANDING_STATES, ApplicationState, CertificateState, Outcome
from portal import clock
from portal.errors import require_allowed
from portal.evidence.access import refuse_attaching_files
from portal.evidence.models import EvidenceFile
from portal.people.models import User
from portal.reviews.clocks import APPEAL_WINDOW
from portal.reviews.models import Appeal, ReviewCase


def require_own_files(files: Iterable[EvidenceFile], user: User) -> None:
    """Refuse files that somebody else uploaded, or for another purpose."""
    require_allowed(refuse_attaching_files(files, user, purpose=DOCUMENT_PURPOSE))


def file_is_needed(file: EvidenceFile) -> bool:
    """Whether a case still rests on a file, or an appeal about it may come, so that it must not be purged."""
    now = clock.now()
    of_open = Q(application__state__in=OPEN_STATES)
    of_valid = Q(application__certificate__state__in=STANDING_STATES, application__certificate__valid_to__gt=now)
    of_suspended = Q(application__certificate__state=CertificateState.SUSPENDED)
    of_doubted = Q(application__certificate__in=Inquiry.objects.filter(ended_at=None).values("certificate"))
    begun = now - APPEAL_WINDOW
    of_rejected = Q(application__state=ApplicationState.REJECTED, application__decided_at__gte=begun)
    of_revoked = Q(
        application__certificate__adverse_decision__outcome=Outcome.REVOKED,
        application__certificate__adverse_decision__second_at__gte=begun,
        application__certificate__adverse_decision__appeal__answer=None,
    )
    of_appealed = Q(
        application__certificate__adverse_decision__appeal__isnull=False,
        application__certificate__adverse_decision__appeal__answer=None,
        application__certificate__adverse_decision__appeal__withdrawn_at=None,
    )
    needed = of_open | of_valid | of_suspended | of_doubted | of_rejected | of_revoked | of_appealed
    if file.documents.filter(needed).exists() or file.seen_in_checks.filter(needed).exists():
        return True
    if Appeal.objects.filter(files=file, answer=None, withdrawn_at=None).exists():
        return True
    if Inquiry.objects.filter(files=file, ended_at=None).exists():
        return True
    return Inspection.objects.filter(files=file, trigger__inquiry__ended_at=None, trigger__isnull=False).exists()


def refuse_register_page_access(user: User, file: EvidenceFile) -> Reason:
    """Why the user may not see the picture of a register's page: the access rule of PAGE_PURPOSE.

    Whoever uploaded it sees it until it is recorded with a look-up, and then as long as any reviewer would.
    """
    applications = list(Application.objects.filter(checks__file=file).select_related("applicant", "case").distinct())
    reason: Reason = _("Only its owner can see this file.")
    if not applications and file.owner_id == user.pk:
        return None
    for application in applications:
        reason = refuse_examining(application, user)
        if reason is None:
            return None
    return reason


def refuse_file_access(user: User, file: EvidenceFile) -> Reason:
    """Why the user may not see a file of an application or an inquiry: the access rule of PAPER_PURPOSE."""
    applications = Application.objects.filter(documents__file=file) | Application.objects.filter(
        decision__appeal__files=file
    )
    reason: Reason = _("Only its owner can see this file.")
    for application in applications.select_related("applicant", "case").distinct():
        reason = refuse_documents(application, user)
        if reason is None:
            return None
    sent = Q(files=file) | Q(outcome__appeal__files=file)
    inquiries = Inquiry.objects.filter(sent | Q(triggers__inspection__files=file)).distinct()
    for inquiry in inquiries.select_related("certificate__holder", "answer_case", "case"):
        for case in (inquiry.answer_case, inquiry.case):
            reason = refuse_inquiry_decision(inquiry.certificate, case, user)
            if reason is None:
                return None
    return reason


def register_case_of_viewer(file: EvidenceFile, user: User) -> str:
    """The number of the case for which a reviewer sees the picture of a register's page: the one that they hold."""
    of_application = Q(application__checks__file=file)
    of_inquiry = Q(inquiry__certificate__application__checks__file=file)
    answered = Q(answer_inquiry__certificate__application__checks__file=file)
    case = ReviewCase.objects.claimed_by(user).filter(of_application | of_inquiry | answered).first()
    return case.number if case is not None else ""


def case_of_viewer(file: EvidenceFile, user: User) -> str:
    """The number of the case for which a reviewer sees a file: the one that they hold."""
    held = ReviewCase.objects.claimed_by(user)
    of_application = Q(application__documents__file=file) | Q(application__decision__appeal__files=file)
    of_inquiry = Q(inquiry__certificate__application__documents__file=file) | Q(
        answer_inquiry__certificate__application__documents__file=file
    )
    answered = (
        Q(answer_inquiry__files=file)
        | Q(inquiry__files=file)
        | Q(decisions__appeal__files=file)
        | Q(inquiry__triggers__inspection__files=file)
        | Q(answer_inquiry__triggers__inspection__files=file)
    )
    case = held.filter(of_application | of_inquiry | answered).first()
    return case.number if case is not None else ""
