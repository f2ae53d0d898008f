"""Followers who want no restitution to change their follows."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.outbound.calls import CallingRow


class FollowerOptOutQuerySet(models.QuerySet["FollowerOptOut"]):
    """Opt-outs by whether the platform knows of them."""

    def unknown(self, since: datetime) -> Self:
        """Those of which the platform was to be told before this moment, and has not confirmed it."""
        return self.filter(applied_at=None, asked_at__lte=since)


class FollowerOptOut(CallingRow):
    """What a follower of a platform wants for all restitutions to come; the platform keeps them out of every order.

    `applied_at` is when the platform confirmed the present wish, None until then.
    """

    platform = models.CharField(_("platform"), max_length=40)
    follower_id = models.BigIntegerField(_("follower"))
    opted_out = models.BooleanField(_("opted out"), default=True)
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    applied_at = models.DateTimeField(_("confirmed by the platform at"), null=True)
    objects = FollowerOptOutQuerySet.as_manager()

    class Meta:
        verbose_name = _("opt-out of a follower")
        verbose_name_plural = _("opt-outs of followers")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["platform", "follower_id"], name="follower_opt_out_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["asked_at"], condition=models.Q(applied_at=None), name="follower_opt_out_unknown"),
        ]

    def __str__(self) -> str:
        return f"{self.platform}/{self.follower_id}"
