"""A creator's mandates."""

from datetime import UTC, datetime, time, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal import clock
from portal.accounts.access import person_of, requires
from portal.accounts.actions import mandates
from portal.accounts.forms import MandateForm, refusals
from portal.accounts.models import Mandate, User
from portal.accounts.roles import Permission
from portal.web.pagination import page_of


@requires(Permission.APPLY)
@require_http_methods(["GET", "POST"])
def mandate_list(request: HttpRequest) -> HttpResponseBase:
    """Her mandates, newest first, and the form for another."""
    creator = person_of(request)
    form = MandateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            agency = form.cleaned_data["agency"]
            ends_at = datetime.combine(form.cleaned_data["last_day"] + timedelta(days=1), time(), UTC)
            mandates.grant(creator=creator, agency=agency, ends_at=ends_at, by=creator)
            messages.success(request, _("%(agency)s may act for you now.") % {"agency": agency})
            return redirect("accounts:mandates")
    return render(request, "accounts/mandates.html", {"form": form, **_rows(request, creator)})


@requires(Permission.APPLY)
@require_POST
def mandate_end(request: HttpRequest, pk: int) -> HttpResponseBase:
    """End one of her mandates now; somebody else's does not exist for her."""
    creator = person_of(request)
    mandates.end(mandate=get_object_or_404(creator.mandates.select_related("agency", "creator"), pk=pk), by=creator)
    messages.success(request, _("The mandate has ended."))
    return redirect("accounts:mandates")


def _rows(request: HttpRequest, creator: User) -> dict[str, object]:
    now = clock.now()
    page = page_of(
        request, Mandate.objects.filter(creator=creator).select_related("agency"), order=("-starts_at", "-pk")
    )
    return {"page": page, "rows": [{"mandate": row, "running": row.is_running(now)} for row in page]}
