"""What follows from a decision: remedies on the platform, and the followers who return, page by page."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from complaints.models.complaints import Complaint
from complaints.states import (
    REMEDY,
    REMEDY_OF_RESTITUTION,
    RESTITUTION,
    ComplaintState,
    ControlState,
    RemedyState,
    RestitutionMode,
    RestitutionState,
)
from portal import clock
from portal.outbound.calls import CallingRow
from portal.workflow import Stateful


def kept_with_record(name: str, *, restitution: str) -> pgtrigger.Trigger:
    """A trigger by which the database keeps rows of the ledger until the record of the complaint is deleted.

    `restitution` is the SQL expression of the restitution's key, over OLD.
    """
    return pgtrigger.Trigger(
        name=name,
        operation=pgtrigger.Delete,
        when=pgtrigger.Before,
        func=f"""
            IF NOT EXISTS (SELECT 1 FROM complaints_restitution r
                           JOIN complaints_remedy m ON m.id = r.remedy_id
                           JOIN complaints_complaint c ON c.id = m.complaint_id
                           WHERE r.id = {restitution} AND c.purged_at IS NOT NULL) THEN
                RAISE EXCEPTION 'row % of the ledger stays', OLD.id USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN OLD;
        """,  # noqa: S608 -- composed of our own constants
    )


class RemedyKind(models.TextChoices):
    """What can be done after a complaint was upheld; complaints/remedies.py has a class for each."""

    WARN = "warn", _("Warn the account")
    REMOVE = "remove", _("Remove the copy")
    RESTRICT = "restrict", _("Close the account")
    RESTITUTION = "restitution", _("Return the followers gained through the copy")


class RemedyQuerySet(models.QuerySet["Remedy"]):
    """Remedies by what they wait for."""

    def due(self, at: datetime) -> Self:
        """Those that are due and not held by an appeal, in order; the return of followers has its own clock."""
        rows = self.filter(state=RemedyState.HELD, not_before__lte=at).exclude(kind=RemedyKind.RESTITUTION)
        appealed = (ComplaintState.APPEALED, ComplaintState.APPEAL_SECOND)
        return rows.exclude(complaint__state__in=appealed).order_by("not_before", "pk")

    def standing(self) -> Self:
        """Those in effect or planned."""
        return self.filter(state__in=(RemedyState.HELD, RemedyState.APPLYING, RemedyState.ACTIVE))

    def standing_kinds(self) -> frozenset[str]:
        """The kinds of those."""
        return frozenset(self.standing().values_list("kind", flat=True))


class Remedy(CallingRow, Stateful):
    """One remedy of one decision. `key` names it towards the platform, so that it is done once.

    `complete_at`: until when what was carried out, or reversed, is not complete, as the platform has said; None if at once.
    """

    workflow = REMEDY

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="remedies", verbose_name=_("complaint"))
    decision = models.ForeignKey(
        "reviews.Decision", models.PROTECT, related_name="remedies", verbose_name=_("decision")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=RemedyKind)
    not_before = models.DateTimeField(_("not before"), default=clock.now)
    applied_at = models.DateTimeField(_("in force since"), null=True)
    lifted_at = models.DateTimeField(_("reversed at"), null=True)
    complete_at = models.DateTimeField(_("complete at"), null=True)
    checked_at = models.DateTimeField(_("seen on the platform at"), null=True)
    # When a job was last asked to try it again, or to look at it (actions/remedy_checks.py).
    tried_at = models.DateTimeField(_("last tried at"), null=True)
    problem = models.CharField(_("error"), max_length=40, blank=True)
    objects = RemedyQuerySet.as_manager()

    class Meta:
        verbose_name = _("remedy")
        verbose_name_plural = _("remedies")
        ordering = ("pk",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["decision", "kind"], name="remedy_once")]
        indexes: ClassVar = [models.Index(fields=["not_before"], condition=Q(state="held"), name="remedy_due")]
        triggers: ClassVar = [REMEDY.guard()]

    def __str__(self) -> str:
        return f"{self.complaint_id}/{self.kind}"

    @property
    def chain(self) -> str:
        """The audit chain: its complaint's."""
        return f"complaint:{self.complaint_id}"

    @property
    def audit_data(self) -> dict[str, str]:
        """What every event of it tells."""
        return {"kind": self.kind}

    @property
    def key(self) -> str:
        """How the platform knows it."""
        return f"{self.complaint.number}-{self.kind}-{self.pk}"

    @property
    def stands(self) -> bool:
        """Whether it has effect or will have."""
        return self.state in {RemedyState.HELD, RemedyState.APPLYING, RemedyState.ACTIVE}


