"""The composition root as an app: it holds the management commands and the shared catalogue."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        from portal import production  # noqa: PLC0415 -- its checks are registered once settings are read
        from portal.jobs import registry  # noqa: PLC0415 -- models are loaded now

        production.log_allowed_switches()
        registry.register_periodic("portal.unsafe_switches", 3600, production.log_allowed_switches)
