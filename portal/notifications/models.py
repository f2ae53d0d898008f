"""Notifications: one row a message, shown in the portal and sent by mail."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal import clock


class Delivery(models.TextChoices):
    """Where the mail of a notification is."""

    PENDING = "pending", _("waiting to be sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("could not be delivered")
    PORTAL = "portal", _("shown in the portal only")


class Notification(models.Model):
    """One message to one person. `key` makes it once, however often the event is handled."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    kind = models.CharField(_("kind"), max_length=80)
    key = models.CharField(max_length=160, unique=True)
    context = models.JSONField(default=dict)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(_("created at"), default=clock.now)
    read_at = models.DateTimeField(_("read at"), null=True)
    delivery = models.CharField(_("mail"), max_length=10, choices=Delivery, default=Delivery.PENDING)
    delivered_at = models.DateTimeField(_("mail sent at"), null=True)
    error = models.CharField(_("last error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ("-created_at", "-id")
        indexes: ClassVar = [
            models.Index(fields=["user", "-id"], name="notification_of_user"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notification_unread"),
            models.Index(fields=["-id"], condition=Q(delivery="failed"), name="notification_failed"),
        ]

    def __str__(self) -> str:
        return self.key
