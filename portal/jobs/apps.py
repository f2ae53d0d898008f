"""Background work as rows: kind, payload, dedup key, lease, fence, sweep."""

from django.apps import AppConfig

from portal.web import health, metrics


class JobsConfig(AppConfig):
    name = "portal.jobs"

    def ready(self) -> None:
        from portal.jobs import heartbeat, queue, registry, time_limits  # noqa: F401, PLC0415 -- models are loaded now

        registry.register_periodic("jobs.purge_done", 3600, queue.purge_done_jobs)
        health.register_health_check("worker", heartbeat.refuse_stale_heartbeat)
        for pool, check in heartbeat.pool_checks.items():
            health.register_health_check(pool, check)
        health.register_health_check("failed_jobs", heartbeat.refuse_failed_jobs, degrades=True)
        metrics.register_gauge("jobs", "Jobs that are not done.", ["kind", "state"], heartbeat.jobs_by_state)
        for name, words, samples in (
            ("jobs_failed", "Jobs that were given up.", heartbeat.failed_samples),
            ("jobs_oldest_due_seconds", "Age of the oldest due job.", heartbeat.oldest_due_samples),
            ("pool_heartbeat_seconds", "Time since the last sign of a pool's workers.", heartbeat.heartbeat_samples),
        ):
            metrics.register_gauge(name, words, ["pool"], samples)
