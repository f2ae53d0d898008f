"""What returning followers would come to, counted before anybody decides on it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models.complaints import Complaint
from complaints.states import RestitutionMode
from portal import clock


class RestitutionPreview(models.Model):
    """Counts of a restitution that may follow from a complaint, as the platform foresees it; nobody's id.

    There is one for each complaint; counting again begins with empty counts under the next `run`. It ends at the last
    follower, at the most that are looked at, or with a `problem`. `mode`: that of the region when it was asked for. `expected`:
    followers of the account when it began.
    """

    complaint = models.OneToOneField(
        Complaint, models.CASCADE, related_name="preview", verbose_name=_("complaint"), primary_key=True
    )
    mode = models.CharField(_("mode"), max_length=10, choices=RestitutionMode)
    run = models.PositiveIntegerField(default=1)
    cursor = models.BigIntegerField(default=0)
    batch = models.PositiveIntegerField(_("page size"), default=5000)
    moved = models.PositiveIntegerField(_("moved"), default=0)
    already = models.PositiveIntegerField(_("followed both"), default=0)
    excluded = models.JSONField(_("excluded"), default=dict)
    passed = models.PositiveIntegerField(_("not attributable"), default=0)
    expected = models.PositiveIntegerField(_("followers of the account at the start"), default=0)
    asked_at = models.DateTimeField(_("asked for at"), default=clock.now)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    is_complete = models.BooleanField(_("complete"), default=False)
    problem = models.CharField(_("error"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("preview of a restitution")
        verbose_name_plural = _("previews of restitutions")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_complete=False) | Q(ended_at__isnull=False, problem=""),
                name="preview_complete_when_ended",
            )
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}#{self.run}"

    @property
    def looked_at(self) -> int:
        """How many followers were looked at."""
        stay: int = sum(self.excluded.values())
        return self.moved + self.already + stay + self.passed

    @property
    def runs(self) -> bool:
        """Whether it is being counted."""
        return self.ended_at is None
