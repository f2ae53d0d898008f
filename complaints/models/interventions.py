"""What senior reviewers do to a restitution while it moves followers: pause, resume, stop."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from complaints.models.restitutions import Restitution
from complaints.states import InterventionKind, InterventionState
from portal import clock
from portal.people.models import User


class InterventionQuerySet(models.QuerySet["Intervention"]):
    """Interventions by what they wait for."""

    def proposed(self) -> Self:
        """Stops that wait for a second person."""
        return self.filter(state=InterventionState.PROPOSED)


class Intervention(models.Model):
    """A senior reviewer paused, resumed or stopped a restitution; both sides read the reason once that is made."""

    restitution = models.ForeignKey(
        Restitution, models.PROTECT, related_name="interventions", verbose_name=_("restitution")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=InterventionKind)
    state = models.CharField(_("state"), max_length=10, choices=InterventionState, default=InterventionState.MADE)
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=clock.now)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("second person"))
    decided_at = models.DateTimeField(_("decided at"), null=True)
    objects = InterventionQuerySet.as_manager()

    class Meta:
        verbose_name = _("intervention in a restitution")
        verbose_name_plural = _("interventions in restitutions")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["restitution"], condition=Q(state=InterventionState.PROPOSED), name="intervention_one_proposed"
            ),
            models.CheckConstraint(
                condition=~Q(kind=InterventionKind.STOP, state=InterventionState.MADE)
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("by"))),
                name="intervention_stop_by_two",
            ),
            models.CheckConstraint(
                condition=Q(kind=InterventionKind.STOP) | Q(state=InterventionState.MADE),
                name="intervention_only_stops_wait",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.restitution_id}/{self.kind}"

    @property
    def is_proposed(self) -> bool:
        """Whether it waits for a second person."""
        return self.state == InterventionState.PROPOSED
