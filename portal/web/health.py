"""Health checks: /livez for the process, /healthz/ for its dependencies.

An app registers what it stands on in AppConfig.ready(): `health.register_health_check("sweep", check)`, where
`check()` returns None when all is well, or a short reason without personal data.
"""

from collections.abc import Callable
from typing import cast

import structlog
from celery import current_app
from django.core.cache import cache, caches
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.web.middleware import Middleware
from portal.web.shared_cache import SharedCache

log = structlog.get_logger(__name__)
Check = Callable[[], str | None]


class LivezMiddleware(Middleware):
    """Answers /livez before anything else is asked: no host name, session or database is needed."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/livez":
            return HttpResponse("alive\n", content_type="text/plain")
        return self.get_response(request)


def check_database() -> str | None:
    """The database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return None


def check_broker() -> str | None:
    """The broker accepts a connection."""
    with current_app.connection_for_read(connect_timeout=2) as line:
        line.ensure_connection(max_retries=1, timeout=3)
    return None


def check_shared_cache() -> str | None:
    """The cache answers, and keeps what it is given; while it does not, processes remember for themselves."""
    cast("SharedCache", caches["default"]).ping()
    cache.set("healthz", "kept", 10)
    return None if cache.get("healthz") == "kept" else "it forgets"


_checks: dict[str, Check] = {"database": check_database, "broker": check_broker, "cache": check_shared_cache}
# Names of those that tell of something to look at, while the portal serves everybody.
_degrading: set[str] = set()
# Those that are made without the database. Each of the others would wait as long as the first for one that is down, and
# probes that come every few seconds would hold all threads.
_WITHOUT_DATABASE = frozenset(_checks) - {"database"}
_NOT_ASKED = "not asked: no database"


def register_health_check(name: str, check: Check, *, degrades: bool = False) -> None:
    """Register a check of a dependency, made while the database answers. One that only `degrades` does not turn the answer into 503."""
    _checks[name] = check
    if degrades:
        _degrading.add(name)


@never_cache
@require_safe
def healthz_report(_request: HttpRequest) -> JsonResponse:
    """200 when everything works, "degraded" if somebody should look at something, else 503; the body says at what."""
    results: dict[str, str] = {}
    for name, check in _checks.items():
        asked = results.get("database", "ok") == "ok" or name in _WITHOUT_DATABASE
        results[name] = _run(name, check) if asked else _NOT_ASKED
    wrong = {name for name, result in results.items() if result != "ok"}
    failing = bool(wrong - _degrading)
    status = "failing" if failing else "degraded" if wrong else "ok"
    return JsonResponse({"status": status, "checks": results}, status=503 if failing else 200)


def _run(name: str, check: Check) -> str:
    try:
        reason = check()
    except Exception as error:  # noqa: BLE001 -- whatever is wrong, the probe says so and goes on
        log.warning("health_check_failed", check=name, error=type(error).__name__)
        return "failing"
    return reason or "ok"
