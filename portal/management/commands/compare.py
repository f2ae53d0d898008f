"""`manage.py compare FILE_A FILE_B`: what of one work is in the other, from the command line.

Works are videos, sounds, still pictures and texts, told apart by their content; both must be of one kind, but the sound of
a video is compared with a file of sound alone. Segments of texts count characters instead of seconds, and a still
picture stands for one second.

Long videos get the closer look that a complaint gives them (ADR 41). The JSON holds the comparison, its `unit` (what places in
segments count: "seconds", or of texts "characters") and `seconds`: `decoding` (both files read and decoded) and `fingerprinting`
(all else that the children do, their start included), `comparing`, all three processor time, and `all` (on the clock).
`content_credentials` has of both files what
`portal/engines/fingerprints/content_credentials.py` says, and plays no part in the comparison; null for texts.
Needs neither a database nor a server. Ends with 0 whatever the grade, with 2 where a file cannot be compared.
"""

import hashlib
import json
import resource
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from django.core.management.base import BaseCommand
from django.utils.translation import gettext_lazy as _

from portal.engines import fingerprints
from portal.engines.fingerprints import (
    Comparison,
    Fingerprint,
    Refused,
    SoundFingerprint,
    content_credentials,
    limits,
    sniffing,
    texts,
)
from portal.engines.fingerprints.texts import FoldedText

SECONDS, CHARACTERS = "seconds", "characters"
_MISSING = "missing"
_OTHER_KIND = "other_kind"
_SENTENCES = {
    _MISSING: _("The file does not exist or cannot be read."),
    _OTHER_KIND: _("The two files are works of different kinds, which cannot be compared."),
    limits.EMPTY: _("The file is empty."),
    limits.TOO_LARGE: _("The file is too large."),
    limits.UNKNOWN_TYPE: _(
        "This is not a video (MP4, MOV, WebM, MKV, AVI), sound (MP3, M4A, AAC, WAV, OGG, FLAC), a picture (JPEG, PNG, WebP, GIF) or plain text, despite its name."
    ),
    limits.BROKEN: _("The file is damaged or was not saved completely: nothing in it can be read."),
    limits.NO_VIDEO: _("This file has only sound, no picture."),
    limits.NO_SOUND: _("This file has neither a picture nor sound."),
    limits.TOO_MANY_PIXELS: _(
        "The picture is too large: at most 17 million pixels in a video, 100 million in a still picture."
    ),
    limits.TOO_SHORT: _("The video or the sound is shorter than one second."),
    limits.TOO_LONG: _("The video or the sound is longer than twelve hours."),
    limits.TOO_HEAVY: _("Reading this file took more memory or time than allowed."),
}


