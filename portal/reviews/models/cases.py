"""The case, who it is about, who has acted on it, and who holds it."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal import clock
from portal.languages import ReaderText, TranslatedField
from portal.people.mandates import own_circle
from portal.people.models import User
from portal.reviews.clocks import MAX_PRIORITY, REST_AFTER_RELEASE
from portal.reviews.models.calendars import Calendar
from portal.reviews.states import CASE, CaseState, Level, Stage
from portal.workflow import Stateful, append_only_guard, write_row

_MOST_OWN = 10_000


class ReviewCaseQuerySet(models.QuerySet["ReviewCase"]):
    """Cases by what they wait for, always in the order in which they are worked."""

    def numbered(self, number: str) -> "ReviewCase":
        """The case of that number, such as `C-000123`; raises ReviewCase.DoesNotExist."""
        digits = number.removeprefix("C-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 16):
            raise self.model.DoesNotExist
        return self.get(pk=int(digits))

    def waiting(self) -> Self:
        """Cases that can be claimed, in the order of serving."""
        return self.filter(state=CaseState.WAITING).order_by("rank_at", "pk")

    def without_own(self, user: User) -> Self:
        """Cases to which this person is no party, neither themselves nor by their agency or its mandates.

        People who work in the queue learn nothing about their own cases from it, least of all who holds them.
        """
        cases = list(own_parties(user).values_list("case", flat=True)[:_MOST_OWN])
        return self.exclude(pk__in=cases) if cases else self

    def claimed_by(self, user: models.Model) -> Self:
        """The cases that this person holds."""
        return self.filter(state=CaseState.CLAIMED, claimed_by=user).order_by("rank_at", "pk")

    def overdue(self, at: datetime) -> Self:
        """Cases past their date, longest first; while one is paused no date runs."""
        running = (CaseState.WAITING, CaseState.CLAIMED)
        return self.filter(state__in=running, due_at__lt=at).order_by("due_at", "pk")

    def lease_expired(self, at: datetime) -> Self:
        """Claimed cases whose lease is over."""
        return self.filter(state=CaseState.CLAIMED, lease_until__lte=at).order_by("lease_until", "pk")


class ReviewCase(Stateful):
    """One case in the queue. It knows what queueing needs and nothing of its product (ADR 0001).

    `rank_at` is when it entered its stage, less a bonus of hours for its priority. It is never moved back, and forward
    only by a reason of higher priority that joins it, so a case overtakes only those that came less than the bonus before it.
    `version` grows with every change, not with a renewed lease; forms carry it, so that a stale one
    cannot overwrite.
    `topics` are keys of what the case is about, composed by its product and shared by all cases about the same
    thing; `account` is the key of the account that it concerns, "" for none (ADR 0020).
    """

    workflow = CASE

    kind = models.CharField(_("kind"), max_length=40)
    skill = models.CharField(_("area"), max_length=60)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level, default=Level.REVIEWER)
    entry_level = models.PositiveSmallIntegerField(
        _("level of the first decision"), choices=Level, default=Level.REVIEWER
    )
    stage = models.CharField(_("stage"), max_length=15, choices=Stage, default=Stage.FIRST)
    titles = TranslatedField(_("title"), max_length=300, help_text=_("Must not contain personal data."))
    title = ReaderText(titles)
    priority = models.PositiveSmallIntegerField(_("priority"), default=0)
    reasons = ArrayField(models.CharField(max_length=60), verbose_name=_("flags"), default=list)
    topics = ArrayField(
        models.CharField(max_length=100), verbose_name=_("topics"), default=list, db_default=[], editable=False
    )
    account = models.CharField(_("account"), max_length=200, blank=True, default="", db_default="", editable=False)
    opened_at = models.DateTimeField(_("opened at"), default=clock.now)
    entered_at = models.DateTimeField(_("in this stage since"), default=clock.now)
    rank_at = models.DateTimeField(_("rank"), default=clock.now)
    due_at = models.DateTimeField(_("due at"))
    calendar = models.ForeignKey(
        Calendar, models.PROTECT, null=True, related_name="+", verbose_name=_("calendar"), db_index=False
    )
    paused_at = models.DateTimeField(_("paused at"), null=True)
    paused_for = models.DurationField(_("paused for"), default=timedelta)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    # When the texts of its decisions, appeals and claims were deleted.
    purged_at = models.DateTimeField(_("purged at"), null=True, editable=False)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="claimed_cases",
        verbose_name=_("assigned to"),
        db_index=False,
    )
    lease_until = models.DateTimeField(pgettext_lazy("case", "held until"), null=True)
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
            models.CheckConstraint(
                condition=Q(state=CaseState.PAUSED, paused_at__isnull=False)
                | (~Q(state=CaseState.PAUSED) & Q(paused_at=None)),
                name="case_paused_since",
            ),
            models.CheckConstraint(
                condition=Q(state=CaseState.CLOSED, closed_at__isnull=False)
                | (~Q(state=CaseState.CLOSED) & Q(closed_at=None)),
                name="case_closed_since",
            ),
            models.CheckConstraint(condition=Q(priority__lte=MAX_PRIORITY), name="case_priority_bounded"),
            models.CheckConstraint(
                condition=Q(purged_at=None) | Q(state=CaseState.CLOSED), name="case_purged_is_closed"
            ),
            models.CheckConstraint(
                condition=Q(stage=Stage.FIRST) | Q(level=Level.SENIOR), name="case_second_look_is_senior"
            ),
        ]
        indexes: ClassVar = [
            # Lists of the queue; and one lane of the queue, which the claim and the place in line read.
            models.Index(fields=["rank_at", "id"], condition=Q(state="waiting"), name="case_waiting"),
            models.Index(
                fields=["skill", "level", "rank_at", "id"], condition=Q(state="waiting"), name="case_waiting_in_lane"
            ),
            # Few cases are claimed at a time: the sweep of leases reads them all, and renewing stays cheap.
            models.Index(fields=["claimed_by"], condition=Q(state="claimed"), name="case_holder"),
            models.Index(fields=["due_at", "id"], condition=Q(state__in=["waiting", "claimed"]), name="case_due"),
            models.Index(fields=["id"], condition=Q(state="paused"), name="case_paused"),
            models.Index(fields=["-closed_at", "-id"], condition=Q(state="closed"), name="case_closed"),
        ]
        triggers: ClassVar = [CASE.guard()]

    def __str__(self) -> str:
        return self.number

    @property
    def audit_data(self) -> dict[str, int]:
        """What every event of it tells: the version that came of it."""
        return {"version": self.version}

    @property
    def number(self) -> str:
        """How people call the case: `C-000123`."""
        return f"C-{self.pk:06d}"

    @property
    def chain(self) -> str:
        """The audit chain of the whole case."""
        return f"case:{self.pk}"

    @property
    def needs_second_approval(self) -> bool:
        """Whether a held decision waits for a second person."""
        return self.stage in (Stage.SECOND, Stage.APPEAL_SECOND)

    @property
    def waits_for(self) -> str:
        """What the case waits for, in words: the stage, or an answer; "" once it is closed. Every page says it so."""
        if self.state == CaseState.CLOSED:
            return ""
        return str(_("external answer") if self.state == CaseState.PAUSED else Stage(self.stage).label)

    def gross_time(self, until: datetime) -> timedelta:
        """Time since opening, pauses counted in; until closing if it is closed."""
        return (self.closed_at or until) - self.opened_at

    def net_time(self, until: datetime) -> timedelta:
        """Time since opening without the pauses."""
        running = until - self.paused_at if self.paused_at else timedelta()
        return max(self.gross_time(until) - self.paused_for - running, timedelta())

    def move(self, name: str, **fields: Any) -> None:
        """As Stateful.move, but only from the version that was read, which goes up by one."""
        step = self.workflow.move(name)
        fields |= {"state": step.target, "version": self.version + 1}
        write_row(self, fields, state__in=step.sources, version=self.version)

    def is_overdue(self, at: datetime) -> bool:
        """Whether the clock has run out; a paused clock does not run."""
        return self.state in {CaseState.WAITING, CaseState.CLAIMED} and self.due_at < at


class CaseParty(models.Model):
    """A person or agency that a case is about; they never review it, nor does their agency."""

    case = models.ForeignKey(ReviewCase, models.CASCADE, related_name="parties", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    agency = models.ForeignKey("people.Agency", models.PROTECT, null=True, related_name="+", db_index=False)
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


def own_parties(user: User) -> models.QuerySet[CaseParty]:
    """The parties by whom a case is a person's own: themselves, and for people of an agency it and those it acts for."""
    own = Q(user__in=own_circle(user, clock.now()).values("pk"))
    if user.agency_id is not None:
        own |= Q(agency=user.agency_id)
    return CaseParty.objects.filter(own)


