"""Everything that the case page shows to the person who holds the case, and nothing that they must not see."""

from typing import Any

from certification import policies
from certification.forms.review import DocumentCheckForm, InformationRequestForm, RegistryCheckForm, SecondApprovalForm
from certification.models import (
    Application,
    Check,
    CheckKind,
    CheckMethod,
    CheckResult,
    Credential,
    Document,
    Inquiry,
    RegistryKind,
)
from certification.states import Outcome
from certification.views import requirement_view, statements, timeline
from certification.views.case_subjects import CaseSubject
from portal import clock
from portal.people.models import User
from portal.reviews.states import Stage

BoundForms = dict[str, Any]


def case_page_context(
    subject: CaseSubject, person: User, *, bound: BoundForms, revealed: dict[int, str]
) -> dict[str, Any]:
    """The context of the case page. `bound` holds forms that were refused, by name."""
    context = _earlier_decisions(subject) | {
        "second_form": bound.get("second") or SecondApprovalForm(initial={"version": subject.case.version}),
        "overdue": subject.case.is_overdue(clock.now()),
    }
    if subject.application is not None:
        return context | _application_context(subject.application, person, bound, revealed)
    return context | _inquiry_context(subject, subject.inquiry) if subject.inquiry else context


def _application_context(
    application: Application, person: User, bound: BoundForms, revealed: dict[int, str]
) -> dict[str, Any]:
    checks = application.checks.latest_results()
    case = application.case
    ask = bound.get("ask") or InformationRequestForm(
        initial={"version": case.version if case else 1}, auto_id="id_ask_%s"
    )
    return {
        "application": application,
        "checks": checks,
        "tally": count_check_results(checks),
        "credentials": [_credential_context(row, checks, bound, revealed) for row in _credentials(application)],
        "documents": [_document_context(row, checks, bound) for row in _documents(application)],
        "parts": requirement_view.requirement_parts(application.requirement) if application.requirement else [],
        "requests": application.info_requests.order_by("number"),
        "ask_form": ask,
        "ask_refusal": policies.refuse_question(application, person),
        "why_two": policies.second_approval_reasons(application),
        "entries": timeline.application_timeline(application, timeline.REVIEWER_EVENTS),
    }


def count_check_results(checks: list[Check]) -> dict[str, int]:
    """How many checks came out how."""
    return {result.value: sum(row.result == result for row in checks) for result in CheckResult}


def _inquiry_context(subject: CaseSubject, inquiry: Inquiry) -> dict[str, Any]:
    certificate = inquiry.certificate
    return {
        "inquiry": inquiry,
        "certificate": certificate,
        "suspension": statements.statement_of_decision(inquiry.suspension) if subject.is_answer_case else None,
        "answer_files": list(inquiry.files.prefetch_related("pages").order_by("stored_at"))
        if subject.is_answer_case
        else [],
        "entries": timeline.certificate_timeline(certificate),
    }


def _earlier_decisions(subject: CaseSubject) -> dict[str, Any]:
    """What people decided before, as far as this stage may know: a first reviewer sees nobody's earlier decision."""
    stage, held = subject.case.stage, subject.held()
    appeal = subject.appeal() if stage in {Stage.APPEAL, Stage.APPEAL_SECOND} else None
    returned = subject.case.decisions.filter(state="returned").order_by("-at").first()
    return {
        "held": held,
        "held_label": Outcome(held.outcome).label if held else "",
        "held_statement": statements.statement_of_decision(held),
        "appeal": appeal,
        "appealed_statement": statements.statement_of_decision(appeal.decision) if appeal else None,
        "appeal_files": list(appeal.files.prefetch_related("pages").order_by("stored_at")) if appeal else [],
        "returned_note": returned.second_note if returned and not held else "",
    }


def _credentials(application: Application) -> list[Credential]:
    return list(application.credentials.select_related("type").order_by("pk"))


def _documents(application: Application) -> list[Document]:
    rows = application.documents.current().select_related("file", "credential__type")
    return list(rows.prefetch_related("file__pages"))


def _credential_context(
    row: Credential, checks: list[Check], bound: BoundForms, revealed: dict[int, str]
) -> dict[str, Any]:
    mine = [check for check in checks if check.credential_id == row.pk]
    looks = [check for check in mine if check.kind == CheckKind.REGISTRY]
    form = RegistryCheckForm(credential=row) if row.type.registry != RegistryKind.NONE else None
    return {
        "credential": row,
        "checks": [check for check in mine if check.method == CheckMethod.COMPUTED],
        "look": looks[-1] if looks else None,
        "form": bound.get(f"look-{row.pk}") or form,
        "is_open": f"look-{row.pk}" in bound,
        "shown": revealed.get(row.pk),
    }


def _document_context(row: Document, checks: list[Check], bound: BoundForms) -> dict[str, Any]:
    mine = [check for check in checks if check.document_id == row.pk]
    reads = [check for check in mine if check.kind == CheckKind.DOCUMENT_READ]
    return {
        "document": row,
        "file": row.file,
        "checks": [check for check in mine if check.method == CheckMethod.COMPUTED],
        "read": reads[-1] if reads else None,
        "form": bound.get(f"paper-{row.pk}") or DocumentCheckForm(document=row),
        "is_open": f"paper-{row.pk}" in bound,
    }
