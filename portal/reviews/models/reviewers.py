"""What reviewers may take: their skills, and the ties that keep cases from them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal import clock


class ReviewerSkill(models.Model):
    """A reviewer may take cases of an area until a date."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person"))
    skill = models.CharField(_("area"), max_length=60)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("reviewer's area")
        verbose_name_plural = _("reviewers' areas")
        ordering = ("skill", "id")
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "skill"], name="skill_once")]

    def __str__(self) -> str:
        return self.skill


class Tie(models.Model):
    """A reviewer is tied to a person or an agency, by work, family or money, and gets none of their cases."""

    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="ties", verbose_name=_("reviewer")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    agency = models.ForeignKey(
        "accounts.Agency", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("agency")
    )
    until = models.DateTimeField(_("until"), null=True, blank=True)
    declared_at = models.DateTimeField(_("declared at"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("tie")
        verbose_name_plural = _("ties")
        ordering = ("-declared_at", "id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, agency__isnull=True) | Q(user__isnull=True, agency__isnull=False),
                name="tie_is_one",
            ),
            models.CheckConstraint(condition=Q(user=None) | ~Q(user=F("reviewer")), name="tie_not_to_oneself"),
            models.UniqueConstraint(fields=["reviewer", "user"], name="tie_user_once"),
            models.UniqueConstraint(fields=["reviewer", "agency"], name="tie_agency_once"),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer_id} - {self.user_id or self.agency_id}"
