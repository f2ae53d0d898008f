"""The pages of whoever is complained of: opened by a signed link, or by the account's holder when she is signed in."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from complaints.actions import hearing
from complaints.forms.objections import AnswerForm, exhibit_rows, pieces
from complaints.models import Complaint
from complaints.policies import hearings
from complaints.states import ComplaintState, Side
from complaints.views import dossier, films, objecting, timeline, words
from complaints.views.pages import answer as page
from complaints.views.pages import hidden, member_page, open_in_session, respondent_of, respondent_page
from portal.accounts.access import person_of
from portal.accounts.forms import refusals
from portal.errors import DomainError
from portal.evidence.forms import for_owner

_MOST = 50
_SIDE = Side.RESPONDENT


@never_cache
@require_safe
def answer_open(request: HttpRequest, token: str) -> HttpResponseBase:
    """The link of the platform's message, for either side: kept in the session, then the address is without it."""
    try:
        complaint, side = hearing.read_link(token)
    except DomainError:
        return hidden(page(request, "respondent/closed", {"stale": True}, status=404))
    hearing.note_opening(complaint, side)
    open_in_session(request, complaint, side)
    return hidden(redirect(objecting.back_url(complaint, side)))


@member_page
@require_safe
def answers(request: HttpRequest) -> HttpResponseBase:
    """The complaints about the accounts of whoever is signed in."""
    rows = Complaint.objects.against(person_of(request)).select_related("original__media", "copy__media", "case")
    return hidden(page(request, "respondent/answers", {"rows": [words.brief(row, _SIDE) for row in rows[:_MOST]]}))


@respondent_page
def answer_file(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """What is complained of, both videos, what matches, what she can do and until when, and what may follow."""
    party = respondent_of(complaint)
    context: dict[str, Any] = words.brief(complaint, _SIDE)
    context |= {
        "entries": timeline.entries(complaint, _SIDE),
        "match": films.comparison_of(complaint),
        "name": dossier.complainants_name(complaint),
        "may_answer": hearings.refuse_answer(complaint, party) is None,
        "open": complaint.state in (ComplaintState.NOTIFIED, ComplaintState.IN_REVIEW, ComplaintState.SECOND_REVIEW),
    }
    return page(request, "respondent/file", context | dossier.of_side(complaint, _SIDE, party))


@respondent_page
def answer(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """Her answer: words, evidence, and what the rules ask for. It is sent once."""
    party = respondent_of(complaint)
    refusal = hearings.refuse_answer(complaint, party)
    if refusal:
        messages.info(request, str(refusal))
        return redirect(complaint.answer_url)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form, rows = AnswerForm(sent[0], complaint=complaint), exhibit_rows(*sent)
    for row in rows:
        for_owner(row, party)
    # Both are asked, so that all that is wrong is said at once.
    good = [form.is_valid(), rows.is_valid()] if request.method == "POST" else [False]
    if all(good) and _answered(complaint, form, rows, request):
        return redirect(complaint.answer_url)
    context = {"complaint": complaint, "form": form, "rows": rows, "regime": complaint.regime}
    return page(request, "respondent/answer", context, wrong=request.method == "POST")


@respondent_page
@require_safe
def answer_video(request: HttpRequest, complaint: Complaint, side: str) -> HttpResponseBase:
    """One of the two videos, played by ranges."""
    return films.play(request, complaint, side)


@respondent_page
def answer_appeal(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """Her appeal, with text and files."""
    return objecting.appeal(request, complaint, _SIDE)


@respondent_page
def answer_reply(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """Her reply to the other side's appeal."""
    return objecting.reply(request, complaint, _SIDE)


def _answered(complaint: Complaint, form: AnswerForm, rows: Any, request: HttpRequest) -> bool:
    with refusals(form):
        hearing.answer(
            complaint=complaint,
            by=respondent_of(complaint),
            text=form.cleaned_data["text"],
            ticks=form.ticked(),
            contact=form.contact(),
            signature=form.signed_with(),
            exhibits=pieces(rows),
        )
        messages.success(request, _("We have your answer. A person reads both sides now."))
    return not form.errors
