"""How the ledger of a restitution compares with what followers follow on the platform."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.models.restitutions import Restitution
from portal import clock


class Reconciliation(models.Model):
    """Counts of one comparison; nobody's id. There is one for each restitution; comparing again begins with the next `run`.

    Of very many followers every `step`-th page of the ledger is compared. `agreed`: what the ledger says. `changed`: the
    follower has chosen otherwise since, or their account is gone. `differing`: neither; staff look at it. `page`: the number of the
    first page that was not compared yet.
    """

    restitution = models.OneToOneField(
        Restitution, models.CASCADE, related_name="reconciliation", verbose_name=_("restitution"), primary_key=True
    )
    run = models.PositiveIntegerField(default=1)
    page = models.PositiveIntegerField(default=0)
    step = models.PositiveIntegerField(default=1)
    agreed = models.PositiveIntegerField(_("agree"), default=0)
    changed = models.PositiveIntegerField(_("changed since"), default=0)
    differing = models.PositiveIntegerField(_("differ"), default=0)
    asked_at = models.DateTimeField(_("asked for at"), default=clock.now)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    problem = models.CharField(_("error"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("comparison with the platform")
        verbose_name_plural = _("comparisons with platforms")
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.restitution_id}#{self.run}"

    @property
    def compared(self) -> int:
        """How many followers were compared."""
        return self.agreed + self.changed + self.differing

    @property
    def runs(self) -> bool:
        """Whether it goes on."""
        return self.ended_at is None
