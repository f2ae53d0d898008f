"""What platforms tell the portal, by signed requests (portal/platforms/signing.py)."""

import json
from datetime import UTC, datetime
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from portal.connectors import upkeep
from portal.connectors.models import ReceivedMessage
from portal.platforms import signing
from portal.web.callers import count_in_window
from portal.web.client_address import client_address
from portal.web.plain_problems import problem_answer

CAPABILITIES_CHANGED = "capabilities.changed"
# An event is a line of JSON; what is larger is not read.
_LARGEST_BYTES = 64_000
# So many requests of one address are looked at, in so many seconds.
_MOST_REQUESTS, _WINDOW_SECONDS = 120, 60.0


@csrf_exempt
@never_cache
@require_POST
def receive_event(request: HttpRequest, code: str) -> HttpResponse:
    """Take one event of a platform, once; types that we do not know do nothing.

    401 where its signature is not right; 429 for too many and 413 for too large ones, before any is read.
    """
    platform = upkeep.http_platforms().get(code)
    if platform is None or not platform.incoming_keys:
        raise Http404
    if count_in_window(f"platform-events:{client_address(request)}", _WINDOW_SECONDS) > _MOST_REQUESTS:
        return problem_answer(HTTPStatus.TOO_MANY_REQUESTS, _("Too many requests. Try again in a minute."))
    if int(request.META.get("CONTENT_LENGTH") or 0) > _LARGEST_BYTES:
        return problem_answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("The request is too large."))
    signed = signing.Request("POST", request.get_full_path(), request.body)
    try:
        # Compared with the machine's clock, as the platform signs with its own (connector.py).
        message = signing.verify_request(platform.incoming_keys, request.headers, signed, datetime.now(UTC))
    except signing.WrongSignature:
        return problem_answer(HTTPStatus.UNAUTHORIZED, _("The signature does not fit, or is too old."))
    if not ReceivedMessage.objects.get_or_create(platform=code, message=message)[1]:
        return problem_answer(HTTPStatus.UNAUTHORIZED, _("This request was received before."))
    try:
        kind = json.loads(request.body)["type"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return problem_answer(HTTPStatus.BAD_REQUEST, _("The request is not JSON with a type."))
    if kind == CAPABILITIES_CHANGED:
        upkeep.ask_platform(code)
    return HttpResponse(status=HTTPStatus.ACCEPTED)
