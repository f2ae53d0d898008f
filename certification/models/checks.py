"""Results of checks: what, how, on which input; append-only."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from certification import findings
from certification.models.applications import Application, Credential, Document
from certification.states import OPEN_STATES
from portal import clock
from portal.evidence.models import FileState
from portal.workflow import append_only_guard

_PURGED = (
    "EXISTS (SELECT 1 FROM certification_application a WHERE a.id = OLD.application_id AND a.purged_at IS NOT NULL)"
)


NOT_READY = "file.not_ready"  # finding of a check that ended before its file was opened and read


class CheckKind(models.TextChoices):
    """What a check looks at."""

    IDENTIFIER_FORM = "identifier_form", _("Format of the number")
    IDENTIFIER_CHECKSUM = "identifier_checksum", _("Check digit of the number")
    IDENTIFIER_EMBEDDED = "identifier_embedded", _("Identity number within the number")
    IDENTIFIER_DUPLICATE = "identifier_duplicate", _("Same number on another account")
    DOCUMENT_OPENS = "document_opens", _("File can be opened and read")
    DOCUMENT_DUPLICATE = "document_duplicate", _("Same file on another account")
    DOCUMENT_LOOKALIKE = "document_lookalike", _("Same page on another account")
    DOCUMENT_EDITED = "document_edited", _("Signs of editing")
    DOCUMENT_COMPARED = "document_compared", _("Read automatically and compared with what was declared")
    PROOF_AGE = "proof_age", _("Age of the proof, as declared")
    EXPIRY = "expiry", _("End date, as declared")
    NAMES = "names", _("Names on the documents, as declared")
    HISTORY = "history", _("Earlier decisions on this person")
    REGISTRY = "registry", _("Official register")
    DOCUMENT_READ = "document_read", _("Document read by a person")


class CheckMethod(models.TextChoices):
    """How a check was made. Nothing is called a registry check that a person made by hand."""

    COMPUTED = "computed", _("computed")
    RECOMPUTED = "recomputed", _("computed again once the file was ready")
    REGISTRY = "registry", _("answered by the register")
    MANUAL = "manual", _("by a person")


class CheckResult(models.TextChoices):
    """What came out. Inconclusive is neither pass nor fail."""

    PASSED = "pass", _("passed")
    FAILED = "fail", _("failed")
    INCONCLUSIVE = "inconclusive", _("inconclusive")


# Results that say something of what was looked at.
CONCLUSIVE = (CheckResult.PASSED, CheckResult.FAILED)


class CheckQuerySet(models.QuerySet["Check"]):
    """Check rows."""

    def latest_results(self) -> "list[Check]":
        """The newest row of every kind on every object of each application, in the order of their first appearance; with its credential."""
        rows = self.filter(document__replaced_at=None).select_related("credential")
        newest = {(row.application_id, row.key): row for row in rows.order_by("pk") if row.is_current}
        return list(newest.values())

    def file_now_ready(self) -> Self:
        """Those that a file was not ready for, but is now, and that were not made again; of what is not decided."""
        current = Document.objects.current().filter(application=OuterRef("application"))
        unread = current.filter(file__paper_reading=None).exclude(file__state=FileState.REFUSED)
        newer = Check.objects.filter(application=OuterRef("application"), kind=OuterRef("kind"), pk__gt=OuterRef("pk"))
        rows = self.filter(finding=NOT_READY, document__replaced_at=None, application__state__in=OPEN_STATES)
        return rows.filter(
            ~Exists(newer.filter(Q(document=OuterRef("document")) | Q(document=None))),
            ~Exists(unread.filter(pk=OuterRef("document"))),
            Q(document__isnull=False) | ~Exists(unread),
        )


class Check(models.Model):
    """One look at one thing. `finding` and `data` give the sentence (certification/findings.py)."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="checks")
    credential = models.ForeignKey(Credential, models.PROTECT, null=True, related_name="checks")
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="checks")
    round = models.PositiveSmallIntegerField(_("round"))
    kind = models.CharField(_("what"), max_length=30, choices=CheckKind)
    method = models.CharField(_("how"), max_length=10, choices=CheckMethod)
    input = models.CharField(_("on which input, masked"), max_length=200)
    result = models.CharField(_("result"), max_length=12, choices=CheckResult)
    finding = models.CharField(_("finding"), max_length=60)
    data = models.JSONField(_("data of the finding"), default=dict)
    note = models.TextField(_("what was seen"), max_length=2000, blank=True)
    url = models.URLField(_("where it was seen"), max_length=500, blank=True)
    # A screenshot or PDF of the page on which a person saw it.
    file = models.ForeignKey(
        "evidence.EvidenceFile",
        models.PROTECT,
        null=True,
        related_name="seen_in_checks",
        db_index=False,
        verbose_name=_("picture of the page"),
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=clock.now)
    objects = CheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        ordering = ("application", "pk")
        indexes: ClassVar = [
            models.Index(fields=["file"], condition=Q(file__isnull=False), name="check_file"),
            models.Index(fields=["application"], condition=Q(finding=NOT_READY), name="check_file_not_ready"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application", "round", "kind", "credential", "document"],
                condition=Q(method="computed"),
                nulls_distinct=False,
                name="check_computed_once",
            ),
            models.CheckConstraint(
                condition=Q(method="manual", by__isnull=False) | (~Q(method="manual") & Q(by=None)),
                name="check_manual_has_person",
            ),
        ]
        triggers: ClassVar = [
            append_only_guard("append_only", erasable=("input", "data", "note", "url"), once=_PURGED),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.kind} {self.result}"

    @property
    def key(self) -> str:
        """How the plan of a round names this check."""
        return planned_check_key(self.kind, self.credential_id, self.document_id)

    @property
    def is_computed(self) -> bool:
        """Whether neither a person nor a register has said it."""
        return self.method in (CheckMethod.COMPUTED, CheckMethod.RECOMPUTED)

    @property
    def is_current(self) -> bool:
        """Whether what it looked at is still as it was: a credential that was declared anew needs a new look."""
        return self.credential is None or self.credential.round <= self.round

    @property
    def sentence(self) -> str:
        """The result in one plain sentence, in the reader's language."""
        return findings.finding_sentence(self.finding, self.data)


def planned_check_key(kind: str, credential_id: int | None, document_id: int | None) -> str:
    """The name of a planned check: kind and what it looks at."""
    return f"{kind}:{credential_id or ''}:{document_id or ''}"
