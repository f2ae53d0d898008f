"""Background work as rows: kind, payload, dedup key, lease, fence, sweep."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "portal.jobs"

    def ready(self) -> None:
        from portal.jobs import queue, registry  # noqa: PLC0415 -- models are loaded now

        registry.periodic("jobs.purge_done", 3600, queue.purge_done)
