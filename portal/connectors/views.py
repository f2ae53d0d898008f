"""The status of platforms, for administrators and area leads."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portal import clock
from portal.connectors import status
from portal.people.access import permitted_page, person_of, requires_permission
from portal.people.roles import Permission
from portal.people.second_factor import second_factor_required
from portal.platforms import NotServed, PlatformError


@require_GET
@permitted_page(Permission.LEAD_AREA)
@second_factor_required
def status_page(request: HttpRequest) -> HttpResponse:
    """How each platform fares; the page asks for itself again every few seconds."""
    rows = status.platform_statuses()
    checking = any(row.check is not None and row.check.is_open for row in rows)
    context = {"platforms": rows, "wrong": status.wrong_entries(), "checking": checking, "now": clock.now()}
    context["is_administrator"] = person_of(request).may(Permission.ADMINISTER)
    return render(request, "connectors/status.html", context | {"days": status.SHOWN_DAYS})


@require_POST
@requires_permission(Permission.LEAD_AREA)
@second_factor_required
def post_check(request: HttpRequest, code: str) -> HttpResponse:
    """Ask a platform now whether it answers."""
    try:
        status.check_platform(code)
    except NotServed as error:
        raise Http404 from error
    except PlatformError:
        messages.error(
            request, _("Too many queries are waiting for this platform. Please check again in a few minutes.")
        )
    return redirect("connectors:status")
