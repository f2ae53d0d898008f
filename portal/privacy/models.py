"""Copies of people's own data: a zip, encrypted, in parts, for a week; and requests to erase the data."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.evidence.models import BlobPart, KeyedRow
from portal.privacy.states import ERASURE, EXPORT, ErasureState, ExportState
from portal.workflow import Stateful


class DataExport(Stateful, KeyedRow):
    """A copy of everything that is kept of one person. `size` is in bytes; `done` of `steps` files are in it."""

    workflow = EXPORT

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="exports", verbose_name=_("person")
    )
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    ready_at = models.DateTimeField(_("ready at"), null=True)
    purge_at = models.DateTimeField(_("purge scheduled at"), null=True)
    steps = models.PositiveIntegerField(_("files to include"), default=0)
    done = models.PositiveIntegerField(_("files included"), default=0)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    downloaded_at = models.DateTimeField(_("last downloaded at"), null=True)

    class Meta:
        verbose_name = _("copy of personal data")
        verbose_name_plural = _("copies of personal data")
        ordering = ("-asked_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person"], condition=Q(state="waiting"), name="export_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(state="deleted", wrapped_key=b"", purged_at__isnull=False)
                | ~Q(state="deleted") & ~Q(wrapped_key=b"") & Q(purged_at=None),
                name="export_deleted_leaves_no_key",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["purge_at"], condition=Q(purged_at=None), name="export_purge_due"),
            models.Index(fields=["person", "-asked_at"], name="export_of_person"),
        ]
        triggers: ClassVar = [EXPORT.guard()]

    def __str__(self) -> str:
        return f"{self.person_id} {self.asked_at:%Y-%m-%d}"

    @property
    def audit_data(self) -> dict[str, str]:
        """What every event of it tells."""
        return {"person": self.person.public_id}

    @property
    def is_waiting(self) -> bool:
        """Whether it is still being put together."""
        return self.state == ExportState.WAITING

    @property
    def is_ready(self) -> bool:
        """Whether it can be downloaded now."""
        return self.state == ExportState.READY and self.purge_at is not None and self.purge_at > clock.now()

    @property
    def bound_to(self) -> str:
        """What its key is bound to."""
        return f"privacy.export:{self.person_id}:{self.asked_at.isoformat()}"

    def part_label(self, offset: int) -> str:
        """What the ciphertext of the part at `offset` is bound to."""
        return f"privacy.export.part:{self.pk}:{offset}"


class ExportPart(BlobPart):
    """Up to 4 MiB of the zip, encrypted under its own key and bound to its place in it."""

    export = models.ForeignKey(DataExport, models.CASCADE, related_name="parts", verbose_name=_("copy"))

    class Meta:
        verbose_name = _("part of a copy")
        verbose_name_plural = _("parts of copies")
        ordering = ("export", "offset")
        constraints: ClassVar = [models.UniqueConstraint(fields=["export", "offset"], name="export_part_once")]
        triggers: ClassVar = [pgtrigger.Protect(name="export_part_unchanged", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.export_id}+{self.offset}"


class Erasure(Stateful):
    """A person's request to erase their data. Until `due_at` they can cancel it; `held_until` says when holds are looked at again."""

    workflow = ERASURE

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="erasures", verbose_name=_("person")
    )
    asked_at = models.DateTimeField(_("asked at"), default=clock.now)
    due_at = models.DateTimeField(_("due at"))
    held_until = models.DateTimeField(_("held until"), null=True)
    begun_at = models.DateTimeField(_("begun at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("erasure of personal data")
        verbose_name_plural = _("erasures of personal data")
        ordering = ("-asked_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state__in=(ErasureState.WAITING, ErasureState.RUNNING)),
                name="erasure_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(ErasureState.DONE, ErasureState.CANCELLED)) ^ Q(ended_at=None),
                name="erasure_ended_with_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=(ErasureState.WAITING, ErasureState.RUNNING)),
                name="erasure_due",
            ),
            models.Index(fields=["person", "-asked_at"], name="erasure_of_person"),
        ]
        triggers: ClassVar = [ERASURE.guard()]

    def __str__(self) -> str:
        return f"{self.person_id} {self.asked_at:%Y-%m-%d}"

    @property
    def is_waiting(self) -> bool:
        """Whether it can still be cancelled."""
        return self.state == ErasureState.WAITING
