"""Where a creator or her agent begins: what she has, and a new application."""

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from certification import policies
from certification.actions import drafts
from certification.forms.steps import StartForm
from certification.models import Application, Certificate, KeyArea
from certification.states import ApplicationState
from certification.views import progress, public, wanted
from certification.views.pages import answer, applicant_page, staff_page
from portal import clock
from portal.accounts import mandates
from portal.accounts.access import person_of
from portal.accounts.forms import refusals
from portal.accounts.models import User
from portal.accounts.roles import Permission
from portal.web import unsaved

_MOST = 50


@staff_page(*Permission)
@require_GET
def home(request: HttpRequest) -> HttpResponseBase:
    """A creator's applications and certificates; an agent's clients; everybody else is sent to her own work."""
    person = person_of(request)
    if person.may(Permission.APPLY_FOR_OTHERS):
        return answer(request, "creator/clients", {"clients": _clients(person)})
    if not person.may(Permission.APPLY):
        return redirect("certification:register")
    followed = [progress.brief(row) for row in Application.objects.of(person)[:_MOST]]
    return answer(request, "creator/home", {"applications": followed, "certificates": _held(person)})


@staff_page(Permission.APPLY, Permission.APPLY_FOR_OTHERS)
@require_GET
def area_choice(request: HttpRequest) -> HttpResponseBase:
    """The areas, by jurisdiction, to choose the one to apply in."""
    return answer(request, "creator/area_choice", {"places": wanted.by_jurisdiction(list(KeyArea.objects.open()))})


@staff_page(Permission.APPLY, Permission.APPLY_FOR_OTHERS)
@require_http_methods(["GET", "POST"])
def application_start(request: HttpRequest, code: str) -> HttpResponseBase:
    """What each kind of applicant needs in the area; choosing one opens the draft."""
    area = get_object_or_404(KeyArea.objects.open(), code=code)
    person = person_of(request)
    offers = wanted.offers(area)
    people = [row.creator for row in mandates.clients_of(person, clock.now())]
    data = request.POST if request.method == "POST" else unsaved.take(request)
    form = StartForm(data, categories=[offer.category for offer in offers], people=people)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            return redirect("certification:about", _start(area, form, people, person).number)
    refusal = policies.refuse_start(person, area) if person.may(Permission.APPLY) else None
    open_one = Application.objects.open().filter(applicant=person, area=area).first()
    context = {"area": area, "offers": offers, "form": form, "refusal": refusal, "open_one": open_one}
    return answer(request, "creator/application_start", context, wrong=request.method == "POST")


@applicant_page
def draft_discard(request: HttpRequest, application: Application) -> HttpResponseBase:
    """Ask once more, then delete the draft."""
    if application.state != ApplicationState.DRAFT:
        return redirect(application)
    if request.method == "POST":
        drafts.discard(application=application, by=person_of(request))
        messages.success(request, _("The draft was deleted."))
        return redirect("certification:home")
    return answer(request, "creator/draft_discard", {"application": application})


def _start(area: KeyArea, form: StartForm, people: list[User], person: User) -> Application:
    """Two clicks open one draft: the second finds the first."""
    chosen = form.cleaned_data.get("applicant")
    applicant = next((row for row in people if row.public_id == chosen), person)
    mine = Application.objects.open().filter(applicant=applicant, area=area, state=ApplicationState.DRAFT)
    with transaction.atomic():
        draft = mine.select_related("applicant", "area").first()
        if draft is None:
            draft = drafts.start(area=area, by=person, applicant=applicant)
        drafts.save(application=draft, by=person, category=form.cleaned_data["category"])
    return draft


def _held(person: User) -> list[dict[str, Any]]:
    rows = list(Certificate.objects.of(person)[:_MOST])
    renewed = set(Certificate.objects.filter(renews__in=rows).values_list("renews", flat=True))
    return [
        {
            "certificate": row,
            "tone": public.tone_of(row),
            "refusal": policies.refuse_renewal(person, row, renewed=row.pk in renewed),
        }
        for row in rows
    ]


def _clients(agent: User) -> list[dict[str, Any]]:
    people = [row.creator for row in mandates.clients_of(agent, clock.now())[:_MOST]]
    rows = Application.objects.filter(applicant__in=people).select_related("area__jurisdiction", "category", "case")
    theirs: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.order_by("-started_at", "-pk")[: _MOST * 4]:
        theirs[row.applicant_id].append(progress.brief(row))
    return [{"person": person, "applications": theirs[person.pk]} for person in people]
