"""Certificates: what was certified, for whom, from when to when; and what happened to them since."""

import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models, transaction
from django.db.models import Exists, F, Func, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification.models.applications import Application
from certification.models.areas import ApplicantCategory, CredentialType, KeyArea, Requirement
from certification.models.changes import NOTE_CHANGE
from certification.models.interruptions import INTERRUPTING_STATES, Interruption
from certification.models.kept_names import KeepsAreaNames
from certification.states import ADVERSE_CERTIFICATE_STATES, CERTIFICATE_WORKFLOW, STANDING_STATES, CertificateState
from portal import clock
from portal.languages import ReaderText, TranslatedField
from portal.reviews.models import human_decision_guard
from portal.workflow import Stateful

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
RENEWAL_OPENS = timedelta(days=60)
RENEWAL_CLOSES = timedelta(days=90)


# The row keeps the maximum of its requirement's version, against which a constraint holds its end.
_KEEPS_LONGEST_VALIDITY = """
    SELECT max_validity INTO NEW.max_validity FROM certification_requirement WHERE id = NEW.requirement_id;
    RETURN NEW;
"""
# Days of 24 hours, as Python counts them; days of the calendar would be longer or shorter where clocks change.
_LONGEST_VALIDITY = Func(
    F("max_validity"), template="make_interval(hours => 24 * %(expressions)s)", output_field=models.DurationField()
)


def new_serial() -> str:
    """An unguessable public serial: `CT-` and three groups of four letters and digits (60 bits)."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
    return "CT-" + "-".join(groups)


class CertificateQuerySet(models.QuerySet["Certificate"]):
    """Certificates by their validity at a moment."""

    def valid_now(self) -> Self:
        """Those valid now, newest first, by what the rows say."""
        now = clock.now()
        return self.filter(state=CertificateState.ACTIVE, valid_from__lte=now, valid_to__gt=now).order_by(
            "-valid_from", "-pk"
        )

    def valid_at(self, moment: datetime) -> Self:
        """Those valid at any moment, newest first: by their dates and interruptions, not by their state of today.

        For a moment to come it is as far as is known now.
        """
        interrupted = Interruption.objects.running_at(moment).filter(certificate=OuterRef("pk"))
        within = self.filter(valid_from__lte=moment, valid_to__gt=moment)
        return within.exclude(Exists(interrupted)).order_by("-valid_from", "-pk")

    def over_at(self, moment: datetime) -> Self:
        """Active ones whose time is over, longest over first."""
        return self.filter(state=CertificateState.ACTIVE, valid_to__lte=moment).order_by("valid_to", "pk")

    def of_holder(self, user: models.Model) -> Self:
        """A person's certificates, newest first."""
        return self.filter(holder=user).select_related("area__jurisdiction", "category").order_by("-valid_from", "-pk")

    def locked(self) -> Self:
        """With the rows that most rules read, each row locked until the end of the transaction, in a fixed order."""
        rows = self.select_related("holder", "area__jurisdiction", "category", "application")
        return rows.select_for_update(of=("self",), no_key=True).order_by("pk")


