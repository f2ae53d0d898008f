"""How far a question to a platform has come."""

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from portal.outbound import lookups


@never_cache
@require_GET
def lookup_status(request: HttpRequest, token: str) -> HttpResponse:
    """A fragment for whoever holds the token, which asks for itself again until the platform has answered."""
    try:
        lookup = lookups.lookup_of_token(token)
    except signing.BadSignature as error:
        raise Http404 from error
    return render(request, "outbound/lookup.html", {"lookup": lookup, "token": token})
