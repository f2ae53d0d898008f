"""What the portal knows of platforms that it reaches over HTTP, and what it has received from them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal import clock


class PlatformCapabilities(models.Model):
    """What a platform said last that it serves (http/capabilities.py), and how the last question to it went."""

    platform = models.CharField(_("platform"), max_length=20, unique=True)
    document = models.JSONField(_("what it serves"), null=True)
    read_at = models.DateTimeField(_("read at"), null=True)
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    problem = models.CharField(_("error"), max_length=200, blank=True)
    # When the version of the contract that we speak ends there, as the platform has announced it.
    sunset_at = models.DateTimeField(_("version ends at"), null=True)

    class Meta:
        verbose_name = _("what a platform serves")
        verbose_name_plural = _("what platforms serve")
        ordering = ("platform",)

    def __str__(self) -> str:
        return self.platform


class ReceivedMessage(models.Model):
    """The id of a signed request of a platform, kept for as long as its signature holds, so that it counts once."""

    platform = models.CharField(_("platform"), max_length=20)
    message = models.CharField(_("message"), max_length=100)
    at = models.DateTimeField(_("received at"), default=clock.now, db_index=True)

    class Meta:
        verbose_name = _("received message")
        verbose_name_plural = _("received messages")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["platform", "message"], name="received_message_once"),)

    def __str__(self) -> str:
        return f"{self.platform} {self.pk}"
