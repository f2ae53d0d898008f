"""Applications with what they declare and attach."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification.models.areas import ApplicantCategory, CredentialType, DocumentKind, KeyArea, Requirement
from certification.models.kept_names import KeepsAreaNames, KeepsTypeNames
from certification.states import ADVERSE_APPLICATION_STATES, APPLICATION_WORKFLOW, OPEN_STATES, ApplicationState
from portal import clock
from portal.reviews.models import human_decision_guard
from portal.workflow import Stateful


class ApplicationQuerySet(models.QuerySet["Application"]):
    """Applications by what they wait for."""

    def open(self) -> Self:
        """Those that still occupy their area, newest first."""
        return self.filter(state__in=OPEN_STATES).order_by("-started_at", "-pk")

    def of_applicant(self, user: models.Model) -> Self:
        """A person's applications, newest first, with what a list shows."""
        return (
            self.filter(applicant=user)
            .select_related("area__jurisdiction", "category", "case", "certificate")
            .order_by("-started_at", "-pk")
        )

    def locked(self) -> Self:
        """With the rows that most rules read, each row locked until the end of the transaction, in a fixed order."""
        rows = self.select_related("area__jurisdiction", "category", "applicant", "requirement", "case")
        return rows.select_for_update(of=("self",), no_key=True).order_by("pk")

    def idle_since(self, moment: datetime) -> Self:
        """Drafts that nobody touched since a moment, oldest first."""
        return self.filter(state=ApplicationState.DRAFT, touched_at__lt=moment).order_by("touched_at", "pk")


