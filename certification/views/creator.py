"""Where a creator or their agent begins: what they have, and a new application."""

from collections import defaultdict
from functools import partial
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_http_methods

from certification import policies
from certification.actions import drafts
from certification.forms.steps import StartForm
from certification.models import Application, Certificate, KeyArea
from certification.states import ApplicationState
from certification.views import certificate_states, progress, requirement_view
from certification.views.pages import applicant_page
from certification.views.steps import APPLICATION_STEPS
from portal import clock
from portal.people import mandates
from portal.people.access import permitted_page, person_of
from portal.people.forms import show_refusals
from portal.people.models import User
from portal.people.roles import Permission
from portal.web import form_recovery
from portal.web.pages import render_page

_MAX_ROWS = 50


@permitted_page(*Permission)
@require_GET
def certification_home(request: HttpRequest) -> HttpResponseBase:
    """A creator's applications and certificates; an agent's clients; everybody else is sent to their own work."""
    person = person_of(request)
    if person.may(Permission.APPLY_FOR_OTHERS):
        return render_page(request, "certification/creator/clients.html", {"clients": _client_rows(person)})
    if not person.may(Permission.APPLY):
        return redirect("certification:register")
    followed = [progress.application_summary(row) for row in Application.objects.of_applicant(person)[:_MAX_ROWS]]
    return render_page(
        request,
        "certification/creator/home.html",
        {"applications": followed, "certificates": _certificate_rows(person)},
    )


@permitted_page(Permission.APPLY, Permission.APPLY_FOR_OTHERS)
@require_GET
def area_choice(request: HttpRequest) -> HttpResponseBase:
    """First the country whose rules apply, then its areas."""
    places = requirement_view.areas_by_jurisdiction(list(KeyArea.objects.open()))
    chosen = requirement_view.chosen_place(places, request.GET.get("country", ""))
    countries = [
        {"label": place["name"], "url": f"?country={place['code']}", "current": place is chosen} for place in places
    ]
    context = {"places": places, "chosen": chosen, "countries": countries, **requirement_view.area_grounds()}
    return render_page(request, "certification/creator/area_choice.html", context)


@permitted_page(Permission.APPLY, Permission.APPLY_FOR_OTHERS)
@require_http_methods(["GET", "POST"])
def application_start(request: HttpRequest, code: str) -> HttpResponseBase:
    """What each kind of applicant needs in the area; choosing one opens the draft."""
    area = get_object_or_404(KeyArea.objects.open(), code=code)
    person = person_of(request)
    offers = requirement_view.offers_in_area(area)
    people = [row.creator for row in mandates.running_mandates_of_agent(person, clock.now())]
    data = form_recovery.submitted_data(request)
    form = StartForm(data, categories=[offer.category for offer in offers], people=people)
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            return redirect("certification:about", _find_or_start_draft(area, form, people, person).number)
    refusal = policies.refuse_start(person, area) if person.may(Permission.APPLY) else None
    open_one = Application.objects.open().filter(applicant=person, area=area).first()
    context = {"area": area, "offers": offers, "form": form, "refusal": refusal, "open_one": open_one}
    return render_page(request, "certification/creator/application_start.html", context, wrong=request.method == "POST")


@applicant_page
def draft_discard(request: HttpRequest, application: Application) -> HttpResponseBase:
    """Ask once more, then delete the draft."""
    discard = partial(drafts.discard_application_draft, application=application, by=person_of(request))
    return APPLICATION_STEPS.discard_page(request, application, discard)


def _find_or_start_draft(area: KeyArea, form: StartForm, people: list[User], person: User) -> Application:
    """Open a draft, or return the one that a concurrent request opened."""
    chosen = form.cleaned_data.get("applicant")
    applicant = next((row for row in people if row.public_id == chosen), person)
    mine = Application.objects.open().filter(applicant=applicant, area=area, state=ApplicationState.DRAFT)
    with transaction.atomic():
        draft = mine.select_related("applicant", "area").first()
        if draft is None:
            draft = drafts.start_application(area=area, by=person, applicant=applicant)
        drafts.save_application_draft(application=draft, by=person, category=form.cleaned_data["category"])
    return draft


def _certificate_rows(person: User) -> list[dict[str, Any]]:
    rows = list(Certificate.objects.of_holder(person)[:_MAX_ROWS])
    renewals = list(Application.objects.filter(renews__in=rows).select_related("certificate"))
    renewed = {one.renews_id for one in renewals if hasattr(one, "certificate")}
    return [
        {
            "certificate": row,
            "shown": certificate_states.shown_state(row),
            "refusal": policies.refuse_renewal(person, row, renewed=row.pk in renewed),
            "renewal": next((one for one in renewals if one.renews_id == row.pk and one.is_open), None),
        }
        for row in rows
    ]


def _client_rows(agent: User) -> list[dict[str, Any]]:
    people = [row.creator for row in mandates.running_mandates_of_agent(agent, clock.now())[:_MAX_ROWS]]
    rows = Application.objects.filter(applicant__in=people).select_related(
        "area__jurisdiction", "category", "case", "certificate"
    )
    theirs: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.order_by("-started_at", "-pk")[: _MAX_ROWS * 4]:
        theirs[row.applicant_id].append(progress.application_summary(row))
    return [{"person": person, "applications": theirs[person.pk]} for person in people]
