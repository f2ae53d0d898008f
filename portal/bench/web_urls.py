"""The portal's URLs and, for `manage.py bench web` alone, two views that make one query each."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from rest_framework.request import Request

from portal import urls
from portal.people.models import User
from portal.people.tokens import ClientToken


def baseline_page(request: HttpRequest) -> HttpResponse:
    """One query and a small template; the middleware has seen to the sign-in."""
    name = User.objects.order_by("pk").values_list("public_id", flat=True).first()
    return render(request, "bench/baseline.html", {"name": name})


def baseline_call(request: HttpRequest) -> HttpResponse:
    """The token's owner and one query."""
    ClientToken().authenticate(Request(request))
    name = User.objects.order_by("pk").values_list("public_id", flat=True).first()
    return JsonResponse({"name": name})


handler400, handler500 = urls.handler400, urls.handler500
urlpatterns = [path("bench/page/", baseline_page), path("bench/call/", baseline_call), *urls.urlpatterns]
