"""Messages to people: a row with an idempotency key, delivered after commit."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "portal.notifications"

    def ready(self) -> None:
        from portal.notifications.mail import compose_notification  # noqa: PLC0415 -- models are loaded now
        from portal.notifications.models import Notification  # noqa: PLC0415 -- as above
        from portal.outbound.mail import register_mails  # noqa: PLC0415 -- as above

        register_mails(Notification, compose_notification)
