"""Messages to people: a row with an idempotency key, delivered after commit."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "portal.notifications"

    def ready(self) -> None:
        from portal.jobs import registry  # noqa: PLC0415 -- models are loaded now
        from portal.notifications import messages, reports  # noqa: PLC0415 -- as above
        from portal.notifications.mail import compose_notification  # noqa: PLC0415 -- models are loaded now
        from portal.notifications.models import Notification  # noqa: PLC0415 -- as above
        from portal.outbound.mail import register_mails  # noqa: PLC0415 -- as above
        from portal.people import departures  # noqa: PLC0415 -- as above

        departures.register_erasure(messages.erase_notifications)
        registry.register_periodic("notifications.purge", 3600, messages.purge_old_notifications)
        registry.register_periodic("notifications.report_discrepancies", 3600, reports.report_discrepancies)
        register_mails(Notification, compose_notification)
