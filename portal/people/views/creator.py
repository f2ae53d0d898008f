"""A creator's mandates."""

from datetime import UTC, datetime, time, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal import clock
from portal.people.access import person_of, requires_permission
from portal.people.actions import mandates
from portal.people.forms import MandateForm, show_refusals
from portal.people.models import Mandate, User
from portal.people.roles import Permission
from portal.web.pagination import keyset_page


@requires_permission(Permission.APPLY)
@require_http_methods(["GET", "POST"])
def mandate_list(request: HttpRequest) -> HttpResponseBase:
    """Their mandates, newest first, and the form for another."""
    creator = person_of(request)
    form = MandateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            agency = form.cleaned_data["agency"]
            ends_at = datetime.combine(form.cleaned_data["last_day"] + timedelta(days=1), time(), UTC)
            mandates.grant_mandate(creator=creator, agency=agency, ends_at=ends_at, by=creator)
            messages.success(request, _("%(agency)s can now act for you.") % {"agency": agency})
            return redirect("people:mandates")
    return render(request, "people/mandates.html", {"form": form, **_rows(request, creator)})


@requires_permission(Permission.APPLY)
@require_POST
def mandate_end(request: HttpRequest, pk: int) -> HttpResponseBase:
    """End one of their mandates now; somebody else's does not exist for them."""
    creator = person_of(request)
    mandates.end_mandate(
        mandate=get_object_or_404(creator.mandates.select_related("agency", "creator"), pk=pk), by=creator
    )
    messages.success(request, _("The mandate has ended."))
    return redirect("people:mandates")


def _rows(request: HttpRequest, creator: User) -> dict[str, object]:
    now = clock.now()
    page = keyset_page(
        request, Mandate.objects.filter(creator=creator).select_related("agency"), order=("-starts_at", "-pk")
    )
    return {"page": page, "rows": [{"mandate": row, "running": row.is_running(now)} for row in page]}
