"""Webhooks: endpoints of platforms, what they are told, and the jobs that send it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "portal.webhooks"
    verbose_name = _("Webhooks")

    def ready(self) -> None:
        from portal.evidence.actions import keys  # noqa: PLC0415 -- models are loaded now
        from portal.jobs import registry  # noqa: PLC0415 -- as above
        from portal.webhooks.actions import delivering, endpoints, retention  # noqa: PLC0415 -- as above

        registry.register_periodic("webhooks.collect", 10, delivering.collect_and_dispatch)
        registry.register_periodic("webhooks.dispatch", 10, delivering.dispatch_all)
        registry.register_periodic("webhooks.purge", 3600, retention.purge_deliveries)
        registry.register_kind(
            delivering.DELIVER,
            delivering.deliver,
            attempts=delivering.DELIVER_ATTEMPTS,
            exhausted=delivering.give_up_delivering,
        )
        keys.register_text_renewal("webhook secrets", endpoints.renew_secrets)
        endpoints.register_endpoint_changes()
