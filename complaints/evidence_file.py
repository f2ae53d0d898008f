"""The sealed file of a comparison: pairs of pictures, loudness and figures, the same for both sides and on appeal.

A ZIP of `evidence.json`, `original-1.jpg`, `copy-1.jpg`, `copy-on-original-1.jpg` and so on, and `original-levels.bin`,
`copy-levels.bin` (a byte each, FORMAT below). `evidence.json` has the figures, what pages say of them in every language, and
the titles and descriptions of both works as they were when the file was made. Names of people are only in these, in texts that
were compared (`original.txt`, `copy.txt`) and in Content Credentials, whose signers have names. A comparison that found nothing
has a file without pictures. For jobs only.
"""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.utils import translation

from complaints import matching
from complaints.models import Comparison, MatchSegment, Work
from complaints.wording import kind_texts
from portal.engines import fingerprints
from portal.engines.fingerprints import Moment, Picture, VideoEvidence, levels
from portal.media import parts
from portal.media.models import Kind, MediaFile

FORMAT: Final = 3  # 1 had `credentials`, which were not verified; 2 neither sentences nor titles
MOST_MOMENTS: Final = 6
JSON_NAME: Final = "evidence.json"
ORIGINAL, COPY, WARPED = "original", "copy", "copy-on-original"
PICTURE_KINDS: Final = (ORIGINAL, COPY, WARPED)
_COLUMNS: Final = 320  # of the drawn loudness
_UNMOVED: Final = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
_MOST_RUNS: Final = 4000  # of two texts, in the summary
_SEGMENT_FIELDS: Final = (
    *("a_start", "a_end", "b_start", "b_end", "rate", "orientation", "grade", "hits", "distance", "places"),
    *("affine", "transformations", "motion", "rule", "needed", "by_rhythm"),
)
_LEVELS: Final = f"{levels.RATE} a second from second 0, a byte each: 0 is {levels.FLOOR:.0f} dB or less, 255 is 0 dB"
_UNCHANGED_SINCE: Final = (1980, 1, 1, 0, 0, 0)  # the date of every entry, so that equal contents give equal bytes


@dataclass(frozen=True)
class MadeEvidence:
    """The file's bytes, and what pages draw without opening it."""

    file: bytes
    summary: dict[str, Any]


@dataclass(frozen=True)
class _Found:
    """What is in the summary by kind of work, and in the file beside `evidence.json`."""

    summary: dict[str, Any]
    entries: dict[str, bytes]


@dataclass(frozen=True)
class _Pair:
    """A moment of the original in segment number `segment`, with its pictures."""

    segment: int
    original: Picture
    copy: Picture


def picture_name(kind: str, number: int) -> str:
    """The name of a picture in the file; `number` counts from 1."""
    return f"{kind}-{number}.jpg"


def read_entry(file: bytes, name: str) -> bytes:
    """One entry of a file that make_evidence() made. Raises KeyError."""
    with zipfile.ZipFile(io.BytesIO(file)) as opened:
        return opened.read(name)


def make_evidence(comparison: Comparison) -> MadeEvidence:
    """The evidence of a comparison; decodes parts of both videos. Raises fingerprints.Refused."""
    segments = list(comparison.segments.all())
    found = _OF_KIND.get(_media(comparison.complaint.original).kind, _evidence_of_pictures)(comparison, segments)
    works = comparison.complaint.original, comparison.complaint.copy
    texts = {name: [getattr(work, name) for work in works] for name in ("title", "description")}
    summary = found.summary | {"texts": texts}
    record = _record(comparison, segments, summary) | {"sentences": _sentences(comparison, segments, summary)}
    return MadeEvidence(_archive({JSON_NAME: _as_json(record), **found.entries}), summary)


