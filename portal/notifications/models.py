"""Notifications: one row a message, shown in the portal and sent by mail."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.languages import ReaderText, TranslatedField
from portal.outbound.mail import MailRow


class Notification(MailRow):
    """One message to one person. `key` makes it once, however often the event is handled.

    It keeps its words in every language as they were when it was written: later edits of names, reasons or
    templates do not reach it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    key = models.CharField(max_length=160, unique=True)
    subjects = TranslatedField(_("subject"), max_length=300)
    subject = ReaderText(subjects)
    bodies = TranslatedField(_("text"), max_length=10_000)
    body = ReaderText(bodies)
    url = models.CharField(max_length=300, blank=True)
    read_at = models.DateTimeField(pgettext_lazy("by a person", "read at"), null=True)

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
