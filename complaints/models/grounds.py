"""Why follows are attributable in a restitution, and the complaints on whose findings that rests."""

from datetime import datetime
from typing import ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models.complaints import Complaint
from complaints.models.restitutions import Restitution, kept_with_record
from portal import clock


class GroundQuerySet(models.QuerySet["RestitutionGround"]):
    """Grounds by whether they stand."""

    def standing(self) -> Self:
        """Those that have not fallen."""
        return self.filter(fallen_at=None)


class RestitutionGround(models.Model):
    """One reason why follows are attributable in one restitution; each page of the ledger names its own.

    Either they came by the work `work_id`, which was found to be a copy and published at `since` (None if the platform
    does not say); or, with an empty `work_id`, nothing is known of how they came and they began at or after `since`.
    """

    restitution = models.ForeignKey(Restitution, models.PROTECT, related_name="grounds", verbose_name=_("restitution"))
    work_id = models.CharField(_("work"), max_length=80, blank=True)
    since = models.DateTimeField(_("since"), null=True)
    fallen_at = models.DateTimeField(_("lapsed at"), null=True)
    settled_at = models.DateTimeField(_("follows restored at"), null=True)
    objects = GroundQuerySet.as_manager()

    class Meta:
        verbose_name = _("ground of a restitution")
        verbose_name_plural = _("grounds of restitutions")
        ordering = ("restitution", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["restitution", "work_id", "since"], nulls_distinct=False, name="restitution_ground_once"
            ),
            models.CheckConstraint(condition=~Q(work_id="") | Q(since__isnull=False), name="restitution_ground_says"),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="ground_unchanged", exclude=["fallen_at", "settled_at"]),
            kept_with_record("ground_kept", restitution="OLD.restitution_id"),
        ]

    def __str__(self) -> str:
        return f"{self.restitution_id}/{self.work_id or self.since}"

    @property
    def key(self) -> str | datetime | None:
        """How a platform names it: the work, or the moment."""
        return self.work_id or self.since


class GroundFinding(models.Model):
    """A ground rests on the finding of an upheld complaint, until that is reversed. Rows are only added.

    The finding is that `work_id`, published at `published_at` (None if the platform does not say), is a copy. A ground
    of a work rests on findings about that work, one of a time on those about all works of the account.
    """

    ground = models.ForeignKey(RestitutionGround, models.PROTECT, related_name="findings", verbose_name=_("ground"))
    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="borne_grounds", verbose_name=_("complaint"))
    work_id = models.CharField(_("work"), max_length=80)
    published_at = models.DateTimeField(_("published at"), null=True)
    linked_at = models.DateTimeField(_("since"), default=clock.now)
    reversed_at = models.DateTimeField(_("reversed at"), null=True)

    class Meta:
        verbose_name = _("finding of a ground")
        verbose_name_plural = _("findings of grounds")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ground", "complaint"], name="ground_finding_once"),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="ground_finding_unchanged", exclude=["reversed_at"]),
            kept_with_record(
                "ground_finding_kept",
                restitution="(SELECT g.restitution_id FROM complaints_restitutionground g WHERE g.id = OLD.ground_id)",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ground_id}/{self.complaint_id}"