class Command(BaseCommand):
    help = "Compare two videos, sounds, pictures or texts: the grade, the score and the segments that they share."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file_a", type=Path, metavar="FILE_A")
        parser.add_argument("file_b", type=Path, metavar="FILE_B")
        parser.add_argument("--json", action="store_true", help="print the comparison as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        started, paths = time.monotonic(), (options["file_a"], options["file_b"])
        found, errors = [], []
        with fingerprints.decoding_times() as decoding:
            for path in paths:
                try:
                    found.append(read_work(path))
                except Refused as refused:
                    errors.append({"error": refused.code, "file": str(path)})
            if errors:
                self._refuse(errors, as_json=options["json"])
            begun = time.process_time()
            try:
                comparison = _compared(*found)
            except Refused as refused:
                self._refuse([{"error": refused.code, "file": str(paths[1])}], as_json=options["json"])
        seconds = {
            "decoding": round(sum(decoding), 3),
            "fingerprinting": round(max(_spent_by_children() - sum(decoding), 0.0), 3),
            "comparing": round(time.process_time() - begun, 3),
            "all": round(time.monotonic() - started, 3),
        }
        if options["json"]:
            more = {
                "kind": _kind(*found),
                "unit": _unit(*found),
                "seconds": seconds,
                "content_credentials": _credentials(found, paths),
            }
            self.stdout.write(json.dumps(comparison.as_dict() | more))
        else:
            self.stdout.write(_table(comparison, seconds, _unit(*found)))

    def _refuse(self, errors: list[dict[str, str]], *, as_json: bool) -> NoReturn:
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


@dataclass(frozen=True)
class ReadWork:
    """A file's kind, its sha256, and what is compared of it. `is_picture`: of pictures, an animation too, which is compared as a video."""

    path: Path
    kind: str
    sha256: str
    made: Fingerprint | FoldedText | None
    sound: SoundFingerprint | None = None
    is_picture: bool = False

    def read_window(self, seconds: tuple[float, float]) -> Fingerprint:
        """The fingerprint of some seconds of a video; raises Refused."""
        with _opened(self.path) as file:
            return fingerprints.fingerprint_video(file, window=seconds)


def read_work(path: Path) -> ReadWork:
    """The file, read as what it is; raises Refused."""
    with _opened(path) as file:
        kind = sniffing.detect_kind(file.read(sniffing.HEAD))
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        if kind in {sniffing.VIDEO, sniffing.SOUND}:
            return _read_playable(path, kind, sha256, file)
        if kind == sniffing.TEXT:
            return ReadWork(path, kind, sha256, texts.read_text(file.read(texts.MOST_BYTES + 1)))
        made = fingerprints.fingerprint_image(file)
        return ReadWork(path, sniffing.IMAGE if made.is_still else sniffing.VIDEO, sha256, made, is_picture=True)


def _read_playable(path: Path, kind: str, sha256: str, file: BinaryIO) -> ReadWork:
    """A video with its sound, or sound alone; the container of a video may hold nothing but sound."""
    if kind == sniffing.VIDEO:
        try:
            made = fingerprints.fingerprint_video(file)
        except Refused as refused:
            if refused.code != limits.NO_VIDEO:
                raise
        else:
            return ReadWork(path, kind, sha256, made, _sound_of_video(file))
    return ReadWork(path, sniffing.SOUND, sha256, None, fingerprints.fingerprint_sound(file))


def _sound_of_video(file: BinaryIO) -> SoundFingerprint | None:
    """None where it cannot be read: the pictures are compared in any case."""
    try:
        return fingerprints.fingerprint_sound(file)
    except Refused:
        return None


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    """The file; raises Refused where it is none or cannot be read."""
    try:
        if not path.is_file():  # a pipe or a device may have no end
            raise Refused(_MISSING)
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise Refused(_MISSING) from error


def printable(name: str) -> str:
    """The name without anything that a terminal would obey."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in name)


def _credentials(works: list[ReadWork], paths: tuple[Path, Path]) -> list[dict[str, Any] | None]:
    """Of each file; None of a text, which has none."""
    told = list[dict[str, Any] | None]()
    for work, path in zip(works, paths, strict=True):
        if work.kind == sniffing.TEXT:
            told.append(None)
            continue
        try:
            with _opened(path) as file:
                told.append(fingerprints.read_content_credentials(file))
        except Refused:  # the file has gone since it was read
            told.append({"status": content_credentials.UNREADABLE})
    return told


def _compared(a: ReadWork, b: ReadWork) -> Comparison:
    if isinstance(a.made, FoldedText) and isinstance(b.made, FoldedText):
        return fingerprints.compare_texts(a.made, b.made)
    if a.sha256 == b.sha256:
        return fingerprints.identical_comparison(_duration(a))
    if isinstance(a.made, Fingerprint) and isinstance(b.made, Fingerprint) and a.kind == b.kind:
        return _compared_pictures(a, a.made, b, b.made)
    if a.sound is not None and b.sound is not None:
        if a.kind == b.kind:
            return fingerprints.compare_sounds(a.sound, b.sound)
        return fingerprints.compare_sound_of_videos(a.sound, b.sound)
    raise Refused(_OTHER_KIND)


def _compared_pictures(a: ReadWork, first: Fingerprint, b: ReadWork, second: Fingerprint) -> Comparison:
    if a.kind == sniffing.IMAGE:
        return fingerprints.compare_images(first, second)
    found = fingerprints.compare_closely(first, second, a.read_window, b.read_window)
    if a.sound is None or b.sound is None:
        return found
    return fingerprints.add_sound(found, a.sound, b.sound)


def _kind(a: ReadWork, b: ReadWork) -> str:
    """What was compared: of a video and a sound the sound."""
    return a.kind if a.kind == b.kind else sniffing.SOUND


def _unit(a: ReadWork, b: ReadWork) -> str:
    """What places in segments count."""
    return CHARACTERS if _kind(a, b) == sniffing.TEXT else SECONDS


def _duration(work: ReadWork) -> float:
    if isinstance(work.made, Fingerprint):
        return work.made.duration
    return work.sound.duration if work.sound is not None else 0.0


def _table(comparison: Comparison, seconds: dict[str, float], unit: str) -> str:
    shares = f"recognisable {comparison.usable_a:.0%} and {comparison.usable_b:.0%}"
    spent = ", ".join(f"{seconds[name]:.1f} s {name}" for name in ("decoding", "fingerprinting", "comparing"))
    lines = [f"{comparison.grade}, score {comparison.score:.2f}, {shares}, {spent}"]
    for each in comparison.segments:
        motion = "-" if each.motion is None else f"{each.motion:.2f}"
        about = f"{each.grade}, {', '.join(each.transformations) or each.orientation}"
        if unit == CHARACTERS:
            places = f"characters {each.a_start:.0f}..{each.a_end:.0f} are at characters {each.b_start:.0f}..{each.b_end:.0f}"
            lines.append(f"  {places}: {about}")
            continue
        lines.append(
            f"  {each.a_start:8.2f}..{each.a_end:.2f} s is at {each.b_start:.2f}..{each.b_end:.2f} s: "
            f"{about}, rate {each.rate:.3f}, motion {motion}, {each.places} places, {each.hits} samples"
        )
    return "\n".join(lines)