_MOVING_OR_PAUSED = (RestitutionState.MOVING, RestitutionState.PAUSED)
_UNDER_WAY = (RestitutionState.HELD, *_MOVING_OR_PAUSED, RestitutionState.INVITING)
RUNNING_STATES = (*_UNDER_WAY, RestitutionState.REVERSING)


class RestitutionQuerySet(models.QuerySet["Restitution"]):
    """Restitutions by what they wait for."""

    def due(self, at: datetime) -> Self:
        """Held ones whose hold is over, longest over first."""
        return self.filter(state=RestitutionState.HELD, hold_until__lte=at).order_by("hold_until", "pk")

    def of_pair(self, platform: str, source: str, target: str) -> Self:
        """Those between the same two accounts that were not cancelled, latest first."""
        pair = self.filter(platform=platform, source=source, target=target)
        return pair.exclude(state=RestitutionState.CANCELLED).order_by("-planned_at", "-pk")

    def running(self) -> Self:
        """Those planned, moving, paused or reversing."""
        return self.filter(state__in=RUNNING_STATES)

    def taking_back(self) -> Self:
        """Those of which follows are to be given back: all that a reversal leaves nothing for, or a part."""
        unsettled = Q(grounds__fallen_at__isnull=False, grounds__settled_at=None)
        part = Q(state__in=(*_MOVING_OR_PAUSED, RestitutionState.INVITING, RestitutionState.DONE)) & unsettled
        return self.filter(Q(state=RestitutionState.REVERSING) | part).distinct()


