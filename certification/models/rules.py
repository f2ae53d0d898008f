"""Rules as they are prepared and published: drafts, versions of credential types, and who would fail under a draft."""

from datetime import datetime
from typing import Any, ClassVar, Self

import pgtrigger
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification.models.areas import ApplicantCategory, CredentialType, KeyArea
from certification.models.certificates import Certificate
from certification.states import RULE_DRAFT_WORKFLOW, RuleDraftState
from portal import clock
from portal.people.states import OPEN_CHANGE_STATES
from portal.workflow import Stateful


class RuleDraftQuerySet(models.QuerySet["RuleDraft"]):
    """Drafts of rules."""

    def open(self) -> Self:
        """Those that are being written, or wait for a second person."""
        return self.filter(state=RuleDraftState.DRAFT)

    def with_rows(self) -> Self:
        """With the rows that pages show."""
        return self.select_related(
            "area__jurisdiction", "area__calendar", "category", "type__jurisdiction", "change__asked_by", "edited_by"
        )

    def locked(self) -> Self:
        """Each row locked until the end of the transaction, in a fixed order."""
        return self.with_rows().select_for_update(of=("self",), no_key=True).order_by("pk")


class RuleDraft(Stateful):
    """The next version of a requirement (`area` and `category`) or of a credential type (`type`), until it is published.

    `values` holds what the version will say; an expression may be incomplete. `revision` counts the times it was
    saved, so that two people who write in it at once do not overwrite each other, and a second person agrees to
    exactly what they have read. `base_version` is the newest version when the draft was begun (0: none).
    """

    workflow = RULE_DRAFT_WORKFLOW

    area = models.ForeignKey(KeyArea, models.PROTECT, null=True, related_name="rule_drafts", verbose_name=_("key area"))
    category = models.ForeignKey(
        ApplicantCategory, models.PROTECT, null=True, related_name="+", verbose_name=_("applicant category")
    )
    type = models.ForeignKey(
        CredentialType, models.PROTECT, null=True, related_name="rule_drafts", verbose_name=_("credential type")
    )
    values = models.JSONField(_("values"), default=dict, encoder=DjangoJSONEncoder)
    in_force_from = models.DateTimeField(_("in force from"), null=True)
    base_version = models.PositiveSmallIntegerField(_("begun from version"), default=0)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    change = models.ForeignKey(
        "people.ChangeRequest", models.SET_NULL, null=True, related_name="+", verbose_name=_("change for two people")
    )
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("begun by"))
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("last changed by")
    )
    begun_at = models.DateTimeField(_("begun at"), default=clock.now)
    edited_at = models.DateTimeField(_("last changed at"), default=clock.now)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    objects = RuleDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft of a rule")
        verbose_name_plural = _("drafts of rules")
        ordering = ("-begun_at", "-pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(area__isnull=False, category__isnull=False, type=None)
                | Q(area=None, category=None, type__isnull=False),
                name="rule_draft_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["area", "category"], condition=Q(state="draft"), name="rule_draft_one_open_requirement"
            ),
            models.UniqueConstraint(fields=["type"], condition=Q(state="draft"), name="rule_draft_one_open_type"),
        ]
        triggers: ClassVar = [RULE_DRAFT_WORKFLOW.guard()]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What it is a version of, in the reader's language."""
        if self.type is not None:
            return self.type.name
        assert self.area is not None  # noqa: S101 -- the database sees to it
        assert self.category is not None  # noqa: S101 -- as above
        return f"{self.area.full_name} · {self.category.name}"

    @property
    def is_waiting(self) -> bool:
        """Whether a second person has been asked to publish it."""
        return self.change is not None and self.change.state in OPEN_CHANGE_STATES

    @property
    def expression(self) -> dict[str, Any]:
        """The tree of a requirement; its first node is a group."""
        found: dict[str, Any] = self.values.get("expression") or {"all": []}
        return found

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("certification:rules_draft", args=[self.pk])


