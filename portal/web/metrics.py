"""/metrics for Prometheus: gauges read from the database, so that every process says the same.

An app registers its gauges in AppConfig.ready(): `metrics.gauge("jobs", "Jobs by state.", ["state"], rows)`,
where `rows()` yields (label values, number).
"""

import hmac
from collections.abc import Callable, Iterable, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

Rows = Callable[[], Iterable[tuple[Sequence[str], float]]]
_gauges: dict[str, tuple[str, Sequence[str], Rows]] = {}


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


_registry = CollectorRegistry(auto_describe=False)
_registry.register(_Gauges())


@never_cache
@require_safe
def metrics_page(request: HttpRequest) -> HttpResponse:
    """The gauges, for whoever holds METRICS_TOKEN; in a demo without one, for this machine."""
    if not _allowed(request):
        return HttpResponse("Not for you.\n", status=403, content_type="text/plain")
    return HttpResponse(generate_latest(_registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _allowed(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    return bool(settings.DEMO) and request.META.get("REMOTE_ADDR") in {"127.0.0.1", "::1"}
