"""Restitutions for senior reviewers: the list of all, one of them, and pausing, resuming and stopping it."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from complaints.actions import controls, reconciliations
from complaints.forms.controls import ControlForm, RestitutionFilter
from complaints.models import Reconciliation, Restitution, RestitutionControl
from complaints.policies import controls as policies
from complaints.policies import screening
from complaints.states import ControlKind, RestitutionMode
from portal import clock
from portal.errors import require_allowed
from portal.people.access import permitted_page, person_of
from portal.people.form_pages import form_page
from portal.people.models import User
from portal.people.roles import Permission
from portal.people.second_factor import second_factor_required
from portal.reviews.models.cases import own_parties
from portal.reviews.policies import refuse_case_overview
from portal.web.confirmation import confirm_action
from portal.web.form_recovery import submitted_data
from portal.web.pages import render_page
from portal.web.pagination import keyset_page

P = ParamSpec("P")
_READERS = (Permission.REVIEW_SECOND, Permission.READ_ALL)
_WITH = ("remedy__complaint", "remedy__decision__case", "remedy__decision__by", "remedy__decision__second_by")


class _Step(NamedTuple):
    """What can be done: the button, what is said afterwards, what it leads to, and the action."""

    verb: Promise
    done: Promise
    leads_to: Promise
    act: Callable[..., object]


_STEPS: dict[str, _Step] = {
    ControlKind.PAUSE: _Step(
        _("Pause"),
        _("Paused. Both sides are notified."),
        _(
            "No more followers are moved until a senior reviewer resumes it. Those moved so far are notified and can undo it."
        ),
        controls.pause_restitution,
    ),
    ControlKind.RESUME: _Step(
        _("Resume"),
        _("Resumed. Both sides are notified."),
        _("It continues where it was paused."),
        controls.resume_restitution,
    ),
    ControlKind.STOP: _Step(
        _("Propose to stop"),
        _("Proposed. A second senior reviewer decides."),
        _(
            "Nobody more is moved for now; followers who are being asked can still answer. Once a second senior reviewer agrees, "
            "it ends for good and all followers moved so far are restored, except where they have chosen otherwise since. The "
            "decision on the complaint stays in effect."
        ),
        controls.propose_stop,
    ),
    ControlKind.REVIEW: _Step(
        _("Leave as it is"),
        _("Reviewed."),
        _("What was found about the two accounts after the decision changes nothing about this return."),
        controls.review_flag,
    ),
}
_STOPPED = _("Stopped. The followers are being restored, and both sides are notified.")
_STOPPED_EARLY = _("Stopped. No follower is moved, and both sides are notified.")


@require_GET
@permitted_page(*_READERS)
@second_factor_required
def restitutions_page(request: HttpRequest) -> HttpResponseBase:
    """All restitutions but those of one's own cases, latest first."""
    form = RestitutionFilter(request.GET)
    chosen = form.chosen()
    own = own_parties(person_of(request)).values("case")
    rows = Restitution.objects.select_related(*_WITH).exclude(remedy__decision__case__in=own).filter(**chosen)
    page = keyset_page(request, rows, order=("-planned_at", "-pk"))
    context = {"page": page, "form": form, "filtered": bool(chosen)}
    return render_page(request, "complaints/reviewer/restitutions.html", context)


