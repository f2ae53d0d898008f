"""The life of many certificates, for staff: unchanged renewals, batches of suspensions, abolitions, inspections."""

import re
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from certification import policies
from certification.actions import abolitions, batch_dry_runs, batches, casework, draw_checks
from certification.forms.life_cycle import AbolitionForm, SuspensionBatchForm, UnchangedRenewalsForm
from certification.models import Abolition, Batch, BatchKind, DrawCheck, InspectionRound, RecheckCause
from portal import clock
from portal.people.access import permitted_page, person_of
from portal.people.form_pages import form_page
from portal.people.forms import show_refusals
from portal.people.mandates import own_circle
from portal.people.models import User
from portal.people.roles import Permission
from portal.people.second_factor import second_factor_required
from portal.reviews.models import ReasonCode
from portal.web.confirmation import confirm_action
from portal.web.form_recovery import submitted_data
from portal.web.pages import render_page
from portal.web.pagination import keyset_page

_TABS = (
    ("unchanged_renewals", gettext_lazy("Unchanged renewals"), (Permission.REVIEW,)),
    ("batches", gettext_lazy("Suspensions"), (Permission.LEAD_AREA, Permission.REVIEW_SECOND, Permission.READ_ALL)),
    ("abolitions", gettext_lazy("Abolitions"), (Permission.LEAD_AREA, Permission.REVIEW, Permission.READ_ALL)),
    ("inspections", gettext_lazy("Inspections"), (Permission.LEAD_AREA, Permission.REVIEW, Permission.READ_ALL)),
)


def life_cycle_tabs(person: User, current: str) -> list[dict[str, Any]]:
    """The pages of this module that the person's role may open."""
    shown = [(name, label) for name, label, permissions in _TABS if any(map(person.may, permissions))]
    return [
        {"label": label, "url": reverse(f"certification:{name}"), "current": name == current} for name, label in shown
    ]


@permitted_page(Permission.REVIEW)
@second_factor_required
def unchanged_renewals(request: HttpRequest) -> HttpResponseBase:
    """Renewals in which nothing changed and every register agrees: approved together, each recorded by itself.

    Those that somebody has proposed are approved by the second person, who sees what stands out in each.
    """
    person = person_of(request)
    rows = batches.approvable_renewals(person)
    looks = policies.renewals_second_look([row for row in rows if row.is_proposed], person)
    form = UnchangedRenewalsForm(request.POST if request.method == "POST" else None, applications=rows, looks=looks)
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            agreed = form.cleaned_data.get("acknowledged", False)
            batch = batches.confirm_renewals(applications=form.applications(), by=person, acknowledged=agreed)
            messages.success(
                request,
                _(
                    "Confirmed. Each renewal is decided and recorded separately. Where two people decide, a second person has to agree."
                ),
            )
            return redirect(batch)
    context = {
        "form": form,
        "rows": [{"renewal": row, "look": looks.get(row.pk)} for row in rows],
        "is_second": bool(looks),
        "tabs": life_cycle_tabs(person, "unchanged_renewals"),
    }
    wrong = request.method == "POST"
    return render_page(request, "certification/staff/unchanged_renewals.html", context, wrong=wrong)


@require_GET
@permitted_page(Permission.LEAD_AREA, Permission.REVIEW_SECOND, Permission.READ_ALL)
@second_factor_required
def batch_list(request: HttpRequest) -> HttpResponseBase:
    """Prepared and confirmed suspensions of many certificates."""
    person = person_of(request)
    own = Batch.objects.concerning(own_circle(person, clock.now()))
    rows = Batch.objects.of_kind(BatchKind.SUSPENSIONS).exclude(pk__in=own.values("pk"))
    context = {
        "page": keyset_page(request, rows, order=("-prepared_at", "-pk")),
        "refusal": policies.refuse_preparing_suspensions(person),
        "tabs": life_cycle_tabs(person, "batches"),
    }
    return render_page(request, "certification/staff/batches.html", context)


