"""A comparison in sentences, built from codes and figures: what was changed, what was not confirmed and why."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import Comparison, Grade, MatchSegment
from complaints.wording.terms import clock_time, joined_texts, transformation_text
from portal.engines.fingerprints import CONFIRMED_WINDOWS, WINDOWS, covered_seconds, levels, thresholds
from portal.media.models import MediaFile

_MOST_SENTENCES = 4
_BRIEF = 1.0  # s
_WHOLE = 0.97  # share of the shorter video that counts as all of it
_SMALLER = 0.9  # pixels of the copy for one of the original, along a line, up to which it counts as smaller
_UNMOVED = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
_FILLING = {"bordered", "picture_in_picture", "side_by_side"}  # the picture is a part of the copy's

_NEEDED: dict[str, Promise] = {
    thresholds.BY_WINDOWS: gettext_lazy(
        "%(start)s–%(end)s: movement agrees by %(found)s; %(needed)s in enough places is needed to confirm it."
    ),
    thresholds.BY_SHORT_STRETCH: gettext_lazy(
        "%(start)s–%(end)s: movement agrees by %(found)s; %(needed)s is needed to confirm it in so short a part."
    ),
    thresholds.BY_FEW_WINDOWS: gettext_lazy(
        "%(start)s–%(end)s: movement agrees by %(found)s; %(needed)s is needed to confirm it, because something moves in a few seconds only."
    ),
    thresholds.BY_THUMBNAILS: gettext_lazy(
        "%(start)s–%(end)s: movement agrees by %(found)s; %(needed)s is needed to confirm it, because only very small pictures of so long a video can be compared."
    ),
}
SOUND_CHANGES: dict[str, Promise] = {
    levels.SOUND_SAME: gettext_lazy("same sound"),
    levels.SOUND_REPLACED: gettext_lazy("sound replaced"),
    levels.SOUND_REMOVED: gettext_lazy("sound removed"),
    levels.SOUND_ADDED: gettext_lazy("sound added"),
}
SOUND_TEXTS: dict[str, Promise] = {
    levels.SOUND_SAME: gettext_lazy("Both videos have the same sound here."),
    levels.SOUND_REPLACED: gettext_lazy("The two videos have different sound here."),
    levels.SOUND_REMOVED: gettext_lazy("The alleged copy is silent where the original has sound."),
    levels.SOUND_ADDED: gettext_lazy("The alleged copy has sound where the original is silent."),
    levels.SOUND_UNCLEAR: gettext_lazy("Whether the sound is the same could not be determined."),
    levels.NO_SOUND: gettext_lazy("Neither video has sound here."),
}

Size = tuple[int, int]


def change_sentences(segments: Sequence[MatchSegment], sounds: Sequence[str], sizes: tuple[Size, Size]) -> list[str]:
    """One sentence for each of the longest segments, in the order of time; `sounds`: codes of levels.py, or none."""
    by_length = sorted(range(len(segments)), key=lambda number: segments[number].a_start - segments[number].a_end)
    return [
        change_sentence(segments[number], sounds[number] if number < len(sounds) else "", sizes)
        for number in sorted(by_length[:_MOST_SENTENCES])
    ]


def change_sentence(row: MatchSegment, sound: str, sizes: tuple[Size, Size]) -> str:
    """Which seconds are shown where, and what was changed. `sizes`: px of the two videos, 0 where they are not known."""
    changes = [*picture_changes(row, sizes), *([str(SOUND_CHANGES[sound])] if sound in SOUND_CHANGES else [])]
    changes = list(dict.fromkeys(changes))  # the comparison may have said of the sound what the evidence says
    spans = {"a": span_text(row.a_start, row.a_end), "b": span_text(row.b_start, row.b_end)}
    if "sound_only" in row.transformations:
        return (
            _("The alleged copy has the sound of %(a)s of the original at %(b)s. No picture in common was found there.")
            % spans
        )
    return _("The alleged copy shows %(a)s of the original at %(b)s: %(changes)s.") % {
        **spans,
        "changes": joined_texts(changes) if changes else _("no cropping, mirroring, rotation or border found"),
    }


def span_text(start: float, end: float) -> str:
    """From and to, in whole seconds."""
    return _("%(start)s–%(end)s") % {"start": clock_time(start), "end": clock_time(end)}


def picture_changes(row: MatchSegment, sizes: tuple[Size, Size]) -> Iterator[str]:
    """What was done to the picture, each change in words."""
    shares = picture_shares(row.affine, sizes)
    for code in row.transformations:
        if code in {"faster", "slower"} and row.rate:
            yield _("%(speed)s times as fast") % {"speed": number_format(round(1 / row.rate, 2), use_l10n=True)}
        elif code == "cropped" and shares:
            yield _("cropped to %(percent)s %%") % {"percent": round(100 * shares[0])}
        elif code in _FILLING and shares:
            filled = _("(fills %(percent)s %% of it)") % {"percent": round(100 * shares[1])}
            yield _("%(change)s %(filled)s") % {"change": transformation_text(code), "filled": filled}
        else:
            yield transformation_text(code)
    size = _shown_size(row.affine, sizes)
    if size and size <= _SMALLER and not _FILLING.intersection(row.transformations):
        yield _("smaller, with %(percent)s %% of the width and height in pixels") % {"percent": round(100 * size)}


def _shown_size(affine: Sequence[float], sizes: tuple[Size, Size]) -> float | None:
    """Pixels of the copy for one of the original, along a line; None where that is not known."""
    if not all(side for size in sizes for side in size):
        return None
    xx, xy, _x, yx, yy, _y = affine if len(affine) == 6 else _UNMOVED
    return math.sqrt(abs(xx * yy - xy * yx)) * max(sizes[1]) / max(sizes[0])


def picture_shares(affine: Sequence[float], sizes: tuple[Size, Size]) -> tuple[float, float] | None:
    """The share of the original's picture that the copy shows, and the share of the copy's that it fills, 0..1."""
    if len(affine) != 6 or not all(side for size in sizes for side in size):
        return None
    a, b = (tuple(side / max(size) for side in size) for size in sizes)
    xx, xy, x0, yx, yy, y0 = affine
    size = xx * yy - xy * yx
    if not size:
        return None
    corners = [(0.0, 0.0), (a[0], 0.0), (a[0], a[1]), (0.0, a[1])]
    shown = [(xx * x + xy * y + x0, yx * x + yy * y + y0) for x, y in corners]
    for axis in (0, 1):
        shown = _cut(_cut(shown, axis, 0.0, 1.0), axis, b[axis], -1.0)
    area = _area(shown)
    return min(area / (a[0] * a[1] * abs(size)), 1.0), min(area / (b[0] * b[1]), 1.0)


def _cut(corners: list[tuple[float, float]], axis: int, edge: float, side: float) -> list[tuple[float, float]]:
    """The part of a convex polygon on one side of a line parallel to an axis."""
    kept = []
    for first, second in zip(corners, corners[1:] + corners[:1], strict=True):
        near, far = side * (first[axis] - edge), side * (second[axis] - edge)
        if near >= 0:
            kept.append(first)
        if (near < 0) != (far < 0):
            share = near / (near - far)
            kept.append((first[0] + share * (second[0] - first[0]), first[1] + share * (second[1] - first[1])))
    return kept


def _area(corners: list[tuple[float, float]]) -> float:
    pairs = zip(corners, corners[1:] + corners[:1], strict=True)
    return abs(sum(x * v - u * y for (x, y), (u, v) in pairs)) / 2


def unconfirmed_sentences(
    comparison: Comparison, segments: Sequence[MatchSegment], summary: dict[str, Any], lengths: tuple[float, float]
) -> list[str]:
    """What the machine did not confirm, and why; the last one holds for every comparison. `lengths` of both videos in seconds."""
    said = [
        *motion_sentences(comparison, segments),
        *_of_coverage(segments, lengths),
        *_of_detail(comparison),
        *_of_sound(segments, summary),
    ]
    return [
        *said,
        _("Who made the video first, and whether there was permission: no automatic comparison can show that."),
    ]


def motion_sentences(comparison: Comparison, segments: Sequence[MatchSegment]) -> Iterator[str]:
    """Of each segment whose movement was not confirmed, why."""
    yield from _of_windows(comparison)
    for row in segments:
        where = {"start": clock_time(row.a_start), "end": clock_time(row.a_end)}
        if row.by_rhythm >= _BRIEF:
            yield _(
                "%(start)s–%(end)s: for %(seconds)s of this time only the moments were compared at which the picture changes. They are the same."
            ) % (where | {"seconds": clock_time(row.by_rhythm)})
        if row.grade in (Grade.IDENTICAL, Grade.MOTION_CONFIRMED) or "sound_only" in row.transformations:
            continue
        if row.grade == Grade.STATIC:
            yield _("%(start)s–%(end)s: hardly anything moves there, so there is no movement to compare.") % where
        elif row.motion is None:
            yield (
                _(
                    "%(start)s–%(end)s: movement could not be compared. The part is too short, shows too little of the picture or is in a very long video."
                )
                % where
            )
        else:
            yield _motion_sentence(row, row.motion, comparison.thresholds) % where


def _of_windows(comparison: Comparison) -> Iterator[str]:
    """In how many parts of long videos movement was compared; older comparisons have not kept in how many it agreed."""
    looked_at, agreed = (comparison.versions.get(name) for name in (WINDOWS, CONFIRMED_WINDOWS))
    if looked_at and agreed is None:
        yield _("Movement was compared in some parts of these long videos only.")
    elif looked_at:
        yield _(
            "Movement was compared in some parts of these long videos only. Parts compared: %(count)d; parts in which it agrees: %(agreed)d."
        ) % {"count": looked_at, "agreed": agreed}


def _motion_sentence(row: MatchSegment, motion: float, used: dict[str, Any]) -> str:
    """Why movement that was measured is not confirmed, with places for start and end; `used`: the thresholds of the comparison."""
    figures = {"start": "%(start)s", "end": "%(end)s", "found": _figure(motion)}
    if row.rule == thresholds.TOO_FEW_WINDOWS:
        return _("%(start)s–%(end)s: too little movement was measured to compare it.") % figures
    if row.needed is None:  # older comparisons have not kept it
        return _("%(start)s–%(end)s: movement agrees by %(found)s, which is too little to confirm it.") % figures
    if row.rule == thresholds.BY_REPETITION:
        elsewhere = row.needed / used.get("clear", thresholds.THRESHOLDS.clear)
        return _(
            "%(start)s–%(end)s: movement agrees by %(found)s, but at other moments by %(elsewhere)s, too. It repeats itself, so it does not show which moments belong together."
        ) % (figures | {"elsewhere": _figure(elsewhere)})
    return str(_NEEDED.get(row.rule, _NEEDED[thresholds.BY_WINDOWS])) % (figures | {"needed": _figure(row.needed)})


def found_share(segments: Sequence[MatchSegment], lengths: tuple[float, float]) -> float:
    """The share of the shorter video, 0..1, whose picture the segments cover; `lengths` of original and copy in seconds."""
    segments = [row for row in segments if "sound_only" not in row.transformations]
    shorter, is_copy = min(lengths), lengths[1] < lengths[0]
    if not segments or not shorter:
        return 0.0
    spans = [(row.b_start, row.b_end) if is_copy else (row.a_start, row.a_end) for row in segments]
    return min(covered_seconds(spans, (0.0, shorter)) / shorter, 1.0)


def _of_coverage(segments: Sequence[MatchSegment], lengths: tuple[float, float]) -> Iterator[str]:
    share = found_share(segments, lengths)
    if 0 < share < _WHOLE:
        yield _("About %(percent)s %% of the shorter video was not found in the other one.") % {
            "percent": round(100 * (1 - share))
        }


def _of_detail(comparison: Comparison) -> Iterator[str]:
    for share, sentence in (
        (comparison.usable_original, _("%(percent)s %% of the original has too little detail to recognise a copy.")),
        (
            comparison.usable_copy,
            _("%(percent)s %% of the alleged copy has too little detail to recognise the original."),
        ),
    ):
        if share is not None and share < _WHOLE:
            yield sentence % {"percent": round(100 * (1 - share))}


def _of_sound(segments: Sequence[MatchSegment], summary: dict[str, Any]) -> Iterator[str]:
    for row, sound in zip(segments, summary.get("sounds", []), strict=False):
        if sound["code"] == levels.SOUND_UNCLEAR:
            yield _(
                "%(start)s–%(end)s: it is unclear whether the sound is the same. It is too short, too even or only partly alike."
            ) % {"start": clock_time(row.a_start), "end": clock_time(row.a_end)}
    if not all(summary.get("sound_complete", {}).values()):
        yield _("The sound of very long videos was not compared to the end.")


def size_of(media: MediaFile | None) -> Size:
    """Width and height in px, 0 where they are not known."""
    return (media.width or 0, media.height or 0) if media is not None else (0, 0)


def length_of(media: MediaFile | None) -> float:
    """Seconds, 0 where they are not known."""
    return (media.duration or 0.0) if media is not None else 0.0


def _figure(number: float) -> str:
    return number_format(round(number, 2), decimal_pos=2, use_l10n=True)
