"""Pages of a restitution that are planned before they are moved, so that workers can move them side by side."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.models.restitutions import Restitution


class RestitutionSpan(models.Model):
    """A page that is planned and not moved yet: the followers after one id up to another, None for the end.

    Workers take spans side by side. The row is deleted in the transaction that moves it and writes its page of the ledger.
    """

    restitution = models.ForeignKey(
        Restitution, models.CASCADE, related_name="spans", db_index=False, verbose_name=_("restitution")
    )
    after = models.BigIntegerField()
    last = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["restitution", "after"], name="restitution_span_once"),
        ]

    def __str__(self) -> str:
        return f"{self.restitution_id}:{self.after}"
