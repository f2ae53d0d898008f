"""The case, who it is about, who has acted on it, and who holds it."""

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.reviews.states import CASE, CaseState, Level, Stage
from portal.workflow import Stateful


class ReviewCaseQuerySet(models.QuerySet["ReviewCase"]):
    """Cases by what they wait for, always in queue order."""

    def waiting(self) -> Self:
        return self.filter(state=CaseState.WAITING).order_by("rank_at", "pk")

    def claimed_by(self, user: models.Model) -> Self:
        return self.filter(state=CaseState.CLAIMED, claimed_by=user).order_by("rank_at", "pk")

    def overdue(self, at: datetime) -> Self:
        return self.filter(due_at__lt=at).exclude(state=CaseState.CLOSED).order_by("due_at", "pk")

    def lease_expired(self, at: datetime) -> Self:
        return self.filter(state=CaseState.CLAIMED, lease_until__lte=at).order_by("lease_until", "pk")


class ReviewCase(Stateful):
    """One matter in the queue. It knows what queueing needs and nothing of its product (ADR 0001).

    `rank_at` is when it entered its stage, less a bonus of hours for its priority. It never changes
    while the case waits, so a case overtakes only those that came less than the bonus before it.
    """

    workflow = CASE

    kind = models.CharField(_("kind"), max_length=40)
    skill = models.CharField(_("area"), max_length=60)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level, default=Level.REVIEWER)
    stage = models.CharField(_("stage"), max_length=15, choices=Stage, default=Stage.FIRST)
    title = models.CharField(_("title"), max_length=200, help_text=_("Without personal data."))
    priority = models.PositiveSmallIntegerField(_("priority"), default=0)
    reasons = ArrayField(models.CharField(max_length=60), verbose_name=_("why it needs a look"), default=list)
    opened_at = models.DateTimeField(_("opened at"), default=clock.now)
    entered_at = models.DateTimeField(_("in this stage since"), default=clock.now)
    rank_at = models.DateTimeField(_("rank"), default=clock.now)
    due_at = models.DateTimeField(_("due at"))
    paused_at = models.DateTimeField(_("paused at"), null=True)
    paused_for = models.DurationField(_("paused for"), default=timedelta)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("with")
    )
    lease_until = models.DateTimeField(_("held until"), null=True)
    version = models.PositiveIntegerField(default=1)

    objects = ReviewCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("review case")
        verbose_name_plural = _("review cases")
        ordering = ("rank_at", "id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state=CaseState.CLAIMED, claimed_by__isnull=False, lease_until__isnull=False)
                | (~Q(state=CaseState.CLAIMED) & Q(claimed_by__isnull=True, lease_until__isnull=True)),
                name="case_claimed_has_holder",
            ),
        ]
        indexes: ClassVar = [
            # The claim query walks this one: waiting cases in rank order, skill and level in the index.
            models.Index(
                fields=["rank_at", "id"],
                include=["skill", "level", "stage"],
                condition=Q(state="waiting"),
                name="case_waiting",
            ),
            models.Index(fields=["lease_until"], condition=Q(state="claimed"), name="case_leased"),
            models.Index(fields=["claimed_by"], condition=Q(state="claimed"), name="case_holder"),
            models.Index(fields=["due_at", "id"], condition=~Q(state="closed"), name="case_due"),
            models.Index(fields=["-closed_at", "-id"], condition=Q(state="closed"), name="case_closed"),
        ]
        triggers: ClassVar = [CASE.guard()]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """How people call the case: `C-000123`."""
        return f"C-{self.pk:06d}"

    @property
    def chain(self) -> str:
        """The audit chain of the whole matter."""
        return f"case:{self.pk}"

    def is_overdue(self, at: datetime) -> bool:
        """Whether the clock has run out; a paused clock does not run."""
        return self.state in {CaseState.WAITING, CaseState.CLAIMED} and self.due_at < at


class CaseParty(models.Model):
    """A person or agency that a case is about; she never reviews it, nor does her agency."""

    case = models.ForeignKey(ReviewCase, models.CASCADE, related_name="parties")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    agency = models.ForeignKey("accounts.Agency", models.PROTECT, null=True, related_name="+")
    role = models.CharField(_("role"), max_length=30)

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, agency__isnull=True) | Q(user__isnull=True, agency__isnull=False),
                name="party_is_one",
            ),
            models.UniqueConstraint(fields=["case", "user"], name="party_user_once"),
            models.UniqueConstraint(fields=["case", "agency"], name="party_agency_once"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.role}"


class Participation(models.Model):
    """Somebody who has decided on a case, or stepped back from it: she gets it at no later stage."""

    case = models.ForeignKey(ReviewCase, models.CASCADE, related_name="participations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    role = models.CharField(_("role"), max_length=30)
    at = models.DateTimeField(_("at"), default=clock.now)

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "user"], name="participation_once")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.role}"


class Claim(models.Model):
    """One time that somebody held a case, and how it ended."""

    class End(models.TextChoices):
        DECIDED = "decided", _("decided")
        ASKED = "asked", _("asked for more")
        RELEASED = "released", _("released")
        HANDED_OVER = "handed_over", _("handed over")
        EXPIRED = "expired", _("lease ran out")
        TIE = "tie", _("has a tie")
        CLOSED = "closed", _("matter ended")

    case = models.ForeignKey(ReviewCase, models.CASCADE, related_name="claims")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    stage = models.CharField(_("stage"), max_length=15, choices=Stage)
    claimed_at = models.DateTimeField(_("claimed at"), default=clock.now)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    end = models.CharField(_("end"), max_length=12, choices=End, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ("-claimed_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at=None), name="claim_open_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["reviewer", "-claimed_at"], name="claim_of_reviewer")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.stage}"
