"""The composition root as an app: it holds the management commands and the shared catalogue."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
