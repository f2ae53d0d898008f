"""`manage.py screen FILE`: which works of the library a video shows.

The library's candidates are compared with the video in full; each is told with its grade and segments (a: the work, b: the
file). Nothing is stored and nobody is told. Ends with 0 whatever is found, with 2 where the file cannot be read.
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
from complaints.models import Work
from complaints.policies.library import MATCHING_GRADES
from portal.engines import fingerprints
from portal.engines.fingerprints import Comparison, Fingerprint, Refused
from portal.management.commands.compare import printable, read_video, sentence_of
from portal.media.models import MediaFile


class Command(BaseCommand):
    help = "Look for a video in the library of works: candidates, each compared in full."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="print candidates and comparisons as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        started, path = time.monotonic(), options["file"]
        try:
            sha256, made = read_video(path)
        except Refused as refused:
            self._refuse(path, refused.code, as_json=options["json"])
        read = time.monotonic()
        candidates = get_library().find(fingerprints.words_to_ask(made), most=COMPARED)
        asked = time.monotonic()
        found = _compared(made, sha256, candidates)
        seconds = {
            "reading": round(read - started, 3),
            "library": round(asked - read, 3),
            "all": round(time.monotonic() - started, 3),
        }
        if options["json"]:
            self.stdout.write(json.dumps({"candidates": found, "seconds": seconds}))
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


def _compared(made: Fingerprint, sha256: str, candidates: list[Candidate]) -> list[dict[str, Any]]:
    """The same file first, then candidates in the library's order."""
    kept = MediaFile.objects.kept()
    same = list(kept.filter(sha256=sha256, library_entry__isnull=False)[:COMPARED])
    rows = kept.in_bulk([each.media for each in candidates])
    scores = {each.media: each.score for each in candidates}
    others = [rows[pk] for pk in scores if pk in rows and rows[pk].sha256 != sha256]
    return [
        _told(media, scores.get(media.pk), matching.compare_with(media, made, sha256)) for media in (*same, *others)
    ]


def _told(media: MediaFile, score: float | None, comparison: Comparison) -> dict[str, Any]:
    works = Work.objects.filter(media=media, deleted_at=None).order_by("registered_at", "pk")
    told = comparison.as_dict()
    return {
        "media": str(media.pk),
        "library_score": score,
        "matches": comparison.grade in MATCHING_GRADES,
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
