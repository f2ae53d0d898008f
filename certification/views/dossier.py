"""Everything that the case page shows to the person who holds the case, and nothing that she must not see."""

from typing import Any

from certification import policies
from certification.forms.review import AskForm, LookUpForm, PaperReadForm, SecondWordForm
from certification.models import (
    Application,
    Check,
    CheckKind,
    Credential,
    Document,
    Inquiry,
    Method,
    RegistryKind,
    Result,
)
from certification.states import Outcome
from certification.views import statements, timeline, wanted
from certification.views.matters import Matter
from portal import clock
from portal.accounts.models import User
from portal.reviews.states import Stage

Bound = dict[str, Any]


def of(matter: Matter, person: User, *, bound: Bound, revealed: dict[int, str]) -> dict[str, Any]:
    """The context of the case page. `bound` holds forms that were refused, by name."""
    context = _said(matter) | {
        "second_form": bound.get("second") or SecondWordForm(initial={"version": matter.case.version}),
        "overdue": matter.case.is_overdue(clock.now()),
    }
    if matter.application is not None:
        return context | _application(matter.application, person, bound, revealed)
    return context | _inquiry(matter, matter.inquiry) if matter.inquiry else context


def _application(application: Application, person: User, bound: Bound, revealed: dict[int, str]) -> dict[str, Any]:
    checks = application.checks.standing()
    case = application.case
    ask = bound.get("ask") or AskForm(initial={"version": case.version if case else 1}, auto_id="id_ask_%s")
    return {
        "application": application,
        "checks": checks,
        "tally": tally(checks),
        "credentials": [_credential(row, checks, bound, revealed) for row in _credentials(application)],
        "documents": [_document(row, checks, bound) for row in _documents(application)],
        "parts": wanted.parts(application.requirement) if application.requirement else [],
        "requests": application.info_requests.order_by("number"),
        "ask_form": ask,
        "ask_refusal": policies.refuse_question(application, person),
        "why_two": policies.second_person_reasons(application),
        "entries": timeline.of_application(application, timeline.REVIEWER),
    }


def tally(checks: list[Check]) -> dict[str, int]:
    """How many checks came out how."""
    return {result.value: sum(row.result == result for row in checks) for result in Result}


def _inquiry(matter: Matter, inquiry: Inquiry) -> dict[str, Any]:
    certificate = inquiry.certificate
    return {
        "inquiry": inquiry,
        "certificate": certificate,
        "suspension": statements.of_decision(inquiry.suspension) if matter.is_hearing else None,
        "answer_files": list(inquiry.files.prefetch_related("pages").order_by("stored_at"))
        if matter.is_hearing
        else [],
        "entries": timeline.of_certificate(certificate),
    }


def _said(matter: Matter) -> dict[str, Any]:
    """What people decided before, as far as this stage may know: a first reviewer sees nobody's earlier verdict."""
    stage, held = matter.case.stage, matter.held()
    appeal = matter.appeal() if stage in {Stage.APPEAL, Stage.APPEAL_SECOND} else None
    returned = matter.case.decisions.filter(state="returned").order_by("-at").first()
    return {
        "held": held,
        "held_label": Outcome(held.outcome).label if held else "",
        "held_statement": statements.of_decision(held),
        "appeal": appeal,
        "appealed_statement": statements.of_decision(appeal.decision) if appeal else None,
        "appeal_files": list(appeal.files.prefetch_related("pages").order_by("stored_at")) if appeal else [],
        "returned_note": returned.second_note if returned and not held else "",
    }


def _credentials(application: Application) -> list[Credential]:
    return list(application.credentials.select_related("type").order_by("pk"))


def _documents(application: Application) -> list[Document]:
    rows = application.documents.current().select_related("file", "credential__type")
    return list(rows.prefetch_related("file__pages"))


def _credential(row: Credential, checks: list[Check], bound: Bound, revealed: dict[int, str]) -> dict[str, Any]:
    mine = [check for check in checks if check.credential_id == row.pk]
    looks = [check for check in mine if check.kind == CheckKind.REGISTRY]
    form = LookUpForm(credential=row) if row.type.registry != RegistryKind.NONE else None
    return {
        "credential": row,
        "checks": [check for check in mine if check.method == Method.COMPUTED],
        "look": looks[-1] if looks else None,
        "form": bound.get(f"look-{row.pk}") or form,
        "is_open": f"look-{row.pk}" in bound,
        "shown": revealed.get(row.pk),
    }


def _document(row: Document, checks: list[Check], bound: Bound) -> dict[str, Any]:
    mine = [check for check in checks if check.document_id == row.pk]
    reads = [check for check in mine if check.kind == CheckKind.PAPER]
    return {
        "document": row,
        "file": row.file,
        "checks": [check for check in mine if check.method == Method.COMPUTED],
        "read": reads[-1] if reads else None,
        "form": bound.get(f"paper-{row.pk}") or PaperReadForm(document=row),
        "is_open": f"paper-{row.pk}" in bound,
    }