class Participation(models.Model):
    """A person who decided, confirmed or doubted something, or stepped back from a case.

    They are excluded from every later case of the topic, whatever its kind and stage (portal.reviews.eligibility).
    One row for each topic and the account of the case; a case without any has one row without a topic. Rows are
    only added.
    """

    CONFLICT, DOUBT = "conflict", "doubt"

    case = models.ForeignKey(ReviewCase, models.CASCADE, related_name="participations", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(
        _("role"),
        max_length=15,
        choices=[*Stage.choices, (CONFLICT, _("has a conflict of interest")), (DOUBT, _("raised a concern"))],
    )
    topic = models.CharField(_("topic"), max_length=200, blank=True, default="", db_default="")
    at = models.DateTimeField(_("at"), default=clock.now)

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "user", "role", "topic"], name="participation_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-at"], name="participation_of_user"),
            models.Index(fields=["topic", "user"], name="participation_in_topic"),
        ]
        triggers: ClassVar = [
            append_only_guard(
                "participation_stays",
                erasable=("topic",),
                once="EXISTS (SELECT 1 FROM reviews_reviewcase c WHERE c.id = OLD.case_id AND c.purged_at IS NOT NULL)",
                deletable=True,
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.role}"


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Times that somebody held a case."""

    def recently_ended(self, at: datetime, end: "Claim.End") -> Self:
        """Those that ended in this way within the last day, newest first."""
        recent = Q(end=end, ended_at__gt=at - REST_AFTER_RELEASE, ended_at__lte=at)
        return self.filter(recent).order_by("-ended_at", "-pk")

    def reassigning(self, case: ReviewCase) -> "Claim | None":
        """The claim of the colleague who gave the case to whoever holds it now, with its note; None if nobody did."""
        now_and_before = list(self.filter(case=case).select_related("reviewer")[:2])
        if len(now_and_before) < 2 or now_and_before[0].ended_at is not None or not now_and_before[0].given:
            return None
        return now_and_before[1] if now_and_before[1].end == Claim.End.HANDED_OVER else None


class Claim(models.Model):
    """One time that somebody held a case, and how it ended."""

    class End(models.TextChoices):
        DECIDED = "decided", _("decided")
        ASKED = "asked", _("information requested")
        RELEASED = "released", _("released")
        HANDED_OVER = "handed_over", _("reassigned")
        EXPIRED = "expired", _("claim expired")
        CONFLICT = "conflict", _("has a conflict of interest")
        CLOSED = "closed", _("case ended")

    case = models.ForeignKey(ReviewCase, models.CASCADE, related_name="claims", db_index=False)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="claims", db_index=False)
    stage = models.CharField(_("stage"), max_length=15, choices=Stage)
    given = models.BooleanField(_("reassigned to them"), default=False)
    claimed_at = models.DateTimeField(pgettext_lazy("case", "claimed at"), default=clock.now)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    end = models.CharField(_("end"), max_length=12, choices=End, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ("-claimed_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at=None), name="claim_open_once"),
            # At most one claim a person, also for concurrent requests; cases handed over are exempt.
            models.UniqueConstraint(
                fields=["reviewer"], condition=Q(ended_at=None, given=False), name="claim_open_once_of_reviewer"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, end="") | (Q(ended_at__isnull=False) & ~Q(end="")), name="claim_ended_how"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["reviewer", "-claimed_at"], name="claim_of_reviewer"),
            models.Index(fields=["case", "reviewer"], name="claim_of_case"),
            models.Index(fields=["-ended_at", "-id"], condition=Q(end="released"), name="claim_released"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.stage}"
