"""How long stored files are kept, whatever kind they are: frozen, scheduled, purged. The row and its hash stay."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Generic

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed
from portal.evidence import blobs
from portal.evidence.models import FileState, FileT
from portal.people.models import User

# A file that is due but needed (an open appeal) is asked about again after this time.
ASK_AGAIN = timedelta(days=1)
# States in which a file may become part of a case: completely received and not refused.
_WHOLE = (FileState.STORED, FileState.READY)


class FileRetention(Generic[FileT]):
    """The keeping of one kind of file.

    `pieces` is the model of what a file consists of: rows with `file` and `location`. `place` names
    the file's own field with a location.
    """

    def __init__(self, model: type[FileT], *, pieces: Any, place: str) -> None:
        self.model, self.pieces, self.place = model, pieces, place
        self.needs: list[Callable[[FileT], bool]] = []
        self.derived: list[Callable[[FileT], object]] = []

    def register(self, needed: Callable[[FileT], bool]) -> None:
        """Products call this in AppConfig.ready(): `needed(file)` is True while a case rests on the file."""
        self.needs.append(needed)

    def register_derived(self, delete: Callable[[FileT], object]) -> None:
        """Products call this in AppConfig.ready(): `delete(file)` deletes what they computed from a file that is purged."""
        self.derived.append(delete)

    def freeze(self, files: Iterable[FileT], *, at: datetime, by: User | None) -> None:
        """Seal files with what they are part of: from `at` on neither hash nor content changes, and no purge is due.

        Raises Invalid if one was refused or purged meanwhile, or has not arrived whole.
        """
        with transaction.atomic():
            ids = {file.pk for file in files}
            rows = list(self._kept().filter(pk__in=ids).order_by("pk").select_for_update(of=("self",), no_key=True))
            if len(rows) != len(ids) or any(row.state not in _WHOLE for row in rows):
                raise Invalid(_("A file was refused or deleted in the meantime. Please upload it again."))
            for row in rows:
                self._rows().filter(pk=row.pk).update(frozen_at=row.frozen_at or at, purge_at=None)
                if row.frozen_at is None:
                    trail.record_event(f"{row.audit_name}.frozen", row, by=by, sha256=row.sha256)

    def schedule(self, files: Iterable[FileT], *, at: datetime) -> None:
        """Say when the files' time of keeping is over (a decided case, a withdrawn application)."""
        with transaction.atomic():
            self._rows().filter(pk__in=self.lock(files)).update(purge_at=at)

    def lock(self, files: Iterable[FileT]) -> list[Any]:
        """Lock files one after the other, by key, and return the keys of those that are kept.

        Two updates of the same rows could take them in different orders; so could two calls in one transaction,
        which therefore locks all its files before.
        """
        kept = self._kept().filter(pk__in=[file.pk for file in files]).order_by("pk")
        return list(kept.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))

    def erase_files_of(self, owner: User) -> None:
        """Let go what somebody who left has sent: at once what is part of nothing, the rest when no case needs it."""
        mine = self._kept().filter(owner=owner)
        with transaction.atomic():
            self.lock(mine)
            for file in mine.filter(frozen_at=None):
                if not self.is_needed(file):
                    self.purge(self._kept().filter(pk=file.pk, frozen_at=None), by=None)
            mine.filter(purge_at=None).update(purge_at=clock.now())

    def purge_files_of(self, owner: User) -> int:
        """Purge every file of somebody whose data are erased, frozen or not; returns how many a case still needs."""
        left = 0
        for file in self._kept().filter(owner=owner).order_by("pk"):
            if self.is_needed(file):
                left += 1
            else:
                self.purge(self._kept().filter(pk=file.pk), by=None)
        return left

    def discard(self, file: FileT, *, by: User) -> None:
        """The owner takes back a file that is part of nothing yet; raises NotAllowed, Conflict."""
        if by.pk != file.owner_id:
            raise NotAllowed(_("Only its owner can delete this file."))
        if file.frozen_at is not None:
            raise Conflict(_("This file is part of what you submitted and cannot be deleted."))
        if not self.is_needed(file):
            self.purge(self._kept().filter(pk=file.pk, frozen_at__isnull=True), by=by)

    def purge_due(self, limit: int = 500) -> int:
        """Purge what is due and not needed; returns how many files. Safe to run twice and at once."""
        count = 0
        for file in self._due()[:limit]:
            if self.is_needed(file):
                self._rows().filter(pk=file.pk).update(purge_at=clock.now() + ASK_AGAIN)
            else:
                count += self.purge(self._due().filter(pk=file.pk), by=None)
        return count

    def is_needed(self, file: FileT) -> bool:
        """Whether a case rests on the file."""
        return any(needed(file) for needed in self.needs)

    def purge(self, still: "QuerySet[FileT]", *, by: User | None) -> bool:
        """Bytes, pieces, name and key go; the row stays. Without its key a copy left anywhere is noise.

        `still` finds the file only if nothing has changed that forbids it; it is asked again under lock.
        """
        with transaction.atomic():
            row = still.select_for_update(of=("self",)).first()
            if row is None:
                return False
            fields = {"purged_at": clock.now(), "purge_at": None, "name": "", "wrapped_key": b"", self.place: ""}
            self._rows().filter(pk=row.pk).update(**fields)
            pieces = self.pieces._default_manager.filter(file=row)
            locations = [getattr(row, self.place), *pieces.values_list("location", flat=True)]
            blobs.orphan_blobs(*filter(None, locations))
            pieces.delete()
            for delete in self.derived:
                delete(row)
            trail.record_event(f"{row.audit_name}.purged", row, by=by, sha256=row.sha256)
        return True

    def _rows(self) -> "QuerySet[FileT]":
        return self.model._default_manager.all()

    def _kept(self) -> "QuerySet[FileT]":
        return self._rows().filter(purged_at__isnull=True)

    def _due(self) -> "QuerySet[FileT]":
        return self._kept().filter(purge_at__lte=clock.now()).order_by("purge_at", "id")
