"""Originality complaints: works, notices, comparisons, decisions, measures, and followers who return."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "complaints"

    def ready(self) -> None:
        from complaints import tasks  # noqa: PLC0415 -- models are loaded now

        tasks.register()
