"""Appealing and replying, which both sides do alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.actions import appeals
from complaints.forms.fields import rename_error_fields
from complaints.forms.objections import AppealForm, ReplyForm
from complaints.models import Complaint, Statement
from complaints.policies import appeals as policy
from complaints.states import Side
from complaints.views import party_context
from complaints.views.pages import person_of_side
from portal.evidence.forms import set_files_owner
from portal.people.forms import show_refusals
from portal.web import form_recovery
from portal.web.pages import render_page


@dataclass(frozen=True)
class _Objection:
    """One of the two: its template and form, the rule that may refuse it, the action, and the words after it."""

    page: str
    form: type[AppealForm]
    refuse: Callable[..., Any]
    act: Callable[..., Any]
    thanks: Promise


_APPEAL = _Objection(
    "complaints/appeal.html",
    AppealForm,
    policy.refuse_complaint_appeal,
    appeals.appeal_complaint_decision,
    _("Your appeal was received. Somebody else looks at everything again."),
)
_REPLY = _Objection(
    "complaints/reply.html",
    ReplyForm,
    policy.refuse_appeal_reply,
    appeals.reply_to_appeal,
    _("Your reply was received. Whoever decides on the appeal reads it."),
)


def show_appeal_form(request: HttpRequest, complaint: Complaint, side: Side) -> HttpResponseBase:
    """The page of an appeal for one side."""
    return _objection_page(_APPEAL, request, complaint, side)


def show_reply_form(request: HttpRequest, complaint: Complaint, side: Side) -> HttpResponseBase:
    """The page of a reply to an appeal for one side."""
    return _objection_page(_REPLY, request, complaint, side)


def _objection_page(what: _Objection, request: HttpRequest, complaint: Complaint, side: Side) -> HttpResponseBase:
    party, back = person_of_side(complaint, side), side_page_url(complaint, side)
    if reason := what.refuse(complaint, party, side):
        messages.info(request, str(reason))
        return redirect(back)
    form = what.form(form_recovery.submitted_data(request), request.FILES or None)
    set_files_owner(form, party)
    if request.method == "POST" and form.is_valid():
        said = {"text": form.cleaned_data["text"], "files": form.cleaned_data["papers"]}
        with show_refusals(form), rename_error_fields(files="papers"):
            what.act(complaint=complaint, by=party, side=side, **said)
            messages.success(request, str(what.thanks))
            return redirect(back)
    appealed = [
        row for row in party_context.party_statements(complaint, side) if row.statement.kind == Statement.Kind.APPEAL
    ]
    context = {"complaint": complaint, "form": form, "back_url": back, "appealed": appealed[-1] if appealed else None}
    context["decisions"] = party_context.party_decisions(complaint, side)
    return render_page(request, what.page, context, wrong=request.method == "POST")


def side_page_url(complaint: Complaint, side: Side) -> str:
    """The page of the complaint for a side."""
    return complaint.get_absolute_url() if side == Side.COMPLAINANT else complaint.answer_url
