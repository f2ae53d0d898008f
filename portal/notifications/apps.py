"""Messages to people: a row with an idempotency key, delivered after commit."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "portal.notifications"