class Restitution(CallingRow, Stateful):
    """The followers whom a copy attracted return to the author; the pages are its ledger.

    `cursor` is the cursor of the platform: of the next page, or where pages are planned before they are moved, of the
    next one to plan; `is_planned` says that all of those are. The counts are those of the pages, kept with them in one
    transaction: `moved + already + excluded` are the attributable ones looked at so far; `passed` are
    those who are not attributable and stay.

    `mode` is that of the region when it was planned; where the author never joins, it becomes `clear`. In the mode
    `invite`, `invited` are the attributable ones who are asked until `invite_until`: those who accept are among `moved` and
    `already`, those who keep their follow or have ended it themselves are `declined`, and `not_moved` are those who have
    accepted and whom the platform did not move.
    """

    workflow = RESTITUTION

    remedy = models.OneToOneField(Remedy, models.PROTECT, related_name="restitution", verbose_name=_("remedy"))
    mode = models.CharField(
        _("mode"), max_length=10, choices=RestitutionMode, default=RestitutionMode.MOVE, db_default=RestitutionMode.MOVE
    )
    platform = models.CharField(_("platform"), max_length=40)
    source = models.CharField(_("from account"), max_length=80)
    source_handle = models.CharField(_("from"), max_length=80)
    target = models.CharField(_("to account"), max_length=80, blank=True)
    target_handle = models.CharField(_("to"), max_length=80, blank=True)
    work_ids = ArrayField(models.CharField(max_length=80), verbose_name=_("works"), default=list)
    disputed_work_ids = ArrayField(models.CharField(max_length=80), default=list)
    until = models.DateTimeField(_("follows until"))
    unknown_from = models.DateTimeField(_("follows of unknown origin from"), null=True)
    # When the account published whatever it published before `until`: what the share of copies is of.
    shown_at = ArrayField(models.DateTimeField(), verbose_name=_("published at"), default=list)
    hold_until = models.DateTimeField(pgettext_lazy("hold period", "held until"))
    undo_until = models.DateTimeField(_("followers can undo until"), null=True)
    invite_until = models.DateTimeField(_("followers can answer until"), null=True)
    reserved_until = models.DateTimeField(_("reserved until"), null=True)
    expected = models.PositiveIntegerField(_("followers of the account at the start"), default=0)
    cursor = models.BigIntegerField(default=0)
    is_planned = models.BooleanField(default=False, db_default=False)
    batch = models.PositiveIntegerField(_("page size"), default=5000)
    moved = models.PositiveIntegerField(_("moved"), default=0)
    already = models.PositiveIntegerField(_("followed both"), default=0)
    excluded = models.JSONField(_("excluded"), default=dict)
    passed = models.PositiveIntegerField(_("not attributable"), default=0)
    invited = models.PositiveIntegerField(pgettext_lazy("followers", "asked"), default=0, db_default=0)
    declined = models.PositiveIntegerField(_("declined"), default=0, db_default=0)
    not_moved = models.PositiveIntegerField(_("accepted, but not moved"), default=0, db_default=0)
    undone = models.PositiveIntegerField(_("undone by followers"), default=0)
    restored = models.PositiveIntegerField(_("restored"), default=0)
    overridden = models.PositiveIntegerField(_("changed otherwise"), default=0)
    missing = models.PositiveIntegerField(_("account gone"), default=0)
    planned_at = models.DateTimeField(_("planned at"), default=clock.now)
    begun_at = models.DateTimeField(_("begun at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    # The last page came while it was paused: there is nothing to ask the platform for after that.
    exhausted_at = models.DateTimeField(_("all followers looked at"), null=True)
    paused_at = models.DateTimeField(_("paused at"), null=True)
    paused_for = models.DurationField(_("time spent paused"), default=timedelta, db_default=timedelta())
    stopped_at = models.DateTimeField(_("stopped at"), null=True)
    # Why it is paused now, or was stopped; both sides read it.
    control_reason = models.TextField(_("reason of the pause or stop"), blank=True, db_default="")
    # When a job of it was given up, until one gets on.
    interrupted_at = models.DateTimeField(_("interrupted since"), null=True)
    # Since when a senior reviewer has to look at it, because what both sides share was found after the decision.
    flagged_at = models.DateTimeField(_("waiting for a review since"), null=True)
    objects = RestitutionQuerySet.as_manager()

    class Meta:
        verbose_name = _("restitution")
        verbose_name_plural = _("restitutions")
        ordering = ("-planned_at", "-pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(target="") | Q(state__in=("reserved", "cancelled")) | Q(mode="clear"),
                name="restitution_has_a_target",
            ),
            # One that is taken back may stand beside the next one, which then waits for it.
            models.UniqueConstraint(
                fields=["platform", "source", "target"],
                condition=Q(state__in=_UNDER_WAY) & ~Q(target=""),
                name="restitution_one_running",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["hold_until"], condition=Q(state="held"), name="restitution_held"),
            models.Index(fields=["platform", "source", "target"], name="restitution_pair"),
            models.Index(fields=["-planned_at", "-id"], name="restitution_latest"),
        ]
        triggers: ClassVar = [RESTITUTION.guard()]

    def __str__(self) -> str:
        return self.key

    def move(self, name: str, *, problem: str = "", **fields: Any) -> None:
        """As Stateful.move(); its remedy follows, with a code for what went wrong. To be called in a transaction."""
        super().move(name, interrupted_at=None, **fields)
        self._move_remedy(problem)
        if self.state != RestitutionState.PAUSED:
            self.controls.proposed().update(state=ControlState.OVERTAKEN, decided_at=clock.now())

    @property
    def key(self) -> str:
        """How the platform knows it."""
        return self.remedy.key

    @property
    def chain(self) -> str:
        """The audit chain: its complaint's."""
        return f"complaint:{self.remedy.complaint_id}"

    @property
    def kept(self) -> int:
        """How many of those who moved or whose follow ended were not given back, nor chose otherwise, nor are gone."""
        return self.moved + self.already - self.restored - self.overridden - self.missing

    @property
    def undo_ended(self) -> bool:
        """Whether the time in which followers could undo it is over."""
        return self.undo_until is not None and self.undo_until <= clock.now()

    @property
    def looked_at(self) -> int:
        """How many followers of the account have been looked at."""
        return self.attributable + self.passed

    @property
    def attributable(self) -> int:
        """How many of them the copy attracted."""
        stay: int = sum(self.excluded.values())
        return stay + (self.invited if self.mode == RestitutionMode.INVITE else self.moved + self.already)

    @property
    def unanswered(self) -> int:
        """How many of those who were asked have not answered; in the end they stay where they are."""
        answered = self.moved + self.already + self.declined + self.not_moved
        return self.invited - answered if self.invited else 0

    def _move_remedy(self, problem: str) -> None:
        remedy, target = self.remedy, REMEDY_OF_RESTITUTION.get(RestitutionState(self.state))
        step = next((step for step in REMEDY.open_moves(remedy.state) if step.target == target), None)
        if step is not None and target is not None:
            times = {RemedyState.ACTIVE: "applied_at", RemedyState.LIFTED: "lifted_at"}
            noted = {times[target]: clock.now()} if target in times else {}
            remedy.move(step.name, problem=problem, **noted)


# What the database writes into a new page that names nobody.
NOBODY = RawSQL("'{}'::bigint[]", ())


class RestitutionPageQuerySet(models.QuerySet["RestitutionPage"]):
    """Pages by what is to be done with them."""

    def to_tell(self) -> Self:
        """Those whose followers are to be told of the move, first page first."""
        stands = Q(ground=None) | Q(ground__fallen_at=None)
        return self.filter(stands, told_at=None, restored_at=None).order_by("number")

    def to_take_back(self) -> Self:
        """Those whose ground has fallen, last page first. What a platform gave no ground for falls with the first one."""
        fallen = Restitution.objects.filter(pk=OuterRef("restitution"), grounds__fallen_at__isnull=False)
        groundless = Q(ground=None) & (Q(moved__len__gt=0) | Q(already__len__gt=0)) & Exists(fallen)
        return self.filter(Q(ground__fallen_at__isnull=False) | groundless, restored_at=None).order_by("-number")

    def free(self, at: datetime) -> Self:
        """Those for which no call is under way."""
        return self.exclude(calling_until__gt=at)


class RestitutionPage(CallingRow):
    """One page of the ledger: who moved, who followed both, who stayed and why. Written with the move itself.

    `already` are also those whose follow ended by an order that clears. `invited` are those who are asked; those who accept
    stand on further pages, too.

    What it says of the move never changes; taking it back adds who was restored and who was not. A page of followers
    whose follows were attributable on several grounds is written as several pages, one for each ground.
    """

    restitution = models.ForeignKey(Restitution, models.PROTECT, related_name="pages", verbose_name=_("restitution"))
    ground = models.ForeignKey(
        "complaints.RestitutionGround", models.PROTECT, null=True, related_name="pages", verbose_name=_("ground")
    )
    number = models.PositiveIntegerField(_("number"))
    moved = ArrayField(models.BigIntegerField(), default=list)
    already = ArrayField(models.BigIntegerField(), default=list)
    invited = ArrayField(models.BigIntegerField(), default=list, db_default=NOBODY)
    excluded = models.JSONField(default=dict)
    passed = models.PositiveIntegerField(default=0)
    restore_data = models.TextField(blank=True)
    at = models.DateTimeField(_("at"), default=clock.now)
    told_at = models.DateTimeField(_("followers notified at"), null=True)
    reminded_at = models.DateTimeField(_("followers reminded at"), null=True)
    restored_at = models.DateTimeField(_("reversed at"), null=True)
    restored = models.PositiveIntegerField(default=0)
    overridden = ArrayField(models.BigIntegerField(), default=list)
    missing = ArrayField(models.BigIntegerField(), default=list)
    objects = RestitutionPageQuerySet.as_manager()

    class Meta:
        verbose_name = _("page of a restitution")
        verbose_name_plural = _("pages of restitutions")
        ordering = ("restitution", "number")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["restitution", "number"], name="restitution_page_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["restitution", "number"], condition=Q(told_at=None), name="restitution_page_untold"),
        ]
        triggers: ClassVar = [
            kept_with_record("page_kept", restitution="OLD.restitution_id"),
            pgtrigger.Protect(
                name="page_of_ledger_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__ground__df=pgtrigger.F("new__ground"))
                | pgtrigger.Q(old__moved__df=pgtrigger.F("new__moved"))
                | pgtrigger.Q(old__already__df=pgtrigger.F("new__already"))
                | pgtrigger.Q(old__invited__df=pgtrigger.F("new__invited"))
                | pgtrigger.Q(old__excluded__df=pgtrigger.F("new__excluded"))
                | pgtrigger.Q(old__passed__df=pgtrigger.F("new__passed"))
                | pgtrigger.Q(old__restore_data__df=pgtrigger.F("new__restore_data"))
                | pgtrigger.Q(old__restored_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.restitution_id}#{self.number}"
