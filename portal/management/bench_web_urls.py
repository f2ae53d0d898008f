"""The portal's URLs and, for `manage.py bench web` alone, two views that make one query each."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from rest_framework.request import Request

from portal import urls
from portal.accounts.models import User
from portal.accounts.tokens import ClientToken


def page(request: HttpRequest) -> HttpResponse:
    """One query and a small template; the middleware has seen to the sign-in."""
    name = User.objects.order_by("pk").values_list("public_id", flat=True).first()
    return render(request, "web/bench.html", {"name": name})


def call(request: HttpRequest) -> HttpResponse:
    """The token's owner and one query."""
    ClientToken().authenticate(Request(request))
    name = User.objects.order_by("pk").values_list("public_id", flat=True).first()
    return JsonResponse({"name": name})


handler400 = urls.handler400
urlpatterns = [path("bench/page/", page), path("bench/call/", call), *urls.urlpatterns]
