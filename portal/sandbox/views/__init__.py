from django.http import HttpRequest, HttpResponse


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def account(request: HttpRequest, handle: str) -> HttpResponse:
    return HttpResponse()


def watch(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse()
