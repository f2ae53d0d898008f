"""Uploaded files, their pages, and the log of who looked."""

import re
import uuid
from datetime import timedelta
from typing import ClassVar, Self, TypeVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal import clock, vault
from portal.evidence import refusals
from portal.people.models import User

# What never changes once a file is frozen; its name and place go only when it is purged.
_SEALED = ("id", "owner_id", "purpose", "sha256", "size", "media_type", "stored_at", "frozen_at")
_KEPT_UNTIL_PURGED = ("name", "location")

_USUAL_WAIT = timedelta(seconds=15)


def _row(alias: str, fields: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"{alias}.{field}" for field in fields) + ")"


class FileState(models.TextChoices):
    """How far a file has come."""

    STORED = "stored", _("being prepared")
    READY = "ready", _("ready")
    REFUSED = "refused", _("refused")


class KeyedRow(models.Model):
    """A row whose bytes in the storage are encrypted under a data key of its own, until they are purged.

    The data key is kept wrapped by the master key.
    """

    key_id = models.CharField(max_length=40, editable=False)
    wrapped_key = models.BinaryField(editable=False)
    purged_at = models.DateTimeField(_("purged at"), null=True)

    class Meta:
        abstract = True

    @property
    def bound_to(self) -> str:
        """What the row's own key and ciphertext are bound to."""
        raise NotImplementedError

    def data_key(self) -> bytes:
        """The row's own key; raises vault.Tampered."""
        return vault.unwrap_data_key(vault.WrappedKey(self.key_id, bytes(self.wrapped_key)), bound_to=self.bound_to)

    def wrap_data_key(self, key: bytes) -> None:
        """Keep the row's own key, wrapped by the current master key; does not save."""
        wrapped = vault.wrap_data_key(key, bound_to=self.bound_to)
        self.key_id, self.wrapped_key = wrapped.key_id, wrapped.sealed


class BlobPart(models.Model):
    """Some of the bytes of a `KeyedRow`, encrypted under its key and bound to their place; `size` in bytes, unencrypted."""

    offset = models.PositiveBigIntegerField(_("from byte"))
    size = models.PositiveIntegerField(_("size in bytes"))
    location = models.CharField(max_length=80, editable=False)

    class Meta:
        abstract = True


class KeptFile(KeyedRow):
    """Fields of every kind of stored file: encryption, freezing, purging.

    After purging, the row stays: whose it was, what it was for, and its hash.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    audit_name: ClassVar[str]
    owner_id: int | None
    state: str
    purpose = models.CharField(_("purpose"), max_length=60)
    name = models.CharField(_("name"), max_length=120, blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    refusal = models.CharField(_("reason for refusal"), max_length=20, blank=True)
    stored_at = models.DateTimeField(_("stored at"), default=clock.now)
    frozen_at = models.DateTimeField(_("frozen at"), null=True)
    purge_at = models.DateTimeField(_("purge scheduled at"), null=True)

    class Meta:
        abstract = True
        ordering = ("stored_at", "id")

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def refusal_text(self) -> str | Promise:
        """The sentence for a refused file, "" for others."""
        raise NotImplementedError

    @property
    def bound_to(self) -> str:
        """What the file's own key and ciphertext are bound to."""
        return f"{self.audit_name}:{self.pk}"


FileT = TypeVar("FileT", bound=KeptFile)


class EvidenceFileQuerySet(models.QuerySet["EvidenceFile"]):
    """Documents by what may happen to them next."""

    def kept(self) -> Self:
        """Files whose bytes are still there, oldest first."""
        return self.filter(purged_at__isnull=True).order_by("stored_at", "id")


