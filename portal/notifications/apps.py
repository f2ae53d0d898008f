"""Messages to people: a row with an idempotency key, delivered after commit."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "portal.notifications"

    def ready(self) -> None:
        from portal.jobs import registry  # noqa: PLC0415 -- models are loaded now
        from portal.notifications import messages  # noqa: PLC0415

        registry.register_kind(
            "notifications.deliver", messages.deliver_notification, attempts=8, exhausted=messages.give_up_delivery
        )
