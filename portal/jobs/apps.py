"""Background work as rows: kind, payload, dedup key, lease, fence, sweep."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "portal.jobs"
