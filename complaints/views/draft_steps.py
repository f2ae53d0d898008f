"""Shared by the four steps of a draft: their order, what is missing, rendering and redirects."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from complaints.actions import drafts
from complaints.models import Complaint
from complaints.policies import drafts as policy
from complaints.policies.formalities import FieldGaps
from complaints.states import ComplaintState
from complaints.views.pages import ComplaintView, complainant_page
from portal.web import form_recovery
from portal.web.pages import render_page


@dataclass(frozen=True)
class DraftStep:
    """One step: its name in URLs and its title."""

    name: str
    title: Promise


DRAFT_STEPS = (
    DraftStep("copy", _("The copy")),
    DraftStep("original", _("Your work")),
    DraftStep("notice", _("What happened")),
    DraftStep("check", _("Check and send")),
)


def draft_step_url(complaint: Complaint, name: str) -> str:
    """Where a step is."""
    return reverse(f"complaints:{name}", args=[complaint.number])


def done_steps(gaps: FieldGaps) -> set[str]:
    """Steps in which nothing is missing."""
    open_ones = {name if name in ("copy", "original") else "notice" for name in gaps}
    return {"copy", "original", "notice"} - open_ones


def first_open_step(complaint: Complaint) -> str:
    """The first incomplete step."""
    done = done_steps(complaint_gaps(complaint))
    return next(step.name for step in DRAFT_STEPS if step.name not in done)


def complaint_gaps(complaint: Complaint) -> FieldGaps:
    """What it lacks before it can be sent."""
    return policy.draft_gaps(complaint, drafts.complainant_contact(complaint))


def step_page(view: ComplaintView[[]]) -> Callable[..., HttpResponseBase]:
    """A step of a draft; of a complaint that was sent its page is shown instead."""

    @wraps(view)
    def opened(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
        if complaint.state == ComplaintState.DRAFT:
            return view(request, complaint)
        if request.method == "POST":
            messages.info(request, _now("This complaint was sent meanwhile; nothing was changed."))
        return redirect(complaint)

    return complainant_page(opened)


def submitted_or_recovered(request: HttpRequest) -> Any:
    """What was sent, or what was typed here before signing in again."""
    return request.POST if request.method == "POST" else form_recovery.take_unsaved_form(request)


def redirect_after_save(request: HttpRequest, complaint: Complaint, step: str) -> HttpResponseBase:
    """After saving: the next step, or this one again, as the button says."""
    names = [known.name for known in DRAFT_STEPS]
    stay = "next" not in request.POST
    return redirect(draft_step_url(complaint, step if stay else names[names.index(step) + 1]))


def render_step(request: HttpRequest, complaint: Complaint, step: str, context: dict[str, Any]) -> HttpResponse:
    """The page of a step."""
    done = done_steps(complaint_gaps(complaint))
    bars = [
        {
            "label": row.title,
            "url": draft_step_url(complaint, row.name),
            "done": row.name in done,
            "current": row.name == step,
        }
        for row in DRAFT_STEPS
    ]
    about_step = {"complaint": complaint, "steps": bars, "step": step}
    return render_page(request, f"complaints/creator/{step}.html", about_step | context, wrong=request.method == "POST")