def _sentences(
    comparison: Comparison, segments: Sequence[MatchSegment], summary: dict[str, Any]
) -> dict[str, dict[str, list[str]]]:
    """What pages say of the comparison, by language."""
    said = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            changes, unconfirmed = kind_texts.comparison_sentences(comparison, segments, summary)
        said[language] = {"found": changes, "not_confirmed": unconfirmed}
    return said


def _evidence_of_pictures(comparison: Comparison, segments: Sequence[MatchSegment]) -> _Found:
    original, copy = _media(comparison.complaint.original), _media(comparison.complaint.copy)
    is_still = original.kind == Kind.IMAGE and bool(segments) and not kind_texts.shows_animations(segments)
    moments = [(0, 0.0)] if is_still else choose_moments(segments)
    first = _drawn(original, [Moment(second) for _, second in moments])
    seen = [(number, shown) for (number, _), shown in zip(moments, first.pictures, strict=True) if shown is not None]
    second = _drawn(copy, [_moment_of_copy(segments[number], shown) for number, shown in seen])
    pairs = [_Pair(*each, shown) for each, shown in zip(seen, second.pictures, strict=True) if shown is not None]
    summary = _summary(segments, pairs, first, second, has_sound=original.kind == Kind.VIDEO)
    if original.kind != Kind.IMAGE:
        summary |= {"sounds": _sound_records(segments, (original, copy), first, second)}
    return _Found(summary, _entries(pairs, first, second))


def choose_moments(segments: Sequence[MatchSegment]) -> list[tuple[int, float]]:
    """Up to MOST_MOMENTS as the segment's number and a second of the original, in the order of time.

    Each of the longest segments gets one; what is left goes where the time between two would be longest. Segments of which
    only the sound is the same get none.
    """
    seen = [(number, row) for number, row in enumerate(segments) if "sound_only" not in row.transformations]
    lengths = {number: max(row.a_end - row.a_start, 0.0) for number, row in seen}
    longest = sorted(lengths, key=lambda number: (-lengths[number], number))[:MOST_MOMENTS]
    counts = dict.fromkeys(longest, 1)
    for _ in range(MOST_MOMENTS - len(counts) if counts else 0):
        counts[max(counts, key=lambda number: (lengths[number] / (counts[number] + 1), -number))] += 1
    return [
        (number, segments[number].a_start + lengths[number] * (place + 0.5) / counts[number])
        for number in sorted(counts)
        for place in range(counts[number])
    ]


def _media(work: Work | None) -> MediaFile:
    assert work is not None  # noqa: S101 -- of a compared complaint
    assert work.media is not None  # noqa: S101 -- as above
    return work.media


def _drawn(media: MediaFile, moments: Sequence[Moment]) -> VideoEvidence:
    with parts.open_decrypted(media) as plain:
        if media.kind == Kind.IMAGE:
            return fingerprints.draw_still_evidence(plain, moments)
        return fingerprints.draw_video_evidence(plain, moments)


def _evidence_of_texts(comparison: Comparison, segments: Sequence[MatchSegment]) -> _Found:  # noqa: ARG001 -- as of the others
    """Both texts as they were compared, in UTF-8, and in the summary what within the passages is the same: numbers, no text."""
    works = comparison.complaint.original, comparison.complaint.copy
    runs = matching.shared_runs(_media(works[0]), _media(works[1]))
    texts = [fingerprints.plain_text(b"".join(parts.read_video(_media(work)))).encode() for work in works]
    # The longest ones first where there are more: what is left out is shown as changed.
    longest = sorted(runs, key=lambda run: (run.a[0] - run.a[1], run))[:_MOST_RUNS]
    summary = {"kind": Kind.TEXT.value, "runs": [[*run.a, *run.b] for run in sorted(longest)]}
    return _Found(summary, dict(zip((f"{ORIGINAL}.txt", f"{COPY}.txt"), texts, strict=True)))


