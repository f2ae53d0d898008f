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
from portal.accounts.models import User
from portal.reviews.actions import appeals
from portal.reviews.actions import decisions as recording
from portal.reviews.models import Appeal, Decision, ReviewCase
from portal.reviews.states import Stage


@dataclass(frozen=True)
class Matter:
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
    def is_hearing(self) -> bool:
        """Whether it is about the answer to a suspension."""
        return self.inquiry is not None and self.inquiry.hearing_id == self.case.pk

    def held(self) -> Decision | None:
        """The decision that waits for a second person."""
        return recording.held_decision(self.case) if self.is_second else None

    def appeal(self) -> Appeal | None:
        """The appeal that waits for an answer."""
        return appeals.open_appeal(self.case.pk)

    def refuse_work(self, user: User) -> Any:
        """Why the user may not work on it."""
        if self.application is not None:
            return policies.refuse_reviewing(self.application, user)
        return policies.refuse_hearing(self.certificate, self.case, user) if self.certificate else None


@dataclass(frozen=True)
class Choice:
    """One thing that can be decided: the verb in the URL, the outcome, the key, and whether it needs accepted papers."""

    verb: str
    outcome: Outcome
    label: Promise
    key: str
    adverse: bool = False
    accepts: bool = False


_APPROVE = Choice("approve", Outcome.APPROVED, _("Approve"), "a", accepts=True)
_REJECT = Choice("reject", Outcome.REJECTED, _("Reject"), "r", adverse=True)
_GRANT = Choice("approve", Outcome.APPEAL_GRANTED, _("The appeal is right: certify"), "a", accepts=True)
_UPHOLD = Choice("reject", Outcome.APPEAL_DISMISSED, _("The decision stands"), "r", adverse=True)
_NO_DOUBT = Choice("approve", Outcome.NO_DOUBT, _("The doubt is unfounded"), "a")
_SUSPEND = Choice("reject", Outcome.SUSPENDED, _("Suspend the certificate"), "r", adverse=True)
_CLEAR = Choice("approve", Outcome.CLEARED, _("Cleared up: valid again"), "a")
_REVOKE = Choice("reject", Outcome.REVOKED, _("Propose to revoke"), "r", adverse=True)
_RESTORE = Choice("approve", Outcome.APPEAL_GRANTED, _("The appeal is right: restore"), "a")
_KEEP_REVOKED = Choice("reject", Outcome.APPEAL_DISMISSED, _("The revocation stands"), "r", adverse=True)


def choices(matter: Matter) -> tuple[Choice, ...]:
    """What can be decided now; nothing where a second person is asked for her word."""
    if matter.is_second:
        return ()
    appealed = matter.case.stage == Stage.APPEAL
    if matter.application is not None:
        return (_GRANT, _UPHOLD) if appealed else (_APPROVE, _REJECT)
    if appealed:
        return (_RESTORE, _KEEP_REVOKED)
    return (_CLEAR, _REVOKE) if matter.is_hearing else (_NO_DOUBT, _SUSPEND)


def matter_of(number: str) -> Matter:
    """The matter of a case by the case's number; 404 if there is none."""
    digits = number.removeprefix("C-")
    if not digits.isdecimal() or len(digits) > 12:
        raise Http404
    case = ReviewCase.objects.select_related("claimed_by").filter(pk=int(digits)).first()
    if case is None or case.number != number:
        raise Http404
    if case.kind == casework.APPLICATION:
        return Matter(case, application=_application(case))
    return Matter(case, inquiry=_inquiry(case))


def _application(case: ReviewCase) -> Application:
    rows = Application.objects.select_related(
        "applicant", "area__jurisdiction", "area__calendar", "category", "requirement", "decision", "renews"
    )
    row = rows.filter(case=case).first()
    if row is None:
        raise Http404
    row.case = case
    return row


def _inquiry(case: ReviewCase) -> Inquiry:
    rows = Inquiry.objects.select_related(
        "certificate__holder",
        "certificate__area__jurisdiction",
        "certificate__area__calendar",
        "certificate__category",
        "certificate__requirement",
        "certificate__adverse_decision__case",
        "suspension__by",
        "hearing",
        "case",
    )
    row = (rows.filter(case=case) | rows.filter(hearing=case)).first()
    if row is None:
        raise Http404
    return row


# --- carrying out -----------------------------------------------------------------------------

Said = dict[str, Any]


def carry_out(matter: Matter, choice: Choice, *, by: User, accepted: list[int], said: Said) -> None:
    """The one action that a choice stands for. `said` holds version, explanation and reasons."""
    if matter.application is not None:
        _on_application(matter.application, choice, by, accepted, said)
    elif matter.inquiry is not None:
        _on_inquiry(matter.inquiry, choice, by, said)


def _on_application(application: Application, choice: Choice, by: User, accepted: list[int], said: Said) -> None:
    if choice is _APPROVE:
        decisions.approve(application=application, by=by, accepted=accepted, **said)
    elif choice is _GRANT:
        decisions.grant_appeal(application=application, by=by, accepted=accepted, **said)
    elif choice is _REJECT:
        decisions.reject(application=application, by=by, **said)
    else:
        decisions.dismiss_appeal(application=application, by=by, **said)


_ON_INQUIRY: dict[Choice, Callable[..., object]] = {
    _NO_DOUBT: inquiries.dismiss,
    _SUSPEND: inquiries.suspend,
    _CLEAR: inquiries.clear,
    _REVOKE: inquiries.propose_revocation,
}


def _on_inquiry(inquiry: Inquiry, choice: Choice, by: User, said: Said) -> None:
    if choice in _ON_INQUIRY:
        _ON_INQUIRY[choice](inquiry=inquiry, by=by, **said)
    else:
        granted = choice is _RESTORE
        inquiries.decide_appeal(certificate=inquiry.certificate, by=by, granted=granted, **said)


def confirm(matter: Matter, *, by: User, version: int, note: str) -> None:
    """The second person agrees."""
    if matter.application is not None:
        decisions.confirm(application=matter.application, by=by, version=version, note=note)
    elif matter.inquiry is not None:
        inquiries.confirm_revocation(inquiry=matter.inquiry, by=by, version=version, note=note)


def send_back(matter: Matter, *, by: User, version: int, note: str) -> None:
    """The second person does not agree."""
    if matter.application is not None:
        decisions.send_back(application=matter.application, by=by, version=version, note=note)
    elif matter.inquiry is not None:
        inquiries.send_back(inquiry=matter.inquiry, by=by, version=version, note=note)
