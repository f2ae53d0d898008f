"""Decisions by people, their reasons, and appeals against them."""

from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.reviews.models.cases import ReviewCase
from portal.reviews.states import DECISION, Stage
from portal.workflow import Stateful


class ReasonCode(models.Model):
    """A reason that a decision may give: a code, a label for reviewers, and the text that the person gets."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    kind = models.CharField(_("kind of case"), max_length=40)
    outcome = models.CharField(_("outcome"), max_length=30)
    label_en = models.CharField(_("label (English)"), max_length=150)
    label_zh = models.CharField(_("label (Chinese)"), max_length=150)
    text_en = models.TextField(_("text for the person (English)"))
    text_zh = models.TextField(_("text for the person (Chinese)"))
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        ordering = ("kind", "outcome", "code")

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The label in the reader's language."""
        return self.label_zh if _reads_chinese() else self.label_en

    @property
    def text(self) -> str:
        """The text for the person, in the reader's language."""
        return self.text_zh if _reads_chinese() else self.text_en


def _reads_chinese() -> bool:
    return (get_language() or "").startswith("zh")


class Decision(Stateful):
    """What a person decided on a case. Only its state and the second person's part change afterwards."""

    workflow = DECISION

    case = models.ForeignKey(ReviewCase, models.PROTECT, related_name="decisions", verbose_name=_("case"))
    stage = models.CharField(_("stage"), max_length=15, choices=Stage)
    outcome = models.CharField(_("outcome"), max_length=30)
    adverse = models.BooleanField(_("against the person"))
    reasons = ArrayField(models.CharField(max_length=60), verbose_name=_("reasons"), default=list)
    explanation = models.TextField(_("explanation"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    at = models.DateTimeField(_("decided at"), default=clock.now)
    second_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("second person")
    )
    second_at = models.DateTimeField(_("second person at"), null=True)
    second_note = models.TextField(_("second person's note"), blank=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ("-at", "-id")
        constraints: ClassVar = [
            # Machines check, people decide: the database itself refuses anything else.
            models.CheckConstraint(condition=Q(adverse=False) | Q(by__isnull=False), name="adverse_by_a_person"),
            models.CheckConstraint(condition=Q(adverse=False) | ~Q(explanation=""), name="adverse_is_explained"),
            models.CheckConstraint(condition=Q(second_by=None) | ~Q(second_by=F("by")), name="second_is_another"),
            models.UniqueConstraint(fields=["case"], condition=Q(state="held"), name="decision_held_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["by", "-at"], name="decision_of_person")]
        triggers: ClassVar = [
            DECISION.guard(),
            pgtrigger.ReadOnly(
                name="stays_as_decided",
                fields=["case", "stage", "outcome", "adverse", "reasons", "explanation", "by", "at"],
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.outcome}"

    def reason_codes(self) -> models.QuerySet[ReasonCode]:
        """The reasons given, with their texts."""
        return ReasonCode.objects.filter(code__in=self.reasons).order_by("code")

    @property
    def in_force_since(self) -> Any:
        """When it took effect: with the second person's word if it needed one."""
        return self.second_at or self.at


class Appeal(models.Model):
    """Somebody's objection to a decision, with text and files; decided by nobody who acted before."""

    decision = models.OneToOneField(Decision, models.PROTECT, related_name="appeal", verbose_name=_("decision"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("filed by"))
    text = models.TextField(_("what is wrong with the decision"))
    files = models.ManyToManyField("evidence.EvidenceFile", related_name="+", blank=True, verbose_name=_("files"))
    filed_at = models.DateTimeField(_("filed at"), default=clock.now)
    answer = models.OneToOneField(
        Decision, models.PROTECT, null=True, related_name="answers", verbose_name=_("decision on the appeal")
    )

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ("-filed_at", "-id")
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(text=""), name="appeal_has_text")]

    def __str__(self) -> str:
        return f"{self.decision_id}"
