"""Files of works enter the library and are looked for in it; what matches is kept, and shown to authors.

A job may run twice or die half way: entry, matches and possible copies are written in its last transaction, each at most once.
"""

import contextlib
import functools
import hashlib
import operator
from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from complaints import matching
from complaints.library import VERSIONS, get_library
from complaints.models import Fingerprint, LibraryEntry, LibraryMatch, PossibleCopy, Work
from complaints.policies import library as policy
from portal import clock, vault
from portal.engines.fingerprints import Comparison, VisualWords, Window
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job
from portal.media.models import Kind, MediaFile, MediaState
from portal.workflow import lock_names

INDEX_WORK = "complaints.index_work"
LOOK_CLOSER = "complaints.look_at_match"
INDEX_ATTEMPTS = 3
COMPARED = 10  # candidates that are compared in full
_PER_RUN = 200  # works for which the periodic task asks at once
_BETWEEN_LOOKS = timedelta(seconds=20)
_MOST_LOOKS = 30  # ten minutes; after that the periodic task looks again
_SLOT_SECONDS = 3600

_VERSION = "/".join(sorted(set(VERSIONS.values())))  # in the keys of jobs; what a file is may not be known yet

# What of the library was compared with a work, and the windows of long videos that have to be looked at before it counts.
Found = list[tuple[MediaFile, Comparison, tuple[Window, ...]]]


def enqueue_index(media_id: UUID | str, *more: str) -> None:
    """Have a work enter the library and be looked for in it; the same again is one job."""
    key = ":".join([INDEX_WORK, str(media_id), _VERSION, *more])
    enqueue_job(INDEX_WORK, {"media": str(media_id)}, key=key)


def enqueue_missing() -> int:
    """Periodic: ask for videos that the library should hold and does not; returns how many. This also builds it anew."""
    slot = int(clock.now().timestamp()) // _SLOT_SECONDS
    missing = list(_missing_videos().values_list("pk", flat=True)[:_PER_RUN])
    for pk in missing:
        enqueue_index(pk, f"again{slot}")
    return len(missing)


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
        words, found = matching.words_to_keep(media), find_matches(media)
    except matching.Unreadable as error:
        if error.code == "too_heavy" and run.attempt == 1:
            raise  # perhaps the machine was short of memory; the second result counts
        with run.finish():
            hold_without_words(run.payload)
        return
    with run.finish():
        if _keep(media, words, found) and not run.payload.get("again") and _newest_entry(media) > newest:
            # Another work entered meanwhile: neither job has seen the other's. Once is enough, this one is in now.
            enqueue_job(INDEX_WORK, run.payload | {"again": True}, key=f"{INDEX_WORK}:{media.pk}:{_VERSION}:again")


def _make_missing_fingerprint(media: MediaFile) -> None:
    """Of texts none is kept. Raises matching.Unreadable."""
    make = matching.make_sound_fingerprint if media.kind == Kind.AUDIO else matching.make_fingerprint
    if not _is_comparable(media):
        Fingerprint.objects.bulk_create([make(media)], ignore_conflicts=True)


def _is_comparable(media: MediaFile) -> bool:
    """Whether what the library compares of the work is there: the pictures of a video, the sound of a recording."""
    return matching.has_sound_fingerprint(media) if media.kind == Kind.AUDIO else matching.has_fingerprint(media)


def find_matches(media: MediaFile) -> Found:
    """Candidates of the library and the same file, each compared in full; those that match or need a closer look. Reads only."""
    words = matching.words_to_ask(media)
    ranked = [each.media for each in get_library().find(words, kind=media.kind, most=COMPARED)]
    others = MediaFile.objects.kept().filter(kind=media.kind).exclude(pk=media.pk)
    same = others.filter(sha256=media.sha256, library_entry__isnull=False)[:COMPARED]
    candidates = {each.pk: each for each in (*others.filter(pk__in=ranked), *same)}
    found = []
    for each in filter(_is_comparable, candidates.values()):
        with contextlib.suppress(matching.Unreadable, vault.Tampered):  # of the other one, which others can do without
            told = matching.compare_fingerprints(each, media, sound=False)
            found.append((each, told, matching.plan_windows(each, media, told)))
    return [row for row in found if row[2] or policy.is_match(media.kind, row[1])]


def look_closer(run: JobAttempt) -> None:
    """Job: fingerprint one window of two long videos of the library; the last one compares them with all windows."""
    pair = _pair(run.payload)
    if pair is None:
        return
    windows, number = matching.unpack_windows(run.payload["windows"]), run.payload["number"]
    if number < len(windows):
        made = matching.make_missing_windows(*pair, windows[number])
        with run.finish():
            if _pair(run.payload, lock=True) is not None:
                Fingerprint.objects.bulk_create(made, ignore_conflicts=True)
                look_at_next(run.payload)
        return
    told = matching.compare_fingerprints(*pair, windows, sound=False)
    with run.finish():
        lock_names("library")
        if _pair(run.payload, lock=True) is not None and policy.is_match(pair[0].kind, told):
            _keep_match(pair[1], pair[0], told)


