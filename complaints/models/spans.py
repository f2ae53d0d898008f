"""Parts of a restitution that are planned before they are moved, so that workers can move them side by side."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.models.restitutions import Restitution
from portal import clock
from portal.outbound.calls import CallingRow


class RestitutionSpanQuerySet(models.QuerySet["RestitutionSpan"]):
    """Spans by what is to be done with them."""

    def open(self) -> Self:
        """Those of which nobody has said yet that they cannot be moved."""
        return self.filter(problem="")

    def free(self) -> Self:
        """Those of them for which no call is under way."""
        return self.open().exclude(calling_until__gt=clock.now())


class RestitutionSpan(CallingRow):
    """Followers that are planned and not moved yet: those after one id up to another, None for the end.

    Workers take spans side by side. Where followers join the portal's transaction, a span is a page, and the row is deleted in
    the transaction that moves it and writes its page of the ledger. On other platforms a span is a range of many pages: `after` goes on
    with each, and the row is deleted with the last one. A `problem` says why the rest of a range cannot be moved; it stays until
    all ranges have ended.
    """

    restitution = models.ForeignKey(
        Restitution, models.CASCADE, related_name="spans", db_index=False, verbose_name=_("restitution")
    )
    after = models.BigIntegerField()
    last = models.BigIntegerField(null=True)
    # With a default in the database, for workers of the release before.
    calling_key = models.CharField(
        _("key of the current call"), max_length=100, blank=True, editable=False, db_default=""
    )
    problem = models.CharField(max_length=30, blank=True, db_default="")
    objects = RestitutionSpanQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["restitution", "after"], name="restitution_span_once"),
        ]

    def __str__(self) -> str:
        return f"{self.restitution_id}:{self.after}"