class EvidenceFile(KeptFile):
    """One uploaded file of one person for one purpose. The bytes lie encrypted in the storage at `location`."""

    audit_name = "evidence.file"
    owner = models.ForeignKey(User, models.PROTECT, related_name="evidence", verbose_name=_("owner"))
    media_type = models.CharField(_("type"), max_length=40)
    size = models.PositiveIntegerField(_("size in bytes"))
    state = models.CharField(_("state"), max_length=10, choices=FileState, default=FileState.STORED)
    page_count = models.PositiveSmallIntegerField(_("pages"), default=0)
    location = models.CharField(max_length=80, blank=True, editable=False)

    objects = EvidenceFileQuerySet.as_manager()

    class Meta(KeptFile.Meta):
        verbose_name = _("evidence file")
        verbose_name_plural = _("evidence files")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner", "purpose", "sha256"], condition=Q(purged_at__isnull=True), name="evidence_once"
            ),
            models.CheckConstraint(
                condition=(Q(state="refused") & ~Q(refusal="")) | (~Q(state="refused") & Q(refusal="")),
                name="evidence_refused_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(purged_at__isnull=True) & ~Q(location="")
                | Q(purged_at__isnull=False, location="", name=""),
                name="evidence_purged_leaves_no_bytes",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["sha256"], name="evidence_sha256"),
            models.Index(fields=["purge_at", "id"], condition=Q(purged_at__isnull=True), name="evidence_purge_due"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="frozen_stays", operation=pgtrigger.Delete, condition=pgtrigger.Q(old__frozen_at__isnull=False)
            ),
            pgtrigger.Trigger(
                name="frozen_is_sealed",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__frozen_at__isnull=False),
                func=f"""
                    IF {_row("NEW", _SEALED)} IS DISTINCT FROM {_row("OLD", _SEALED)}
                       OR (NEW.purged_at IS NULL
                           AND {_row("NEW", _KEPT_UNTIL_PURGED)} IS DISTINCT FROM {_row("OLD", _KEPT_UNTIL_PURGED)}) THEN
                        RAISE EXCEPTION 'evidence file % is frozen', OLD.id USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    @property
    def refusal_text(self) -> str | Promise:
        """The sentence for a refused file, "" for others."""
        return refusals.refusal_sentence(self.refusal) if self.refusal else ""

    @property
    def is_late(self) -> bool:
        """Whether the file has waited longer to be opened than people are told that it takes."""
        return self.state == FileState.STORED and self.stored_at < clock.now() - _USUAL_WAIT


class EvidencePage(models.Model):
    """One page of a file as a picture of our own making, encrypted under the file's data key."""

    file = models.ForeignKey(EvidenceFile, models.PROTECT, related_name="pages", verbose_name=_("file"))
    number = models.PositiveSmallIntegerField(_("number"))
    width = models.PositiveIntegerField(_("width in pixels"))
    height = models.PositiveIntegerField(_("height in pixels"))
    location = models.CharField(max_length=80, editable=False)

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        ordering = ("file", "number")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "number"], name="evidence_page_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="evidence_page_from_one"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="page_unchanged", operation=pgtrigger.Update),
            pgtrigger.Trigger(
                name="page_goes_with_file",
                operation=pgtrigger.Delete,
                when=pgtrigger.Before,
                func="""
                    IF EXISTS (SELECT 1 FROM evidence_evidencefile f
                               WHERE f.id = OLD.file_id AND f.frozen_at IS NOT NULL AND f.purged_at IS NULL) THEN
                        RAISE EXCEPTION 'page % of a frozen file', OLD.id USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN OLD;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.number}"


class MarkedCopy(KeyedRow):
    """The pages of a file as one person sees them for one case: with `mark` drawn across each. Kept for half a day."""

    file = models.ForeignKey(EvidenceFile, models.PROTECT, related_name="marked_copies", verbose_name=_("file"))
    viewer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    case = models.CharField(_("case"), max_length=40)
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    made_at = models.DateTimeField(_("made at"), null=True)
    failed_at = models.DateTimeField(_("failed at"), null=True)
    purge_at = models.DateTimeField(_("purge scheduled at"))

    class Meta:
        verbose_name = _("marked copy")
        verbose_name_plural = _("marked copies")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "viewer"], name="marked_copy_once"),
            models.CheckConstraint(condition=Q(made_at=None) | Q(failed_at=None), name="marked_copy_made_or_failed"),
        ]
        indexes: ClassVar = [models.Index(fields=["purge_at"], name="marked_copy_purge_due")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.case}"

    @property
    def is_done(self) -> bool:
        """Whether nothing more comes."""
        return self.made_at is not None or self.failed_at is not None

    @property
    def mark(self) -> str:
        """What is drawn across every page: who sees it, for which case, and when they asked."""
        return f"{self.viewer.public_id}   {self.case}   {self.asked_at:%Y-%m-%d %H:%M} UTC"

    @property
    def bound_to(self) -> str:
        """What its key is bound to."""
        return f"evidence.marked:{self.file_id}:{self.viewer_id}:{self.asked_at.isoformat()}"

    def page_label(self, number: int) -> str:
        """What the ciphertext of a page is bound to."""
        return f"evidence.marked.page:{self.pk}:{number}"


class MarkedPage(models.Model):
    """One page of a marked copy, encrypted under the copy's key."""

    copy = models.ForeignKey(MarkedCopy, models.CASCADE, related_name="pages", verbose_name=_("copy"))
    number = models.PositiveSmallIntegerField(_("number"))
    location = models.CharField(max_length=80, editable=False)

    class Meta:
        verbose_name = _("page of a marked copy")
        verbose_name_plural = _("pages of marked copies")
        ordering = ("copy", "number")
        constraints: ClassVar = [models.UniqueConstraint(fields=["copy", "number"], name="marked_page_once")]
        triggers: ClassVar = [pgtrigger.Protect(name="marked_page_unchanged", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.copy_id}/{self.number}"


# Of a case (C-...) or of a complaint.
_CASE_NUMBER = re.compile(r"\b[A-Z]{1,2}-[0-9A-Z][0-9A-Z-]*")


class EvidenceAccess(models.Model):
    """One look at a file by somebody other than its owner. Rows are never changed nor deleted."""

    file = models.ForeignKey(EvidenceFile, models.PROTECT, related_name="accesses", verbose_name=_("file"))
    page = models.PositiveSmallIntegerField(_("page"), null=True, help_text=_("Empty: the whole file."))
    by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"), help_text=_("Empty: the system.")
    )
    why = models.CharField(_("why"), max_length=120)
    at = models.DateTimeField(_("at"), default=clock.now)

    class Meta:
        verbose_name = _("view of evidence")
        verbose_name_plural = _("views of evidence")
        ordering = ("-at", "-id")
        indexes: ClassVar = [models.Index(F("file"), F("at").desc(), name="evidence_access_file")]
        triggers: ClassVar = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.file_id} {self.at:%Y-%m-%d %H:%M}"

    @property
    def case_number(self) -> str:
        """The case or complaint that `why` names; empty if it names none."""
        found = _CASE_NUMBER.search(self.why)
        return found[0] if found else ""


class OrphanBlob(models.Model):
    """A place in the storage to which no row points: not yet, or no more. The sweep deletes it.

    Written before the bytes, taken out in the transaction that saves the row pointing to them. So
    whatever dies in between, nothing stays behind unseen, and no listing of the storage is needed.
    """

    location = models.CharField(max_length=80, unique=True)
    since = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("orphan blob")
        verbose_name_plural = _("orphan blobs")
        ordering = ("since", "id")

    def __str__(self) -> str:
        return self.location


class KeyMark(models.Model):
    """A digest of a key that must never change, from its first use on (portal/evidence/key_marks.py)."""

    name = models.CharField(max_length=40, unique=True)
    digest = models.CharField(max_length=64)
    since = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("mark of a key")
        verbose_name_plural = _("marks of keys")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