class CredentialTypeVersionQuerySet(models.QuerySet["CredentialTypeVersion"]):
    """Versions of credential types."""

    def due(self, at: datetime) -> Self:
        """Those that are in force and not written to their types yet, in the order in which they begin."""
        return self.filter(applied_at=None, in_force_from__lte=at).order_by("in_force_from", "version")

    def upcoming(self, at: datetime) -> Self:
        """Those that begin later."""
        return self.filter(in_force_from__gt=at).order_by("in_force_from", "version")


class CredentialTypeVersion(models.Model):
    """What a credential type says from a moment on. It is written to the type's row when its time has come.

    `before` keeps what the type said until then; it is filled in when the version is written.
    """

    type = models.ForeignKey(CredentialType, models.PROTECT, related_name="versions", verbose_name=_("credential type"))
    version = models.PositiveSmallIntegerField(_("version"))
    values = models.JSONField(_("values"), encoder=DjangoJSONEncoder)
    before = models.JSONField(_("values until then"), default=dict, encoder=DjangoJSONEncoder)
    in_force_from = models.DateTimeField(_("in force from"))
    published_at = models.DateTimeField(_("published at"), default=clock.now)
    applied_at = models.DateTimeField(_("applied at"), null=True)
    objects = CredentialTypeVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a credential type")
        verbose_name_plural = _("versions of credential types")
        ordering = ("type", "-version")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["type", "version"], name="credential_type_version"),
            models.CheckConstraint(condition=Q(version__gte=2), name="credential_type_version_after_first"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["in_force_from"], condition=Q(applied_at=None), name="type_version_due"),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="published_version_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func="""
                    IF TG_OP = 'DELETE'
                       OR to_jsonb(NEW) - ARRAY['before', 'applied_at']
                          IS DISTINCT FROM to_jsonb(OLD) - ARRAY['before', 'applied_at']
                       OR OLD.applied_at IS NOT NULL THEN
                        RAISE EXCEPTION 'version % of a credential type stays as it was published', OLD.id
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                    """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type_id} v{self.version}"


class RulePreview(models.Model):
    """Which certificates would fail under one revision of a draft, counted in pages of certificates.

    `last_seen` is the last certificate that was examined, so that a job that dies goes on where it stopped.
    """

    draft = models.ForeignKey(RuleDraft, models.CASCADE, related_name="previews", verbose_name=_("draft of a rule"))
    revision = models.PositiveIntegerField(_("revision"))
    total = models.PositiveIntegerField(_("certificates"), default=0)
    examined = models.PositiveIntegerField(_("examined"), default=0)
    failing = models.PositiveIntegerField(_("would fail"), default=0)
    shorter = models.PositiveIntegerField(_("would end earlier"), default=0)
    unknown = models.PositiveIntegerField(_("cannot be determined"), default=0)
    open_drafts = models.PositiveIntegerField(_("applications being written"), default=0)
    last_seen = models.PositiveBigIntegerField(default=0)
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("preview of a rule")
        verbose_name_plural = _("previews of rules")
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["draft", "revision"], name="rule_preview_of_revision"),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} r{self.revision}"


class PreviewResult(models.TextChoices):
    """What a certificate would be under a draft."""

    FAILS = "fails", _("would fail")
    SHORTER = "shorter", _("would end earlier")
    UNKNOWN = "unknown", _("cannot be determined")


class PreviewFinding(models.Model):
    """One certificate that would not pass as it is, and why, as codes: [{"code": "missing", "types": ["cn-lawyer"]}]."""

    preview = models.ForeignKey(
        RulePreview, models.CASCADE, related_name="findings", verbose_name=_("preview of a rule")
    )
    certificate = models.ForeignKey(Certificate, models.CASCADE, related_name="+", verbose_name=_("certificate"))
    result = models.CharField(_("result"), max_length=10, choices=PreviewResult)
    reasons = models.JSONField(_("reasons"), default=list)

    class Meta:
        verbose_name = _("finding of a preview")
        verbose_name_plural = _("findings of previews")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["preview", "certificate"], name="preview_finding_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["preview", "result", "id"], name="preview_finding_list")]

    def __str__(self) -> str:
        return f"{self.preview_id}/{self.certificate_id} {self.result}"
