"""What the machine found when it compared two videos. It flags and grades; it decides nothing."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.models.complaints import Complaint
from portal import clock


class Grade(models.TextChoices):
    """How strong a match is; the engine's words."""

    IDENTICAL = "identical", _("Identical file, byte for byte")
    MOTION_CONFIRMED = "motion_confirmed", _("Same imagery and same movement")
    IMAGERY = "imagery", _("Same imagery, movement not confirmed")
    STATIC = "static", _("Same imagery, with hardly any movement")
    NONE = "none", _("No match found by this method")


class Comparison(models.Model):
    """One comparison of the two videos of a complaint. `score` in [0, 1] is the matched share of the shorter one.

    `thresholds` and `versions` say with which settings and algorithms, so that it can be repeated.
    Rows are only added: the database refuses to change or delete them.
    """

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="comparisons", verbose_name=_("complaint"))
    round = models.PositiveSmallIntegerField(_("round"))
    grade = models.CharField(_("grade"), max_length=20, choices=Grade)
    score = models.FloatField(_("score"))
    thresholds = models.JSONField(_("thresholds"), default=dict)
    versions = models.JSONField(_("versions"), default=dict)
    made_at = models.DateTimeField(_("made at"), default=clock.now)

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        ordering = ("-round",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["complaint", "round"], name="comparison_once")]
        triggers: ClassVar = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.complaint_id}: {self.grade}"


class MatchSegment(models.Model):
    """A stretch of the original (a) that is found in the copy (b); times in seconds of each video. Rows are only added."""

    comparison = models.ForeignKey(Comparison, models.PROTECT, related_name="segments", verbose_name=_("comparison"))
    a_start = models.FloatField()
    a_end = models.FloatField()
    b_start = models.FloatField()
    b_end = models.FloatField()
    rate = models.FloatField(default=1.0)
    orientation = models.CharField(_("orientation"), max_length=20, default="upright")
    grade = models.CharField(_("grade"), max_length=20, choices=Grade)
    hits = models.PositiveIntegerField(_("matching frames"), default=0)
    distance = models.FloatField(_("mean distance in bits"), default=0)
    motion = models.FloatField(_("correlation of movement"), null=True)

    class Meta:
        verbose_name = _("matching segment")
        verbose_name_plural = _("matching segments")
        ordering = ("a_start", "pk")
        triggers: ClassVar = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.a_start:.1f}-{self.a_end:.1f}"
