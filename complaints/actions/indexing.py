"""Files of works enter the library and are looked for in it; what matches is kept, and shown to authors.

A job may run twice or die half way: entry, matches and possible copies are written in its last transaction, each at most once.
"""

import contextlib
import functools
import operator
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from complaints import matching
from complaints.actions import candidates, library_matches
from complaints.actions.candidates import Search
from complaints.library import WorkContent, get_library
from complaints.models import EntryGap, Fingerprint, LibraryEntry, LibraryMatch
from portal import clock, vault
from portal.engines.fingerprints import Comparison, Window
from portal.jobs.attempts import JobAttempt
from portal.jobs.models import Job, JobState
from portal.jobs.queue import enqueue_job
from portal.media.models import Kind, MediaFile, MediaState
from portal.workflow import lock_names

INDEX_WORK = "complaints.index_work"
INDEX_ATTEMPTS = 3
_QUEUED = 60  # jobs of which the periodic task keeps so many in the queue: work of others waits behind them
_CHOSEN_AMONG = 5000  # works
_BETWEEN_LOOKS = timedelta(seconds=20)
_MOST_LOOKS = 30  # ten minutes; after that the periodic task looks again
_SLOT_SECONDS = 3600
# What may be otherwise the next time, and when that is: after so long, each time twice as long, until it was tried so often.
_PASSING = (EntryGap.TOO_HEAVY, EntryGap.FAILED)
_AGAIN = timedelta(hours=6)
_MOST_TRIES = 6


def enqueue_index(media_id: UUID | str, *more: str) -> None:
    """Have a work enter the library and be looked for in it; the same again is one job."""
    enqueue_job(INDEX_WORK, {"media": str(media_id)}, key=_job_key(media_id, *more))


def enqueue_missing() -> int:
    """Periodic: keep the queue filled with works that the library should hold and does not; returns how many were added.

    This also builds it anew, and tries those again that were too heavy.
    """
    slot = f"again{int(clock.now().timestamp()) // _SLOT_SECONDS}"
    open_jobs = Job.objects.filter(kind=INDEX_WORK, state__in=(JobState.QUEUED, JobState.RUNNING))
    room = _QUEUED - open_jobs.count()
    if room <= 0:
        return 0
    missing = list(_missing_works().values_list("pk", flat=True)[:_CHOSEN_AMONG])
    keys = {_job_key(pk, slot): pk for pk in missing}
    for key in Job.objects.filter(key__in=list(keys)).values_list("key", flat=True):
        del keys[key]  # its turn was within this hour
    chosen = list(keys.values())[:room]
    for pk in chosen:
        enqueue_index(pk, slot)
    return len(chosen)


def rebuild_entries(say: Callable[[int], None]) -> tuple[int, int]:
    """Make entries of another version anew from stored fingerprints, without a comparison; how many were made, and how many are left.

    Those left have no fingerprint of the present version: their files have to be read, which the periodic task has done.
    """
    made = 0
    for media in _missing_works().filter(library_entry__isnull=False).iterator(chunk_size=500):
        if candidates.is_comparable(media):
            with contextlib.suppress(matching.Unreadable, vault.Tampered):
                made += _renew_entry(media, matching.content_to_keep(media))
                say(made)
    return made, _missing_works().count()


def _renew_entry(media: MediaFile, content: WorkContent) -> bool:
    with transaction.atomic():
        lock_names("library")
        row = MediaFile.objects.kept().select_for_update(no_key=True, of=("self",)).filter(pk=media.pk).first()
        return row is not None and get_library().add(row, content)


def gap_samples() -> list[tuple[tuple[str], float]]:
    """For /metrics: entries that lack something, by what it is."""
    counted = LibraryEntry.objects.exclude(gap="").order_by().values_list("gap").annotate(Count("pk"))
    numbers = dict.fromkeys(EntryGap.values, 0) | dict(counted)
    return [((gap,), number) for gap, number in sorted(numbers.items())]


def index_work(run: JobAttempt) -> None:
    """Job: make the fingerprint if there is none, look for the video in the library, let it enter."""
    media = MediaFile.objects.kept().filter(pk=run.payload["media"]).first()
    if media is None or media.state == MediaState.REFUSED:
        return
    if media.state != MediaState.READY:
        with run.finish():
            _look_again_later(run.payload)
        return
    newest = _newest_entry()
    try:
        _make_missing_fingerprint(media)
        content, search = matching.content_to_keep(media), find_matches(media)
        windows = _planned_windows(media, search)
    except matching.Unreadable as error:
        if error.code == "too_heavy" and run.attempt == 1:
            raise  # perhaps the machine was short of memory; the second result counts
        with run.finish():
            _hold_unread(run.payload, EntryGap.TOO_HEAVY if error.code == "too_heavy" else EntryGap.UNREADABLE)
        return
    with run.finish():
        if _keep(media, content, search, windows) and not run.payload.get("again") and _newest_entry(media) > newest:
            # Another work entered meanwhile: neither job has seen the other's. Once is enough, this one is in now.
            enqueue_job(INDEX_WORK, run.payload | {"again": True}, key=_job_key(media.pk, "again"))


