"""Appealing and replying, which both sides do alike."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from complaints.actions import appeals
from complaints.forms.objections import AppealForm, ReplyForm
from complaints.models import Complaint, Statement
from complaints.policies import appeals as policy
from complaints.states import Side
from complaints.views import dossier
from complaints.views.pages import answer, party_of
from portal.accounts.forms import refusals
from portal.evidence.forms import for_owner
from portal.web import unsaved


def appeal(request: HttpRequest, complaint: Complaint, side: Side) -> HttpResponseBase:
    """The page of an appeal for one side."""
    thanks = _("Your appeal was received. Somebody else looks at everything again.")
    return _objection(request, complaint, side, "appeal", AppealForm, policy.refuse_appeal, appeals.appeal, thanks)


def reply(request: HttpRequest, complaint: Complaint, side: Side) -> HttpResponseBase:
    """The page of a reply to an appeal for one side."""
    thanks = _("Your reply was received. Whoever decides on the appeal reads it.")
    return _objection(request, complaint, side, "reply", ReplyForm, policy.refuse_reply, appeals.reply, thanks)


def _objection(
    request: HttpRequest,
    complaint: Complaint,
    side: Side,
    page: str,
    kind: type[AppealForm],
    refuse: Callable[..., Any],
    act: Callable[..., Any],
    thanks: str,
) -> HttpResponseBase:
    party, back = party_of(complaint, side), back_url(complaint, side)
    refusal = refuse(complaint, party, side)
    if refusal:
        messages.info(request, str(refusal))
        return redirect(back)
    typed = request.POST if request.method == "POST" else unsaved.take(request)
    form = kind(typed, request.FILES or None)
    for_owner(form, party)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            data = form.cleaned_data
            act(complaint=complaint, by=party, side=side, text=data["text"], files=data["files"])
            messages.success(request, thanks)
            return redirect(back)
    said = [row for row in dossier.statements(complaint, side) if row.statement.kind == Statement.Kind.APPEAL]
    context = {"complaint": complaint, "form": form, "back_url": back, "appealed": said[-1] if said else None}
    context["verdicts"] = dossier.verdicts(complaint, side)
    return answer(request, page, context, wrong=request.method == "POST")


def back_url(complaint: Complaint, side: Side) -> str:
    """The page of the complaint for a side."""
    return complaint.get_absolute_url() if side == Side.COMPLAINANT else complaint.answer_url
