"""Pairs of works in the library that match: long videos are looked at closely first; each pair is kept once, and shown to authors.

A closer look is a job for each window, and one that compares the two with all windows.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from complaints import matching
from complaints.library import get_library
from complaints.models import Fingerprint, LibraryEntry, LibraryMatch, PossibleCopy, Work
from complaints.policies import library as policy
from portal.engines.fingerprints import Comparison, Window
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job
from portal.media.models import Kind, MediaFile
from portal.workflow import lock_names

LOOK_CLOSER = "complaints.look_at_match"


def begin_look(other: MediaFile, media: MediaFile, windows: tuple[Window, ...]) -> None:
    """Enqueue the first window of two long videos."""
    _enqueue_look({"a": str(other.pk), "b": str(media.pk), "windows": matching.pack_windows(windows), "number": 0})


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
            keep_match(pair[1], pair[0], told)


def look_at_next(payload: dict[str, Any]) -> None:
    """Enqueue the next window of two long videos, also after one failed for good; after the last one, their comparison."""
    if payload["number"] < len(payload["windows"]):
        _enqueue_look(payload | {"number": payload["number"] + 1})


def keep_match(media: MediaFile, other: MediaFile, told: Comparison) -> None:
    """Keep a pair once, whichever of the two was looked for, and show it to authors; not if the other has left the library."""
    if not LibraryEntry.objects.filter(media=other).exists():
        return
    match = LibraryMatch.objects.filter(a=media, b=other).first()
    if match is None:
        facts = {"grade": told.grade, "score": told.score, "versions": told.versions, "segments": _segments(told)}
        match = LibraryMatch.objects.get_or_create(a=other, b=media, defaults=facts)[0]
    _show_authors(match)


def _enqueue_look(payload: dict[str, Any]) -> None:
    """Once for a pair, whichever of the two was looked for."""
    pair = hashlib.sha256(":".join(sorted((payload["a"], payload["b"]))).encode()).hexdigest()[:32]
    version = get_library().versions[Kind.VIDEO]
    enqueue_job(LOOK_CLOSER, payload, key=f"{LOOK_CLOSER}:{pair}:{version}:{payload['number']}")


def _pair(payload: dict[str, Any], *, lock: bool = False) -> tuple[MediaFile, MediaFile] | None:
    """The two videos; None where one was purged."""
    kept = MediaFile.objects.kept().filter(pk__in=(payload["a"], payload["b"])).order_by("pk")
    rows = {str(row.pk): row for row in (kept.select_for_update(no_key=True, of=("self",)) if lock else kept)}
    return (rows[payload["a"]], rows[payload["b"]]) if len(rows) == 2 else None


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
