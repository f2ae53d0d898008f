"""/metrics for Prometheus: gauges read from the database, and how long requests took.

An app registers its gauges in AppConfig.ready(): `metrics.register_gauge("jobs", "Jobs by state.", ["state"], rows)`,
where `rows()` yields (label values, number). Every process gives the same gauges. Latencies are added up over the
processes of a web server when PROMETHEUS_MULTIPROC_DIR is set (portal/wsgi.py does it).
"""

import hmac
import os
import time
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Histogram, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from portal.web.middleware import Middleware

Rows = Callable[[], Iterable[tuple[Sequence[str], float]]]
_gauges: dict[str, tuple[str, Sequence[str], Rows]] = {}
_latency = Histogram(
    "portal_request_seconds",
    "Time from a request to its answer.",
    ["view", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=None,
)


def register_gauge(name: str, documentation: str, labels: Sequence[str], rows: Rows) -> None:
    """Register a gauge `portal_<name>`; registering it again replaces it."""
    _gauges[name] = (documentation, labels, rows)


class _Gauges(Collector):
    def collect(self) -> Iterable[Metric]:
        for name, (documentation, labels, rows) in sorted(_gauges.items()):
            family = GaugeMetricFamily(f"portal_{name}", documentation, labels=labels)
            for values, number in rows():
                family.add_metric(list(values), number)
            yield family


class LatencyMiddleware(Middleware):
    """Time each request, by the name of its view and the class of its status (2xx)."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        found = request.resolver_match
        view = found.view_name if found else ""
        _latency.labels(view, f"{response.status_code // 100}xx").observe(time.perf_counter() - started)
        return response


@never_cache
@require_safe
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Gauges and latencies, for whoever holds METRICS_TOKEN; in a demo without one, for this machine."""
    if not _allowed(request):
        return HttpResponse("Not for you.\n", status=HTTPStatus.FORBIDDEN, content_type="text/plain")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Gauges())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_latency)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _allowed(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    return bool(settings.DEMO) and request.META.get("REMOTE_ADDR") in {"127.0.0.1", "::1"}