@permitted_page(Permission.LEAD_AREA)
@second_factor_required
def suspension_batch(request: HttpRequest) -> HttpResponseBase:
    """Prepare the suspension of many certificates; the next page is its dry run."""
    person = person_of(request)
    form = SuspensionBatchForm(submitted_data(request), kind=casework.CERTIFICATE_CASE)
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            batch = batches.prepare_suspensions(by=person, **form.cleaned_data)
            messages.success(request, _("Prepared. Nothing is suspended before a senior reviewer confirms."))
            return redirect(batch)
    context = {"form": form, "tabs": life_cycle_tabs(person, "batches")}
    wrong = request.method == "POST"
    return render_page(request, "certification/staff/suspension_batch.html", context, wrong=wrong)


@require_GET
@permitted_page(Permission.REVIEW, Permission.LEAD_AREA, Permission.READ_ALL)
@second_factor_required
def batch_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What a batch would do, and once it is confirmed, what it has done."""
    batch, person = _visible_batch(request, pk), person_of(request)
    items = batch.items.select_related("certificate", "application", "decision")
    page = keyset_page(request, items, order=("pk",), size=50)
    reasons = ReasonCode.objects.filter(code__in=batch.reasons).order_by("code")
    confirm_refusal = policies.refuse_confirming_suspensions(batch, person)
    decider = person if confirm_refusal is None else None
    dry_run = batch_dry_runs.foresee_batch(batch, decider) if batch.is_waiting else None
    context = {
        "batch": batch,
        "page": page,
        "dry_run": dry_run,
        "foreseen": [{"item": item, "would": dry_run.items[item.pk]} for item in page.rows] if dry_run else [],
        "counts": batches.count_outcomes(batch),
        "total": items.count(),
        "reasons": [row.text for row in reasons],
        "confirm_refusal": confirm_refusal,
        "discard_refusal": policies.refuse_discarding(batch, person),
        "tabs": life_cycle_tabs(person, "batches" if batch.kind == BatchKind.SUSPENSIONS else "unchanged_renewals"),
    }
    return render_page(request, "certification/staff/batch.html", context)


@permitted_page(Permission.REVIEW_SECOND)
@second_factor_required
def batch_confirmation(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask once more, then suspend all of them, one by one."""
    batch, person = _visible_batch(request, pk), person_of(request)
    refusal = policies.refuse_confirming_suspensions(batch, person)
    asks = refusal is None and request.method != "POST"
    return confirm_action(
        request,
        "certification/staff/batch_confirm.html",
        {"batch": batch, "dry_run": batch_dry_runs.foresee_batch(batch, person) if asks else None},
        verb=_("Suspend these certificates"),
        act=partial(batches.confirm_suspensions, batch=batch, by=person),
        done=_("Confirmed. Each certificate is being suspended with its own statement of reasons."),
        back_url=batch.get_absolute_url(),
        refusal=refusal,
    )


