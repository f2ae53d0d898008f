"""How a complaint stands, for whoever made it; completing it, taking it back, appealing."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from complaints.actions import intake
from complaints.forms.objections import CompletionForm
from complaints.models import Complaint
from complaints.policies import hearings, missing
from complaints.states import ComplaintState, Side
from complaints.views import dossier, films, objecting, timeline, words
from complaints.views.draft import first_open_step
from complaints.views.pages import answer, complainant_page, is_partial
from portal.accounts.forms import refusals
from portal.evidence.forms import for_owner
from portal.web import unsaved

_S, _SIDE = ComplaintState, Side.COMPLAINANT


@complainant_page
def complaint(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """Everything that she may know of her complaint; a draft goes on where it was left."""
    if complaint.state == _S.DRAFT:
        return redirect(f"complaints:{first_open_step(complaint)}", complaint.number)
    context: dict[str, Any] = words.brief(complaint, _SIDE)
    if complaint.state == _S.RECEIVED:
        context["comparing"] = films.comparing(complaint)
    if complaint.state == _S.INCOMPLETE:
        context["missing"] = [missing.sentence(code) for code in complaint.missing]
    if is_partial(request):
        return answer(request, "creator/_status", context)
    context |= {
        "entries": timeline.entries(complaint, _SIDE),
        "match": films.comparison_of(complaint),
        "may_withdraw": hearings.refuse_withdrawal(complaint, complaint.complainant) is None,
    }
    return answer(request, "creator/complaint", context | dossier.of_side(complaint, _SIDE, complaint.complainant))


@complainant_page
@require_safe
def video(request: HttpRequest, complaint: Complaint, side: str) -> HttpResponseBase:
    """One of the two videos, played by ranges."""
    return films.play(request, complaint, side)


@complainant_page
def completion(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """What is missing, and a place for it."""
    person = complaint.complainant
    refusal = hearings.refuse_completion(complaint, person)
    if refusal:
        messages.info(request, str(refusal))
        return redirect(complaint)
    typed = request.POST if request.method == "POST" else unsaved.take(request)
    form = CompletionForm(typed, request.FILES or None, missing=complaint.missing)
    for_owner(form, person)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            intake.complete(complaint=complaint, by=person, **form.given())
            messages.success(request, _thanks(complaint))
            return redirect(complaint)
    lacks = [missing.sentence(code) for code in complaint.missing]
    context = {"complaint": complaint, "form": form, "missing": lacks}
    return answer(request, "creator/completion", context, wrong=request.method == "POST")


def _thanks(complaint: Complaint) -> str:
    if complaint.state == _S.RECEIVED:
        return _("Thank you. The two videos are compared now.")
    return _("Thank you. People look at the two videos without comparing them by machine.")


@complainant_page
def withdrawal(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """Ask once more, then take the complaint back."""
    refusal = hearings.refuse_withdrawal(complaint, complaint.complainant)
    if refusal:
        messages.info(request, str(refusal))
        return redirect(complaint)
    if request.method == "POST":
        intake.withdraw(complaint=complaint, by=complaint.complainant)
        messages.success(request, _("Your complaint was taken back."))
        return redirect(complaint)
    return answer(request, "creator/withdrawal", {"complaint": complaint})


@complainant_page
def appeal(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """An appeal with text and files. A second click finds the first appeal."""
    return objecting.appeal(request, complaint, _SIDE)


@complainant_page
def reply(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """A reply to the other side's appeal."""
    return objecting.reply(request, complaint, _SIDE)
