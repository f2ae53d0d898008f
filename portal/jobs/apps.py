"""Background work as rows: kind, payload, dedup key, lease, fence, sweep."""

from django.apps import AppConfig

from portal.web import health, metrics


class JobsConfig(AppConfig):
    name = "portal.jobs"

    def ready(self) -> None:
        from portal.jobs import pulse, queue, registry  # noqa: PLC0415 -- models are loaded now

        registry.periodic("jobs.purge_done", 3600, queue.purge_done)
        health.register("worker", pulse.refuse_still)
        health.register("jobs", pulse.refuse_late)
        metrics.gauge("jobs", "Jobs that are not done.", ["kind", "state"], pulse.jobs_by_state)
        metrics.gauge("jobs_oldest_due_seconds", "Age of the oldest due job.", [], pulse.oldest_due)
