"""Figures of calls to platforms for /metrics, and what /healthz/ says of platforms that do not answer."""

from collections.abc import Iterable, Sequence

from portal import clock
from portal.outbound import platform_jobs
from portal.outbound.models import Breaker, PlatformFailure, PlatformTraffic
from portal.web import health, metrics

Samples = Iterable[tuple[Sequence[str], float]]


def register_platform_figures() -> None:
    """Called once, when the app is ready."""
    for name, words, samples in (
        ("platform_called", "1 if the platform is called, 0 while its breaker pauses calls.", called_samples),
        ("platform_rate", "Calls per second now.", rate_samples),
        ("platform_rate_limit", "Most calls per second.", rate_limit_samples),
        ("platform_calls_today", "Calls of the day (UTC).", quota_samples),
        ("platform_last_answer_seconds", "Time since the last answer.", answer_samples),
    ):
        metrics.register_gauge(name, words, ["platform"], samples)
    metrics.register_gauge(
        "platform_failures_today", "Failed calls of the day (UTC).", ["platform", "kind"], failure_samples
    )
    metrics.register_gauge("platform_lookups", "Questions that wait for an answer.", ["platform"], lookup_samples)
    metrics.register_gauge(
        "platform_jobs", "Jobs for a platform that are not done.", ["platform", "state"], job_samples
    )
    health.register_health_check("platforms", refuse_silent_platforms, degrades=True)


def refuse_silent_platforms() -> str | None:
    """Which platforms are not called, since they do not answer. The portal serves everybody meanwhile."""
    silent = PlatformTraffic.objects.exclude(breaker=Breaker.CLOSED).values_list("platform", flat=True)
    return f"no answer from {', '.join(silent)}" if silent else None


def called_samples() -> Samples:
    """((platform,), 1 or 0)"""
    return [((row.platform,), float(row.breaker == Breaker.CLOSED)) for row in PlatformTraffic.objects.all()]


def rate_samples() -> Samples:
    """((platform,), calls a second now)"""
    return [((row.platform,), row.rate) for row in PlatformTraffic.objects.all()]


def rate_limit_samples() -> Samples:
    """((platform,), calls a second at most)"""
    return [((row.platform,), row.rate_limit) for row in PlatformTraffic.objects.all()]


def quota_samples() -> Samples:
    """((platform,), calls of the day)"""
    today = clock.today()
    return [((row.platform,), row.quota_used if row.quota_day == today else 0) for row in PlatformTraffic.objects.all()]


def answer_samples() -> Samples:
    """((platform,), seconds since its last answer), for those that have ever answered."""
    now = clock.now()
    rows = PlatformTraffic.objects.exclude(answered_at=None)
    return [((row.platform,), (now - row.answered_at).total_seconds()) for row in rows if row.answered_at]


def failure_samples() -> Samples:
    """((platform, kind), failed calls of the day)"""
    return [((row.platform, row.kind), row.count) for row in PlatformFailure.objects.filter(day=clock.today())]


def lookup_samples() -> Samples:
    """((platform's name,), questions that wait)"""
    return [((name,), number) for name, number in platform_jobs.waiting_lookups().items()]


def job_samples() -> Samples:
    """((platform, state), jobs): waiting, failing (waiting after a failed attempt), given_up."""
    return [
        ((code, state), getattr(jobs, state))
        for code, jobs in platform_jobs.open_jobs().items()
        for state in ("waiting", "failing", "given_up")
    ]
