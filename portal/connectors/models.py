"""What the portal knows of platforms that it reaches over HTTP, and what it has received from them."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.outbound.calls import CallingRow


class PlatformCapabilities(models.Model):
    """What a platform said last that it serves (http/capabilities.py), and how the last question to it went."""

    platform = models.CharField(_("platform"), max_length=20, unique=True)
    document = models.JSONField(_("what it serves"), null=True)
    read_at = models.DateTimeField(_("read at"), null=True)
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    problem = models.CharField(_("error"), max_length=200, blank=True)
    # When the version of the contract that we speak ends there, as the platform has announced it.
    sunset_at = models.DateTimeField(_("version ends at"), null=True)
    # Since when, or from when on, it is deprecated there (RFC 9745).
    deprecated_at = models.DateTimeField(_("version deprecated at"), null=True)

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


class DividedCall(models.Model):
    """How many followers a call had at most when it was first made, so that its repetition is divided alike (http/division.py).

    `key` is a digest of the followers. Platforms lower their limits, also while a page is being taken back.
    """

    platform = models.CharField(_("platform"), max_length=20)
    key = models.CharField(_("key"), max_length=64)
    size = models.PositiveIntegerField(_("most followers a call"))
    at = models.DateTimeField(_("first made at"), default=clock.now, db_index=True)

    class Meta:
        verbose_name = _("divided call")
        verbose_name_plural = _("divided calls")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["platform", "key"], name="divided_call_once"),)

    def __str__(self) -> str:
        return f"{self.platform} {self.pk}"


class PlatformSession(models.Model):
    """The tokens with which the portal is signed in on a platform, shared by all workers (peertube/sessions.py).

    `version` is raised with each new pair. `renewing_until` is the lease of the worker that gets the next one. `token_calls`
    counts the calls for tokens since `counted_from`. Times are those of the machine, since the platform keeps them by its own.
    """

    platform = models.CharField(_("platform"), max_length=20, unique=True)
    access_sealed = models.TextField(_("access token (encrypted)"), blank=True)
    access_until = models.DateTimeField(_("access token valid until"), null=True)
    refresh_sealed = models.TextField(_("refresh token (encrypted)"), blank=True)
    version = models.PositiveBigIntegerField(_("number of the pair"), default=0)
    renewing_until = models.DateTimeField(_("being renewed until"), null=True)
    token_calls = models.PositiveIntegerField(_("calls for tokens"), default=0)
    counted_from = models.DateTimeField(_("counted from"), null=True)

    class Meta:
        verbose_name = _("session on a platform")
        verbose_name_plural = _("sessions on platforms")
        ordering = ("platform",)

    def __str__(self) -> str:
        return self.platform

    @property
    def bound_to(self) -> str:
        """What the encrypted tokens are bound to."""
        return f"platform-session:{self.platform}"


class HeldTarget(CallingRow):
    """A work or an account of a platform that knows one removal or restriction at a time, with the portal's own on it.

    One call at a time changes it (portal/outbound/calls.py), so that a new hold never crosses the end of the last one.
    `undo_data` is what the end of the last hold puts back, noted before the first call (mediacms/custody.py). The last change
    is complete at `complete_at`, None if at once.
    """

    platform = models.CharField(_("platform"), max_length=20)
    ability = models.CharField(_("kind"), max_length=20)  # removals | restrictions
    target = models.CharField(_("work or account"), max_length=300)
    undo_data = models.JSONField(_("what the end puts back"), null=True)
    complete_at = models.DateTimeField(_("last change complete at"), null=True)

    class Meta:
        verbose_name = _("work or account with holds")
        verbose_name_plural = _("works and accounts with holds")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["platform", "ability", "target"], name="held_target_once"),)

    def __str__(self) -> str:
        return f"{self.platform} {self.ability} {self.target}"

    @property
    def noted(self) -> dict[str, Any]:
        """The undo data, {} for none."""
        return self.undo_data or {}


class PlatformHold(models.Model):
    """One removal or restriction that the portal holds there, by its key; it has ended for good once `ended_at` is set.

    `reason` is what the platform was given to show. `others`: somebody else's was there already, which is left to them.
    """

    target = models.ForeignKey(HeldTarget, on_delete=models.CASCADE, related_name="holds", verbose_name=_("target"))
    key = models.CharField(_("key"), max_length=200)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    until = models.DateTimeField(_("until"), null=True)
    others = models.BooleanField(_("set by others"), default=False)
    at = models.DateTimeField(_("since"), default=clock.now)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("hold on a platform")
        verbose_name_plural = _("holds on platforms")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["target", "key"], name="platform_hold_once"),)

    def __str__(self) -> str:
        return f"{self.target_id} {self.key}"


class SentMessage(models.Model):
    """A message to an account that a platform took without telling anything of it, so that it is sent once."""

    platform = models.CharField(_("platform"), max_length=20)
    account = models.CharField(_("account"), max_length=300)
    key = models.CharField(_("key"), max_length=200)
    at = models.DateTimeField(_("sent at"), default=clock.now, db_index=True)

    class Meta:
        verbose_name = _("message sent to a platform")
        verbose_name_plural = _("messages sent to platforms")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["platform", "account", "key"], name="sent_message_once"),)

    def __str__(self) -> str:
        return f"{self.platform} {self.key}"
