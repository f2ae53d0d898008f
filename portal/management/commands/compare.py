"""`manage.py compare FILE_A FILE_B`: what of one video is seen in the other, from the command line.

The JSON holds the comparison and `seconds`: `decoding` (both videos read and fingerprinted, processor time of the children
that do it), `comparing` (processor time) and `all` (on the clock).
Needs neither a database nor a server. Ends with 0 whatever the grade, with 2 where a file cannot be compared.
"""

import hashlib
import json
import resource
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext_lazy as _

from portal.engines import fingerprints
from portal.engines.fingerprints import Comparison, Fingerprint, Refused, limits

_MISSING = "missing"
_SENTENCES = {
    _MISSING: _("The file does not exist or cannot be read."),
    limits.EMPTY: _("The file is empty."),
    limits.TOO_LARGE: _("The file is too large."),
    limits.UNKNOWN_TYPE: _("This is not an MP4, MOV, WebM, MKV or AVI video, despite its name."),
    limits.BROKEN: _("The video is damaged or was not saved completely: no picture can be read."),
    limits.NO_VIDEO: _("This file has only sound, no picture."),
    limits.TOO_MANY_PIXELS: _("The picture is too large: the maximum is 17 million pixels."),
    limits.TOO_SHORT: _("The video is shorter than one second."),
    limits.TOO_LONG: _("The video is longer than twelve hours."),
    limits.TOO_HEAVY: _("Reading this video took more memory or time than allowed."),
}


class Command(BaseCommand):
    help = "Compare two videos: the grade, the score and the segments that they share."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file_a", type=Path, metavar="FILE_A")
        parser.add_argument("file_b", type=Path, metavar="FILE_B")
        parser.add_argument("--json", action="store_true", help="print the comparison as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        started, paths = time.monotonic(), (options["file_a"], options["file_b"])
        found, errors = [], []
        for path in paths:
            try:
                found.append(read_video(path))
            except Refused as refused:
                errors.append({"error": refused.code, "file": str(path)})
        if errors:
            self._refuse(errors, as_json=options["json"])
        begun = time.process_time()
        comparison = _compared(*found)
        seconds = {
            "decoding": round(_spent_by_children(), 3),
            "comparing": round(time.process_time() - begun, 3),
            "all": round(time.monotonic() - started, 3),
        }
        if options["json"]:
            self.stdout.write(json.dumps(comparison.as_dict() | {"seconds": seconds}))
        else:
            self.stdout.write(_table(comparison, seconds))

    def _refuse(self, errors: list[dict[str, str]], *, as_json: bool) -> None:
        for error in errors:
            self.stderr.write(f"{printable(error['file'])}: {sentence_of(error['error'])}")
        if as_json:
            self.stdout.write(json.dumps(errors[0] | {"errors": errors}))
        raise SystemExit(2)


def sentence_of(code: str) -> str:
    """Why a file is refused."""
    return str(_SENTENCES[code])


def _spent_by_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def read_video(path: Path) -> tuple[str, Fingerprint]:
    """The file's sha256 and its fingerprint; raises Refused."""
    try:
        if not path.is_file():  # a pipe or a device may have no end
            raise Refused(_MISSING)
        with path.open("rb") as file:
            made = fingerprints.fingerprint_video(file)
            return hashlib.file_digest(file, "sha256").hexdigest(), made
    except OSError as error:
        raise Refused(_MISSING) from error


def printable(name: str) -> str:
    """The name without anything that a terminal would obey."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in name)


def _compared(a: tuple[str, Fingerprint], b: tuple[str, Fingerprint]) -> Comparison:
    if a[0] == b[0]:
        return fingerprints.identical_comparison(a[1].duration)
    return fingerprints.compare_fingerprints(a[1], b[1])


def _table(comparison: Comparison, seconds: dict[str, float]) -> str:
    shares = f"recognisable {comparison.usable_a:.0%} and {comparison.usable_b:.0%}"
    spent = f"{seconds['decoding']:.1f} s decoding, {seconds['comparing']:.1f} s comparing"
    lines = [f"{comparison.grade}, score {comparison.score:.2f}, {shares}, {spent}"]
    for each in comparison.segments:
        motion = "-" if each.motion is None else f"{each.motion:.2f}"
        lines.append(
            f"  {each.a_start:8.2f}..{each.a_end:.2f} s is seen at {each.b_start:.2f}..{each.b_end:.2f} s: "
            f"{each.grade}, {', '.join(each.transformations) or each.orientation}, rate {each.rate:.3f}, motion {motion}, "
            f"{each.places} places, {each.hits} samples"
        )
    return "\n".join(lines)
