"""Makes the connectors of the setting PLATFORMS when the process starts."""

from django.apps import AppConfig
from django.conf import settings


class ConnectorsConfig(AppConfig):
    name = "portal.connectors"

    def ready(self) -> None:
        from portal.connectors import loading  # noqa: PLC0415 -- models are loaded now
        from portal.outbound import guard  # noqa: PLC0415 -- as above
        from portal.platforms import registry  # noqa: PLC0415 -- as above

        registry.register_guard(guard.guard_connector)
        for connector in loading.make_connectors(settings.PLATFORMS):
            registry.register_platform(connector)
