"""Decisions by people, their reasons, and appeals against them."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.languages import ReaderText, TranslatedField, text_in_language
from portal.reviews.models.cases import ReviewCase
from portal.reviews.states import DECISION, SECOND_OF, Stage
from portal.workflow import ERASED, Stateful

# A decision is immutable, except for the fields that settle a held one. Its texts go with the record of its case.
_SETTLING = "{state,second_by_id,second_at,second_note,voided_at}"
_TEXTS = "{explanation,second_note}"
_UNCHANGED = f"""
    IF to_jsonb(OLD) - '{_TEXTS}'::text[] = to_jsonb(NEW) - '{_TEXTS}'::text[]
       AND NEW.explanation IN ('', '{ERASED}') AND NEW.second_note IN ('', '{ERASED}')
       AND EXISTS (SELECT 1 FROM reviews_reviewcase c WHERE c.id = OLD.case_id AND c.purged_at IS NOT NULL) THEN
        RETURN NEW;
    END IF;
    IF OLD.state <> 'held' OR to_jsonb(OLD) - '{_SETTLING}'::text[] <> to_jsonb(NEW) - '{_SETTLING}'::text[] THEN
        RAISE EXCEPTION 'a decision does not change' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""
# The claim query excludes people with a conflict; this trigger refuses their decisions as well. Whoever decides is
# looked at when they decide, not when the texts of an old decision go.
_IMPARTIAL = f"""
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.by_id, NEW.second_by_id, NEW.stage, NEW.state) IS NOT DISTINCT FROM
           (OLD.by_id, OLD.second_by_id, OLD.stage, OLD.state) THEN
            RETURN NEW;
        END IF;
    END IF;
    second_role := CASE NEW.stage {" ".join(f"WHEN '{first}' THEN '{second}'" for first, second in SECOND_OF.items())} END;
    IF EXISTS (SELECT 1 FROM reviews_caseparty p
               WHERE p.case_id = NEW.case_id AND p.user_id IN (NEW.by_id, NEW.second_by_id)) THEN
        RAISE EXCEPTION 'nobody decides a case of their own' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM reviews_participation p
               WHERE p.case_id = NEW.case_id AND (p.user_id = NEW.by_id AND p.role <> NEW.stage
                                                  OR p.user_id = NEW.second_by_id AND p.role <> second_role))
       OR EXISTS (SELECT 1 FROM reviews_decision d
                  WHERE d.case_id = NEW.case_id AND d.stage <> NEW.stage
                    AND (d.by_id IN (NEW.by_id, NEW.second_by_id) OR d.second_by_id IN (NEW.by_id, NEW.second_by_id)))
       OR EXISTS (SELECT 1 FROM reviews_reviewcase c JOIN reviews_participation p ON p.topic = ANY (c.topics)
                  WHERE c.id = NEW.case_id AND p.case_id <> c.id
                    AND p.user_id IN (CASE WHEN TG_OP = 'INSERT' THEN NEW.by_id END, NEW.second_by_id))
    THEN
        RAISE EXCEPTION 'who acted on a case before does not decide on it again' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


def human_decision_guard(adverse: tuple[str, ...], column: str, *, twice: tuple[str, ...] = ()) -> pgtrigger.Trigger:
    """A trigger: the adverse states need a final, adverse decision that a person signed; `twice` needs two people."""
    states = ", ".join(f"'{state}'" for state in adverse)
    two = ", ".join(f"'{state}'" for state in twice) or "''"
    return pgtrigger.Trigger(
        name="adverse_needs_a_person",
        operation=pgtrigger.Insert | pgtrigger.Update,
        when=pgtrigger.Before,
        # Composed of our own constants.
        func=f"""
            IF NEW.state IN ({states}) AND NOT EXISTS (
                SELECT 1 FROM reviews_decision d
                WHERE d.id = NEW.{column} AND d.adverse AND d.state = 'final' AND d.by_id IS NOT NULL
                  AND (NEW.state NOT IN ({two}) OR (d.second_by_id IS NOT NULL AND d.second_by_id <> d.by_id))
            ) THEN
                RAISE EXCEPTION 'state % needs the decision of a person', NEW.state
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


class ReasonCodeQuerySet(models.QuerySet["ReasonCode"]):
    """Reasons, in the order in which forms list them."""

    def offered(self, kind: str) -> Self:
        """What a reviewer of this kind of case may choose."""
        return self.filter(kind=kind, active=True).order_by("outcome", "code")

    def add_missing(self, reasons: Iterable[Mapping[str, Any]]) -> int:
        """Add those whose code is not there yet, each as {field: value}; how many."""
        known, added = set(self.values_list("code", flat=True)), 0
        for reason in reasons:
            if reason["code"] not in known:
                row = ReasonCode(**reason)
                row.full_clean()
                row.save()
                added += 1
        return added


