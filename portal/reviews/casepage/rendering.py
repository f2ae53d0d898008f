"""The case page as an answer: with what was refused, with what was typed, or closed to who does not hold the case."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect

from portal import clock
from portal.people import form_drafts
from portal.people.access import person_of
from portal.people.models import User
from portal.reviews import case_kinds
from portal.reviews.casepage.forms import ConfirmForm, SendBackForm, VersionForm
from portal.reviews.casepage.lookup import case_subject_or_404
from portal.reviews.casepage.subjects import BoundForms, CaseSubject
from portal.reviews.models import Appeal, Claim, Decision, ReviewCase
from portal.reviews.states import DecisionState
from portal.web.pages import render_page

# The names of the second person's two panels.
CONFIRM, SEND_BACK = "confirm", "send_back"
# Fields of decisions in which nobody writes.
_NO_TEXTS = {
    "csrfmiddlewaretoken",
    "form_owner",
    "form_draft",
    "version",
    "preview",
    "reasons",
    "remedies",
    "accepted",
    "acknowledged",
}


def render_case_page(
    request: HttpRequest,
    subject: CaseSubject,
    bound: BoundForms | None = None,
    opened: Mapping[Any, Any] | None = None,
    typed: Sequence[str] = (),
) -> HttpResponse:
    """The page for whoever holds the case; for others that it is closed to them, with what they had typed.

    `typed` are texts whose form is not there any more.
    """
    person, forms_shown = person_of(request), bound or {}
    context: dict[str, Any] = {"subject": subject, "case": subject.case, "typed": typed}
    if refusal := subject.refuse_work(person):
        context |= {
            "refusal": refusal,
            "kept": form_drafts.TOKEN in request.POST,
            "typed": [*typed, *_typed_texts(forms_shown)],
        }
        return render_page(request, "reviews/casepage/closed.html", context)
    context |= _decision_context(subject, forms_shown) | _history_context(subject, person)
    context |= subject.build_sections(person, forms_shown, opened or {})
    return render_page(request, subject.template, context)


def answer_decision(
    request: HttpRequest, subject: CaseSubject, name: str, form: VersionForm, thanks: str
) -> HttpResponseBase:
    """After what takes the case out of hand: the queue when it went well; else the page with all that was typed.

    409 when the case has changed meanwhile or is not theirs any more, 422 when the form is wrong.
    """
    if not form.errors:
        messages.success(request, thanks)
        return redirect("reviews:queue")
    fresh = case_subject_or_404(subject.case.number)
    stale = fresh.case.version != form.cleaned_data.get("version", fresh.case.version)
    if stale:
        form.show_version(fresh.case.version)
    page = render_case_page(request, fresh, {name: form})
    conflict = stale or fresh.refuse_work(person_of(request))
    page.status_code = HTTPStatus.CONFLICT if conflict else HTTPStatus.UNPROCESSABLE_ENTITY
    return page


def answer_note(request: HttpRequest, subject: CaseSubject, form: forms.Form, anchor: str) -> HttpResponseBase:
    """After a note on one part of the page: back to that part, or the page with what is wrong (422)."""
    if not form.errors:
        return redirect(f"{case_kinds.url_of_case(subject.case)}#{anchor}")
    page = render_case_page(request, case_subject_or_404(subject.case.number), {form.prefix or "": form})
    page.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    return page


def answer_lost_form(request: HttpRequest, subject: CaseSubject, typed: QueryDict) -> HttpResponseBase:
    """When the form does not exist at this stage any more: the page as it is now, with the texts that were typed (409)."""
    names = [name for name in typed if name not in _NO_TEXTS]
    texts = [text.strip() for name in names for text in typed.getlist(name) if text.strip()]
    page = render_case_page(request, subject, typed=texts)
    page.status_code = HTTPStatus.CONFLICT
    return page


def redirect_to_case(case: ReviewCase) -> HttpResponseBase:
    """The page of the case anew."""
    return redirect(case_kinds.url_of_case(case))


def _decision_context(subject: CaseSubject, bound: BoundForms) -> dict[str, Any]:
    panels = [{"ruling": row, "form": bound.get(row.verb) or subject.make_form(row)} for row in subject.rulings]
    seen = {"version": subject.case.version}
    return {
        "panels": panels,
        "confirm_form": bound.get(CONFIRM) or ConfirmForm(initial=seen, auto_id="id_confirm_%s"),
        "send_back_form": bound.get(SEND_BACK) or SendBackForm(initial=seen, auto_id="id_send_back_%s"),
        "open_panel": next(iter(bound), ""),
    }


def _history_context(subject: CaseSubject, person: User) -> dict[str, Any]:
    """What people decided before, as far as this stage may know: a first reviewer sees nobody's earlier decision."""
    held, appeal = subject.find_held_decision(), subject.find_appeal()
    return {
        "look": subject.look_again(held, person) if held else None,
        "overdue": subject.case.is_overdue(clock.now()),
        "reassigned": Claim.objects.reassigning(subject.case),
        "held": subject.summarize(held) if held else None,
        "appeal": appeal,
        "appealed": _appealed_decision(subject, appeal),
        "returned_note": "" if held else _note_of_returned_decision(subject.case),
    }


def _appealed_decision(subject: CaseSubject, appeal: Appeal | None) -> Any:
    return subject.summarize(appeal.decision) if appeal else None


def _note_of_returned_decision(case: ReviewCase) -> str:
    returned: Decision | None = case.decisions.filter(state=DecisionState.RETURNED).order_by("-at").first()
    return returned.second_note if returned else ""


def _typed_texts(bound: BoundForms) -> list[str]:
    """Longer texts of a form that cannot be shown any more, so that nothing typed is lost."""
    fields = [field for form in bound.values() for field in form if isinstance(field.field.widget, forms.Textarea)]
    return [text for field in fields if (text := str(field.data or "").strip())]
