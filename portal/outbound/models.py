"""Questions to platforms with their answers, and what platforms do not show as they should."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal import clock


class LookupState(models.TextChoices):
    """How far a question has come."""

    ASKED = "asked", _("in progress")
    ANSWERED = "answered", _("answered")
    UNKNOWN = "unknown", _("not found on the platform")
    SILENT = "silent", _("no answer")


class Lookup(models.Model):
    """One question; whoever asks the same within some minutes gets the same answer (lookups.py)."""

    key = models.CharField(_("key"), max_length=64, unique=True)
    question = models.CharField(_("query"), max_length=60)
    arguments = models.JSONField(_("arguments"), default=list)
    platform = models.CharField(_("platform"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=LookupState, default=LookupState.ASKED)
    answer = models.JSONField(_("answer"), null=True)
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    answered_at = models.DateTimeField(_("answered at"), null=True)

    class Meta:
        verbose_name = _("platform query")
        verbose_name_plural = _("platform queries")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.question} {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether its job has still to answer."""
        return self.state == LookupState.ASKED


class Effect(models.TextChoices):
    """What the portal has a platform do, and can find out whether it holds."""

    LABEL = "label", _("label of a certificate")
    REMOVAL = "removal", _("removal of a video")
    RESTRICTION = "restriction", _("closing of an account")
    MESSAGE = "message", _("message to an account")


class Problem(models.TextChoices):
    """Why an effect is not as it should be."""

    SILENT = "silent", _("The platform is not responding.")
    IGNORED = "ignored", _("The platform accepted it, but does not show it.")


class Discrepancy(models.Model):
    """An effect that a platform does not show as it should, as far as is known (discrepancies.py).

    `wanted`: whether the effect should hold, or should have ended. `subject` is the number of the complaint or the
    certificate on which it rests. The row stays when it is settled, and is opened again by the same `key`.
    """

    key = models.CharField(_("key"), max_length=200, unique=True)
    platform = models.CharField(_("platform"), max_length=40)
    effect = models.CharField(_("effect"), max_length=12, choices=Effect)
    wanted = models.BooleanField(_("should hold"))
    subject = models.CharField(_("case or certificate"), max_length=60)
    problem = models.CharField(_("problem"), max_length=10, choices=Problem)
    since = models.DateTimeField(_("since"), default=clock.now)
    tried_at = models.DateTimeField(_("last attempt"), default=clock.now)
    attempts = models.PositiveIntegerField(_("attempts"), default=1)
    settled_at = models.DateTimeField(_("settled at"), null=True)

    class Meta:
        verbose_name = _("discrepancy on a platform")
        verbose_name_plural = _("discrepancies on platforms")
        ordering = ("-since", "-pk")
        indexes: ClassVar = [models.Index(fields=["platform"], condition=Q(settled_at=None), name="discrepancy_open")]

    def __str__(self) -> str:
        return self.key
