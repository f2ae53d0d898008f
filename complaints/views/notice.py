"""Step 3 of a draft: what happened, how they can be reached, and the evidence. It saves itself as it is typed."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase

from complaints.actions import drafts
from complaints.forms.steps import ExhibitForm, NoticeForm
from complaints.models import Complaint
from complaints.states import ComplaintState, Side
from complaints.views.draft_steps import COMPLAINT_STEPS
from portal.evidence.forms import set_files_owner
from portal.people.access import person_of
from portal.people.forms import show_refusals
from portal.people.models import User
from portal.web.form_recovery import submitted_data
from portal.web.pages import is_partial
from portal.web.steps import render_autosaved


@COMPLAINT_STEPS.page(ComplaintState.DRAFT)
def notice_step(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """Step 3: the notice itself, saved as a whole or by htmx as far as it can be read; and the evidence."""
    person = person_of(request)
    with transaction.atomic():
        # Locked, so that what two windows send is compared one after the other.
        row = Complaint.objects.locked().get(pk=complaint.pk)
        form = _notice_form(request, row)
        piece = ExhibitForm(*_posted(request))
        set_files_owner(piece, person)
        if request.method == "POST":
            if is_partial(request):
                _save_notice(row, form, request)
                return render_autosaved(request, stale=form.is_stale, wrong=_has_invalid_input(form))
            _drop_exhibit(row, request)
            piece = _add_exhibit(row, piece, person)
            if _leaves_page(request, form, piece, kept=_save_notice(row, form, request)):
                return COMPLAINT_STEPS.redirect_after_save(request, row, "notice")
    exhibits = row.exhibits.filter(side=Side.COMPLAINANT).select_related("file")
    return COMPLAINT_STEPS.render(request, row, "notice", {"form": form, "piece": piece, "exhibits": exhibits})


def _notice_form(request: HttpRequest, row: Complaint) -> NoticeForm:
    return NoticeForm(
        submitted_data(request),
        complaint=row,
        contact=drafts.complainant_contact(row),
        written=COMPLAINT_STEPS.saved_marks(request),
    )


def _drop_exhibit(row: Complaint, request: HttpRequest) -> None:
    """Take a piece of evidence out; one that is gone already is no error."""
    pk = request.POST.get("drop", "")
    if pk.isdecimal() and len(pk) < 19:
        for exhibit in row.exhibits.filter(pk=pk, side=Side.COMPLAINANT):
            drafts.drop_exhibit(exhibit=exhibit, by=person_of(request))


def _add_exhibit(row: Complaint, piece: ExhibitForm, person: User) -> ExhibitForm:
    """Keep a piece of evidence that was filled in; the form for the next one, or this one with its errors."""
    if not piece.is_valid() or not piece.is_filled:
        return piece
    with show_refusals(piece):
        drafts.add_exhibit(complaint=row, by=person, side=Side.COMPLAINANT, **piece.piece())
    if piece.errors:
        return piece
    fresh = ExhibitForm()
    set_files_owner(fresh, person)
    return fresh


def _leaves_page(request: HttpRequest, form: NoticeForm, piece: ExhibitForm, *, kept: bool) -> bool:
    """Whether to leave the page. Adding a piece of evidence saves the rest even if it is incomplete."""
    if piece.errors or form.is_stale:
        return False
    return kept or ("next" not in request.POST and not _has_invalid_input(form))


def _has_invalid_input(form: NoticeForm) -> bool:
    """Whether something was typed that cannot be read; what is only missing yet is not wrong."""
    return any(form.data.get(name) for name in form.errors)


def _save_notice(row: Complaint, form: NoticeForm, request: HttpRequest) -> bool:
    whole = form.is_valid()
    if form.is_stale and not is_partial(request):
        return False
    person, wrong = person_of(request), len(form.errors)
    with show_refusals(form):
        drafts.save_draft(complaint=row, by=person, **form.texts())
        drafts.set_complainant_contact(
            complaint=row, by=person, contact={**drafts.complainant_contact(row), **form.contact()}
        )
        COMPLAINT_STEPS.remember_saved(request, form, form.stored_of(row, drafts.complainant_contact(row)))
    return whole and len(form.errors) == wrong


def _posted(request: HttpRequest) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)
