"""Questions to platforms with their answers, for pages that may not call a platform themselves."""

from django.db import models
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
