"""The two kinds of case of certification, for the reviewer's case page: applications, and inquiries into certificates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Unpack

from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certification import policies
from certification.actions import casework, decisions, inquiries
from certification.forms.review import AdverseDecisionForm, ApprovalForm, FavourableDecisionForm
from certification.models import Application, Inquiry, KeyArea
from certification.models.areas import full_area_name
from certification.states import Outcome
from certification.views import reviewer_context, statements
from portal.errors import Text
from portal.evidence import markings
from portal.people.models import User
from portal.reviews import case_kinds
from portal.reviews.actions.decisions import SecondApproval
from portal.reviews.casepage.previews import StatementPreview
from portal.reviews.casepage.subjects import BoundForms, CaseSubject, Ruling
from portal.reviews.models import Decision, ReviewCase
from portal.reviews.second_look import SecondLook
from portal.reviews.states import Stage


def register_case_kinds() -> None:
    """Called once, when the app is ready; with how their documents are shown."""
    shown = markings.Marking(policies.case_of_viewer, reviewer_context.frame_read_values)
    markings.register_marking(policies.DOCUMENT_PURPOSE, shown)
    looked_up = markings.Marking(policies.register_case_of_viewer, is_exempt=lambda _file, _viewer: False)
    markings.register_marking(policies.PAGE_PURPOSE, looked_up)
    for code, label, subject_of in (
        (casework.APPLICATION_CASE, _("Certification"), _application_subject),
        (casework.CERTIFICATE_CASE, _("Concern about a certificate"), _inquiry_subject),
    ):
        case_kinds.register_case_kind(
            code, label, subject_of, areas=_area_names, reasons=policies.flag_texts, outcomes=Outcome
        )


@dataclass(frozen=True)
class CertificationSubject(CaseSubject):
    """What both kinds share: the page, and the statement of reasons for one person."""

    template = "certification/reviewer/case.html"
    fields_template = "certification/reviewer/_decision_fields.html"
    decision_template = "certification/reviewer/_decision_summary.html"
    keys: ClassVar[tuple[tuple[str, Text], ...]] = (("j k", _("Next or previous page of the documents")),)

    def summarize(self, decision: Decision) -> dict[str, Any]:
        """The outcome in words, and the statement of reasons."""
        statement = statements.statement_of_decision(decision)
        return {"outcome": Outcome(decision.outcome).label, "statement": statement}

    def preview(self, ruling: Ruling, fields: Mapping[str, Any]) -> list[StatementPreview]:
        """The statement of reasons of an adverse decision. One query."""
        codes, explanation = fields.get("reasons", []), fields.get("explanation", "")
        statement = statements.preview_statement(ruling.outcome, codes, explanation, adverse=True)
        template = "certification/_statement_of_reasons.html"
        return [StatementPreview(_("Preview notice"), template, statement)]


@dataclass(frozen=True)
class ApplicationSubject(CertificationSubject):
    """A case about an application."""

    application: Application

    sections_template = "certification/reviewer/_application.html"
    keys = (("q", _("Request information")), *CertificationSubject.keys)

    @property
    def title(self) -> str:
        """Area and category."""
        names = {"area": self.application.area_name, "category": self.application.category_name}
        return _now("%(area)s: %(category)s") % names

    @property
    def lead(self) -> str:
        """Jurisdiction, and the name on the certificate."""
        return f"{self.application.place_name} · {self.application.public_name}"

    def refuse_work(self, user: User) -> Text | None:
        """Why the user may not review the application."""
        return policies.refuse_reviewing(self.application, user)

    def list_rulings(self) -> tuple[Ruling, ...]:
        """Approve or reject; in an appeal, grant or dismiss it."""
        credentials = list(self.application.credentials.select_related("type").order_by("pk"))
        form = partial(ApprovalForm, credentials=credentials)
        if self.case.stage == Stage.APPEAL:
            granted, dismissed = decisions.grant_rejection_appeal, decisions.dismiss_rejection_appeal
            return (
                self._favourable(Outcome.APPEAL_GRANTED, _("Uphold the appeal: certify"), form, granted),
                self._adverse(Outcome.APPEAL_DISMISSED, _("Decision upheld"), dismissed),
            )
        return (
            self._favourable(Outcome.APPROVED, _("Approve"), form, decisions.approve_application),
            self._adverse(Outcome.REJECTED, _("Reject"), decisions.reject_application),
        )

    def _favourable(self, outcome: Outcome, label: Promise, form: Any, act: Callable[..., object]) -> Ruling:
        return favourable_ruling(outcome, label, partial(act, application=self.application), form)

    def _adverse(self, outcome: Outcome, label: Promise, act: Callable[..., object]) -> Ruling:
        return adverse_ruling(outcome, label, partial(act, application=self.application))

    def summarize(self, decision: Decision) -> dict[str, Any]:
        """With the credentials that were accepted."""
        accepted = self.application.credentials.filter(accepted_at__isnull=False).order_by("pk")
        names = [row.type_name for row in accepted.select_related("type")] if self.case.needs_second_approval else []
        return super().summarize(decision) | {"accepted": names}

    def look_again(self, held: Decision, person: User) -> SecondLook:
        """Failed checks, documents, numbers and registers."""
        return policies.application_second_look(self.application, held, person)

    def confirm(self, *, by: User, **approval: Unpack[SecondApproval]) -> None:
        """The certificate is issued."""
        decisions.confirm_approval(application=self.application, by=by, **approval)

    def send_back(self, *, by: User, version: int, note: str) -> None:
        """Somebody else decides."""
        decisions.send_back_approval(application=self.application, by=by, version=version, note=note)

    def build_sections(self, person: User, bound: BoundForms, opened: Mapping[Any, Any]) -> dict[str, Any]:
        """What was declared, checked and asked. `opened`: numbers in full, by the id of their credential."""
        return reviewer_context.application_sections(self, person, bound, opened)


@dataclass(frozen=True)
class InquirySubject(CertificationSubject):
    """A case about a doubt, or about the holder's answer to a suspension."""

    inquiry: Inquiry

    sections_template = "certification/reviewer/_inquiry.html"

    @property
    def title(self) -> str:
        """The area."""
        return _now("%(area)s: a concern about a certificate") % {"area": self.inquiry.certificate.area_name}

    @property
    def lead(self) -> str:
        """Jurisdiction, and the number of the certificate."""
        certificate = self.inquiry.certificate
        return f"{certificate.place_name} · {certificate.serial}"

    @property
    def application(self) -> Application:
        """The application on which the certificate was issued."""
        return self.inquiry.certificate.application

    @property
    def is_answer_case(self) -> bool:
        """Whether it is about the answer to a suspension."""
        return self.inquiry.answer_case_id == self.case.pk

    def refuse_work(self, user: User) -> Text | None:
        """Why the user may not decide on the inquiry."""
        return policies.refuse_inquiry_decision(self.inquiry.certificate, self.case, user)

    def list_rulings(self) -> tuple[Ruling, ...]:
        """On a doubt, on the answer to a suspension, or on the appeal against a revocation."""
        if self.case.stage == Stage.APPEAL:
            act = partial(inquiries.decide_revocation_appeal, certificate=self.inquiry.certificate)
            return (
                favourable_ruling(Outcome.APPEAL_GRANTED, _("Uphold the appeal: restore"), partial(act, granted=True)),
                adverse_ruling(Outcome.APPEAL_DISMISSED, _("Revocation upheld"), partial(act, granted=False)),
            )
        if self.is_answer_case:
            return (
                self._favourable(Outcome.CLEARED, _("Propose to lift the suspension"), inquiries.propose_clearance),
                self._adverse(Outcome.REVOKED, _("Propose to revoke"), inquiries.propose_revocation),
            )
        change = Ruling(
            "change",
            Outcome.CHANGE_CONFIRMED,
            _("Confirm the change"),
            "c",
            FavourableDecisionForm,
            partial(inquiries.confirm_change, inquiry=self.inquiry),
            favours=True,
            is_previewed=False,
        )
        return (
            self._favourable(Outcome.NO_DOUBT, _("Dismiss the concern"), inquiries.dismiss_doubt),
            *([] if policies.refuse_confirming_change(self.inquiry) else [change]),
            self._adverse(Outcome.SUSPENDED, _("Suspend the certificate"), inquiries.suspend_certificate),
            Ruling(
                "revoke",
                Outcome.REVOKED,
                _("Propose to revoke at once"),
                "f",
                AdverseDecisionForm,
                partial(inquiries.propose_revocation_at_once, inquiry=self.inquiry),
            ),
        )

    def _favourable(self, outcome: Outcome, label: Promise, act: Callable[..., object]) -> Ruling:
        return favourable_ruling(outcome, label, partial(act, inquiry=self.inquiry))

    def _adverse(self, outcome: Outcome, label: Promise, act: Callable[..., object]) -> Ruling:
        return adverse_ruling(outcome, label, partial(act, inquiry=self.inquiry))

    def look_again(self, held: Decision, person: User) -> SecondLook:
        """As of an application, with what the holder sent."""
        return policies.inquiry_second_look(self.inquiry, held, person)

    def confirm(self, *, by: User, **approval: Unpack[SecondApproval]) -> None:
        """The certificate is revoked, or valid again."""
        inquiries.confirm_inquiry_decision(inquiry=self.inquiry, by=by, **approval)

    def send_back(self, *, by: User, version: int, note: str) -> None:
        """Somebody else decides."""
        inquiries.send_back_inquiry_decision(inquiry=self.inquiry, by=by, version=version, note=note)

    def build_sections(self, person: User, bound: BoundForms, opened: Mapping[Any, Any]) -> dict[str, Any]:
        """The doubt, the suspension with the holder's answer, the certificate, and what it was approved on."""
        return reviewer_context.inquiry_sections(self, person, bound, opened)


