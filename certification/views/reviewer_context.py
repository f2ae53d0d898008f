"""The sections of certification on the case page: everything that its holder must see, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from certification import policies, readings
from certification.actions import periods, reports
from certification.forms.review import DocumentCheckForm, InformationRequestForm, RegistryCheckForm
from certification.models import (
    Application,
    Check,
    CheckKind,
    CheckResult,
    Credential,
    Document,
    Inquiry,
    ReadField,
    RegisterQuery,
    RegistryKind,
)
from certification.registers import Record, open_record, register_cells
from certification.states import Outcome
from certification.views import certificate_states, requirement_view, statements, timeline
from portal.evidence.actions import marked_copies
from portal.evidence.models import EvidenceFile, EvidencePage
from portal.people.models import User
from portal.reviews.casepage.subjects import BoundForms
from portal.reviews.models import Decision, ReviewCase
from portal.reviews.states import DecisionState, Stage

if TYPE_CHECKING:
    from certification.views.case_subjects import ApplicationSubject, InquirySubject

_MORE_REPORTS = 100
_WHY_TWO = _("Your approval goes to a second person, because the area requires it or because a check failed.")
_WHY_TWO_ANSWER = _("Ending a suspension requires two people: your decision goes to a second person, whichever it is.")


def application_sections(
    subject: "ApplicationSubject", person: User, bound: BoundForms, revealed: Mapping[int, str]
) -> dict[str, Any]:
    """The sections of an application. `bound` holds forms that were refused, by name."""
    case, application = subject.case, subject.application
    ask = bound.get("ask") or InformationRequestForm(initial={"version": case.version}, auto_id="id_ask_%s")
    why_two = policies.second_approval_reasons(application)
    examined, attached = _examined(application, person, bound, revealed), policies.appeal_files(case)
    _request_copies(case, person, examined, attached)
    return {
        **examined,
        "attached_files": attached,
        "parts": requirement_view.requirement_parts(application.requirement) if application.requirement else [],
        "panel_template": "certification/reviewer/_ask_panel.html",
        "ask_form": ask,
        "ask_refusal": policies.refuse_question(application, person),
        "why_two": _WHY_TWO if why_two else "",
        "entries": timeline.application_timeline(application, timeline.REVIEWER_EVENTS),
    }


@dataclass(frozen=True)
class _Examined:
    """What the parts of the page share: for whom, checks, forms, numbers in full, values read, registers being asked, documents."""

    person: User
    checks: list[Check]
    bound: BoundForms
    revealed: Mapping[int, str]
    read: Mapping[int, list[ReadField]]
    asked: set[int]
    documents: list[Document]


def _examined(application: Application, person: User, bound: BoundForms, revealed: Mapping[int, str]) -> dict[str, Any]:
    """What was declared, handed in, checked and looked up."""
    rows = application.checks.select_related("document__credential", "by", "file", "register_query")
    checks = rows.prefetch_related("file__pages").latest_results()
    read = readings.fields_by_credential(application)
    credentials = _credentials(application)
    open_queries = RegisterQuery.objects.unanswered().filter(credential__application=application)
    asked = set(open_queries.values_list("credential", flat=True))
    documents = _documents(application)
    examined = _Examined(person, checks, bound, revealed, read, asked, documents)
    return {
        "application": application,
        "checks": checks,
        "tally": count_check_results(checks),
        "credentials": [_credential_context(row, examined) for row in credentials],
        "documents": [_document_context(row, checks, bound, read) for row in documents],
        "requests": application.info_requests.order_by("number"),
    }


def count_check_results(checks: list[Check]) -> dict[str, int]:
    """How many checks came out how."""
    return {result.value: sum(row.result == result for row in checks) for result in CheckResult}


def inquiry_sections(
    subject: "InquirySubject", person: User, bound: BoundForms, revealed: Mapping[int, str]
) -> dict[str, Any]:
    """The sections of an inquiry; the suspension and the answer to it belong to the case about the answer.

    With them all on which the certificate was approved, and what people decided about it before.
    """
    inquiry, is_answer_case = subject.inquiry, subject.is_answer_case
    certificate = inquiry.certificate
    attached = [*policies.appeal_files(subject.case), *policies.inquiry_case_files(inquiry)]
    examined = _examined(certificate.application, person, bound, revealed)
    _request_copies(subject.case, person, examined, attached)
    return {
        **examined,
        "inquiry": inquiry,
        **_reports(inquiry),
        "triggers": inquiry.triggers.select_related("inspection", "credential", "check_result").order_by("at", "pk"),
        "certificate": certificate,
        "shown": certificate_states.shown_state(certificate),
        "others": [row for row in periods.standing_periods(certificate) if row != certificate],
        "suspension": statements.statement_of_decision(inquiry.suspension) if is_answer_case else None,
        "attached_files": attached,
        "decisions": _earlier_decisions(subject),
        "why_two": _WHY_TWO_ANSWER if is_answer_case and subject.case.stage == Stage.FIRST else "",
        "entries": timeline.certificate_timeline(certificate),
    }


def _reports(inquiry: Inquiry) -> dict[str, Any]:
    """What the public reported: signed in first, so many of each kind in the open, some more on demand, the rest counted."""
    most = reports.MOST_REPORTS
    signed_in, anonymous = (
        list(inquiry.reports.filter(by__isnull=empty)[: most + _MORE_REPORTS]) for empty in (False, True)
    )
    shown, more = [*signed_in[:most], *anonymous[:most]], [*signed_in[most:], *anonymous[most:]]
    further = inquiry.reports.count() - len(shown) - len(more) if more else 0
    return {"reports": shown, "more_reports": more, "further_reports": further}


def _earlier_decisions(subject: "InquirySubject") -> list[dict[str, Any]]:
    """What was decided on the application and in other cases about the certificate and its other periods, oldest first."""
    certificate = subject.inquiry.certificate
    periods_of_it = policies.own_periods(certificate)
    about = (
        Q(case=certificate.application.case_id)
        | Q(case__inquiry__certificate__in=periods_of_it)
        | Q(case__answer_inquiry__certificate__in=periods_of_it)
    )
    rows = Decision.objects.filter(about, state=DecisionState.FINAL).exclude(case=subject.case)
    return [{"decision": row, "outcome": Outcome(row.outcome).label} for row in rows.order_by("at", "pk")]


def _credentials(application: Application) -> list[Credential]:
    return list(application.credentials.select_related("type").order_by("pk"))


def _documents(application: Application) -> list[Document]:
    rows = application.documents.current().select_related("file__paper_reading", "credential__type")
    return list(rows.prefetch_related("file__pages"))


def _credential_context(row: Credential, examined: _Examined) -> dict[str, Any]:
    mine = [check for check in examined.checks if check.credential_id == row.pk]
    look = next((check for check in reversed(mine) if check.kind == CheckKind.REGISTRY), None)
    name = f"look-{row.pk}"
    has_register = row.type.registry != RegistryKind.NONE
    form = RegistryCheckForm(credential=row, owner=examined.person) if has_register else None
    query = getattr(look, "register_query", None)
    record = open_record(query) if query else None
    return {
        "credential": row,
        "checks": [check for check in mine if check.is_computed],
        "look": look,
        "is_stale": look is not None and policies.is_stale(look),
        "is_asked": row.pk in examined.asked,
        "record": record,
        "compared": _three_ways(row, examined, record),
        "form": examined.bound.get(name) or form,
        "is_open": name in examined.bound,
        "shown": examined.revealed.get(row.pk),
    }


def _three_ways(credential: Credential, examined: _Examined, record: Record | None) -> list[dict[str, Any]]:
    """Every value that was declared, read, or given by the register, with the register's beside it."""
    cells = register_cells(credential, record) if record else {}
    compared = readings.compare_credential(credential, examined.read.get(credential.pk, []), examined.documents)
    rows = {row.kind: row for row in compared if row.document is None}
    rows |= {kind: readings.missing_comparison(credential, kind) for kind in cells if kind not in rows}
    dated = [{"row": row, "cell": None} for row in compared if row.document is not None]
    return [*({"row": row, "cell": cells.get(kind)} for kind, row in rows.items()), *dated]


