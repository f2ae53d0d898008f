"""The two kinds of case of a complaint, for the reviewer's case page: its screening, and the complaint itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Unpack

from django.db.models import Q
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from complaints import remedies
from complaints.actions import appeals, casework, decisions
from complaints.actions.recording import SIDE_FIELDS
from complaints.forms.review import FINDINGS, TO_COMPLAINANT, TO_RESPONDENT, AdmitForm, ComplaintDecisionForm
from complaints.models import Complaint, RemedyKind
from complaints.policies import appeals as appealing
from complaints.policies import parties, reviewers, screening, terms
from complaints.policies.second_look import complaint_second_look
from complaints.states import Outcome
from complaints.views import reviewer_context
from portal.errors import Text
from portal.evidence import markings
from portal.people.models import User
from portal.reviews import case_kinds
from portal.reviews import policies as reviews
from portal.reviews.actions.decisions import SecondApproval
from portal.reviews.casepage.previews import StatementPreview
from portal.reviews.casepage.subjects import BoundForms, CaseSubject, Ruling
from portal.reviews.models import Decision, ReviewCase
from portal.reviews.second_look import SecondLook
from portal.reviews.states import Stage

_WITH = ("complainant", "respondent", "original__media", "copy__media", "case", "screening", "decision__case")
_BOTH, _ALONE = (FINDINGS, TO_COMPLAINANT, TO_RESPONDENT), (FINDINGS, TO_COMPLAINANT)
_REVERSALS = {
    None: _("Reverse: admit the complaint"),
    Outcome.DISMISSED: _("Reverse: dismiss and undo everything"),
    Outcome.UPHELD: _("Reverse: uphold the complaint"),
}


def register_case_kinds() -> None:
    """Called once, when the app is ready; with how documents of both sides are shown to reviewers."""
    marking = markings.Marking(parties.complaint_of_viewer, is_exempt=parties.sees_as_side)
    markings.register_marking(terms.EVIDENCE_PURPOSE, marking)
    for code, label in (
        (casework.COMPLAINT_KIND, _("Originality complaint")),
        (casework.SCREENING_KIND, _("Screening before the other side is notified")),
    ):
        case_kinds.register_case_kind(
            code, label, _complaint_subject, areas=_areas, reasons=_review_reasons, outcomes=Outcome
        )


@dataclass(frozen=True)
class ComplaintSubject(CaseSubject):
    """A case with the complaint that it belongs to."""

    complaint: Complaint
    answer: remedies.AccountAnswer = remedies.NOT_ASKED  # what the platform says of the respondent's account

    template = "complaints/reviewer/case.html"
    fields_template = "complaints/reviewer/_decision_fields.html"
    decision_template = "complaints/reviewer/_decision_summary.html"
    keys = (
        ("v", _("Play or pause both videos")),
        (", .", _("Previous or next matching segment")),
        ("m", _("Un-mirror")),
    )

    @property
    def is_screening(self) -> bool:
        """Whether it is about admitting the complaint."""
        return self.case.kind == casework.SCREENING_KIND

    @property
    def title(self) -> str:
        """What the complaint is about."""
        kind = self.complaint.get_kind_display()
        return _now("Screening: %(kind)s") % {"kind": kind} if self.is_screening else kind

    @property
    def lead(self) -> str:
        """Number, regime, and in which capacity they complain."""
        complaint = self.complaint
        return f"{complaint.number} · {complaint.regime.label} · “{complaint.get_capacity_display()}”"

    @cached_property
    def situation(self) -> remedies.RemedySituation:
        """What the choice of remedies depends on, as far as the platform was asked; the decision asks it anew."""
        return remedies.remedy_situation(self.complaint, self.answer)

    def refuse_work(self, user: User) -> Text | None:
        """Why the user may not work on the case."""
        return reviewers.refuse_case_work(self.case, user)

    def list_rulings(self) -> tuple[Ruling, ...]:
        """Of the screening, of the complaint, or of the appeal."""
        if self.case.stage == Stage.APPEAL:
            return self._appeal_rulings()
        if self.is_screening:
            return (self._admission(), self._refusal())
        return (
            self._finding("uphold", Outcome.UPHELD, _("Uphold"), "a"),
            self._finding("partly", Outcome.PARTLY, _("Uphold in part"), "p"),
            self._dismissal(),
        )

    def _admission(self) -> Ruling:
        label, act = _("Admit: notify the other side"), self._act(decisions.admit_complaint)
        return Ruling("admit", Outcome.ADMITTED, label, "a", AdmitForm, act, favours=True, is_previewed=False)

    def _refusal(self) -> Ruling:
        act = self._act(decisions.refuse_complaint)
        return Ruling("refuse", Outcome.REFUSED, _("Do not admit"), "r", self._form(_ALONE), act)

    def _finding(self, verb: str, outcome: Outcome, label: Promise, key: str) -> Ruling:
        form, act = self._form(_BOTH, self.situation), self._act(decisions.decide_complaint, outcome=outcome)
        return Ruling(verb, outcome, label, key, form, act, favours=True)

    def _dismissal(self) -> Ruling:
        act = self._act(decisions.decide_complaint, outcome=Outcome.DISMISSED)
        return Ruling("dismiss", Outcome.DISMISSED, _("Dismiss the complaint"), "r", self._form(_BOTH), act)

    def _appeal_rulings(self) -> tuple[Ruling, ...]:
        """Reverse what was decided, whatever that leads to, or affirm it."""
        leads_to = appealing.appeal_leads_to(self.complaint)
        form = self._form(_ALONE if leads_to is None else _BOTH, self.situation if leads_to == Outcome.UPHELD else None)
        reverse, affirm = self._act(appeals.reverse_decision), self._act(appeals.affirm_decision)
        stands, affirmed = _("Decision upheld"), self._form(_ALONE if self.is_screening else _BOTH)
        return (
            Ruling("reverse", Outcome.REVERSED, _REVERSALS[leads_to], "a", form, reverse, favours=True),
            Ruling("affirm", Outcome.AFFIRMED, stands, "r", affirmed, affirm),
        )

    def _form(
        self, texts: tuple[str, ...], situation: remedies.RemedySituation | None = None
    ) -> Callable[..., ComplaintDecisionForm]:
        """The form that asks for these texts; with a situation it offers remedies."""
        return partial(ComplaintDecisionForm, texts=texts, situation=situation)

    def _act(self, action: Callable[..., object], **fixed: Any) -> Callable[..., object]:
        return partial(action, complaint=self.complaint, **fixed)

    def summarize(self, decision: Decision) -> Any:
        """With what each side was or will be told, and the remedies."""
        return reviewer_context.summarize_decision(self.complaint, decision)

    def preview(self, ruling: Ruling, fields: Mapping[str, Any]) -> list[StatementPreview]:
        """The statements of reasons as the sides would get them."""
        return reviewer_context.preview_statements(ruling.outcome, fields)

    def preview_errors(self, ruling: Ruling, fields: Mapping[str, Any]) -> Mapping[str, Sequence[Text]]:
        """With what is told to each side."""
        texts = {name: [refusal] for name in SIDE_FIELDS.values() if (refusal := _refuse_side_text(name, fields))}
        return {**super().preview_errors(ruling, fields), **texts}

    def look_again(self, held: Decision, person: User) -> SecondLook:
        """What stands out, both videos, and the files of both sides."""
        return complaint_second_look(self.complaint, held, person)

    def confirm(self, *, by: User, **approval: Unpack[SecondApproval]) -> None:
        """The decision takes effect."""
        decisions.confirm_complaint_decision(complaint=self.complaint, by=by, **approval)

    def send_back(self, *, by: User, version: int, note: str) -> None:
        """Somebody else decides."""
        decisions.send_back_complaint_decision(complaint=self.complaint, by=by, version=version, note=note)

    def build_sections(self, person: User, bound: BoundForms, opened: Mapping[Any, Any]) -> dict[str, Any]:
        """Videos, both sides' statements and evidence. `opened`: contact data, by the name of the side."""
        return reviewer_context.complaint_sections(self.case, self.complaint, person, opened)


def _refuse_side_text(name: str, fields: Mapping[str, Any]) -> Text | None:
    """What is wrong with the text for one side, where the form asks for it."""
    return reviews.refuse_explanation(fields[name]) if name in fields else None


def _complaint_subject(case: ReviewCase) -> ComplaintSubject:
    complaint = Complaint.objects.select_related(*_WITH).filter(Q(case=case) | Q(screening=case)).first()
    if complaint is None:
        raise Http404
    return ComplaintSubject(case, complaint)


def _areas() -> dict[str, Text]:
    return {terms.SKILL: _("Originality")}


def _review_reasons() -> dict[str, Text]:
    """What stands out about a complaint, and the remedies for which a second person has to agree."""
    types = remedies.REMEDY_TYPES.items()
    serious = {kind: RemedyKind(kind).label for kind, row in types if row.needs_second_approval}
    return {**screening.FLAG_TEXTS, **serious}
