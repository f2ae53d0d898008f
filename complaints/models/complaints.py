"""Complaints, statements and exhibits of both sides."""

import secrets
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from complaints.models.works import Work
from complaints.regimes import REGIMES, Regime, RegimeCode
from complaints.states import (
    BEFORE_DECISION,
    COMPLAINT,
    DECIDED_STATES,
    OPEN_STATES,
    UNTOLD_STATES,
    ComplaintState,
    Outcome,
    Side,
)
from portal import clock
from portal.platforms import registry
from portal.reviews.models import human_decision_guard
from portal.workflow import Stateful, append_only_guard

# Of a row of a complaint: whether the texts of its record are to be deleted.
_PURGED = "EXISTS (SELECT 1 FROM complaints_complaint c WHERE c.id = OLD.complaint_id AND c.purged_at IS NOT NULL)"


def new_link_nonce() -> str:
    """What makes a signed link of one side good; another one makes earlier links worthless."""
    return secrets.token_urlsafe(9)


class CopyKind(models.TextChoices):
    """What the complainant says was done."""

    WHOLE = "whole", _("The whole work was published again")
    CLIP = "clip", _("A part of it was used")
    MIX = "mix", _("Mixed with other material")


class Capacity(models.TextChoices):
    """As what somebody complains."""

    AUTHOR = "author", _("I made the work myself")
    OWNER = "owner", _("I hold the rights to it")
    AGENT = "agent", _("I act for the author with their written authority")


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    """Complaints by whose they are and what they wait for."""

    def of(self, user: models.Model) -> Self:
        """A complainant's, newest first, with what a list shows."""
        rows = self.filter(complainant=user).select_related("original", "copy", "case", "screening")
        return rows.order_by("-started_at", "-pk")

    def against(self, user: models.Model) -> Self:
        """Those that a respondent has been told of, newest first."""
        rows = self.filter(respondent=user).exclude(state__in=UNTOLD_STATES).exclude(told_at=None)
        return rows.select_related("original", "copy", "case").order_by("-started_at", "-pk")

    def open(self) -> Self:
        """Those that are not over."""
        return self.filter(state__in=OPEN_STATES).order_by("-started_at", "-pk")

    def with_parties(self) -> Self:
        """With the rows that most rules read: both sides, both videos, cases and decision."""
        return self.select_related(
            "complainant", "respondent", "original__media", "copy__media", "case", "screening", "decision__case"
        )

    def locked(self) -> Self:
        """Each row locked until the end of the transaction, in a fixed order. Lock a complaint before its case."""
        return self.with_parties().select_for_update(of=("self",), no_key=True).order_by("pk")

    def on(self, work: Work) -> Self:
        """Submitted complaints about the same post, by any complainant."""
        same = Q(copy__platform=work.platform, copy__external_id=work.external_id) & ~Q(copy__external_id="")
        return self.filter(same | Q(copy=work)).exclude(state=ComplaintState.DRAFT).order_by("-submitted_at", "-pk")