def _make_missing_fingerprint(media: MediaFile) -> None:
    """Of texts none is kept. Raises matching.Unreadable."""
    make = matching.make_sound_fingerprint if media.kind == Kind.AUDIO else matching.make_fingerprint
    if not candidates.is_comparable(media):
        Fingerprint.objects.bulk_create([make(media)], ignore_conflicts=True)


def find_matches(media: MediaFile) -> Search:
    """Works of the library compared in full with this one. Reads only."""

    def compare(other: MediaFile) -> Comparison:
        return matching.compare_fingerprints(other, media, sound=False)

    return candidates.search_library(matching.content_to_ask(media), media.sha256, compare, but=media)


def _planned_windows(media: MediaFile, search: Search) -> dict[UUID, tuple[Window, ...]]:
    """The windows of long videos that have to be looked at before a pair counts as a match, by the other video."""
    planned = {each.media.pk: matching.plan_windows(each.media, media, each.comparison) for each in search.compared}
    return {pk: windows for pk, windows in planned.items() if windows}


def hold_without_words(payload: dict[str, Any]) -> None:
    """A work whose job failed for good is held without words, and tried again later."""
    _hold_unread(payload, EntryGap.FAILED)


def _hold_unread(payload: dict[str, Any], gap: EntryGap) -> None:
    """So it is not tried with every run of the periodic task. Once held with words it stays so."""
    media = MediaFile.objects.kept().select_for_update(no_key=True, of=("self",)).filter(pk=payload["media"]).first()
    if media is None:
        return
    before = LibraryEntry.objects.filter(media=media, gap__in=_PASSING).first()
    if get_library().add(media, WorkContent.unread(media.kind or Kind.VIDEO)):
        LibraryEntry.objects.filter(media=media).update(gap=gap, tries=before.tries + 1 if before else 0)


def forget_video(media: MediaFile) -> None:
    """A work that is purged leaves the library, with its matches and what authors were shown because of them."""
    get_library().remove(media)
    for side in ("a", "b"):
        LibraryMatch.objects.filter(**{side: media}).delete()


def _missing_works() -> QuerySet[MediaFile]:
    """Files of works that the library should hold and does not, or that are to be tried again; oldest first."""
    of_works = Q(works__owner__isnull=False, works__deleted_at=None) | Q(works__external_id__gt="")
    usable = MediaFile.objects.kept().filter(of_works, state=MediaState.READY)
    held = [Q(kind=kind, library_entry__version=version) for kind, version in get_library().versions.items()]
    current = usable.filter(functools.reduce(operator.or_, held)).values("pk")
    now, past = clock.now(), Q(library_entry__gap__in=_PASSING)
    due = [
        Q(library_entry__tries=tries, library_entry__made_at__lte=now - _AGAIN * 2**tries)
        for tries in range(_MOST_TRIES)
    ]
    return usable.filter(~Q(pk__in=current) | past & functools.reduce(operator.or_, due)).distinct()


def _versions() -> str:
    """In the keys of jobs: what a file is may not be known yet."""
    return "/".join(sorted(set(get_library().versions.values())))


def _job_key(media_id: UUID | str, *more: str) -> str:
    return ":".join([INDEX_WORK, str(media_id), _versions(), *more])


def _look_again_later(payload: dict[str, Any]) -> None:
    looks = payload.get("looks", 0) + 1
    if looks <= _MOST_LOOKS:
        key = _job_key(payload["media"], f"look{looks}:{payload.get('begun', '')}")
        enqueue_job(INDEX_WORK, payload | {"looks": looks}, key=key, at=clock.now() + _BETWEEN_LOOKS)


def _newest_entry(but: MediaFile | None = None) -> int:
    """The number of the newest entry, or of the newest that is another work's."""
    rows = LibraryEntry.objects.exclude(media=but) if but else LibraryEntry.objects.all()
    return rows.order_by("-pk").values_list("pk", flat=True).first() or 0


def _keep(media: MediaFile, content: WorkContent, search: Search, windows: dict[UUID, tuple[Window, ...]]) -> bool:
    """Within the job's last transaction; False where the work was purged meanwhile."""
    lock_names("library")
    row = MediaFile.objects.kept().select_for_update(no_key=True, of=("self",)).filter(pk=media.pk).first()
    if row is None:
        return False
    if get_library().add(row, content) and not search.finished:
        LibraryEntry.objects.filter(media=row).update(gap=EntryGap.UNFINISHED)
    for found in search.compared:
        if planned := windows.get(found.media.pk):
            library_matches.begin_look(found.media, row, planned)
        elif found.matches:
            library_matches.keep_match(row, found.media, found.comparison)
    return True
