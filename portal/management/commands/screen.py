"""`manage.py screen FILE`: which works of the library are found in a video, picture, sound or text.

The library's candidates of the file's kind are compared with it in full, long videos with a closer look, as long as they match; each is told with its grade and segments (a: the
work, b: the file; those of texts count characters). `unsearched` is the share of the file's words with which was not searched, since too many
works have them; `finished` is false where more works may match than were compared. Nothing is stored and nobody is told. Ends with 0
whatever is found, with 2 where the file cannot be read or there is no library.
"""

import json
import time
from argparse import ArgumentParser
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, NoReturn, cast

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.db.backends.postgresql.base import DatabaseWrapper

from complaints import matching
from complaints.actions.candidates import ComparedWork, Search, search_library
from complaints.matching import UnstoredWork
from complaints.models import Work
from portal import localservers
from portal.engines.fingerprints import Comparison, Refused, sniffing
from portal.localservers import Unavailable
from portal.management.commands.compare import ReadWork, printable, read_work, sentence_of
from portal.media.models import MediaFile

_LOOKS, _BETWEEN_LOOKS = 20, 0.05  # seconds
_NO_LIBRARY = "no_library"
_NO_LIBRARY_SENTENCE = "There is no library here: the database has no tables yet, or cannot be reached."


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
        search = self._search(work, path, as_json=options["json"])
        found = [_told(each) for each in search.compared]
        seconds = {"reading": round(read - started, 3), "all": round(time.monotonic() - started, 3)}
        if options["json"]:
            facts = {"unsearched": round(search.unsearched, 4), "finished": search.finished, "seconds": seconds}
            self.stdout.write(json.dumps({"kind": work.kind, "candidates": found, **facts}))
            return
        for row in found:
            titles = ", ".join(printable(work["title"]) for work in row["works"])
            self.stdout.write(f"{row['grade']}, score {row['score']:.2f}: {titles}")
        self._summarize(search, seconds["all"])

    def _search(self, work: UnstoredWork, path: Path, *, as_json: bool) -> Search:
        def compare(media: MediaFile) -> Comparison:
            return matching.compare_with(media, work)

        try:
            with _private_servers_left_as_found():
                return search_library(matching.content_of_unstored(work), work.sha256, compare)
        except (DatabaseError, psycopg.Error, Unavailable):  # the library asks psycopg itself
            self._refuse(path, _NO_LIBRARY, as_json=as_json)

    def _summarize(self, search: Search, seconds: float) -> None:
        self.stdout.write(f"{len(search.compared)} candidates, {seconds:.1f} s in all")
        if search.unsearched:
            self.stdout.write(
                f"Not searched: {search.unsearched:.0%} of what the file has, since too many works have it."
            )
        if not search.finished:
            self.stdout.write("More works may match than were compared.")

    def _refuse(self, path: Path, code: str, *, as_json: bool) -> NoReturn:
        sentence = _NO_LIBRARY_SENTENCE if code == _NO_LIBRARY else sentence_of(code)
        self.stderr.write(f"{printable(str(path))}: {sentence}")
        if as_json:
            self.stdout.write(json.dumps({"error": code, "file": str(path)}))
        raise SystemExit(2)


def _private_servers_left_as_found() -> AbstractContextManager[None]:
    if settings.DATABASES["default"]["ENGINE"] != localservers.__name__:
        return nullcontext()
    return localservers.servers_left_as_found(settings.DATA_DIR, _is_alone)


def _is_alone() -> bool:
    """Whether no other process is connected to the database, so that its servers may be stopped."""
    connection.close()
    cast("DatabaseWrapper", connection).close_pool()
    try:
        with psycopg.connect(**connection.get_connection_params()) as own:
            return any(_count_others(own) == 0 for _attempt in range(_LOOKS))
    except psycopg.Error:
        return True


def _count_others(own: psycopg.Connection[Any]) -> int:
    """Connections of clients besides this one; those of this process need a moment to end."""
    time.sleep(_BETWEEN_LOOKS)
    sql = "SELECT count(*) FROM pg_stat_activity WHERE client_port IS NOT NULL AND pid <> pg_backend_pid()"
    row = own.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _unstored(read: ReadWork) -> UnstoredWork:
    """What the library is asked for: the pictures of a video, the sound of a recording."""
    made = read.made or read.sound
    assert made is not None  # noqa: S101 -- read_work() reads the one or the other
    return UnstoredWork(sniffing.IMAGE if read.is_picture else read.kind, read.sha256, made, read.read_window)


def _told(found: ComparedWork) -> dict[str, Any]:
    works = Work.objects.filter(media=found.media, deleted_at=None).order_by("registered_at", "pk")
    told = found.comparison.as_dict()
    return {
        "media": str(found.media.pk),
        "library_score": found.score,
        "matches": found.matches,
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