def favourable_ruling(
    outcome: Outcome, label: Promise, act: Callable[..., object], form: Any = FavourableDecisionForm
) -> Ruling:
    """A ruling for the person, which needs no statement of reasons."""
    return Ruling("approve", outcome, label, "a", form, act, favours=True, is_previewed=False)


def adverse_ruling(outcome: Outcome, label: Promise, act: Callable[..., object]) -> Ruling:
    """A ruling against the person, who reads why."""
    return Ruling("reject", outcome, label, "r", AdverseDecisionForm, act)


def _application_subject(case: ReviewCase) -> ApplicationSubject:
    rows = Application.objects.select_related(
        "applicant", "area__jurisdiction", "area__calendar", "category", "requirement", "decision", "renews"
    )
    row = rows.filter(case=case).first()
    if row is None:
        raise Http404
    row.case = case
    return ApplicationSubject(case, row)


def _inquiry_subject(case: ReviewCase) -> InquirySubject:
    rows = Inquiry.objects.select_related(
        "certificate__holder",
        "certificate__area__jurisdiction",
        "certificate__area__calendar",
        "certificate__category",
        "certificate__requirement",
        "certificate__application__case",
        "certificate__application__applicant",
        "certificate__adverse_decision__case",
        "suspension__by",
        "answer_case",
        "case",
    )
    row = (rows.filter(case=case) | rows.filter(answer_case=case)).first()
    if row is None:
        raise Http404
    return InquirySubject(case, row)


def _area_names() -> dict[str, Text]:
    rows = KeyArea.objects.order_by("position", "code").names()
    return {code: full_area_name(name, place) for code, name, place in rows}