class Complaint(Stateful):
    """A complaint that one video is a copy of another.

    `original` and `copy` are named while it is a draft. The respondent is the account at
    `platform`/`account_id`; `respondent` is the person behind it as far as the portal knows one.
    """

    workflow = COMPLAINT

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    regime_code = models.CharField(_("regime"), max_length=20, choices=RegimeCode, blank=True)
    kind = models.CharField(_("how it was used"), max_length=10, choices=CopyKind, default=CopyKind.WHOLE)
    capacity = models.CharField(_("complains as"), max_length=10, choices=Capacity, default=Capacity.AUTHOR)
    complainant = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="complaints", verbose_name=_("complainant")
    )
    respondent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("respondent")
    )
    by_client = models.CharField(_("submitted by the API client"), max_length=60, blank=True)
    # The client's own key of this complaint and a digest of what it said: the same again is the same complaint.
    client_key = models.CharField(max_length=100, blank=True, editable=False)
    client_digest = models.CharField(max_length=64, blank=True, editable=False)
    original = models.ForeignKey(Work, models.PROTECT, null=True, related_name="+", verbose_name=_("original"))
    copy = models.ForeignKey(Work, models.PROTECT, null=True, related_name="+", verbose_name=_("alleged copy"))
    platform = models.CharField(_("platform"), max_length=40, blank=True)
    account_id = models.CharField(_("account on the platform"), max_length=80, blank=True)
    account_handle = models.CharField(_("account"), max_length=80, blank=True)
    account_url = models.CharField(max_length=500, blank=True)
    account_language = models.CharField(max_length=10, default="en")
    account_agency = models.CharField(_("agency of the account"), max_length=200, blank=True)
    region = models.CharField(_("region"), max_length=10, blank=True)
    text = models.TextField(_("what happened"), max_length=4000, blank=True)
    # Name and address as a notice asks for them, encrypted; opened for who works on the case.
    contact_sealed = models.TextField(blank=True, editable=False)
    ticks = ArrayField(models.CharField(max_length=30), verbose_name=_("statements made"), default=list)
    signature = models.CharField(_("signed"), max_length=120, blank=True)
    flags = ArrayField(models.CharField(max_length=30), verbose_name=_("screening flags"), default=list)
    missing = ArrayField(models.CharField(max_length=60), verbose_name=_("what is missing"), default=list)
    round = models.PositiveSmallIntegerField(_("comparison round"), default=0)
    # What makes the signed links of the respondent and of the complainant good.
    nonce = models.CharField(max_length=20, default=new_link_nonce, editable=False)
    complainant_nonce = models.CharField(max_length=20, default=new_link_nonce, editable=False)
    screening = models.OneToOneField(
        "reviews.ReviewCase", models.PROTECT, null=True, related_name="screens", verbose_name=_("screening case")
    )
    case = models.OneToOneField(
        "reviews.ReviewCase", models.PROTECT, null=True, related_name="complaint", verbose_name=_("case")
    )
    decision = models.ForeignKey(
        "reviews.Decision", models.PROTECT, null=True, related_name="+", verbose_name=_("decision")
    )
    result = models.CharField(_("result"), max_length=12, choices=Outcome, blank=True)
    # Kinds of remedies that a decision held for a second person names; they become remedies when it is confirmed.
    proposed = ArrayField(models.CharField(max_length=12), verbose_name=_("proposed remedies"), default=list)
    started_at = models.DateTimeField(_("started at"), default=clock.now)
    touched_at = models.DateTimeField(_("last changed at"), default=clock.now)
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    complete_by = models.DateTimeField(_("to be completed by"), null=True)
    told_at = models.DateTimeField(_("respondent notified at"), null=True)
    answer_by = models.DateTimeField(_("answer by"), null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    hold_until = models.DateTimeField(_("held until"), null=True)
    # When the texts, contacts and accounts of the record were deleted (complaints/actions/record_retention.py).
    purged_at = models.DateTimeField(_("purged at"), null=True, editable=False)
    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        ordering = ("-started_at", "-pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["complainant", "original", "copy"],
                condition=Q(state__in=BEFORE_DECISION),
                name="complaint_one_open_pair",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None)
                | (Q(original__isnull=False, copy__isnull=False) & ~Q(regime_code="") & ~Q(ticks=[])),
                name="complaint_submitted_whole",
            ),
            models.CheckConstraint(
                condition=Q(respondent=None) | ~Q(respondent=models.F("complainant")), name="complaint_two_sides"
            ),
            models.CheckConstraint(
                condition=Q(purged_at=None)
                | Q(text="", contact_sealed="", signature="", account_id="", account_handle="", account_url=""),
                name="complaint_purged_is_empty",
            ),
            models.UniqueConstraint(
                fields=["by_client", "client_key"], condition=~Q(client_key=""), name="complaint_client_key_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["complainant", "-started_at"], name="complaint_of_complainant"),
            models.Index(fields=["respondent", "-started_at"], name="complaint_against"),
            models.Index(fields=["platform", "account_id"], name="complaint_on_account"),
            models.Index(fields=["answer_by"], condition=Q(state="notified"), name="complaint_answer_due"),
            models.Index(fields=["complete_by"], condition=Q(state="incomplete"), name="complaint_complete_due"),
            models.Index(fields=["touched_at"], condition=Q(state__in=("draft", "received")), name="complaint_idle"),
        ]
        triggers: ClassVar = [COMPLAINT.guard(), human_decision_guard(DECIDED_STATES, "decision_id")]

    def __str__(self) -> str:
        return self.number

    @property
    def chain(self) -> str:
        """The audit chain of the complaint."""
        return f"complaint:{self.pk}"

    @property
    def regime(self) -> Regime:
        """The rules under which it is made."""
        return REGIMES[self.regime_code or RegimeCode.TERMS]

    @property
    def contact_bound_to(self) -> str:
        """What the encrypted contact belongs to; in another row it does not open."""
        return f"complaints.complaint:{self.pk}"

    @property
    def reported_on(self) -> str:
        """The name of the platform on which its complainant reported the video, where that became this complaint; else ""."""
        report = getattr(self, "report", None)
        return registry.platform_names().get(report.platform, report.platform) if report is not None else ""

    def nonce_of(self, side: str) -> str:
        """What makes a signed link of this side good."""
        return self.complainant_nonce if side == Side.COMPLAINANT else self.nonce

    def get_absolute_url(self) -> str:
        """Its page for the complainant."""
        return reverse("complaints:complaint", args=[self.number])

    @property
    def answer_url(self) -> str:
        """Its page for the respondent."""
        return reverse("complaints:answer_file", args=[self.number])


