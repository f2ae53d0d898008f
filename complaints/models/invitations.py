"""What followers have answered who were asked whether they want to follow the author instead."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from complaints.models.restitutions import Restitution
from portal import clock
from portal.outbound.calls import CallingRow


class InvitationOutcome(models.TextChoices):
    """What an answer came to."""

    WAITING = "", _("being carried out")
    MOVED = "moved", _("follows the author instead")
    DECLINED = "declined", _("stays, or has changed it themselves")
    NOT_MOVED = "not_moved", _("accepted, but was not moved")


class InvitationAnswerQuerySet(models.QuerySet["InvitationAnswer"]):
    """Answers by whether the platform has carried them out."""

    def waiting(self) -> Self:
        """Those that are to be carried out, oldest first."""
        return self.filter(outcome=InvitationOutcome.WAITING).order_by("pk")

    def abandoned(self, at: datetime) -> Self:
        """Those that no job carries out any more, perhaps."""
        return self.waiting().filter(at__lte=at)


class InvitationAnswer(CallingRow):
    """A follower has accepted or declined, by the link in their message. The first answer stands."""

    restitution = models.ForeignKey(Restitution, models.PROTECT, related_name="answers", verbose_name=_("restitution"))
    follower_id = models.BigIntegerField(_("follower"))
    accepted = models.BooleanField(pgettext_lazy("by a follower", "accepted"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=InvitationOutcome, blank=True)
    at = models.DateTimeField(_("at"), default=clock.now)
    objects = InvitationAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer of a follower")
        verbose_name_plural = _("answers of followers")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["restitution", "follower_id"], name="invitation_answer_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["restitution"], condition=models.Q(outcome=""), name="invitation_answer_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.restitution_id}/{self.follower_id}"
