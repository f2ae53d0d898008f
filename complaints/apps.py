"""Originality complaints; the room stands ready, its rules are not built yet."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "complaints"
