"""Background work as rows: kind, payload, dedup key, lease, fence, sweep."""

from django.apps import AppConfig

from portal.web import health, metrics


class JobsConfig(AppConfig):
    name = "portal.jobs"

    def ready(self) -> None:
        from portal.jobs import heartbeat, queue, registry  # noqa: PLC0415 -- models are loaded now

        registry.register_periodic("jobs.purge_done", 3600, queue.purge_done_jobs)
        health.register_health_check("worker", heartbeat.refuse_stale_heartbeat)
        health.register_health_check("jobs", heartbeat.refuse_late_jobs)
        metrics.register_gauge("jobs", "Jobs that are not done.", ["kind", "state"], heartbeat.jobs_by_state)
        metrics.register_gauge(
            "jobs_oldest_due_seconds", "Age of the oldest due job.", [], heartbeat.oldest_due_samples
        )