class Statement(models.Model):
    """What one side said at one point: an answer, an appeal, a reply to an appeal. Rows are only added."""

    class Kind(models.TextChoices):
        NOTICE = "notice", _("Complaint")
        COMPLETION = "completion", _("Completion")
        ANSWER = "answer", _("Answer")
        APPEAL = "appeal", _("Appeal")
        REPLY = "reply", _("Reply to the appeal")

    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="statements", verbose_name=_("complaint"))
    side = models.CharField(_("side"), max_length=12, choices=Side)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    text = models.TextField(_("text"))
    ticks = ArrayField(models.CharField(max_length=30), verbose_name=_("statements made"), default=list)
    contact_sealed = models.TextField(blank=True, editable=False)
    signature = models.CharField(_("signed"), max_length=120, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=clock.now)
    files = models.ManyToManyField("evidence.EvidenceFile", related_name="statements", blank=True)

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ("at", "pk")
        constraints: ClassVar = [
            # Completing and replying may happen more than once; the rest does not.
            models.UniqueConstraint(
                fields=["complaint", "kind"], condition=Q(kind__in=("notice", "answer")), name="statement_once"
            ),
        ]
        # The encrypted contact alone may change: it is renewed when keys are.
        triggers: ClassVar = [
            append_only_guard(
                "statement_unchanged",
                erasable=("text", "signature"),
                once=_PURGED,
                free=("contact_sealed",),
                deletable=True,
            )
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}/{self.kind}"

    @property
    def contact_bound_to(self) -> str:
        """What the encrypted contact belongs to; in another row it does not open."""
        return f"complaints.statement:{self.complaint_id}:{self.kind}"


class Exhibit(models.Model):
    """One piece of evidence of one side, graded by level from camera originals down to a bare statement.

    The level orders what a reviewer looks at; it is never summed into a decision.
    """

    class Level(models.IntegerChoices):
        ORIGINALS = 1, _("Camera originals or project files")
        REGISTRATION = 2, _("Registration or trusted timestamp")
        EARLIER_ELSEWHERE = 3, _("Earlier publication elsewhere on one of my accounts")
        EARLIER_HERE = 4, _("Earlier publication on this platform")
        STATEMENT = 5, _("Statement by a person")

    class Defence(models.TextChoices):
        LICENCE = "licence", _("Licence or permission")
        OWN_EARLIER = "own_earlier", _("My own earlier original")
        INDEPENDENT = "independent", _("Made independently")
        QUOTATION = "quotation", _("Quotation, review or parody")
        NONE = "", _("None of these")

    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="exhibits", verbose_name=_("complaint"))
    side = models.CharField(_("side"), max_length=12, choices=Side)
    level = models.PositiveSmallIntegerField(_("kind of evidence"), choices=Level)
    defence = models.CharField(_("shows"), max_length=12, choices=Defence, blank=True)
    note = models.CharField(_("what it shows"), max_length=300)
    url = models.URLField(_("address"), max_length=500, blank=True)
    file = models.ForeignKey(
        "evidence.EvidenceFile", models.PROTECT, null=True, blank=True, related_name="exhibits", verbose_name=_("file")
    )
    # Why the other side does not see the file; "" if it does. It reads this, and so do the reviewers.
    reviewers_only = models.CharField(_("reason to show this file to reviewers only"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    added_at = models.DateTimeField(_("added at"), default=clock.now)

    class Meta:
        verbose_name = _("piece of evidence")
        verbose_name_plural = _("evidence")
        ordering = ("level", "added_at", "pk")

    def __str__(self) -> str:
        return f"{self.complaint_id}/{self.level}"


class SideReasons(models.Model):
    """What a decision says to one side in its own words; the findings and reason codes are the decision's."""

    decision = models.ForeignKey("reviews.Decision", models.PROTECT, related_name="side_reasons")
    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="side_reasons")
    side = models.CharField(_("side"), max_length=12, choices=Side)
    text = models.TextField(_("reasons for this side"))
    at = models.DateTimeField(_("at"), default=clock.now)

    class Meta:
        verbose_name = _("reasons for a side")
        verbose_name_plural = _("reasons for the sides")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["decision", "side"], name="side_reasons_once"),
            models.CheckConstraint(condition=~Q(text=""), name="side_reasons_not_empty"),
        ]
        triggers: ClassVar = [append_only_guard("side_reasons_stay", erasable=("text",), once=_PURGED)]

    def __str__(self) -> str:
        return f"{self.decision_id}/{self.side}"


def drafts_idle_since(moment: datetime) -> models.QuerySet[Complaint]:
    """Drafts unchanged since a moment, oldest first."""
    return Complaint.objects.filter(state=ComplaintState.DRAFT, touched_at__lt=moment).order_by("touched_at", "pk")
