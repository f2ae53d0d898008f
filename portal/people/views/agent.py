"""The creators an agent acts for."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal import clock
from portal.people import mandates
from portal.people.access import person_of, requires_permission
from portal.people.roles import Permission
from portal.web.pagination import keyset_page


@requires_permission(Permission.APPLY_FOR_OTHERS)
@require_GET
def client_list(request: HttpRequest) -> HttpResponseBase:
    """Running mandates for the agent's agency, the newest first."""
    agent = person_of(request)
    page = keyset_page(request, mandates.running_mandates_of_agent(agent, clock.now()), order=("-starts_at", "-pk"))
    return render(request, "people/clients.html", {"page": page, "agency": agent.agency})
