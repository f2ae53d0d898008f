"""Rate-limited token and revocation endpoints of API clients, on top of allauth."""

from http import HTTPStatus

from allauth.core.internal import ratelimit
from allauth.idp.oidc.views import revoke as allauth_revoke
from allauth.idp.oidc.views import token as allauth_token
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

# Nobody may keep our processors busy with guesses.
_RATES = {"api_token": "30/m/ip"}


@csrf_exempt
@never_cache
@require_POST
def issue_token(request: HttpRequest) -> HttpResponseBase:
    """An access token for an id and a secret (RFC 6749, 4.4)."""
    return _limited(request) or allauth_token(request)


@csrf_exempt
@never_cache
@require_POST
def revoke_token(request: HttpRequest) -> HttpResponseBase:
    """End a token (RFC 7009)."""
    return _limited(request) or allauth_revoke(request)


def _limited(request: HttpRequest) -> HttpResponseBase | None:
    if ratelimit.consume(request, app="portal.people", action="api_token", config=_RATES):
        return None
    answer = JsonResponse(
        {"error": "slow_down", "error_description": "Too many requests."}, status=HTTPStatus.TOO_MANY_REQUESTS
    )
    answer["Retry-After"] = "60"
    return answer
