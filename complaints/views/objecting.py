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
from complaints.forms.fields import renamed
from complaints.forms.objections import AppealForm, ReplyForm
from complaints.models import Complaint, Statement
from complaints.policies import appeals as policy
from complaints.states import Side
from complaints.views import dossier
from complaints.views.pages import answer, party_of
from portal.accounts.forms import refusals
from portal.evidence.forms import for_owner
from portal.web import unsaved


@dataclass(frozen=True)
class _Objection:
    """One of the two: its template and form, the rule that may refuse it, the action, and the words after it."""

    page: str
    form: type[AppealForm]
    refuse: Callable[..., Any]
    act: Callable[..., Any]
    thanks: Promise


_APPEAL = _Objection(
    "appeal",
    AppealForm,
    policy.refuse_appeal,
    appeals.appeal,
    _("Your appeal was received. Somebody else looks at everything again."),
)
_REPLY = _Objection(
    "reply",
    ReplyForm,
    policy.refuse_reply,
    appeals.reply,
    _("Your reply was received. Whoever decides on the appeal reads it."),
)


def appeal(request: HttpRequest, complaint: Complaint, side: Side) -> HttpResponseBase:
    """The page of an appeal for one side."""
    return _page(_APPEAL, request, complaint, side)


def reply(request: HttpRequest, complaint: Complaint, side: Side) -> HttpResponseBase:
    """The page of a reply to an appeal for one side."""
    return _page(_REPLY, request, complaint, side)


def _page(what: _Objection, request: HttpRequest, complaint: Complaint, side: Side) -> HttpResponseBase:
    party, back = party_of(complaint, side), back_url(complaint, side)
    if reason := what.refuse(complaint, party, side):
        messages.info(request, str(reason))
        return redirect(back)
    form = what.form(request.POST if request.method == "POST" else unsaved.take(request), request.FILES or None)
    for_owner(form, party)
    if request.method == "POST" and form.is_valid():
        said = {"text": form.cleaned_data["text"], "files": form.cleaned_data["papers"]}
        with refusals(form), renamed(files="papers"):
            what.act(complaint=complaint, by=party, side=side, **said)
            messages.success(request, str(what.thanks))
            return redirect(back)
    appealed = [row for row in dossier.statements(complaint, side) if row.statement.kind == Statement.Kind.APPEAL]
    context = {"complaint": complaint, "form": form, "back_url": back, "appealed": appealed[-1] if appealed else None}
    context["verdicts"] = dossier.verdicts(complaint, side)
    return answer(request, what.page, context, wrong=request.method == "POST")


def back_url(complaint: Complaint, side: Side) -> str:
    """The page of the complaint for a side."""
    return complaint.get_absolute_url() if side == Side.COMPLAINANT else complaint.answer_url
