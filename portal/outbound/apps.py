"""What leaves the portal over the network: mails, rows claimed for a call, and questions that jobs ask platforms."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboundConfig(AppConfig):
    name = "portal.outbound"
    verbose_name = _("Platforms")

    def ready(self) -> None:
        from portal.jobs import registry  # noqa: PLC0415 -- models are loaded now
        from portal.outbound import discrepancies, lookups, platform_jobs, samples  # noqa: PLC0415 -- as above
        from portal.outbound.http import traffic  # noqa: PLC0415 -- as above

        registry.register_kind(
            lookups.LOOK_UP, lookups.look_up, attempts=lookups.LOOK_UP_ATTEMPTS, exhausted=lookups.give_up_looking
        )
        registry.register_periodic("outbound.purge_lookups", 600, lookups.purge_lookups)
        registry.register_periodic("outbound.purge_discrepancies", 3600, discrepancies.purge_settled_discrepancies)
        registry.register_periodic("outbound.note_overdue_jobs", 3600, platform_jobs.note_overdue_jobs)
        registry.register_periodic("outbound.purge_failures", 3600, traffic.purge_failures)
        samples.register_platform_figures()
