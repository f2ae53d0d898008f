"""What a case is about, and what can be decided on it: one table for every kind and stage."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.actions import appeals, casework, decisions
from complaints.forms.review import FINDINGS, TO_COMPLAINANT, TO_RESPONDENT
from complaints.models import Complaint
from complaints.policies import appeals as appealing
from complaints.policies import reviewers
from complaints.states import Outcome
from portal.errors import Text
from portal.people.models import User
from portal.reviews.actions import decisions as review_decisions
from portal.reviews.models import Decision, ReviewCase
from portal.reviews.states import Stage

_WITH = ("complainant", "respondent", "original__media", "copy__media", "case", "screening", "decision__case")


@dataclass(frozen=True)
class CaseSubject:
    """A case with the complaint that it belongs to."""

    case: ReviewCase
    complaint: Complaint

    @property
    def is_screening(self) -> bool:
        """Whether it is about admitting the complaint."""
        return self.case.kind == casework.SCREENING_KIND

    @property
    def awaits_second_approval(self) -> bool:
        """Whether a held decision waits for a second person."""
        return self.case.needs_second_approval

    def held(self) -> Decision | None:
        """The decision that waits for a second person."""
        return review_decisions.held_decision(self.case) if self.awaits_second_approval else None

    def refuse_work(self, user: User) -> Text | None:
        """Why the user may not work on it."""
        return reviewers.refuse_case_work(self.case, user)


@dataclass(frozen=True)
class Ruling:
    """One thing that can be decided: the verb in the URL, the outcome, the key, and what the form asks for.

    `texts` are the fields that are written; none for what needs no reasons. `upholds`: remedies follow.
    """

    verb: str
    outcome: Outcome
    label: Promise
    key: str
    texts: tuple[str, ...] = ()
    upholds: bool = False
    favours: bool = False  # the tone of its button: for whoever complains or appeals


_BOTH, _ALONE = (FINDINGS, TO_COMPLAINANT, TO_RESPONDENT), (FINDINGS, TO_COMPLAINANT)
_ADMIT = Ruling("admit", Outcome.ADMITTED, _("Admit: tell the other side"), "a", favours=True)
_REFUSE = Ruling("refuse", Outcome.REFUSED, _("Do not admit"), "r", _ALONE)
_UPHOLD = Ruling("uphold", Outcome.UPHELD, _("Uphold"), "a", _BOTH, upholds=True, favours=True)
_PARTLY = Ruling("partly", Outcome.PARTLY, _("Uphold in part"), "p", _BOTH, upholds=True, favours=True)
_DISMISS = Ruling("dismiss", Outcome.DISMISSED, _("Dismiss the complaint"), "r", _BOTH)
_AFFIRM = Ruling("affirm", Outcome.AFFIRMED, _("The decision stands"), "r", _BOTH)
_AFFIRM_REFUSAL = Ruling("affirm", Outcome.AFFIRMED, _("The decision stands"), "r", _ALONE)
_ADMIT_AFTER_ALL = Ruling("reverse", Outcome.REVERSED, _("Reverse: admit the complaint"), "a", _ALONE, favours=True)
_TO_DISMISSED = Ruling(
    "reverse", Outcome.REVERSED, _("Reverse: dismiss, and take everything back"), "a", _BOTH, favours=True
)
_TO_UPHELD = Ruling(
    "reverse",
    Outcome.REVERSED,
    _("Reverse: uphold the complaint"),
    "a",
    _BOTH,
    upholds=True,
    favours=True,
)
_REVERSALS = {None: _ADMIT_AFTER_ALL, Outcome.DISMISSED: _TO_DISMISSED, Outcome.UPHELD: _TO_UPHELD}


def rulings_for(subject: CaseSubject) -> tuple[Ruling, ...]:
    """What can be decided now; nothing while a held decision waits for the second approval."""
    if subject.awaits_second_approval:
        return ()
    if subject.case.stage == Stage.APPEAL:
        affirm = _AFFIRM_REFUSAL if subject.is_screening else _AFFIRM
        return (_REVERSALS[appealing.appeal_leads_to(subject.complaint)], affirm)
    return (_ADMIT, _REFUSE) if subject.is_screening else (_UPHOLD, _PARTLY, _DISMISS)


def case_subject_or_404(number: str) -> CaseSubject:
    """The subject of a case by the case's number; 404 if there is none."""
    try:
        case = ReviewCase.objects.select_related("claimed_by").numbered(number)
    except ReviewCase.DoesNotExist as error:
        raise Http404 from error
    if case.number != number:
        raise Http404
    rows = Complaint.objects.select_related(*_WITH)
    complaint = rows.filter(Q(case=case) | Q(screening=case)).first()
    if complaint is None:
        raise Http404
    return CaseSubject(case, complaint)


RulingFields = Mapping[str, Any]
_VERBS: Mapping[str, Callable[..., object]] = {
    "admit": decisions.admit_complaint,
    "refuse": decisions.refuse_complaint,
    "affirm": appeals.affirm_decision,
    "reverse": appeals.reverse_decision,
}


def carry_out_ruling(subject: CaseSubject, ruling: Ruling, *, by: User, said: RulingFields) -> None:
    """The one action that a ruling stands for. `said` holds the fields of the form."""
    if ruling.verb in _VERBS:
        _VERBS[ruling.verb](complaint=subject.complaint, by=by, **said)
    else:
        decisions.decide_complaint(complaint=subject.complaint, by=by, outcome=ruling.outcome, **said)
