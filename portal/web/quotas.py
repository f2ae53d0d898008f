"""How often the API may be called: a count for each caller and minute, in the cache that all processes share."""

import math
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from portal.web.callers import caller_of, count_in_window

if TYPE_CHECKING:  # DRF reads this module while it makes its views
    from rest_framework.response import Response
    from rest_framework.views import APIView

WINDOW = 60.0


class Quota(BaseThrottle):
    """So many calls a minute by `settings.API_CALLS_PER_MINUTE[view.quota]`; views without `quota` are not counted.

    DRF's own throttles keep the time of every call and write them all back at each; this one counts,
    which costs the same at ten calls a minute as at ten thousand.
    """

    def __init__(self) -> None:
        self._left = 0.0

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count this call; False when it is one too many."""
        scope = getattr(view, "quota", "")
        if not scope:
            return True
        now = time.time()
        self._left = WINDOW - now % WINDOW
        made = count_in_window(f"quota:{scope}:{caller_of(request)}", WINDOW)
        most = int(settings.API_CALLS_PER_MINUTE[scope])
        request.quota = {  # type: ignore[attr-defined]  # for QuotaHeaders
            "RateLimit-Limit": str(most),
            "RateLimit-Remaining": str(max(most - made, 0)),
            "RateLimit-Reset": str(math.ceil(self._left)),
        }
        return made <= most

    def wait(self) -> float:
        """Seconds until the next minute begins."""
        return self._left


class QuotaHeaders:
    """Mixin of views: says in each answer how many calls are left in this minute, and in how many seconds it ends."""

    def finalize_response(self, request: Request, response: "Response", *args: Any, **kwargs: Any) -> "Response":
        """The answer with the headers RateLimit-Limit, RateLimit-Remaining and RateLimit-Reset."""
        answered: Response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        for name, value in getattr(request, "quota", {}).items():
            answered[name] = value
        return answered
