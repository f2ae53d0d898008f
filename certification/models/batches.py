"""Decisions of one person on many cases at once: each is still recorded by itself, by a job, and can be appealed by itself."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification.models.applications import Application
from certification.models.areas import KeyArea
from certification.models.certificates import Certificate
from portal import clock
from portal.reviews.states import DecisionState


class BatchKind(models.TextChoices):
    """What is decided."""

    RENEWALS = "renewals", _("Unchanged renewals")
    SUSPENSIONS = "suspensions", _("Suspensions of many certificates")


class ItemOutcome(models.TextChoices):
    """What became of one item."""

    DONE = "done", _("Decided")
    QUEUED = "queued", _("In the review queue for someone else")
    SKIPPED = "skipped", _("Left as it was")


class BatchQuerySet(models.QuerySet["Batch"]):
    """Batches, the newest first."""

    def of_kind(self, kind: str) -> Self:
        """Those of one kind that were not discarded, with who is named on their pages."""
        rows = self.filter(kind=kind, discarded_at=None).select_related(
            "area__jurisdiction", "prepared_by", "confirmed_by"
        )
        return rows.order_by("-prepared_at", "-pk")

    def concerning(self, people: models.QuerySet[Any]) -> Self:
        """Those in which a certificate of one of these people is to be suspended."""
        items = BatchItem.objects.filter(batch=OuterRef("pk"), certificate__holder__in=people.values("pk"))
        return self.filter(Exists(items))


def _no_codes() -> list[str]:
    return []


class Batch(models.Model):
    """What somebody prepared and, of suspensions, somebody else confirmed; from then on a job carries it out."""

    WAITS = timedelta(days=14)  # for whoever confirms it
    kind = models.CharField(_("kind"), max_length=20, choices=BatchKind)
    area = models.ForeignKey(KeyArea, models.PROTECT, null=True, related_name="+", verbose_name=_("key area"))
    reasons = ArrayField(models.CharField(max_length=60), default=_no_codes, blank=True)
    explanation = models.TextField(_("message to the holders"), max_length=4000, blank=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("prepared by")
    )
    prepared_at = models.DateTimeField(_("prepared at"), default=clock.now)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    discarded_at = models.DateTimeField(_("discarded at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch of decisions")
        verbose_name_plural = _("batches of decisions")
        ordering = ("-prepared_at", "-pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False, discarded_at=None),
                name="batch_confirmed_by_at",
            ),
            models.CheckConstraint(
                condition=~Q(kind=BatchKind.SUSPENSIONS) | Q(confirmed_by=None) | ~Q(confirmed_by=F("prepared_by")),
                name="batch_suspensions_by_two",
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(confirmed_at__isnull=False), name="batch_finished_after_confirmed"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["confirmed_at"],
                condition=Q(finished_at=None, confirmed_at__isnull=False),
                name="batch_under_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def get_absolute_url(self) -> str:
        """Its page for staff."""
        return reverse("certification:batch", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        """Whether nobody confirmed it yet."""
        return self.confirmed_at is None and self.discarded_at is None

    @property
    def waits_until(self) -> datetime:
        """When it is discarded if nobody has confirmed it."""
        return self.prepared_at + self.WAITS


class BatchItemQuerySet(models.QuerySet["BatchItem"]):
    """Items by what became of them."""

    def waiting(self) -> Self:
        """Those that may still be decided: their batch was prepared, and neither discarded nor carried out so far."""
        return self.filter(outcome="", batch__discarded_at=None)


class BatchItem(models.Model):
    """One certificate to suspend, or one renewal to approve; `grounds` is what was found about it, for its holder."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="items")
    certificate = models.ForeignKey(Certificate, models.PROTECT, null=True, related_name="+")
    application = models.ForeignKey(Application, models.PROTECT, null=True, related_name="+")
    grounds = models.TextField(_("what was found"), max_length=2000, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=ItemOutcome, blank=True)
    refusal = models.CharField(_("why not"), max_length=300, blank=True)
    decision = models.ForeignKey("reviews.Decision", models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(_("done at"), null=True)
    objects = BatchItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("item of a batch")
        verbose_name_plural = _("items of batches")
        ordering = ("batch", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["batch", "certificate", "application"], nulls_distinct=False, name="batch_item_once"
            ),
            models.CheckConstraint(
                condition=Q(certificate__isnull=False, application=None)
                | Q(certificate=None, application__isnull=False),
                name="batch_item_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", done_at=None) | (~Q(outcome="") & Q(done_at__isnull=False)),
                name="batch_item_outcome_at",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["batch", "id"], condition=Q(outcome=""), name="batch_item_open"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.pk}"

    @property
    def is_proposed(self) -> bool:
        """Whether it was decided in an area where two people decide, and the second one has not agreed so far."""
        return self.decision is not None and self.decision.state == DecisionState.HELD
