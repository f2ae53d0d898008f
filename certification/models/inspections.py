"""Inspections: certificates drawn by lot each month, and those with a flag, whose holders show that all is as certified."""

import hashlib
from datetime import timedelta
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certification.models.certificates import Certificate
from portal import clock

SHARE = 0.02  # of the certificates that are valid when a month's lots are drawn
ANSWER_WITHIN = timedelta(days=7)


class InspectionRound(models.Model):
    """The draw of one month. Seed, moment and history give the same certificates again whenever they are computed."""

    month = models.DateField(_("month"), unique=True, help_text=_("Its first day."))
    seed = models.CharField(_("seed"), max_length=64)
    drawn_at = models.DateTimeField(_("drawn at"), default=clock.now)
    population = models.PositiveIntegerField(_("valid certificates"))
    drawn = models.PositiveIntegerField(_("drawn by lot"))
    flagged = models.PositiveIntegerField(_("with a flag"))

    class Meta:
        verbose_name = _("round of inspections")
        verbose_name_plural = _("rounds of inspections")
        ordering = ("-month",)
        triggers: ClassVar = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


def lot_of(seed: str, serial: str) -> str:
    """The lot of a certificate in a round: those with the least are inspected. The database computes the same."""
    return hashlib.sha256(f"{seed}:{serial}".encode()).hexdigest()


class DrawCheck(models.Model):
    """The draw of a round computed again by a job: how far it has come, and whether it gave the same certificates."""

    round = models.ForeignKey(InspectionRound, models.PROTECT, related_name="checks")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    examined = models.PositiveIntegerField(_("examined"), default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    agrees = models.BooleanField(_("gives the same certificates"), null=True)  # None: not known (yet)

    class Meta:
        verbose_name = _("draw computed again")
        verbose_name_plural = _("draws computed again")
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round"], condition=Q(finished_at=None), name="draw_check_one_open"),
            models.CheckConstraint(
                condition=Q(agrees=None) | Q(finished_at__isnull=False), name="draw_check_agrees_at_its_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.asked_at:%Y-%m-%d}"


class InspectionCause(models.TextChoices):
    """Why a certificate is inspected."""

    LOT = "lot", _("drawn by lot")
    FLAG = "flag", _("has a flag")


class Inspection(models.Model):
    """One certificate inspected: its holder is asked, and answers in time or does not. A person looks at either."""

    round = models.ForeignKey(InspectionRound, models.PROTECT, related_name="inspections")
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="inspections")
    cause = models.CharField(_("cause"), max_length=10, choices=InspectionCause)
    asked_at = models.DateTimeField(_("asked at"), null=True)
    due_at = models.DateTimeField(_("answer by"), null=True)
    answer = models.TextField(_("holder's answer"), max_length=4000, blank=True)
    files = models.ManyToManyField("evidence.EvidenceFile", related_name="+", blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)
    # Nothing is to be answered any more: answered, missed, or the certificate ended before.
    ended_at = models.DateTimeField(_("ended at"), null=True)
    trigger = models.OneToOneField(
        "certification.RecheckTrigger", models.PROTECT, null=True, related_name="inspection", verbose_name=_("result")
    )

    class Meta:
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")
        ordering = ("-round", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round", "certificate"], name="inspection_once_a_round"),
            models.CheckConstraint(
                condition=Q(asked_at=None, due_at=None) | Q(asked_at__isnull=False, due_at__isnull=False),
                name="inspection_asked_until",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(ended_at=None), name="inspection_due"),
        ]

    def __str__(self) -> str:
        return f"{self.round_id}/{self.certificate_id}"

    @property
    def is_open(self) -> bool:
        """Whether the holder has to answer."""
        return self.asked_at is not None and self.ended_at is None