def look_at_next(payload: dict[str, Any]) -> None:
    """Enqueue the next window of two long videos, also after one failed for good; after the last one, their comparison."""
    if payload["number"] < len(payload["windows"]):
        _enqueue_look(payload | {"number": payload["number"] + 1})


def _enqueue_look(payload: dict[str, Any]) -> None:
    """Once for a pair, whichever of the two was looked for."""
    pair = hashlib.sha256(":".join(sorted((payload["a"], payload["b"]))).encode()).hexdigest()[:32]
    enqueue_job(LOOK_CLOSER, payload, key=f"{LOOK_CLOSER}:{pair}:{_VERSION}:{payload['number']}")


def _pair(payload: dict[str, Any], *, lock: bool = False) -> tuple[MediaFile, MediaFile] | None:
    """The two videos; None where one was purged."""
    kept = MediaFile.objects.kept().filter(pk__in=(payload["a"], payload["b"])).order_by("pk")
    rows = {str(row.pk): row for row in (kept.select_for_update(no_key=True, of=("self",)) if lock else kept)}
    return (rows[payload["a"]], rows[payload["b"]]) if len(rows) == 2 else None


def hold_without_words(payload: dict[str, Any]) -> None:
    """A work that cannot be read, or whose job failed for good, is held without words: it is not tried every hour."""
    media = MediaFile.objects.kept().select_for_update(no_key=True, of=("self",)).filter(pk=payload["media"]).first()
    if media is not None:
        get_library().add(media, VisualWords.none())


def forget_video(media: MediaFile) -> None:
    """A work that is purged leaves the library, with its matches and what authors were shown because of them."""
    get_library().remove(media)
    for side in ("a", "b"):
        LibraryMatch.objects.filter(**{side: media}).delete()


def _missing_videos() -> QuerySet[MediaFile]:
    """Files of works that the library should hold and does not, oldest first."""
    of_works = Q(works__owner__isnull=False, works__deleted_at=None) | Q(works__external_id__gt="")
    usable = MediaFile.objects.kept().filter(of_works, state=MediaState.READY)
    held = [Q(kind=kind, library_entry__version=version) for kind, version in VERSIONS.items()]
    return usable.exclude(functools.reduce(operator.or_, held)).distinct()


def _look_again_later(payload: dict[str, Any]) -> None:
    looks = payload.get("looks", 0) + 1
    if looks <= _MOST_LOOKS:
        key = f"{INDEX_WORK}:{payload['media']}:{_VERSION}:look{looks}:{payload.get('begun', '')}"
        enqueue_job(INDEX_WORK, payload | {"looks": looks}, key=key, at=clock.now() + _BETWEEN_LOOKS)


def _newest_entry(but: MediaFile | None = None) -> int:
    """The number of the newest entry, or of the newest that is another work's."""
    rows = LibraryEntry.objects.exclude(media=but) if but else LibraryEntry.objects.all()
    return rows.order_by("-pk").values_list("pk", flat=True).first() or 0


def _keep(media: MediaFile, words: VisualWords, found: Found) -> bool:
    """Within the job's last transaction; False where the work was purged meanwhile."""
    lock_names("library")
    row = MediaFile.objects.kept().select_for_update(no_key=True, of=("self",)).filter(pk=media.pk).first()
    if row is None:
        return False
    get_library().add(row, words)
    for other, told, windows in found:
        if windows:
            rows = matching.pack_windows(windows)
            _enqueue_look({"a": str(other.pk), "b": str(row.pk), "windows": rows, "number": 0})
        else:
            _keep_match(row, other, told)
    return True


def _keep_match(media: MediaFile, other: MediaFile, told: Comparison) -> None:
    """Keep a pair once, whichever of the two was looked for, and show it to authors; not if the other has left the library."""
    if not LibraryEntry.objects.filter(media=other).exists():
        return
    match = LibraryMatch.objects.filter(a=media, b=other).first()
    if match is None:
        facts = {"grade": told.grade, "score": told.score, "versions": told.versions, "segments": _segments(told)}
        match = LibraryMatch.objects.get_or_create(a=other, b=media, defaults=facts)[0]
    _show_authors(match)


def _segments(told: Comparison) -> list[dict[str, Any]]:
    """Times of `a` are those of the work that was in the library; of texts they are characters."""
    names = ("a_start", "a_end", "b_start", "b_end", "rate", "grade")
    rows = (asdict(each) for each in told.segments)
    return [{name: row[name] for name in names} | {"transformations": list(row["transformations"])} for row in rows]


def _show_authors(match: LibraryMatch) -> None:
    sides = [list(_works_with(media)) for media in (match.a_id, match.b_id)]
    for works, posts in (sides, sides[::-1]):
        rows = [
            PossibleCopy(work=work, post=post, match=match)
            for work in works
            for post in posts
            if policy.concerns_author(work, post)
        ]
        PossibleCopy.objects.bulk_create(rows, ignore_conflicts=True)


def _works_with(media: UUID) -> Iterable[Work]:
    return Work.objects.filter(media=media, deleted_at=None).select_related("owner", "media").order_by("pk")
