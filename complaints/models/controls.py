"""What senior reviewers do to a restitution while its hold runs and while it moves followers: pause, resume, stop."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from complaints.models.restitutions import Restitution
from complaints.states import ControlKind, ControlState
from portal import clock
from portal.people.models import User


class ControlQuerySet(models.QuerySet["RestitutionControl"]):
    """Controls by what they wait for."""

    def proposed(self) -> Self:
        """Stops that wait for a second person."""
        return self.filter(state=ControlState.PROPOSED)


class RestitutionControl(models.Model):
    """A senior reviewer paused, resumed or stopped a restitution; both sides read the reason once that is made."""

    restitution = models.ForeignKey(Restitution, models.PROTECT, related_name="controls", verbose_name=_("restitution"))
    kind = models.CharField(_("kind"), max_length=10, choices=ControlKind)
    state = models.CharField(_("state"), max_length=10, choices=ControlState, default=ControlState.MADE)
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=clock.now)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("second person"))
    decided_at = models.DateTimeField(_("decided at"), null=True)
    objects = ControlQuerySet.as_manager()

    class Meta:
        verbose_name = _("control of a restitution")
        verbose_name_plural = _("controls of restitutions")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["restitution"], condition=Q(state=ControlState.PROPOSED), name="control_one_proposed"
            ),
            models.CheckConstraint(
                condition=~Q(kind=ControlKind.STOP, state=ControlState.MADE)
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("by"))),
                name="control_stop_by_two",
            ),
            models.CheckConstraint(
                condition=Q(kind=ControlKind.STOP) | Q(state=ControlState.MADE),
                name="control_only_stops_wait",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.restitution_id}/{self.kind}"

    @property
    def is_proposed(self) -> bool:
        """Whether it waits for a second person."""
        return self.state == ControlState.PROPOSED
