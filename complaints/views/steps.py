"""A draft is begun, names the copy and the original, is checked and sent, or deleted; step 3 is in notice.py."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _now

from complaints.actions import drafts, intake, works
from complaints.forms.fields import TicksForm, rename_error_fields
from complaints.forms.steps import ADDRESS, UPLOAD, WORK, CopyForm, OriginalForm
from complaints.models import Complaint
from complaints.policies import drafts as policy
from complaints.policies import parties
from complaints.states import ComplaintState, Side
from complaints.views import state_texts
from complaints.views.draft_steps import COMPLAINT_STEPS
from complaints.views.pages import complainant_page, member_page
from portal import clock
from portal.evidence.forms import bind_file_form
from portal.evidence.models import FileState
from portal.people.access import person_of
from portal.people.forms import show_refusals
from portal.people.models import User
from portal.web.pages import is_partial, render_page


@member_page
def start_page(request: HttpRequest) -> HttpResponseBase:
    """What is needed, and a button. Two clicks open one draft: the second finds the first, still empty."""
    person = person_of(request)
    refusal = parties.refuse_complaining(person)
    if request.method == "POST" and not refusal:
        return redirect("complaints:copy", _empty_draft(person).number)
    mine = Complaint.objects.of(person).filter(state=ComplaintState.DRAFT)
    context = {"refusal": refusal, "drafts": [state_texts.complaint_brief(row, Side.COMPLAINANT) for row in mine[:5]]}
    return render_page(request, "complaints/creator/start.html", context)


@COMPLAINT_STEPS.page(ComplaintState.DRAFT)
def copy_step(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """Step 1: where the copy is. What was found there is shown at once."""
    form = bind_file_form(CopyForm, request, person_of(request), complaint=complaint)
    if request.method == "POST" and form.is_valid():
        with show_refusals(form), rename_error_fields(media="video"):
            _save_copy(complaint, form, person_of(request))
    if is_partial(request):
        return render_page(
            request,
            "complaints/creator/_copy_found.html",
            {"complaint": complaint, "form": form, "at": clock.now(), **_copy_facts(complaint)},
        )
    if request.method == "POST" and not form.errors:
        return COMPLAINT_STEPS.redirect_after_save(request, complaint, "copy")
    return COMPLAINT_STEPS.render(request, complaint, "copy", {"form": form, **_copy_facts(complaint)})


@COMPLAINT_STEPS.page(ComplaintState.DRAFT)
def original_step(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """Step 2: the work that was copied."""
    person = person_of(request)
    form = bind_file_form(OriginalForm, request, person, complaint=complaint, owner=person)
    if request.method == "POST" and form.is_valid():
        with show_refusals(form), rename_error_fields(media="video"):
            if not form.keeps_another:
                drafts.name_original_video(complaint=complaint, by=person, **_original_in(form, person))
            return COMPLAINT_STEPS.redirect_after_save(request, complaint, "original")
    return COMPLAINT_STEPS.render(request, complaint, "original", {"form": form})


@COMPLAINT_STEPS.page(ComplaintState.DRAFT)
def check_step(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """Step 4: everything once more, the statements to make, and what happens next."""
    regime = complaint.regime
    contact = drafts.complainant_contact(complaint)
    form = TicksForm(
        request.POST if request.method == "POST" else None,
        ticks=regime.ticks,
        signed=regime.signed,
        name=contact["name"],
    )
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            intake.submit_complaint(
                complaint=complaint, by=person_of(request), ticks=form.ticked(), signature=form.signed_with()
            )
            messages.success(request, _now("Complaint received"))
            return redirect(complaint)
    exhibits = list(complaint.exhibits.filter(side=Side.COMPLAINANT).select_related("file"))
    context = {
        "form": form,
        "waits_for_file": any(row.file is not None and row.file.state == FileState.STORED for row in exhibits),
        "gaps": [sentence for found in policy.draft_gaps(complaint, contact).values() for sentence in found],
        "open_step_url": COMPLAINT_STEPS.first_open_url(complaint),
        "contact": [contact[name] for name in regime.contact if contact.get(name)],
        "told_name": contact["name"] if regime.names_complainant else "",
        "exhibits": exhibits,
        "of_two_kinds": _are_of_two_kinds(complaint),
        "answer_days": regime.answer_time.days,
        **_copy_facts(complaint),
    }
    return COMPLAINT_STEPS.render(request, complaint, "check", context)


@complainant_page
def discard_page(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """Ask once more, then delete the draft."""
    discard = partial(drafts.discard_draft, complaint=complaint, by=person_of(request))
    return COMPLAINT_STEPS.discard_page(request, complaint, discard)


def _empty_draft(person: User) -> Complaint:
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        mine = Complaint.objects.of(person).filter(state=ComplaintState.DRAFT, copy=None, original=None, text="")
        return mine.first() or drafts.start_draft(by=person)


def _save_copy(complaint: Complaint, form: CopyForm, person: User) -> None:
    data = form.cleaned_data
    if form.names_another:
        video = data.get("video") or [None]
        drafts.name_copied_video(
            complaint=complaint,
            by=person,
            address=data.get("address", ""),
            media=video[0],
            account=data.get("account", ""),
            platform=data.get("platform", ""),
        )
    elif data.get("regime") and data["regime"] != complaint.regime_code:
        drafts.save_draft(complaint=complaint, by=person, regime_code=data["regime"])


def _original_in(form: OriginalForm, person: User) -> dict[str, Any]:
    """What was chosen, as the action takes it: only what belongs to the way that was ticked."""
    data = form.cleaned_data
    if data["way"] == WORK:
        return {"work": data["work"]}
    dates = {"published_at": data["published_at"], "published_source": data["published_source"]}
    if data["way"] == ADDRESS:
        return {"address": data["address"]}
    assert data["way"] == UPLOAD  # noqa: S101 -- the field knows no other
    video, title = data["video"], data["title"]
    media = video[0] if video else works.store_pasted_text(by=person, text=data["pasted"], title=title)
    return {"media": media, "title": title, **dates}


def _are_of_two_kinds(complaint: Complaint) -> bool:
    """Whether the two works are known to be of different kinds, which only people can compare."""
    kinds = {work.kind for work in (complaint.original, complaint.copy) if work is not None and work.kind}
    return len(kinds) > 1


def _copy_facts(complaint: Complaint) -> dict[str, Any]:
    """What is known of the copy and where it stands, in words."""
    return {"region": state_texts.region_name(complaint.region), "regime": complaint.regime}
