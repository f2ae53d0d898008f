"""What followers have chosen themselves after their follow was moved."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.models.restitutions import Restitution
from portal import clock
from portal.outbound.calls import CallingRow


class FollowerChoiceQuerySet(models.QuerySet["FollowerChoice"]):
    """Choices by whether the platform has carried them out."""

    def carried_out(self) -> Self:
        """Those that count."""
        return self.filter(calling_key="", account_gone=False)

    def abandoned(self, at: datetime) -> Self:
        """Those whose call was made, perhaps, by a process that died before it recorded the answer."""
        return self.filter(calling_until__lte=at).exclude(calling_key="").order_by("calling_until", "pk")


class FollowerChoice(CallingRow):
    """A follower took their own move back, by the link in their message; a claim until the platform has answered.

    It counts for nothing where the platform did not know one of the accounts any more.
    """

    restitution = models.ForeignKey(Restitution, models.PROTECT, related_name="choices", verbose_name=_("restitution"))
    follower_id = models.BigIntegerField(_("follower"))
    at = models.DateTimeField(_("at"), default=clock.now)
    account_gone = models.BooleanField(_("one of the accounts is gone"), default=False, db_default=False)
    objects = FollowerChoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("choice of a follower")
        verbose_name_plural = _("choices of followers")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["restitution", "follower_id"], name="follower_choice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.restitution_id}/{self.follower_id}"