def _document_context(
    row: Document, checks: list[Check], bound: BoundForms, read: Mapping[int, list[ReadField]]
) -> dict[str, Any]:
    _mark_pages(row, read.get(row.credential_id or 0, []))
    mine = [check for check in checks if check.document_id == row.pk]
    reads = [check for check in mine if check.kind == CheckKind.DOCUMENT_READ]
    return {
        "document": row,
        "file": row.file,
        "checks": [check for check in mine if check.is_computed],
        "read": reads[-1] if reads else None,
        "form": bound.get(f"paper-{row.pk}") or DocumentCheckForm(document=row),
        "is_open": f"paper-{row.pk}" in bound,
        "reading": getattr(row.file, "paper_reading", None),
    }


def _request_copies(
    case: ReviewCase, person: User, examined: Mapping[str, Any], attached: Sequence[tuple[Any, EvidenceFile]]
) -> None:
    """Have the pages of all documents, and of registers, marked for whoever holds the case."""
    shown = [item["file"] for item in examined["documents"]] + [file for _kind, file in attached]
    shown += [item["look"].file for item in examined["credentials"] if item["look"] and item["look"].file]
    marked_copies.request_copies(shown, viewer=person, case=case.number)


def frame_read_values(file: EvidenceFile) -> None:
    """Have the pages of one file carry what was read on them, for the viewer's fragment."""
    prefetch_related_objects([file], "pages")  # the template draws these very rows
    for document in file.documents.filter(replaced_at=None).select_related("application"):
        document.file = file
        read = readings.fields_by_credential(document.application)
        _mark_pages(document, read.get(document.credential_id or 0, []))


def _mark_pages(document: Document, fields: list[ReadField]) -> None:
    """Have the pages of a document carry what the viewer draws: values that were read, and parts with signs of editing."""
    reading = getattr(document.file, "paper_reading", None)
    for page in document.file.pages.all():
        page.marks = [  # type: ignore[attr-defined]
            field for field in fields if field.page == page.number and field.reading.file_id == document.file_id
        ]
        # A picture has one page.
        places = reading.edited_places if reading is not None and page.number == 1 else []
        page.edited_parts = [_corners(place, page) for place in places]  # type: ignore[attr-defined]


def _corners(place: tuple[float, float, float, float], page: EvidencePage) -> str:
    """The corners of a part of a page as SVG writes them."""
    left, top, wide, high = place
    across = [round(share * page.width) for share in (left, left + wide)]
    down = [round(share * page.height) for share in (top, top + high)]
    corners = ((0, 0), (1, 0), (1, 1), (0, 1))
    return " ".join(f"{across[x]},{down[y]}" for x, y in corners)
