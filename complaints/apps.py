"""Originality: complaints about copies, decided by people, with measures and the return of followers."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "complaints"

    def ready(self) -> None:
        from complaints import tasks  # noqa: PLC0415 -- models are loaded now

        tasks.register()
