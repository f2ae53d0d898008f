"""`manage.py screen FILE`: which works of the library are found in a video, picture, sound or text.

The library's candidates of the file's kind are compared with it in full, long videos with a closer look; each is told with its grade and segments (a: the
work, b: the file; those of texts count characters). Nothing is stored and nobody is told. Ends with 0 whatever is found, with 2 where the file cannot be read.
"""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from complaints import matching
from complaints.actions.indexing import COMPARED
from complaints.library import Candidate, get_library
from complaints.matching import UnstoredWork
from complaints.models import Work
from complaints.policies.library import is_match
from portal.engines.fingerprints import Comparison, Refused, sniffing
from portal.management.commands.compare import ReadWork, printable, read_work, sentence_of
from portal.media.models import MediaFile


class Command(BaseCommand):
    help = "Look for a video, picture, sound or text in the library of works: candidates, each compared in full."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="print candidates and comparisons as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        started, path = time.monotonic(), options["file"]
        try:
            work = _unstored(read_work(path))
        except Refused as refused:
            self._refuse(path, refused.code, as_json=options["json"])
        read = time.monotonic()
        candidates = get_library().find(matching.words_of_unstored(work), kind=work.kind, most=COMPARED)
        asked = time.monotonic()
        found = _compared(work, candidates)
        seconds = {
            "reading": round(read - started, 3),
            "library": round(asked - read, 3),
            "all": round(time.monotonic() - started, 3),
        }
        if options["json"]:
            self.stdout.write(json.dumps({"kind": work.kind, "candidates": found, "seconds": seconds}))
            return
        for row in found:
            titles = ", ".join(printable(work["title"]) for work in row["works"])
            self.stdout.write(f"{row['grade']}, score {row['score']:.2f}: {titles}")
        self.stdout.write(
            f"{len(found)} candidates, {seconds['library']:.3f} s in the library, {seconds['all']:.1f} s in all"
        )

    def _refuse(self, path: Path, code: str, *, as_json: bool) -> None:
        self.stderr.write(f"{printable(str(path))}: {sentence_of(code)}")
        if as_json:
            self.stdout.write(json.dumps({"error": code, "file": str(path)}))
        raise SystemExit(2)


def _unstored(read: ReadWork) -> UnstoredWork:
    """What the library is asked for: the pictures of a video, the sound of a recording."""
    made = read.made or read.sound
    assert made is not None  # noqa: S101 -- read_work() reads the one or the other
    return UnstoredWork(sniffing.IMAGE if read.is_picture else read.kind, read.sha256, made, read.read_window)


def _compared(work: UnstoredWork, candidates: list[Candidate]) -> list[dict[str, Any]]:
    """The same file first, then candidates in the library's order."""
    kept = MediaFile.objects.kept().filter(kind=work.kind)
    same = list(kept.filter(sha256=work.sha256, library_entry__isnull=False)[:COMPARED])
    rows = kept.in_bulk([each.media for each in candidates])
    scores = {each.media: each.score for each in candidates}
    others = [rows[pk] for pk in scores if pk in rows and rows[pk].sha256 != work.sha256]
    return [_told(media, scores.get(media.pk), matching.compare_with(media, work)) for media in (*same, *others)]


def _told(media: MediaFile, score: float | None, comparison: Comparison) -> dict[str, Any]:
    works = Work.objects.filter(media=media, deleted_at=None).order_by("registered_at", "pk")
    told = comparison.as_dict()
    return {
        "media": str(media.pk),
        "library_score": score,
        "matches": is_match(media.kind, comparison),
        "works": [
            {
                "title": work.title,
                "url": work.url,
                "registered": work.owner_id is not None,
                "known_since": work.registered_at.isoformat(),
            }
            for work in works
        ],
        **{name: told[name] for name in ("grade", "score", "segments")},
    }
