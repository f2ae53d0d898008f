"""Certification in key areas: applications, checks, decisions, certificates, the public register."""

from django.apps import AppConfig


class CertificationConfig(AppConfig):
    name = "certification"
    append_only = ("Check",)

    def ready(self) -> None:
        from certification import tasks  # noqa: PLC0415 -- models are loaded now

        tasks.register()