def _evidence_of_sounds(comparison: Comparison, segments: Sequence[MatchSegment]) -> _Found:
    """Loudness of both along what they have in common, and how alike they are there."""
    sounds = _media(comparison.complaint.original), _media(comparison.complaint.copy)
    first, second = (_heard(each) for each in sounds)
    heard = matching.compare_sound_along(*sounds, _lines(segments))
    summary = {
        "kind": Kind.AUDIO.value,
        "wave": _wave(segments, first, second),
        "content_credentials": {ORIGINAL: first.credentials, COPY: second.credentials},
        "sound_complete": {ORIGINAL: first.complete, COPY: second.complete},
        "sounds": [{"code": code, "likeness": likeness} for code, likeness in heard],
    }
    return _Found(summary, _entries([], first, second))


_OF_KIND: Final[dict[str, Callable[[Comparison, Sequence[MatchSegment]], _Found]]] = {
    Kind.TEXT: _evidence_of_texts,
    Kind.AUDIO: _evidence_of_sounds,
}


def _heard(media: MediaFile) -> VideoEvidence:
    with parts.open_decrypted(media) as plain:
        return fingerprints.draw_sound_evidence(plain)


def _lines(segments: Sequence[MatchSegment]) -> list[tuple[float, float, float, float]]:
    """Along what the sound of both is compared: seconds of the original, and where and how fast the copy runs."""
    return [(row.a_start, row.a_end, row.copy_second(row.a_start), row.signed_rate) for row in segments]


def _moment_of_copy(row: MatchSegment, shown: Picture) -> Moment:
    unmoved = _UNMOVED if row.grade == fingerprints.IDENTICAL else ()
    return Moment(max(row.copy_second(shown.at), 0.0), tuple(row.affine) or unmoved, (shown.width, shown.height))


def _summary(
    segments: Sequence[MatchSegment],
    pairs: Sequence[_Pair],
    first: VideoEvidence,
    second: VideoEvidence,
    *,
    has_sound: bool,
) -> dict[str, Any]:
    shown = {
        "moments": [_moment_record(pair, segments[pair.segment]) for pair in pairs],
        "content_credentials": {ORIGINAL: first.credentials, COPY: second.credentials},
    }
    if not has_sound:
        return shown
    return shown | {
        "wave": _wave(segments, first, second),
        "sound_complete": {ORIGINAL: first.complete, COPY: second.complete},
    }


def _moment_record(pair: _Pair, row: MatchSegment) -> dict[str, Any]:
    sizes = [(each.width, each.height) for each in (pair.original, pair.copy)]
    return {
        "segment": pair.segment,
        "original": round(pair.original.at, 3),
        "copy": round(pair.copy.at, 3),
        "original_size": sizes[0],
        "copy_size": sizes[1],
        "warped": bool(pair.copy.warped),
        "outline": _outline(list(row.affine), sizes[0], sizes[1]) if pair.copy.warped and row.affine else [],
    }


def _outline(affine: list[float], onto: tuple[int, int], own: tuple[int, int]) -> list[list[float]]:
    """The corners of the copy's picture on that of the original, in px."""
    xx, xy, x0, yx, yy, y0 = affine
    size = xx * yy - xy * yx
    if not size:
        return []
    corners = []
    for x, y in ((0, 0), (own[0], 0), own, (0, own[1])):
        right, down = x / max(own) - x0, y / max(own) - y0
        place = (yy * right - xy * down) / size, (xx * down - yx * right) / size
        corners.append([round(each * max(onto), 1) for each in place])
    return corners


def _sound_records(
    segments: Sequence[MatchSegment],
    videos: tuple[MediaFile, MediaFile],
    first: VideoEvidence,
    second: VideoEvidence,
) -> list[dict[str, Any]]:
    """Of each segment: whether one side is silent there, or else whether both have one sound."""
    lines = _lines(segments)
    silences = [levels.compare_silence(first.levels, second.levels, line) for line in lines]
    heard = matching.compare_sound_along(*videos, lines)
    found = [(code, None) if code else other for code, other in zip(silences, heard, strict=True)]
    return [{"code": code, "likeness": likeness} for code, likeness in found]


