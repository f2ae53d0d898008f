"""Appealing and replying, which both sides do alike."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.actions import appeals
from complaints.forms.after_submission import AppealForm, ReplyForm
from complaints.models import Complaint, Statement
from complaints.policies import appeals as policy
from complaints.states import Side
from complaints.views import party_context
from complaints.views.pages import person_of_side
from portal.evidence.forms import bind_file_form
from portal.people.form_pages import form_page


@dataclass(frozen=True)
class AppealPage:
    """One of the two: its template and form, the rule that may refuse it, the action, and the words after it."""

    page: str
    form: type[AppealForm]
    refuse: Callable[..., Any]
    act: Callable[..., Any]
    thanks: Promise


APPEAL = AppealPage(
    "complaints/appeal.html",
    AppealForm,
    policy.refuse_complaint_appeal,
    appeals.appeal_complaint_decision,
    _("Your appeal was received. Someone else reviews everything again."),
)
REPLY = AppealPage(
    "complaints/reply.html",
    ReplyForm,
    policy.refuse_appeal_reply,
    appeals.reply_to_appeal,
    _("Your reply was received. The person who decides on the appeal reads it."),
)


def appeal_or_reply_page(
    request: HttpRequest, complaint: Complaint, *, what: AppealPage, side: Side
) -> HttpResponseBase:
    """The page of an appeal, or of a reply to one, for one side."""
    party, back = person_of_side(complaint, side), side_page_url(complaint, side)
    if reason := what.refuse(complaint, party, side):
        messages.info(request, str(reason))
        return redirect(back)
    rows = party_context.party_statements(complaint, side)
    appealed = [row for row in rows if row.statement.kind == Statement.Kind.APPEAL]
    context = {
        "complaint": complaint,
        "back_url": back,
        "appealed": appealed[-1] if appealed else None,
        "has_comparison": complaint.comparisons.exists(),
    }
    return form_page(
        request,
        what.page,
        context | {"decisions": party_context.party_decisions(complaint, side)},
        bind_file_form(what.form, request, party),
        partial(what.act, complaint=complaint, by=party, side=side),
        thanks=str(what.thanks),
        next_url=back,
    )


def side_page_url(complaint: Complaint, side: Side) -> str:
    """The page of the complaint for a side."""
    return complaint.get_absolute_url() if side == Side.COMPLAINANT else complaint.answer_url