class Application(Stateful, KeepsAreaNames):
    """A creator asks to be certified in one area. The names of area and category are kept at submission."""

    workflow = APPLICATION_WORKFLOW

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="applications", verbose_name=_("applicant")
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("submitted by")
    )
    area = models.ForeignKey(KeyArea, models.PROTECT, related_name="applications", verbose_name=_("key area"))
    category = models.ForeignKey(
        ApplicantCategory, models.PROTECT, null=True, related_name="+", verbose_name=_("applicant category")
    )
    requirement = models.ForeignKey(
        Requirement, models.PROTECT, null=True, related_name="applications", verbose_name=_("requirement")
    )
    renews = models.ForeignKey(
        "certification.Certificate", models.PROTECT, null=True, related_name="renewals", verbose_name=_("renews")
    )
    case = models.OneToOneField(
        "reviews.ReviewCase", models.PROTECT, null=True, related_name="application", verbose_name=_("case")
    )
    decision = models.ForeignKey(
        "reviews.Decision", models.PROTECT, null=True, related_name="+", verbose_name=_("decision")
    )
    public_name = models.CharField(_("name on the certificate"), max_length=80, blank=True)
    claims = models.CharField(_("specialty on the certificate"), max_length=160, blank=True)
    affiliation = models.CharField(_("workplace on the certificate"), max_length=160, blank=True)
    statement = models.TextField(_("note for the reviewer"), max_length=4000, blank=True)
    consent_version = models.CharField(_("version of the consent text"), max_length=20, blank=True)
    consent_at = models.DateTimeField(_("consented at"), null=True)
    # The applicant has said that nothing changed since the certificate that it renews (actions/renewals.py).
    unchanged = models.BooleanField(_("nothing changed"), default=False, db_default=False)
    started_at = models.DateTimeField(_("started at"), default=clock.now)
    touched_at = models.DateTimeField(_("last changed at"), default=clock.now)
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    # When the names, numbers and texts of the record were deleted (certification/actions/record_retention.py).
    purged_at = models.DateTimeField(_("purged at"), null=True, editable=False)
    round = models.PositiveSmallIntegerField(_("round of checks"), default=0)
    planned_checks = ArrayField(models.CharField(max_length=80), default=list)
    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ("-started_at", "-pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["applicant", "area"], condition=Q(state__in=OPEN_STATES), name="application_one_open"
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None) | Q(consent_at__isnull=False, requirement__isnull=False),
                name="application_submitted_whole",
            ),
            models.CheckConstraint(
                condition=Q(purged_at=None) | Q(public_name="", claims="", affiliation="", statement=""),
                name="application_purged_is_empty",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["applicant", "-started_at"], name="application_of_applicant"),
            models.Index(fields=["touched_at"], condition=Q(state="draft"), name="application_idle"),
            models.Index(
                fields=["area", "submitted_at"],
                condition=Q(state="in_review", unchanged=True),
                name="application_unchanged",
            ),
            models.Index(
                fields=["state", "touched_at"],
                condition=Q(state__in=["submitted", "verifying"]),
                name="application_in_checks",
            ),
        ]
        triggers: ClassVar = [
            APPLICATION_WORKFLOW.guard(),
            human_decision_guard(ADVERSE_APPLICATION_STATES, "decision_id"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def chain(self) -> str:
        """The audit chain that the application shares with its case."""
        return f"application:{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it still occupies its area."""
        return self.state in OPEN_STATES

    @property
    def is_proposed(self) -> bool:
        """Whether somebody has proposed to approve it, and a second person decides."""
        return self.state == ApplicationState.SECOND_REVIEW

    def get_absolute_url(self) -> str:
        """Its page for the applicant."""
        return reverse("certification:application", args=[self.number])


class Credential(KeepsTypeNames):
    """One credential that the applicant declares. Its number is kept encrypted, the names of its type at submission."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="credentials")
    type = models.ForeignKey(CredentialType, models.PROTECT, related_name="+", verbose_name=_("credential type"))
    identifier_sealed = models.TextField(blank=True, editable=False)
    identifier_masked = models.CharField(_("masked number"), max_length=60, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    name_on_document = models.CharField(_("name on the document"), max_length=120, blank=True)
    issuer = models.CharField(_("issued by"), max_length=160, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    round = models.PositiveSmallIntegerField(_("last changed in round"), default=0)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("accepted by")
    )
    accepted_at = models.DateTimeField(_("accepted at"), null=True)

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")
        ordering = ("application", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["application", "type"], name="credential_once"),
            models.CheckConstraint(
                condition=Q(accepted_by=None, accepted_at=None)
                | Q(accepted_by__isnull=False, accepted_at__isnull=False),
                name="credential_accepted_by_at",
            ),
            models.CheckConstraint(
                condition=Q(issued_on=None) | Q(expires_on=None) | Q(expires_on__gte=F("issued_on")),
                name="credential_dates_in_order",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["fingerprint"], condition=~Q(fingerprint=""), name="credential_fingerprint"),
            models.Index(fields=["type", "id"], name="credential_of_type"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}/{self.type_id}"

    @property
    def chain(self) -> str:
        """The audit chain: its application's."""
        return self.application.chain

    @property
    def bound_to(self) -> str:
        """What the encrypted number belongs to; in another row it does not open."""
        return f"certification.credential:{self.application_id}:{self.type_id}"


class DocumentQuerySet(models.QuerySet["Document"]):
    """Documents of applications."""

    def current(self) -> Self:
        """Those that count: not replaced by a later one."""
        return self.filter(replaced_at=None).select_related("file").order_by("pk")


class Document(models.Model):
    """One file of an application, and what it is said to be."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="documents")
    credential = models.ForeignKey(Credential, models.SET_NULL, null=True, blank=True, related_name="documents")
    kind = models.CharField(_("kind"), max_length=20, choices=DocumentKind)
    file = models.ForeignKey("evidence.EvidenceFile", models.PROTECT, related_name="documents", verbose_name=_("file"))
    dated_on = models.DateField(_("date on the document"), null=True, blank=True)
    round = models.PositiveSmallIntegerField(_("added in round"), default=0)
    added_at = models.DateTimeField(_("added at"), default=clock.now)
    replaced_at = models.DateTimeField(_("replaced at"), null=True)
    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ("application", "pk")
        indexes: ClassVar = [models.Index(fields=["file"], name="document_of_file")]

    def __str__(self) -> str:
        return f"{self.application_id}/{self.kind}"


class InfoRequest(models.Model):
    """A request for more information; the decision's due date is paused meanwhile."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="info_requests")
    number = models.PositiveSmallIntegerField(_("number"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", help_text=_("Empty: the system.")
    )
    text = models.TextField(_("what is needed"), blank=True)
    # Codes and ids by the system, texts by people: [{"code": "file.damaged", "document": 5, "credential": 3}]
    items = models.JSONField(_("items"), default=list)
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    due_at = models.DateTimeField(_("answer by"))
    answered_at = models.DateTimeField(_("answered at"), null=True)
    answer = models.TextField(_("answer"), max_length=4000, blank=True)
    closed_at = models.DateTimeField(_("closed without an answer at"), null=True)

    class Meta:
        verbose_name = _("request for information")
        verbose_name_plural = _("requests for information")
        ordering = ("application", "number")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["application", "number"], name="info_request_number"),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(answered_at=None, closed_at=None),
                name="info_request_one_open",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(answered_at=None, closed_at=None), name="info_request_due"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}#{self.number}"


class AreaBan(models.Model):
    """After forged documents an area stays closed to a person for a time; lifted when the appeal is won."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="area_bans")
    area = models.ForeignKey(KeyArea, models.CASCADE, related_name="bans")
    decision = models.OneToOneField("reviews.Decision", models.PROTECT, related_name="+", verbose_name=_("decision"))
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    lifted_at = models.DateTimeField(_("lifted at"), null=True)

    class Meta:
        verbose_name = _("person excluded from an area")
        verbose_name_plural = _("people excluded from areas")
        ordering = ("-starts_at", "pk")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="area_ban_ends_after_start"),
        ]
        indexes: ClassVar = [models.Index(fields=["person", "area"], name="area_ban_person")]

    def __str__(self) -> str:
        return f"{self.person_id}/{self.area_id}"
