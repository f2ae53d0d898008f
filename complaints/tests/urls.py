"""The site, and the pages of complaints that are not built yet, so that addresses can be written."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from portal.urls import *  # noqa: F403
from portal.urls import urlpatterns as site


def page(_request: HttpRequest, **_parts: str) -> HttpResponse:
    return HttpResponse()


_pages = [
    path("works/<int:pk>/", page, name="work"),
    path("answers/open/<str:token>/", page, name="answer_open"),
    path("answers/<str:number>/", page, name="answer_file"),
    path("review/<str:number>/", page, name="review"),
    path("<str:number>/", page, name="complaint"),
]
urlpatterns = [*site, path("complaints/", include((_pages, "complaints")))]
