"""What the pages of one audience share: who may open them, how they are found and answered."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache

from certification import policies
from certification.models import Application, Certificate
from portal.people.access import person_of
from portal.people.models import User

P = ParamSpec("P")
ApplicationView = Callable[[HttpRequest, Application], HttpResponseBase]
CertificateView = Callable[[HttpRequest, Certificate], HttpResponseBase]


def applicant_page(view: ApplicationView) -> Callable[..., HttpResponseBase]:
    """A page of one application, for its applicant and their agents; for others it does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, number: str) -> HttpResponseBase:
        return view(request, followed_application(person_of(request), number))

    return never_cache(login_required(guarded))


def holder_page(view: CertificateView) -> Callable[..., HttpResponseBase]:
    """A page of one certificate for its holder; for others it does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, serial: str) -> HttpResponseBase:
        rows = Certificate.objects.select_related(
            "area__jurisdiction",
            "category",
            "holder",
            "application",
            "abolition__area__jurisdiction",
            "abolition__category",
            "abolition__credential_type",
        )
        return view(request, get_object_or_404(rows, serial=serial, holder=person_of(request)))

    return never_cache(login_required(guarded))


def followed_application(person: User, number: str) -> Application:
    """The application that this person may follow; 404 for everybody else."""
    rows = Application.objects.select_related("area__jurisdiction", "category", "requirement", "case", "applicant")
    application = get_object_or_404(rows, number=number)
    if policies.refuse_following(application, person):
        raise Http404
    return application
