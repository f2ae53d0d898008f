"""How a complaint stands, for whoever made it; completing it, taking it back, appealing."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from complaints.actions import intake
from complaints.forms.after_submission import CompletionForm
from complaints.models import Complaint
from complaints.policies import missing, statements
from complaints.states import ComplaintState, Side
from complaints.views import appeals, documents, evidence, party_context, state_texts, timeline, videos
from complaints.views.draft_steps import COMPLAINT_STEPS
from complaints.views.pages import complainant_page
from portal.evidence.forms import bind_file_form
from portal.people.forms import show_refusals
from portal.web.confirmation import confirm_action
from portal.web.pages import is_partial, render_page, replace_page

_S, _SIDE = ComplaintState, Side.COMPLAINANT


@complainant_page
def complaint_page(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """Everything that they may know of their complaint; a draft goes on where it was left."""
    if complaint.state == _S.DRAFT:
        return redirect(COMPLAINT_STEPS.first_open_url(complaint))
    context: dict[str, Any] = state_texts.complaint_brief(complaint, _SIDE)
    if complaint.state == _S.RECEIVED:
        context["comparing"] = videos.comparison_steps(complaint)
    if complaint.state == _S.INCOMPLETE:
        context["missing"] = [missing.missing_sentence(code) for code in complaint.missing]
    context["entries"] = timeline.timeline_entries(complaint, _SIDE)
    if is_partial(request) and complaint.state == _S.RECEIVED:
        return render_page(request, "complaints/creator/_live.html", context)
    context |= {
        "match": videos.comparison_context(complaint),
        "may_withdraw": statements.refuse_withdrawal(complaint, complaint.complainant) is None,
    }
    context |= party_context.build_party_context(complaint, _SIDE, complaint.complainant)
    page = render_page(request, "complaints/creator/complaint.html", context)
    return replace_page(page) if is_partial(request) else page


@complainant_page
def completion_page(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """What is missing, and a place for it."""
    person = complaint.complainant
    refusal = statements.refuse_completion(complaint, person)
    if refusal:
        messages.info(request, str(refusal))
        return redirect(complaint)
    form = bind_file_form(CompletionForm, request, person, missing=complaint.missing)
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            intake.complete_complaint(complaint=complaint, by=person, **form.given())
            messages.success(request, _completion_message(complaint))
            return redirect(complaint)
    lacks = [missing.missing_sentence(code) for code in complaint.missing]
    context = {"complaint": complaint, "form": form, "missing": lacks}
    return render_page(request, "complaints/creator/completion.html", context, wrong=request.method == "POST")


def _completion_message(complaint: Complaint) -> str:
    if complaint.state == _S.RECEIVED:
        return _("Thank you. The two works are being compared now.")
    return _("Thank you. A reviewer looks at the two works without the automatic comparison.")


@complainant_page
def withdrawal_page(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """Ask once more, then take the complaint back."""
    return confirm_action(
        request,
        "complaints/creator/withdrawal.html",
        {"complaint": complaint},
        verb=_("Withdraw complaint"),
        act=partial(intake.withdraw_complaint, complaint=complaint, by=complaint.complainant),
        done=_("Your complaint was withdrawn."),
        back_url=complaint.get_absolute_url(),
        refusal=statements.refuse_withdrawal(complaint, complaint.complainant),
    )


# One of the two videos, played by ranges, and its still picture; the sealed evidence, whole and by its pictures; a document, page by page; an appeal, and a reply to the other side's, with text and files.
complaint_video = complainant_page(require_safe(videos.play_video))
complaint_poster = complainant_page(require_safe(videos.video_poster))
complaint_evidence_file = complainant_page(require_safe(partial(evidence.evidence_download, side=_SIDE)))
complaint_evidence_picture = complainant_page(require_safe(partial(evidence.evidence_picture, side=_SIDE)))
complaint_file_page = complainant_page(require_safe(partial(documents.document_page, side=_SIDE)))
complaint_file_picture = complainant_page(require_safe(partial(documents.document_picture, side=_SIDE)))
appeal_page = complainant_page(partial(appeals.appeal_or_reply_page, what=appeals.APPEAL, side=_SIDE))
reply_page = complainant_page(partial(appeals.appeal_or_reply_page, what=appeals.REPLY, side=_SIDE))