@permitted_page(Permission.LEAD_AREA)
@second_factor_required
def batch_discarding(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask once more, then discard a prepared batch."""
    batch, person = _visible_batch(request, pk), person_of(request)
    return confirm_action(
        request,
        "certification/staff/batch_discard.html",
        {"batch": batch},
        verb=_("Discard"),
        act=partial(batches.discard_batch, batch=batch, by=person),
        done=_("Discarded. Nothing was suspended."),
        back_url=batch.get_absolute_url(),
        next_url=reverse("certification:batches"),
        refusal=policies.refuse_discarding(batch, person),
    )


@permitted_page(Permission.LEAD_AREA, Permission.REVIEW, Permission.READ_ALL)
@second_factor_required
def abolition_list(request: HttpRequest) -> HttpResponseBase:
    """What is being abolished, and the form to propose it."""
    person = person_of(request)
    refusal = policies.refuse_abolition_proposal(person)
    rows = Abolition.objects.select_related(
        "area__jurisdiction", "category", "credential_type", "proposed_by", "announced_by"
    ).order_by("-proposed_at", "-pk")
    context = {
        "rows": [_abolition_row(row, person) for row in rows[:50]],
        "refusal": refusal,
        "tabs": life_cycle_tabs(person, "abolitions"),
    }
    if refusal:
        return render_page(request, "certification/staff/abolitions.html", context)
    form = AbolitionForm(submitted_data(request))
    return form_page(
        request,
        "certification/staff/abolitions.html",
        context,
        form,
        partial(_propose, form, person),
        thanks=_("Proposed. Another area lead has to announce it."),
        next_url=reverse("certification:abolitions"),
    )


@permitted_page(Permission.LEAD_AREA)
@second_factor_required
def abolition_announcement(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask once more, then announce what somebody else proposed."""
    row, person = get_object_or_404(Abolition, pk=pk), person_of(request)
    return confirm_action(
        request,
        "certification/staff/abolition_announce.html",
        {"abolition": row},
        verb=_("Announce"),
        act=partial(abolitions.announce_abolition, abolition=row, by=person),
        done=_("Announced. Every holder concerned receives a notice."),
        back_url=reverse("certification:abolitions"),
        refusal=policies.refuse_announcement(row, person),
    )


@permitted_page(Permission.LEAD_AREA)
@second_factor_required
def abolition_calling_off(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask once more, then call it off."""
    row, person = get_object_or_404(Abolition, pk=pk), person_of(request)
    return confirm_action(
        request,
        "certification/staff/abolition_call_off.html",
        {"abolition": row},
        verb=_("Call off"),
        act=partial(abolitions.call_off_abolition, abolition=row, by=person),
        done=_("Called off. Certificates end when they would have ended without it."),
        back_url=reverse("certification:abolitions"),
        refusal=policies.refuse_calling_off(row, person),
    )


@permitted_page(Permission.LEAD_AREA, Permission.REVIEW, Permission.READ_ALL)
@second_factor_required
def inspection_list(request: HttpRequest) -> HttpResponseBase:
    """The rounds of inspections with their seeds, and how far each is. A button has a draw computed again, by a job."""
    if request.method == "POST":
        asked = request.POST.get("round", "")
        found = InspectionRound.objects.filter(pk=int(asked)) if re.fullmatch(r"[0-9]{1,9}", asked) else None
        if found is None or (drawn := found.first()) is None:
            raise Http404
        draw_checks.begin_draw_check(drawn=drawn, by=person_of(request))
        return redirect("certification:inspections")
    missed = Q(inspections__trigger__cause=RecheckCause.INSPECTION_MISSED)
    counted = InspectionRound.objects.annotate(
        open=Count("inspections", filter=Q(inspections__ended_at=None)),
        answered=Count("inspections", filter=Q(inspections__answered_at__isnull=False)),
        missed=Count("inspections", filter=missed),
    )
    rounds = list(counted[:24])
    newest = DrawCheck.objects.filter(round__in=rounds).order_by("round_id", "-pk").distinct("round_id")
    checks = {check.round_id: check for check in newest}
    context = {
        "rows": [{"round": row, "check": checks.get(row.pk)} for row in rounds],
        "is_computing": any(check.finished_at is None for check in checks.values()),
        "tabs": life_cycle_tabs(person_of(request), "inspections"),
    }
    return render_page(request, "certification/staff/inspections.html", context)


def _visible_batch(request: HttpRequest, pk: int) -> Batch:
    rows = Batch.objects.select_related("area__jurisdiction", "area__calendar", "prepared_by", "confirmed_by")
    batch = get_object_or_404(rows, pk=pk)
    if policies.refuse_seeing_batch(batch, person_of(request)):
        raise Http404
    return batch


def _abolition_row(row: Abolition, person: User) -> dict[str, Any]:
    return {
        "abolition": row,
        "can_announce": policies.refuse_announcement(row, person) is None,
        "can_call_off": policies.refuse_calling_off(row, person) is None,
    }


def _propose(form: AbolitionForm, person: User, **fields: Any) -> None:
    area = fields["area"]
    abolitions.propose_abolition(
        by=person,
        area=area,
        category=fields["category"],
        credential_type=fields["credential_type"],
        takes_effect_at=policies.start_of_day(fields["takes_effect_on"], area),
        explanations=form.explanations(),
    )
