"""The four steps of a draft: the copy, the original, what happened, check and send."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from complaints.actions import drafts, intake
from complaints.forms.fields import TicksForm, renamed
from complaints.forms.steps import ADDRESS, UPLOAD, WORK, CopyForm, ExhibitForm, NoticeForm, OriginalForm
from complaints.models import Complaint
from complaints.policies import drafts as policy
from complaints.policies import parties
from complaints.policies.formalities import Gaps
from complaints.states import ComplaintState, Side
from complaints.views import words
from complaints.views.pages import ComplaintView, answer, complainant_page, is_partial, member_page
from portal import clock
from portal.accounts.access import person_of
from portal.accounts.forms import refusals
from portal.accounts.models import User
from portal.evidence.forms import for_owner
from portal.web import unsaved

_WRITTEN = "complaints.written"


@dataclass(frozen=True)
class Step:
    """One step: its name in URLs and its title."""

    name: str
    title: Promise


STEPS = (
    Step("copy", _("The copy")),
    Step("original", _("Your work")),
    Step("notice", _("What happened")),
    Step("check", _("Check and send")),
)


def step_url(complaint: Complaint, name: str) -> str:
    """Where a step is."""
    return reverse(f"complaints:{name}", args=[complaint.number])


def done_steps(gaps: Gaps) -> set[str]:
    """Steps in which nothing is missing."""
    open_ones = {name if name in ("copy", "original") else "notice" for name in gaps}
    return {"copy", "original", "notice"} - open_ones


def first_open_step(complaint: Complaint) -> str:
    """Where a draft goes on."""
    done = done_steps(gaps_of(complaint))
    return next(step.name for step in STEPS if step.name not in done)


def gaps_of(complaint: Complaint) -> Gaps:
    """What it lacks before it can be sent."""
    return policy.gaps(complaint, drafts.contact_of(complaint))


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


@member_page
def start(request: HttpRequest) -> HttpResponseBase:
    """What is needed, and a button. Two clicks open one draft: the second finds the first, still empty."""
    person = person_of(request)
    refusal = policy.refuse_start(person)
    if request.method == "POST" and not refusal:
        return redirect("complaints:copy", _empty_draft(person).number)
    mine = Complaint.objects.of(person).filter(state=ComplaintState.DRAFT)
    context = {"refusal": refusal, "drafts": [words.brief(row, Side.COMPLAINANT) for row in mine[:5]]}
    return answer(request, "creator/start", context)


@step_page
def copy(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """Step 1: where the copy is. What was found there is shown at once."""
    form = CopyForm(_typed(request), request.FILES or None, complaint=complaint)
    for_owner(form, person_of(request))
    if request.method == "POST" and form.is_valid():
        with refusals(form), renamed(media="video"):
            _save_copy(complaint, form, person_of(request))
    if is_partial(request):
        return answer(
            request, "creator/_found", {"complaint": complaint, "form": form, "at": clock.now(), **_found(complaint)}
        )
    if request.method == "POST" and not form.errors:
        return _saved(request, complaint, "copy")
    return _step(request, complaint, "copy", {"form": form, **_found(complaint)})


@step_page
def original(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """Step 2: the work that was copied."""
    person = person_of(request)
    form = OriginalForm(_typed(request), request.FILES or None, complaint=complaint, owner=person)
    for_owner(form, person)
    if request.method == "POST" and form.is_valid():
        with refusals(form), renamed(media="video"):
            drafts.name_original(complaint=complaint, by=person, **_original_in(form))
            return _saved(request, complaint, "original")
    return _step(request, complaint, "original", {"form": form})


@step_page
def notice(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """Step 3: the notice itself, saved as a whole or by htmx as far as it can be read; and the evidence."""
    person = person_of(request)
    with transaction.atomic():
        row = _locked(complaint)
        form = _notice_form(request, row)
        piece = ExhibitForm(*_sent(request))
        for_owner(piece, person)
        if request.method == "POST":
            if is_partial(request):
                _save_notice(row, form, request)
                return _autosaved(request, form)
            _drop(row, request)
            piece = _add(row, piece, person)
            if _goes_on(request, form, piece, kept=_save_notice(row, form, request)):
                return _saved(request, row, "notice")
    exhibits = row.exhibits.filter(side=Side.COMPLAINANT).select_related("file")
    return _step(request, row, "notice", {"form": form, "piece": piece, "exhibits": exhibits})


@step_page
def check(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """Step 4: everything once more, the statements to make, and what happens next."""
    regime = complaint.regime
    contact = drafts.contact_of(complaint)
    form = TicksForm(
        request.POST if request.method == "POST" else None,
        ticks=regime.ticks,
        signed=regime.signed,
        name=contact["name"],
    )
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            intake.submit(complaint=complaint, by=person_of(request), ticks=form.ticked(), signature=form.signed_with())
            messages.success(request, _now("We have your complaint."))
            return redirect(complaint)
    context = {
        "form": form,
        "gaps": [sentence for found in policy.gaps(complaint, contact).values() for sentence in found],
        "open_step_url": step_url(complaint, first_open_step(complaint)),
        "contact": [contact[name] for name in regime.contact if contact.get(name)],
        "told_name": contact["name"] if parties.names_complainant(regime) else "",
        "exhibits": complaint.exhibits.filter(side=Side.COMPLAINANT).select_related("file"),
        "answer_days": regime.answer_time.days,
        **_found(complaint),
    }
    return _step(request, complaint, "check", context)


@complainant_page
def discard(request: HttpRequest, complaint: Complaint) -> HttpResponseBase:
    """Ask once more, then delete the draft."""
    if complaint.state != ComplaintState.DRAFT:
        return redirect(complaint)
    if request.method == "POST":
        drafts.discard(complaint=complaint, by=person_of(request))
        messages.success(request, _now("The draft was deleted."))
        return redirect("complaints:home")
    return answer(request, "creator/discard", {"complaint": complaint})


def _empty_draft(person: User) -> Complaint:
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)
        mine = Complaint.objects.of(person).filter(state=ComplaintState.DRAFT, copy=None, original=None, text="")
        return mine.first() or drafts.start(by=person)


def _save_copy(complaint: Complaint, form: CopyForm, person: User) -> None:
    data = form.cleaned_data
    if form.names_another:
        video = data.get("video") or [None]
        drafts.name_copy(
            complaint=complaint,
            by=person,
            address=data.get("address", ""),
            media=video[0],
            account=data.get("account", ""),
            platform=data.get("platform", ""),
        )
    elif data.get("regime") and data["regime"] != complaint.regime_code:
        drafts.save(complaint=complaint, by=person, regime_code=data["regime"])


def _original_in(form: OriginalForm) -> dict[str, Any]:
    """What was chosen, as the action takes it: only what belongs to the way that was ticked."""
    data = form.cleaned_data
    if data["way"] == WORK:
        return {"work": data["work"]}
    dates = {"published_at": data["published_at"], "published_source": data["published_source"]}
    if data["way"] == ADDRESS:
        return {"address": data["address"]}
    assert data["way"] == UPLOAD  # noqa: S101 -- the field knows no other
    return {"media": data["video"][0], "title": data["title"], **dates}


def _notice_form(request: HttpRequest, row: Complaint) -> NoticeForm:
    return NoticeForm(_typed(request), complaint=row, contact=drafts.contact_of(row), written=_written(request))


def _drop(row: Complaint, request: HttpRequest) -> None:
    """Take a piece of evidence out; one that is gone already is no error."""
    pk = request.POST.get("drop", "")
    if pk.isdecimal() and len(pk) < 19:
        for exhibit in row.exhibits.filter(pk=pk, side=Side.COMPLAINANT):
            drafts.drop_exhibit(exhibit=exhibit, by=person_of(request))


def _add(row: Complaint, piece: ExhibitForm, person: User) -> ExhibitForm:
    """Keep a piece of evidence that was filled in; the form for the next one, or this one with its errors."""
    if not piece.is_valid() or not piece.is_filled:
        return piece
    with refusals(piece):
        drafts.add_exhibit(complaint=row, by=person, side=Side.COMPLAINANT, **piece.piece())
    if piece.errors:
        return piece
    fresh = ExhibitForm()
    for_owner(fresh, person)
    return fresh


def _goes_on(request: HttpRequest, form: NoticeForm, piece: ExhibitForm, *, kept: bool) -> bool:
    """Whether the page is left. Who adds a piece need not have finished the rest, but loses nothing she typed."""
    if piece.errors or form.is_stale:
        return False
    return kept or ("next" not in request.POST and not _typed_wrong(form))


def _typed_wrong(form: NoticeForm) -> bool:
    """Whether something was typed that cannot be read; what is only missing yet is not wrong."""
    return any(form.data.get(name) for name in form.errors)


def _save_notice(row: Complaint, form: NoticeForm, request: HttpRequest) -> bool:
    whole = form.is_valid()
    if form.is_stale:
        return False
    person, wrong = person_of(request), len(form.errors)
    with refusals(form):
        drafts.save(complaint=row, by=person, **form.texts())
        drafts.set_contact(complaint=row, by=person, contact={**drafts.contact_of(row), **form.contact()})
        stored = form.stored_of(row, drafts.contact_of(row))
        request.session[_WRITTEN] = form.remember(_written(request), stored)
    return whole and len(form.errors) == wrong


def _found(complaint: Complaint) -> dict[str, Any]:
    """What is known of the copy and where it stands, in words."""
    return {"region": words.region_name(complaint.region), "regime": complaint.regime}


def _locked(complaint: Complaint) -> Complaint:
    """The row as it is now, so that what two windows send is compared one after the other."""
    rows = Complaint.objects.select_for_update(of=("self",)).select_related(
        "complainant", "copy__media", "original__media"
    )
    return rows.get(pk=complaint.pk)


def _written(request: HttpRequest) -> dict[str, str]:
    """What this session's pages have saved last, page by page."""
    return dict(request.session.get(_WRITTEN, {}))


def _typed(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else unsaved.take(request)


def _sent(request: HttpRequest) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _saved(request: HttpRequest, complaint: Complaint, step: str) -> HttpResponseBase:
    names = [known.name for known in STEPS]
    stay = "next" not in request.POST
    return redirect(step_url(complaint, step if stay else names[names.index(step) + 1]))


def _autosaved(request: HttpRequest, form: NoticeForm) -> HttpResponse:
    context = {"stale": form.is_stale, "wrong": _typed_wrong(form), "at": clock.now()}
    return answer(request, "creator/_autosaved", context)


def _step(request: HttpRequest, complaint: Complaint, step: str, context: dict[str, Any]) -> HttpResponse:
    done = done_steps(gaps_of(complaint))
    shown = [
        {
            "label": row.title,
            "url": step_url(complaint, row.name),
            "done": row.name in done,
            "current": row.name == step,
        }
        for row in STEPS
    ]
    about_step = {"complaint": complaint, "steps": shown, "step": step}
    return answer(request, f"creator/{step}", about_step | context, wrong=request.method == "POST")
