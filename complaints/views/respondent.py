"""The pages of whoever is complained of: opened by a signed link, or by the account's holder when they are signed in."""

from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from complaints.actions import respondent_answers
from complaints.forms.after_submission import AnswerForm, exhibit_formset, filled_exhibits
from complaints.models import Complaint
from complaints.policies import statements
from complaints.states import ComplaintState, Side
from complaints.views import appeals, documents, evidence, party_context, state_texts, timeline, videos
from complaints.views.pages import hide_from_search, member_page, open_in_session, respondent_or_404, respondent_page
from portal.errors import DomainError
from portal.evidence.forms import set_files_owner
from portal.people.access import person_of
from portal.people.forms import show_refusals
from portal.web.pages import render_page

_MOST = 50
_SIDE = Side.RESPONDENT


@never_cache
@require_safe
def answer_open_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """The link of the platform's message, for either side: kept in the session, then the address is without it."""
    try:
        complaint, side = respondent_answers.read_case_file_link(token)
    except DomainError:
        return hide_from_search(
            render_page(request, "complaints/respondent/closed.html", {"stale": True}, status=HTTPStatus.NOT_FOUND)
        )
    respondent_answers.record_case_file_opening(complaint, side)
    open_in_session(request, complaint, side)
    return hide_from_search(redirect(appeals.side_page_url(complaint, side)))


@member_page
@require_safe
def answers_page(request: HttpRequest) -> HttpResponseBase:
    """The complaints about the accounts of whoever is signed in."""
    rows = Complaint.objects.against(person_of(request)).select_related("original__media", "copy__media", "case")
    return hide_from_search(
        render_page(
            request,
            "complaints/respondent/answers.html",
            {"rows": [state_texts.complaint_brief(row, _SIDE) for row in rows[:_MOST]]},
        )
    )


@respondent_page
def answer_file_page(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """What is complained of, both videos, what matches, what they can do and until when, and what may follow."""
    party = respondent_or_404(complaint)
    context: dict[str, Any] = state_texts.complaint_brief(complaint, _SIDE)
    context |= {
        "entries": timeline.timeline_entries(complaint, _SIDE),
        "match": videos.comparison_context(complaint),
        "name": party_context.disclosed_complainant_name(complaint),
        "may_answer": statements.refuse_answer(complaint, party) is None,
        "open": complaint.state in (ComplaintState.NOTIFIED, ComplaintState.IN_REVIEW, ComplaintState.SECOND_REVIEW),
    }
    return render_page(
        request, "complaints/respondent/file.html", context | party_context.build_party_context(complaint, _SIDE, party)
    )


@respondent_page
def answer_page(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """Their answer: words, evidence, and what the rules ask for. It is sent once."""
    party = respondent_or_404(complaint)
    refusal = statements.refuse_answer(complaint, party)
    if refusal:
        messages.info(request, str(refusal))
        return redirect(complaint.answer_url)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form, rows = AnswerForm(sent[0], complaint=complaint), exhibit_formset(*sent)
    for row in rows:
        set_files_owner(row, party)
    # Validate both forms, so that all errors are shown at once.
    good = [form.is_valid(), rows.is_valid()] if request.method == "POST" else [False]
    if all(good) and _submit_answer(complaint, form, rows, request):
        return redirect(complaint.answer_url)
    context = {"complaint": complaint, "form": form, "rows": rows, "regime": complaint.regime}
    return render_page(request, "complaints/respondent/answer.html", context, wrong=request.method == "POST")


# One of the two videos, played by ranges, and its still picture; the sealed evidence, whole and by its pictures; a document, page by page; an appeal, and a reply to the other side's, with text and files.
answer_video = respondent_page(require_safe(videos.play_video))
answer_poster = respondent_page(require_safe(videos.video_poster))
answer_evidence_file = respondent_page(require_safe(partial(evidence.evidence_download, side=_SIDE)))
answer_evidence_picture = respondent_page(require_safe(partial(evidence.evidence_picture, side=_SIDE)))
answer_document_page = respondent_page(require_safe(partial(documents.document_page, side=_SIDE)))
answer_document_picture = respondent_page(require_safe(partial(documents.document_picture, side=_SIDE)))
answer_appeal_page = respondent_page(partial(appeals.appeal_or_reply_page, what=appeals.APPEAL, side=_SIDE))
answer_reply_page = respondent_page(partial(appeals.appeal_or_reply_page, what=appeals.REPLY, side=_SIDE))


def _submit_answer(complaint: Complaint, form: AnswerForm, rows: Any, request: HttpRequest) -> bool:
    with show_refusals(form):
        respondent_answers.submit_answer(
            complaint=complaint,
            by=respondent_or_404(complaint),
            text=form.cleaned_data["text"],
            ticks=form.ticked(),
            contact=form.contact(),
            signature=form.signed_with(),
            exhibits=filled_exhibits(rows),
        )
        messages.success(request, _("Answer received. A person now reads both sides."))
    return not form.errors