def _wave(segments: Sequence[MatchSegment], first: VideoEvidence, second: VideoEvidence) -> dict[str, Any] | None:
    """Loudness of both over the original's time from the first segment to the last; None where the copy shows nothing."""
    if not segments:
        return None
    start, end = min(row.a_start for row in segments), max(row.a_end for row in segments)
    step = max(end - start, 0.1) / _COLUMNS
    columns = [start + (number + 0.5) * step for number in range(_COLUMNS)]
    return {
        "start": start,
        "end": end,
        "original": [_level(first, column, step) for column in columns] if len(first.levels) else [],
        "copy": [_copy_level(segments, second, column, step) for column in columns] if len(second.levels) else [],
    }


def _copy_level(segments: Sequence[MatchSegment], second: VideoEvidence, column: float, step: float) -> int | None:
    row = next((row for row in segments if row.a_start <= column <= row.a_end), None)
    return None if row is None else _level(second, row.copy_second(column), step * row.rate)


def _level(evidence: VideoEvidence, middle: float, width: float) -> int:
    """The loudest level around a second."""
    begin = int(max(middle - width / 2, 0) * levels.RATE)
    found = evidence.levels[begin : max(int((middle + width / 2) * levels.RATE), begin + 1)]
    return int(found.max()) if len(found) else 0


def _record(comparison: Comparison, segments: Sequence[MatchSegment], summary: dict[str, Any]) -> dict[str, Any]:
    """What `evidence.json` says."""
    complaint = comparison.complaint
    figures = ("round", "grade", "score", "rhythm", "usable_original", "usable_copy", "thresholds", "versions")
    return {
        "format": FORMAT,
        "complaint": complaint.number,
        "compared_at": comparison.made_at.isoformat(),
        **{name: getattr(comparison, name) for name in figures},
        ORIGINAL: _video_record(complaint.original),
        COPY: _video_record(complaint.copy),
        "segments": [{name: getattr(row, name) for name in _SEGMENT_FIELDS} for row in segments],
        "levels": _LEVELS,
        **summary,
    }


def _video_record(work: Work | None) -> dict[str, Any]:
    media = _media(work)
    facts = ("kind", "sha256", "size", "media_type", "codec", "width", "height", "duration", "frame_rate", "has_audio")
    published = work.published_at.isoformat() if work and work.published_at else None
    stated, modified = bool(work and work.stated_by_uploader), work.file_modified_at if work else None
    return {
        **{name: getattr(media, name) for name in facts},
        "published_at": published,
        "published_as_stated_by_uploader": stated,
        "file_modified_at_as_stated_by_server": modified.isoformat() if modified else None,
        "stored_at": work.stored_at.isoformat() if work and work.stored_at else None,
        "same_bytes_stored_at": media.stored_at.isoformat(),
    }


def _entries(pairs: Sequence[_Pair], first: VideoEvidence, second: VideoEvidence) -> dict[str, bytes]:
    entries = dict[str, bytes]()
    for number, pair in enumerate(pairs, 1):
        contents = (pair.original.picture, pair.copy.picture, pair.copy.warped)
        entries |= {
            picture_name(kind, number): data for kind, data in zip(PICTURE_KINDS, contents, strict=True) if data
        }
    for name, evidence in ((ORIGINAL, first), (COPY, second)):
        if len(evidence.levels):
            entries[f"{name}-levels.bin"] = evidence.levels.tobytes()
    return entries


def _as_json(record: dict[str, Any]) -> bytes:
    return json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False).encode()


def _archive(entries: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in entries.items():
            target.writestr(zipfile.ZipInfo(name, _UNCHANGED_SINCE), data, zipfile.ZIP_DEFLATED)
    return written.getvalue()
