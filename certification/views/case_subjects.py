"""What a case is about, and what can be decided on it: one table for every kind and stage."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certification import policies
from certification.actions import casework, decisions, inquiries
from certification.models import Application, Certificate, Inquiry
from certification.states import Outcome
from portal.people.models import User
from portal.reviews.actions import appeals
from portal.reviews.actions import decisions as recording
from portal.reviews.models import Appeal, Decision, ReviewCase
from portal.reviews.states import Stage


@dataclass(frozen=True)
class CaseSubject:
    """A case with the application or the inquiry that it belongs to."""

    case: ReviewCase
    application: Application | None = None
    inquiry: Inquiry | None = None

    @property
    def certificate(self) -> Certificate | None:
        """The certificate of an inquiry."""
        return self.inquiry.certificate if self.inquiry else None

    @property
    def is_second(self) -> bool:
        """Whether a held decision waits for a second person."""
        return self.case.stage in {Stage.SECOND, Stage.APPEAL_SECOND}

    @property
    def is_answer_case(self) -> bool:
        """Whether it is about the answer to a suspension."""
        return self.inquiry is not None and self.inquiry.answer_case_id == self.case.pk

    def held(self) -> Decision | None:
        """The decision that waits for a second person."""
        return recording.held_decision(self.case) if self.is_second else None

    def appeal(self) -> Appeal | None:
        """The appeal that waits for an answer."""
        return appeals.pending_appeal(self.case.pk)

    def refuse_work(self, user: User) -> Any:
        """Why the user may not work on it."""
        if self.application is not None:
            return policies.refuse_reviewing(self.application, user)
        return policies.refuse_inquiry_decision(self.certificate, self.case, user) if self.certificate else None


@dataclass(frozen=True)
class Ruling:
    """One thing that can be decided: the verb in the URL, the outcome, the key, and whether it needs accepted papers."""

    verb: str
    outcome: Outcome
    label: Promise
    key: str
    adverse: bool = False
    accepts: bool = False


_APPROVE = Ruling("approve", Outcome.APPROVED, _("Approve"), "a", accepts=True)
_REJECT = Ruling("reject", Outcome.REJECTED, _("Reject"), "r", adverse=True)
_GRANT = Ruling("approve", Outcome.APPEAL_GRANTED, _("The appeal is right: certify"), "a", accepts=True)
_UPHOLD = Ruling("reject", Outcome.APPEAL_DISMISSED, _("The decision stands"), "r", adverse=True)
_NO_DOUBT = Ruling("approve", Outcome.NO_DOUBT, _("The doubt is unfounded"), "a")
_SUSPEND = Ruling("reject", Outcome.SUSPENDED, _("Suspend the certificate"), "r", adverse=True)
_CLEAR = Ruling("approve", Outcome.CLEARED, _("Cleared up: valid again"), "a")
_REVOKE = Ruling("reject", Outcome.REVOKED, _("Propose to revoke"), "r", adverse=True)
_RESTORE = Ruling("approve", Outcome.APPEAL_GRANTED, _("The appeal is right: restore"), "a")
_KEEP_REVOKED = Ruling("reject", Outcome.APPEAL_DISMISSED, _("The revocation stands"), "r", adverse=True)


def rulings_for(subject: CaseSubject) -> tuple[Ruling, ...]:
    """What can be decided now; nothing while a held decision waits for the second approval."""
    if subject.is_second:
        return ()
    appealed = subject.case.stage == Stage.APPEAL
    if subject.application is not None:
        return (_GRANT, _UPHOLD) if appealed else (_APPROVE, _REJECT)
    if appealed:
        return (_RESTORE, _KEEP_REVOKED)
    return (_CLEAR, _REVOKE) if subject.is_answer_case else (_NO_DOUBT, _SUSPEND)


def find_case_subject(number: str) -> CaseSubject:
    """The subject of a case by the case's number; 404 if there is none."""
    digits = number.removeprefix("C-")
    if not digits.isdecimal() or len(digits) > 12:
        raise Http404
    case = ReviewCase.objects.select_related("claimed_by").filter(pk=int(digits)).first()
    if case is None or case.number != number:
        raise Http404
    if case.kind == casework.APPLICATION_CASE:
        return CaseSubject(case, application=_application_of_case(case))
    return CaseSubject(case, inquiry=_inquiry_of_case(case))


def _application_of_case(case: ReviewCase) -> Application:
    rows = Application.objects.select_related(
        "applicant", "area__jurisdiction", "area__calendar", "category", "requirement", "decision", "renews"
    )
    row = rows.filter(case=case).first()
    if row is None:
        raise Http404
    row.case = case
    return row


def _inquiry_of_case(case: ReviewCase) -> Inquiry:
    rows = Inquiry.objects.select_related(
        "certificate__holder",
        "certificate__area__jurisdiction",
        "certificate__area__calendar",
        "certificate__category",
        "certificate__requirement",
        "certificate__adverse_decision__case",
        "suspension__by",
        "answer_case",
        "case",
    )
    row = (rows.filter(case=case) | rows.filter(answer_case=case)).first()
    if row is None:
        raise Http404
    return row


# --- carrying out -----------------------------------------------------------------------------

RulingInput = dict[str, Any]


def carry_out_ruling(subject: CaseSubject, choice: Ruling, *, by: User, accepted: list[int], said: RulingInput) -> None:
    """The one action that a choice stands for. `said` holds version, explanation and reasons."""
    if subject.application is not None:
        _on_application(subject.application, choice, by, accepted, said)
    elif subject.inquiry is not None:
        _on_inquiry(subject.inquiry, choice, by, said)


def _on_application(application: Application, choice: Ruling, by: User, accepted: list[int], said: RulingInput) -> None:
    if choice is _APPROVE:
        decisions.approve_application(application=application, by=by, accepted=accepted, **said)
    elif choice is _GRANT:
        decisions.grant_rejection_appeal(application=application, by=by, accepted=accepted, **said)
    elif choice is _REJECT:
        decisions.reject_application(application=application, by=by, **said)
    else:
        decisions.dismiss_rejection_appeal(application=application, by=by, **said)


_ON_INQUIRY: dict[Ruling, Callable[..., object]] = {
    _NO_DOUBT: inquiries.dismiss_doubt,
    _SUSPEND: inquiries.suspend_certificate,
    _CLEAR: inquiries.clear_certificate,
    _REVOKE: inquiries.propose_revocation,
}


def _on_inquiry(inquiry: Inquiry, choice: Ruling, by: User, said: RulingInput) -> None:
    if choice in _ON_INQUIRY:
        _ON_INQUIRY[choice](inquiry=inquiry, by=by, **said)
    else:
        granted = choice is _RESTORE
        inquiries.decide_revocation_appeal(certificate=inquiry.certificate, by=by, granted=granted, **said)


def confirm_held_decision(subject: CaseSubject, *, by: User, version: int, note: str) -> None:
    """The second person agrees."""
    if subject.application is not None:
        decisions.confirm_approval(application=subject.application, by=by, version=version, note=note)
    elif subject.inquiry is not None:
        inquiries.confirm_revocation(inquiry=subject.inquiry, by=by, version=version, note=note)


def send_back_held_decision(subject: CaseSubject, *, by: User, version: int, note: str) -> None:
    """The second person does not agree."""
    if subject.application is not None:
        decisions.send_back_approval(application=subject.application, by=by, version=version, note=note)
    elif subject.inquiry is not None:
        inquiries.send_back_revocation(inquiry=subject.inquiry, by=by, version=version, note=note)
