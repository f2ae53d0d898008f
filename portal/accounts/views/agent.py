"""The creators an agent acts for."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal import clock
from portal.accounts import mandates
from portal.accounts.access import person_of, requires
from portal.accounts.roles import Permission
from portal.web.pagination import page_of


@requires(Permission.APPLY_FOR_OTHERS)
@require_GET
def client_list(request: HttpRequest) -> HttpResponseBase:
    """Running mandates for the agent's agency, the newest first."""
    agent = person_of(request)
    page = page_of(request, mandates.clients_of(agent, clock.now()), order=("-starts_at", "-pk"))
    return render(request, "accounts/clients.html", {"page": page, "agency": agent.agency})
