"""Recoveries, for administrators."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portal.errors import Invalid
from portal.people import recoveries as policies
from portal.people.access import person_of, requires_permission
from portal.people.actions import recoveries
from portal.people.forms import ReasonForm, RecoveryOpenForm, show_refusals
from portal.people.models import Recovery, User
from portal.people.roles import Permission
from portal.people.second_factor import second_factor_required
from portal.people.states import RecoveryState
from portal.web.pagination import keyset_page


@requires_permission(Permission.ADMINISTER)
@second_factor_required
@require_GET
def recovery_list(request: HttpRequest) -> HttpResponseBase:
    """All recoveries, newest first."""
    rows = Recovery.objects.select_related("person", "proposed_by", "closed_by")
    return render(request, "people/recoveries.html", {"page": keyset_page(request, rows, order=("-asked_at", "-pk"))})


@requires_permission(Permission.ADMINISTER)
@second_factor_required
@require_http_methods(["GET", "POST"])
def recovery_open(request: HttpRequest) -> HttpResponseBase:
    """Open and propose a recovery for somebody who asked by other means."""
    form = RecoveryOpenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            recovery = recoveries.open_recovery(**form.cleaned_data, by=person_of(request))
            messages.success(request, _("Proposed. Another administrator must confirm it."))
            return redirect("people:recovery", recovery.pk)
    return render(request, "people/recovery_open.html", {"form": form})


@requires_permission(Permission.ADMINISTER)
@second_factor_required
@require_http_methods(["GET", "POST"])
def recovery_decide(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One recovery: propose, confirm or refuse it."""
    recovery = get_object_or_404(Recovery.objects.select_related("person", "proposed_by", "closed_by"), pk=pk)
    admin = person_of(request)
    verb = request.POST.get("verb", "")
    form = _reason_form(request, recovery, needed=verb != "confirm")
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            _carry_out(verb, recovery, form.cleaned_data["reason"], admin)
            messages.success(request, _("Done."))
            return redirect("people:recovery", recovery.pk)
    context = {
        "recovery": recovery,
        "form": form,
        "refusal": policies.refuse_handling_recovery(recovery.person, by=admin),
        "refusal_to_confirm": policies.refuse_confirming_recovery(recovery, by=admin),
    }
    return render(request, "people/recovery.html", context)


def _reason_form(request: HttpRequest, recovery: Recovery, *, needed: bool) -> ReasonForm:
    form = ReasonForm(request.POST or None)
    proposed = recovery.state == RecoveryState.PROPOSED
    form.fields["reason"].required = needed and (form.is_bound or not proposed)
    form.fields["reason"].label = (
        _("Reason for rejection (if you reject)")
        if proposed
        else _("How you confirmed the identity, or why you reject it")
    )
    return form


def _carry_out(verb: str, recovery: Recovery, reason: str, admin: User) -> None:
    match verb:
        case "propose":
            recoveries.propose_recovery(recovery=recovery, reason=reason, by=admin)
        case "confirm":
            recoveries.confirm_recovery(recovery=recovery, by=admin)
        case "refuse":
            recoveries.refuse_recovery(recovery=recovery, reason=reason, by=admin)
        case _:
            raise Invalid(_("Please choose an action."))
