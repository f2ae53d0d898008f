"""What the pages of one audience share: who may open them, how they are found and answered."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache

from certification import policies
from certification.models import Application, Certificate
from portal.people.access import person_of, requires_permission
from portal.people.models import User
from portal.people.roles import Permission
from portal.web import form_recovery

P = ParamSpec("P")
StaffView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
ApplicationView = Callable[[HttpRequest, Application], HttpResponseBase]
CertificateView = Callable[[HttpRequest, Certificate], HttpResponseBase]

UNPROCESSABLE = 422
CONFLICT = 409


def applicant_page(view: ApplicationView) -> Callable[..., HttpResponseBase]:
    """A page of one application, for its applicant and their agents; for others it does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, number: str) -> HttpResponseBase:
        return view(request, followed_application(person_of(request), number))

    return never_cache(form_recovery.keep_unsaved_form(login_required(guarded)))


def holder_page(view: CertificateView) -> Callable[..., HttpResponseBase]:
    """A page of one certificate for its holder; for others it does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, serial: str) -> HttpResponseBase:
        rows = Certificate.objects.select_related("area__jurisdiction", "category", "holder")
        return view(request, get_object_or_404(rows, serial=serial, holder=person_of(request)))

    return never_cache(form_recovery.keep_unsaved_form(login_required(guarded)))


def staff_page(*permissions: Permission) -> Callable[[StaffView[P]], Callable[..., HttpResponseBase]]:
    """A page for people whose role holds one of the permissions."""

    def decorate(view: StaffView[P]) -> Callable[..., HttpResponseBase]:
        return never_cache(form_recovery.keep_unsaved_form(requires_permission(*permissions)(view)))

    return decorate


def followed_application(person: User, number: str) -> Application:
    """The application that this person may follow; 404 for everybody else."""
    rows = Application.objects.select_related(
        "area__jurisdiction", "category", "requirement", "case", "applicant", "decision", "renews"
    )
    application = get_object_or_404(rows, number=number)
    if policies.refuse_following(application, person):
        raise Http404
    return application


def render_page(request: HttpRequest, template: str, context: dict[str, Any], *, wrong: bool = False) -> HttpResponse:
    """The page; `wrong` when what was sent is shown again with its errors."""
    return render(request, f"certification/{template}.html", context, status=UNPROCESSABLE if wrong else None)


def is_partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of the page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