class Certificate(Stateful, KeepsAreaNames):
    """What the public may rely on. Label, names and requirement are frozen at issue."""

    workflow = CERTIFICATE_WORKFLOW

    serial = models.CharField(_("serial"), max_length=20, unique=True, default=new_serial, editable=False)
    application = models.OneToOneField(Application, models.PROTECT, related_name="certificate")
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="certificates", verbose_name=_("holder")
    )
    area = models.ForeignKey(KeyArea, models.PROTECT, related_name="certificates", verbose_name=_("key area"))
    category = models.ForeignKey(
        ApplicantCategory, models.PROTECT, related_name="+", verbose_name=_("applicant category")
    )
    requirement = models.ForeignKey(
        Requirement, models.PROTECT, related_name="certificates", verbose_name=_("requirement")
    )
    renews = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="renewed_by", verbose_name=_("renews")
    )
    public_name = models.CharField(_("name"), max_length=80)
    claims = models.CharField(_("specialty"), max_length=160, blank=True)
    affiliation = models.CharField(_("workplace"), max_length=160, blank=True)
    agency_name = models.CharField(_("agency"), max_length=200, blank=True)
    labels = TranslatedField(_("label"), max_length=160)
    label = ReaderText(labels)
    issued_at = models.DateTimeField(_("issued at"), default=clock.now)
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid to"), help_text=_("The first moment at which it is no longer valid."))
    # From its requirement, by a trigger: the most days from its issue to its end. None in rows of earlier releases.
    max_validity = models.PositiveSmallIntegerField(_("longest validity, in days"), null=True, editable=False)
    # Because of which it ends earlier than it was issued for, and when it would have ended.
    abolition = models.ForeignKey(
        "certification.Abolition",
        models.PROTECT,
        null=True,
        related_name="certificates",
        verbose_name=_("abolition"),
        db_index=False,
    )
    # A change was confirmed that it does not show: from then on it can be renewed, and ends once its renewal is approved.
    renewable_from = models.DateTimeField(_("renewable because of a change from"), null=True, editable=False)
    full_valid_to = models.DateTimeField(_("valid to, without the abolition"), null=True)
    decision = models.ForeignKey("reviews.Decision", models.PROTECT, related_name="+", verbose_name=_("decision"))
    adverse_decision = models.ForeignKey(
        "reviews.Decision", models.PROTECT, null=True, related_name="+", verbose_name=_("adverse decision")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True)
    search_ngrams = ArrayField(models.CharField(max_length=24), default=list, editable=False)
    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ("-valid_from", "-pk")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name="certificate_ends_after_start"),
            models.CheckConstraint(
                condition=Q(valid_to__lte=F("issued_at") + _LONGEST_VALIDITY), name="certificate_longest_validity"
            ),
            ExclusionConstraint(
                name="certificate_no_overlap",
                expressions=[
                    ("holder", RangeOperators.EQUAL),
                    ("area", RangeOperators.EQUAL),
                    (
                        Func(F("valid_from"), F("valid_to"), function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state__in=STANDING_STATES),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["area", "-valid_from", "-id"], condition=Q(state="active"), name="certificate_register"
            ),
            models.Index(fields=["-valid_from", "-id"], condition=Q(state="active"), name="certificate_newest"),
            models.Index(fields=["valid_to"], condition=Q(state="active"), name="certificate_expiry"),
            models.Index(fields=["holder", "area"], name="certificate_of_holder"),
            models.Index(
                fields=["area", "category", "id"],
                condition=Q(state__in=STANDING_STATES),
                name="certificate_of_requirement",
            ),
            models.Index(
                fields=["abolition", "id"], condition=Q(abolition__isnull=False), name="certificate_of_abolition"
            ),
            models.Index(fields=["id"], condition=Q(max_validity=None), name="certificate_no_maximum"),
            # Of active ones alone: else thousands that end at one second would each be written into it once more.
            GinIndex(
                fields=["search_ngrams"],
                condition=Q(state="active"),
                name="certificate_active_ngrams",
                fastupdate=False,
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="keeps_longest_validity",
                operation=pgtrigger.Insert
                | pgtrigger.UpdateOf("valid_to", "issued_at", "requirement_id", "max_validity"),  # type: ignore[no-untyped-call]  # has no types
                when=pgtrigger.Before,
                func=_KEEPS_LONGEST_VALIDITY,
            ),
            pgtrigger.Trigger(
                name="notes_changes",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("state", "valid_from", "valid_to"),  # type: ignore[no-untyped-call]  # has no types
                when=pgtrigger.After,
                func=NOTE_CHANGE,
            ),
            CERTIFICATE_WORKFLOW.guard(),
            human_decision_guard(ADVERSE_CERTIFICATE_STATES, "adverse_decision_id", twice=(CertificateState.REVOKED,)),
        ]

    def __str__(self) -> str:
        return self.serial

    @property
    def chain(self) -> str:
        """Its audit chain."""
        return f"certificate:{self.pk}"

    def move(self, name: str, **fields: Any) -> None:
        """Make the named move, and keep from when to when the certificate does not count."""
        with transaction.atomic():
            super().move(name, **fields)
            now = clock.now()
            self.interruptions.filter(ends_at=None).update(ends_at=now)
            if self.state in INTERRUPTING_STATES:
                self.interruptions.create(state=self.state, begins_at=now)

    def state_at(self, moment: datetime) -> str:
        """Its state at any moment, by its dates and interruptions; active before it begins. One query."""
        running = self.interruptions.running_at(moment).first()
        if running is not None:
            return running.state
        return self.state_after_end if self.valid_to <= moment else CertificateState.ACTIVE

    @property
    def state_after_end(self) -> CertificateState:
        """What it became, or will become, when its time is over. No query."""
        if self.state in (CertificateState.EXPIRED, CertificateState.LAPSED):
            return CertificateState(self.state)
        return CertificateState.EXPIRED if self.abolition_id is None else CertificateState.LAPSED

    @property
    def effective_state(self) -> str:
        """Its state now: an active one whose time is over has expired, whatever the row still says. No query."""
        if self.state == CertificateState.ACTIVE and self.valid_to <= clock.now():
            return self.state_after_end
        return self.state

    @property
    def is_valid(self) -> bool:
        """Whether it counts now."""
        now = clock.now()
        return self.state == CertificateState.ACTIVE and self.valid_from <= now < self.valid_to

    @property
    def renewal_opens_at(self) -> datetime:
        """From when it can be renewed: 60 days before its end, or half of its time where that is shorter, or after a change.

        The validity of a renewal counts from its issue; earlier, a short one would end before it begins.
        """
        opens = self.valid_to - min(RENEWAL_OPENS, (self.valid_to - self.valid_from) / 2)
        return opens if self.renewable_from is None else min(opens, self.renewable_from)

    def get_absolute_url(self) -> str:
        """Its public page."""
        return reverse("certification:certificate", args=[self.serial])

    @property
    def holder_url(self) -> str:
        """Its page for the holder."""
        return reverse("certification:held", args=[self.serial])


class HeldNumber(models.Model):
    """A licence number on a certificate. While it stands, nobody else can hold the same number."""

    certificate = models.ForeignKey(Certificate, models.CASCADE, related_name="numbers")
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    type = models.ForeignKey(CredentialType, models.PROTECT, related_name="+")
    fingerprint = models.CharField(max_length=64)
    standing = models.BooleanField(_("status"), default=True)

    class Meta:
        verbose_name = _("number on a certificate")
        verbose_name_plural = _("numbers on certificates")
        ordering = ("pk",)
        constraints: ClassVar = [
            ExclusionConstraint(
                name="number_one_holder",
                expressions=[
                    ("fingerprint", RangeOperators.EQUAL),
                    ("holder", RangeOperators.NOT_EQUAL),
                ],
                condition=Q(standing=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id}/{self.type_id}"


class Inquiry(models.Model):
    """A doubt about a certificate, from its first report to its end.

    Somebody raises it, or the portal finds a reason (its triggers); a reviewer looks (`case`) and dismisses it or suspends; the holder has time to
    answer; somebody else reads the answer (`answer_case`) and clears, or two people revoke.
    """

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="inquiries")
    grounds = models.TextField(_("what the concern is"), max_length=4000, blank=True)
    # Empty where the portal or the public raised it: its triggers and reports say why.
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("raised by"),
        help_text=_("Empty: the system."),
    )
    raised_at = models.DateTimeField(_("raised at"), default=clock.now)
    case = models.OneToOneField(
        "reviews.ReviewCase", models.PROTECT, related_name="inquiry", verbose_name=_("case for the concern")
    )
    suspension = models.OneToOneField(
        "reviews.Decision", models.PROTECT, null=True, related_name="+", verbose_name=_("decision to suspend")
    )
    answer_due_at = models.DateTimeField(_("answer by"), null=True)
    answer = models.TextField(_("holder's answer"), max_length=4000, blank=True)
    files = models.ManyToManyField("evidence.EvidenceFile", related_name="+", blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)
    answer_case = models.OneToOneField(
        "reviews.ReviewCase",
        models.PROTECT,
        null=True,
        related_name="answer_inquiry",
        verbose_name=_("case for the answer"),
    )
    outcome = models.ForeignKey(
        "reviews.Decision", models.PROTECT, null=True, related_name="+", verbose_name=_("decision after the answer")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("inquiry")
        verbose_name_plural = _("inquiries")
        ordering = ("-raised_at", "-pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["certificate"], condition=Q(ended_at=None), name="inquiry_one_open"),
            models.CheckConstraint(
                condition=Q(suspension=None, answer_due_at=None)
                | Q(suspension__isnull=False, answer_due_at__isnull=False),
                name="inquiry_suspended_until",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["answer_due_at"],
                condition=Q(answer_case=None, ended_at=None, suspension__isnull=False),
                name="inquiry_answer_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.raised_at:%Y-%m-%d}"
