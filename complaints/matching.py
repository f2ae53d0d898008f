"""The machine's comparison of two videos: fingerprints, made once for each video, and what they have in common."""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from complaints.models import Fingerprint, Grade
from portal.media import parts
from portal.media.models import MediaFile

_ENGINE = "portal.engines.fingerprints"
_ALGORITHM = "pdq"  # what the engine hashes pictures with; another engine would have another name


@dataclass(frozen=True)
class Match:
    """How much of the original is found in the copy; the columns of models.Comparison and MatchSegment."""

    grade: str
    score: float
    segments: Sequence[Mapping[str, Any]] = ()
    thresholds: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, Any] = field(default_factory=dict)


class Unreadable(Exception):
    """The engine cannot decode a video; `code` is one of portal.media.refusals."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def is_identical(one: MediaFile, other: MediaFile) -> bool:
    """Whether both are the same file, byte for byte; then nothing need be decoded."""
    return one.sha256 == other.sha256


def has_fingerprint(media: MediaFile) -> bool:
    """Whether the present engine has been over the video."""
    return _kept(media) is not None


def make_fingerprint(media: MediaFile) -> Fingerprint:
    """The fingerprint of a video, not saved; takes seconds to minutes. Raises Unreadable."""
    engine = _engine()
    try:
        with parts.open_plain(media) as plain:
            made = engine.fingerprint(plain)
    except engine.Refused as refused:
        raise Unreadable(refused.code) from refused
    return Fingerprint(media=media, algorithm=_ALGORITHM, version=str(made.version), data=made.pack())


def compare(original: MediaFile, copy: MediaFile) -> Match:
    """What of the original is found in the copy. Raises LookupError while a fingerprint is missing."""
    if is_identical(original, copy):
        whole = _segment(0.0, original.duration or 0.0, Grade.IDENTICAL)
        return Match(Grade.IDENTICAL, 1.0, (whole,), versions={"sha256": "1"})
    rows = [_kept(original), _kept(copy)]
    if None in rows:
        raise LookupError("a fingerprint is missing")
    engine = _engine()
    found = engine.compare(*(engine.Fingerprint.unpack(bytes(row.data)) for row in rows if row is not None))
    segments = tuple(_columns(segment) for segment in found.segments)
    return Match(_grade(found.grade), float(found.score), segments, asdict(found.thresholds), dict(found.versions))


def _engine() -> Any:
    return importlib.import_module(_ENGINE)


def _kept(media: MediaFile) -> Fingerprint | None:
    version = str(_engine().VERSION)
    return Fingerprint.objects.filter(media=media, algorithm=_ALGORITHM, version=version).first()


def _grade(text: str) -> str:
    return Grade(str(text).replace("-", "_")).value


def _segment(start: float, end: float, grade: str) -> dict[str, Any]:
    return {"a_start": start, "a_end": end, "b_start": start, "b_end": end, "grade": grade}


def _columns(segment: Any) -> dict[str, Any]:
    names = ("a_start", "a_end", "b_start", "b_end", "rate", "orientation", "grade", "hits", "distance", "motion")
    return {name: getattr(segment, name) for name in names} | {"grade": _grade(segment.grade)}
