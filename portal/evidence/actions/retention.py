"""How long files are kept: purging what is due and no longer needed, keeping the row and its hash."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal import clock
from portal.accounts.models import User
from portal.audit import trail
from portal.errors import Conflict, NotAllowed
from portal.evidence import blobs
from portal.evidence.models import EvidenceFile, EvidencePage

# A file that is due but needed (an open appeal) is asked about again after this time.
ASK_AGAIN = timedelta(days=1)

Needed = Callable[[EvidenceFile], bool]
_needs: list[Needed] = []


def register(needed: Needed) -> None:
    """Products call this in AppConfig.ready(): `needed(file)` is True while a matter rests on the file."""
    _needs.append(needed)


def schedule(files: Iterable[EvidenceFile], *, at: datetime) -> None:
    """Say when the files' time of keeping is over (a decided matter, a withdrawn application)."""
    EvidenceFile.objects.filter(pk__in=[file.pk for file in files], purged_at__isnull=True).update(purge_at=at)


def discard(file: EvidenceFile, *, by: User) -> None:
    """The owner takes back a file that is part of nothing yet; raises NotAllowed, Conflict."""
    if by.pk != file.owner_id:
        raise NotAllowed(_("Only its owner may delete this file."))
    if file.frozen_at is not None:
        raise Conflict(_("This file is part of what you sent and cannot be deleted."))
    if not _is_needed(file):
        _purge(EvidenceFile.objects.kept().filter(pk=file.pk, frozen_at__isnull=True), by=by)


def purge_due(limit: int = 500) -> int:
    """Purge what is due and not needed; returns how many files. Safe to run twice and at once."""
    count = 0
    for file in EvidenceFile.objects.due_for_purge()[:limit]:
        if _is_needed(file):
            EvidenceFile.objects.filter(pk=file.pk).update(purge_at=clock.now() + ASK_AGAIN)
        else:
            count += _purge(EvidenceFile.objects.due_for_purge().filter(pk=file.pk), by=None)
    return count


def _is_needed(file: EvidenceFile) -> bool:
    return any(needed(file) for needed in _needs)


def _purge(still: QuerySet[EvidenceFile], *, by: User | None) -> bool:
    """Bytes, pages, name and key go; the row stays. Without its key a copy left anywhere is noise.

    `still` finds the file only if nothing has changed that forbids it; it is asked again under lock.
    """
    with transaction.atomic():
        row = still.select_for_update().first()
        if row is None:
            return False
        fields = {"purged_at": clock.now(), "purge_at": None, "location": "", "name": "", "wrapped_key": b""}
        EvidenceFile.objects.filter(pk=row.pk).update(**fields)
        pages = EvidencePage.objects.filter(file=row)
        blobs.loosen(row.location, *pages.values_list("location", flat=True))
        pages.delete()
        trail.record("evidence.file.purged", by=by, on=row, data={"sha256": row.sha256})
    return True