def _restitution_view(
    *permissions: Permission,
) -> Callable[[Callable[Concatenate[HttpRequest, Restitution, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A view of one restitution, by its key in the address; 404 for those of one's own cases."""

    def decorate(
        view: Callable[Concatenate[HttpRequest, Restitution, P], HttpResponseBase],
    ) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def found(request: HttpRequest, /, pk: int, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            return view(request, _restitution_or_404(pk, person_of(request)), *args, **kwargs)

        return permitted_page(*permissions)(second_factor_required(found))

    return decorate


@require_GET
@_restitution_view(*_READERS)
def restitution_page(request: HttpRequest, row: Restitution) -> HttpResponseBase:
    """How one stands, what was done to it and why, and what can be done."""
    person = person_of(request)
    made = list(row.controls.select_related("by", "decided_by"))
    proposed = next((one for one in made if one.is_proposed), None)
    oversight_refusal = policies.refuse_oversight(row, person)
    steps = [] if proposed else _steps(row)
    context: dict[str, Any] = {
        "restitution": row,
        "accounts": _accounts(row),
        "controls": made,
        "flags": _flags(row),
        "proposed": proposed,
        "stop_verb": _stop_verb(row),
        "reconciliation": Reconciliation.objects.filter(restitution=row).first(),
        "may_reconcile": row.state in reconciliations.COMPARABLE and oversight_refusal is None,
        "steps": steps,
        "steps_refusal": oversight_refusal if steps or proposed else None,
        "may_answer": proposed is not None and oversight_refusal is None,
        "agreement_refusal": policies.refuse_agreement(proposed, person) if proposed else None,
    }
    return render_page(request, "complaints/reviewer/restitution.html", context)


@require_POST
@_restitution_view(Permission.REVIEW_SECOND)
def post_reconciliation(request: HttpRequest, row: Restitution) -> HttpResponseBase:
    """Compare the ledger with the platform now."""
    require_allowed(policies.refuse_oversight(row, person_of(request)))
    reconciliations.ask_reconciliation(row)
    return redirect(_address(row))


@_restitution_view(Permission.REVIEW_SECOND)
def control_page(request: HttpRequest, row: Restitution, kind: str) -> HttpResponseBase:
    """Pause, resume, or propose to stop, with a reason."""
    if kind not in _STEPS:
        raise Http404
    person, step, back = person_of(request), _STEPS[kind], _address(row)
    typed = submitted_data(request)
    # What was typed is shown again beside the refusal.
    if typed is None and (refusal := policies.refuse_control(row, kind, person)):
        messages.info(request, str(refusal))
        return redirect(back)
    return form_page(
        request,
        "complaints/reviewer/control.html",
        {"restitution": row, "step": step, "kind": kind, "back_url": back, "flags": _flags(row)},
        ControlForm(typed),
        partial(step.act, restitution=row, by=person),
        thanks=str(step.done),
        next_url=back,
    )


@_restitution_view(Permission.REVIEW_SECOND)
def stop_agreement_page(request: HttpRequest, row: Restitution, control: int) -> HttpResponseBase:
    """Agree that it is stopped."""
    proposed = _control_or_404(row, control)
    person = person_of(request)
    return confirm_action(
        request,
        "complaints/reviewer/stop_agreement.html",
        {"restitution": row, "control": proposed},
        verb=_stop_verb(row),
        act=partial(controls.confirm_stop, control=proposed, by=person),
        done=str(_STOPPED if row.begun_at else _STOPPED_EARLY),
        back_url=_address(row),
        refusal=policies.refuse_agreement(proposed, person),
    )


@_restitution_view(Permission.REVIEW_SECOND)
def stop_refusal_page(request: HttpRequest, row: Restitution, control: int) -> HttpResponseBase:
    """Do not stop it; whoever proposed it withdraws the proposal."""
    proposed = _control_or_404(row, control)
    person = person_of(request)
    return confirm_action(
        request,
        "complaints/reviewer/stop_refusal.html",
        {"restitution": row, "control": proposed},
        verb=str(_("Withdraw the proposal") if proposed.by_id == person.pk else _("Do not stop it")),
        act=partial(controls.refuse_stop, control=proposed, by=person),
        done=str(_("Not stopped. If it is paused, it stays so until someone resumes it.")),
        back_url=_address(row),
        refusal=policies.refuse_stop_answer(proposed, person),
    )


def _accounts(row: Restitution) -> str:
    """From whom to whom, as a title."""
    target = _("nobody") if row.mode == RestitutionMode.CLEAR else f"@{row.target_handle}" if row.target_handle else "–"
    return f"@{row.source_handle} → {target}"


def _stop_verb(row: Restitution) -> str:
    return str(_("Stop and restore") if row.begun_at else _("Stop the return"))


def _steps(row: Restitution) -> list[dict[str, Any]]:
    """The buttons: what the state allows."""
    return [
        {"kind": kind, "verb": step.verb, "url": reverse("complaints:control", args=[row.pk, kind])}
        for kind, step in _STEPS.items()
        if policies.refuse_untimely(row, kind) is None
    ]


def _restitution_or_404(pk: int, person: User) -> Restitution:
    row = Restitution.objects.select_related(*_WITH).filter(pk=pk).first()
    if row is None or refuse_case_overview(row.remedy.decision.case, person, clock.now()):
        raise Http404
    return row


def _control_or_404(row: Restitution, pk: int) -> RestitutionControl:
    found = row.controls.select_related("restitution__remedy__decision__case").filter(pk=pk, kind=ControlKind.STOP)
    if (control := found.first()) is None:
        raise Http404
    return control


def _address(row: Restitution) -> str:
    return reverse("complaints:restitution", args=[row.pk])


def _flags(row: Restitution) -> list[Promise | str]:
    """What stands out about the complaint that it follows from, in words."""
    return [screening.FLAG_TEXTS.get(code, code) for code in row.remedy.complaint.flags]
