"""What reviewers may take: their skills, and the conflicts of interest that keep cases from them."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.reviews.states import Level


class ReviewerSkill(models.Model):
    """A reviewer may take cases of an area until a date."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="review_skills",
        verbose_name=_("person"),
        db_index=False,
    )
    skill = models.CharField(_("area"), max_length=60)
    level = models.PositiveSmallIntegerField(
        _("level"), choices=Level, default=Level.SENIOR, help_text=_("At most; their role sets a limit, too.")
    )
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("reviewer's area")
        verbose_name_plural = _("reviewers' areas")
        ordering = ("skill", "id")
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "skill"], name="skill_once")]

    def __str__(self) -> str:
        return self.skill


class ConflictOfInterestQuerySet(models.QuerySet["ConflictOfInterest"]):
    """Conflicts of interest of reviewers."""

    def in_force(self, reviewer: models.Model, at: datetime) -> Self:
        """Conflicts of a reviewer that hold at a moment, newest first."""
        now = Q(until=None) | Q(until__gt=at)
        return self.filter(now, reviewer=reviewer).select_related("user", "agency").order_by("-declared_at", "-pk")


class ConflictOfInterest(models.Model):
    """A reviewer is tied to a person or an agency, by work, family or money, and gets none of their cases."""

    class Kind(models.TextChoices):
        FAMILY = "family", _("family or household")
        FRIEND = "friend", _("friendship or dispute")
        WORK = "work", _("work, current or former")
        MONEY = "money", _("money or business")
        OTHER = "other", _("other")

    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="conflicts_of_interest", verbose_name=_("reviewer")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    agency = models.ForeignKey(
        "people.Agency", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("agency")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.OTHER)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    declared_at = models.DateTimeField(_("declared at"), default=clock.now, editable=False)

    objects = ConflictOfInterestQuerySet.as_manager()

    class Meta:
        verbose_name = _("conflict of interest")
        verbose_name_plural = _("conflicts of interest")
        ordering = ("-declared_at", "id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, agency__isnull=True) | Q(user__isnull=True, agency__isnull=False),
                name="conflict_is_one",
            ),
            models.CheckConstraint(condition=Q(user=None) | ~Q(user=F("reviewer")), name="conflict_not_with_oneself"),
            models.UniqueConstraint(fields=["reviewer", "user"], name="conflict_user_once"),
            models.UniqueConstraint(fields=["reviewer", "agency"], name="conflict_agency_once"),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer_id} - {self.user_id or self.agency_id}"
