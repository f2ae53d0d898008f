"""Makes the connectors of the setting PLATFORMS when the process starts."""

import logging
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, register

_LOG = logging.getLogger(__name__)


class ConnectorsConfig(AppConfig):
    name = "portal.connectors"

    def ready(self) -> None:
        """Serve the platforms of right entries; a web server, which runs no checks, logs the others."""
        from portal.connectors import loading, status, upkeep  # noqa: PLC0415 -- models are loaded now
        from portal.connectors.http.connector import narrow_connector  # noqa: PLC0415 -- as above
        from portal.connectors.mediacms.connector import narrow_connector as narrow_mediacms  # noqa: PLC0415 -- as above
        from portal.connectors.peertube import sessions  # noqa: PLC0415 -- as above
        from portal.connectors.peertube.connector import narrow_connector as narrow_peertube  # noqa: PLC0415 -- as above
        from portal.evidence.actions.keys import register_text_renewal  # noqa: PLC0415 -- as above
        from portal.jobs import registry as jobs  # noqa: PLC0415 -- as above
        from portal.outbound import guard, lookups  # noqa: PLC0415 -- as above
        from portal.platforms import registry  # noqa: PLC0415 -- as above

        registry.register_guard(narrow_connector)
        registry.register_guard(narrow_peertube)
        registry.register_guard(narrow_mediacms)
        registry.register_guard(guard.guard_connector)
        lookups.register_question(status.CHECK, status.ask_whether_it_answers, once=True)
        connectors, wrong = loading.make_connectors(settings.PLATFORMS)
        for connector in connectors:
            registry.register_platform(connector)
        for error in wrong:
            _LOG.error("%s", error.msg)
        register(check_platforms)
        jobs.register_kind(upkeep.READ_CAPABILITIES, upkeep.read_platform_capabilities, attempts=2)
        jobs.register_periodic("connectors.ask_platforms", 300, upkeep.ask_platforms)
        jobs.register_periodic("connectors.purge_received", 600, upkeep.purge_received_messages)
        jobs.register_kind(upkeep.LIFT_HOLD, upkeep.lift_hold, attempts=12)
        jobs.register_periodic("connectors.lift_expired", 600, upkeep.lift_expired_holds)
        jobs.register_periodic("connectors.purge_holds", 86_400, upkeep.purge_ended_holds)
        register_text_renewal("sessions on platforms", sessions.renew_sealed_tokens)


def check_platforms(**_options: Any) -> list[CheckMessage]:
    """An error for each entry of PLATFORMS of which no connector can be made."""
    from portal.connectors import loading  # noqa: PLC0415 -- as above

    return loading.make_connectors(settings.PLATFORMS)[1]
