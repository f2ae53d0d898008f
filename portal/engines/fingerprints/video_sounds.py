"""The sound of two videos beside what their pictures have in common: the same, replaced, or the same without the picture.

Fingerprints of sound are kept apart from those of pictures, so that each has its own version.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints import levels, sounds
from portal.engines.fingerprints.comparison import Comparison, Segment
from portal.engines.fingerprints.findings import covered_seconds
from portal.engines.fingerprints.grades import IDENTICAL, MOTION_CONFIRMED, SIMILAR
from portal.engines.fingerprints.sound_cells import ROWS
from portal.engines.fingerprints.sound_lines import likeness_along, shift_bands
from portal.engines.fingerprints.sound_record import SoundFingerprint
from portal.engines.fingerprints.sound_search import PITCHES
from portal.engines.fingerprints.thresholds import THRESHOLDS, Thresholds
from portal.engines.fingerprints.transformations import REVERSED, SOUND_ONLY, SOUND_REPLACED, TRANSFORMATIONS

SOUND: Final = "sound"  # key of a comparison's `versions`
_LEAST_SECONDS: Final = 4.0
_LEAST_HEARD: Final = 0.1  # share of the seconds in which something must be heard that can be recognised
_LAGS: Final = range(-6, 7)  # rows by which sound and picture may be out of step

Line = tuple[float, float, float, float]


def add_sound(
    found: Comparison, a: SoundFingerprint, b: SoundFingerprint, *, thresholds: Thresholds = THRESHOLDS
) -> Comparison:
    """The comparison of two pictures with what their sounds have in common; its grade is "similar" where only these do.

    For jobs only.
    """
    if found.grade == IDENTICAL or not (len(a.cells) and len(b.cells)):
        return found
    sound = sounds.compare_sounds(a, b, thresholds=thresholds)
    shown = [_with_sound(each, a, b, sound.segments, thresholds) for each in found.segments]
    alone = [_sound_only(each) for each in sound.segments if not _is_shown(each, shown)]
    if not found.segments and alone:
        found = replace(found, grade=SIMILAR, score=sound.score)
    segments = sorted([*shown, *alone], key=lambda each: (each.a_start, each.b_start))
    return replace(found, segments=tuple(segments), versions=found.versions | {SOUND: sounds.VERSION})


def compare_sound_of_videos(a: SoundFingerprint, b: SoundFingerprint) -> Comparison:
    """Two sounds of which one has a picture and the other has none."""
    found = sounds.compare_sounds(a, b)
    return replace(found, segments=tuple(_sound_only(each) for each in found.segments))


def compare_along(
    a: SoundFingerprint, b: SoundFingerprint, line: Line, *, thresholds: Thresholds = THRESHOLDS
) -> tuple[str, float | None]:
    """SOUND_SAME, SOUND_REPLACED or SOUND_UNCLEAR of levels.py, and the likeness where there is one.

    `line`: seconds of the first from and to, the second of the other at which the first begins, and its seconds for one of
    the first, which may be negative.
    """
    start, end, there, rate = line
    rows = np.arange(max(0, round(start * ROWS)), min(len(a.cells), round(end * ROWS)))
    places = (there + (rows / ROWS - start) * rate) * ROWS
    inside = (places > -1) & (places < len(b.cells))
    rows, places = rows[inside], places[inside]
    if len(rows) < _LEAST_SECONDS * ROWS or min(_heard(a, rows), _heard(b, places)) < _LEAST_HEARD:
        return levels.SOUND_UNCLEAR, None
    likeness = max(
        float(likeness_along(a.cells, shifted, rows, places + lag).mean())
        for shifted in (shift_bands(b.cells, pitch) for pitch in PITCHES)
        for lag in _LAGS
    )
    if likeness >= thresholds.sound:
        return levels.SOUND_SAME, round(likeness, 2)
    other = levels.SOUND_REPLACED if likeness <= thresholds.sound_other else levels.SOUND_UNCLEAR
    return other, round(likeness, 2)


def _with_sound(
    row: Segment, a: SoundFingerprint, b: SoundFingerprint, heard: Iterable[Segment], thresholds: Thresholds
) -> Segment:
    """The segment, which says so where its sound is another. A still picture may be shown at any moment of a sound."""
    backwards = REVERSED in row.transformations
    line = (row.a_start, row.a_end, row.b_end if backwards else row.b_start, -row.rate if backwards else row.rate)
    if sounds.order_of(b) < sounds.order_of(a):  # so that (a, b) and (b, a) have one answer
        line = row.b_start, row.b_end, row.a_end if backwards else row.a_start, (-1 if backwards else 1) / row.rate
        a, b = b, a
    if compare_along(a, b, line, thresholds=thresholds)[0] != levels.SOUND_REPLACED:
        return row
    if row.grade != MOTION_CONFIRMED and any(_is_within(row, each) for each in heard):
        return row
    return replace(row, transformations=_ordered({*row.transformations, SOUND_REPLACED}))


def _sound_only(row: Segment) -> Segment:
    return replace(row, transformations=_ordered({*row.transformations, SOUND_ONLY}))


def _ordered(codes: set[str]) -> tuple[str, ...]:
    return tuple(code for code in TRANSFORMATIONS if code in codes)


def _is_shown(heard: Segment, shown: list[Segment]) -> bool:
    """Whether the picture is in common, too, for half of these seconds in both videos."""
    return any(_is_within(heard, each) for each in shown)


def _is_within(inner: Segment, outer: Segment) -> bool:
    """Whether half of the inner one's seconds are the outer one's, in both videos."""
    pairs = (
        ((inner.a_start, inner.a_end), (outer.a_start, outer.a_end)),
        ((inner.b_start, inner.b_end), (outer.b_start, outer.b_end)),
    )
    return all(covered_seconds([there], here) >= 0.5 * (here[1] - here[0]) for here, there in pairs)


def _heard(sound: SoundFingerprint, places: npt.NDArray[Any]) -> float:
    """The share of these rows in which something is heard that can be recognised."""
    numbers = np.clip(np.rint(places).astype(np.int64), 0, len(sound.cells) - 1)
    return float(sound.heard()[numbers].mean())
