"""The site, and the reviewers' page of complaints that is not built yet, so that its address can be written."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from complaints.urls import urlpatterns as built
from portal.urls import *  # noqa: F403
from portal.urls import urlpatterns as site


def page(_request: HttpRequest, **_parts: str) -> HttpResponse:
    return HttpResponse()


_pages = [path("complaints/review/<str:number>/", page, name="review"), *built]
urlpatterns = [path("", include((_pages, "complaints"))), *site]