class ReasonCode(models.Model):
    """A reason that a decision may give: a code, a label for reviewers, and the text that the person gets.

    Decisions keep the words with which they were made; later edits do not reach them.
    """

    code = models.SlugField(_("code"), max_length=60, unique=True)
    kind = models.CharField(_("kind of case"), max_length=40)
    outcome = models.CharField(_("outcome"), max_length=30)
    labels = TranslatedField(_("label"), max_length=150)
    label = ReaderText(labels)
    texts = TranslatedField(_("text for the person"), max_length=2000)
    text = ReaderText(texts)
    active = models.BooleanField(_("in use"), default=True)

    objects = ReasonCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        ordering = ("kind", "outcome", "code")

    def __str__(self) -> str:
        return self.label

    def as_told(self) -> dict[str, Any]:
        """The words that a decision keeps: `code`, and by language `labels` and `texts`."""
        return {"code": self.code, "labels": self.labels, "texts": self.texts}


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Decisions, latest first."""

    def of_case(self, case: ReviewCase) -> Self:
        """A case's decisions with the people who made them."""
        return self.filter(case=case).select_related("by", "second_by").order_by("-at", "-pk")

    def made_by(self, user: models.Model) -> Self:
        """What this person decided or seconded, with its cases."""
        return self.filter(Q(by=user) | Q(second_by=user)).select_related("case").order_by("-at", "-pk")


class Decision(Stateful):
    """What a person decided on a case. It never changes; a held one is settled once, by a second person.

    `case_version` is the version of the case that the person saw; `told` keeps the words of the reasons.
    """

    workflow = DECISION

    case = models.ForeignKey(
        ReviewCase, models.PROTECT, related_name="decisions", verbose_name=_("case"), db_index=False
    )
    case_version = models.PositiveIntegerField(editable=False)
    stage = models.CharField(_("stage"), max_length=15, choices=Stage)
    outcome = models.CharField(_("outcome"), max_length=30)
    adverse = models.BooleanField(_("adverse"))
    reasons = ArrayField(models.CharField(max_length=60), verbose_name=_("reasons"), default=list)
    told = models.JSONField(_("reasons as given"), default=list)
    needs_second_approval = models.BooleanField(_("needs two people"), default=False)
    explanation = models.TextField(_("explanation"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("decided by"), db_index=False
    )
    at = models.DateTimeField(_("decided at"), default=clock.now)
    second_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("second person"),
        db_index=False,
    )
    second_at = models.DateTimeField(_("second person at"), null=True)
    second_note = models.TextField(_("second person's note"), blank=True)
    voided_at = models.DateTimeField(_("reversed at"), null=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ("-at", "-id")
        constraints: ClassVar = [
            # Machines check, people decide: the database itself refuses anything else.
            # (`by` is not null for any decision; whoever it names is held to the `impartial` trigger.)
            models.CheckConstraint(
                condition=Q(adverse=False) | (~Q(explanation="") & Q(reasons__len__gt=0)), name="adverse_is_explained"
            ),
            models.CheckConstraint(condition=Q(second_by=None) | ~Q(second_by=F("by")), name="second_is_another"),
            models.CheckConstraint(
                condition=Q(second_by=None, second_at=None) | Q(second_by__isnull=False, second_at__isnull=False),
                name="second_by_and_at",
            ),
            models.CheckConstraint(
                condition=Q(state="final", needs_second_approval=False, second_by=None, voided_at=None)
                | Q(
                    state__in=("final", "returned"), needs_second_approval=True, second_by__isnull=False, voided_at=None
                )
                | Q(state="held", needs_second_approval=True, second_by=None, voided_at=None)
                | Q(state="void", needs_second_approval=True, second_by=None, voided_at__isnull=False),
                name="decision_settled_whole",
            ),
            models.CheckConstraint(condition=Q(stage__in=tuple(SECOND_OF)), name="decision_of_a_first_look"),
            models.UniqueConstraint(fields=["case", "case_version"], name="decision_once"),
            models.UniqueConstraint(fields=["case"], condition=Q(state="held"), name="decision_held_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["by", "-at"], name="decision_of_person"),
            models.Index(fields=["second_by", "-at"], condition=~Q(second_by=None), name="decision_of_second"),
            models.Index(fields=["at"], name="decision_made_at"),
        ]
        triggers: ClassVar = [
            DECISION.guard(),
            pgtrigger.Trigger(
                name="stays_as_decided", operation=pgtrigger.Update, when=pgtrigger.Before, func=_UNCHANGED
            ),
            pgtrigger.Trigger(
                name="impartial",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                declare=[("second_role", "TEXT")],
                func=_IMPARTIAL,
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.outcome}"

    @property
    def chain(self) -> str:
        """The audit chain: its case's."""
        return f"case:{self.case_id}"

    @property
    def statement(self) -> list[dict[str, str]]:
        """The reasons as they were told: `code`, `label` and `text` in the reader's language."""
        return [
            {"code": row["code"], "label": text_in_language(row["labels"]), "text": text_in_language(row["texts"])}
            for row in self.told
        ]

    @property
    def in_force_since(self) -> Any:
        """When it took effect: at the second approval if it needed one."""
        return self.second_at or self.at


class Appeal(models.Model):
    """A request that a decision be looked at again, with text and files; decided by a person who has not acted on the case."""

    decision = models.OneToOneField(Decision, models.PROTECT, related_name="appeal", verbose_name=_("decision"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("filed by"))
    text = models.TextField(_("what is wrong with the decision"))
    files = models.ManyToManyField("evidence.EvidenceFile", related_name="+", blank=True, verbose_name=_("files"))
    filed_at = models.DateTimeField(_("filed at"), default=clock.now)
    answer = models.OneToOneField(
        Decision, models.PROTECT, null=True, related_name="answers", verbose_name=_("decision on the appeal")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ("-filed_at", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="appeal_has_text"),
            models.CheckConstraint(condition=Q(answer=None) | Q(withdrawn_at=None), name="appeal_has_one_end"),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id}"

    @property
    def chain(self) -> str:
        """The audit chain: its case's."""
        return self.decision.chain
