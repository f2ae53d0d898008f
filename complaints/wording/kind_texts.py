"""A comparison of pictures, texts or sounds in sentences; those of videos are in evidence_texts.py."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from complaints.models import Comparison, Grade, MatchSegment
from complaints.wording import evidence_texts
from complaints.wording.evidence_texts import Size
from complaints.wording.terms import joined_texts
from portal.engines.fingerprints.transformations import HIDDEN_SIGNS
from portal.media.models import Kind

KINDS = (Kind.IMAGE, Kind.TEXT, Kind.AUDIO)
_STILL_SECONDS = 1.05
_WHOLE = 0.97  # recognisable share that counts as all


def comparison_sentences(
    comparison: Comparison, segments: Sequence[MatchSegment], summary: dict[str, Any]
) -> tuple[list[str], list[str]]:
    """What the copy shows and what was changed, and what was not confirmed; `summary`: that of the evidence, if it is there."""
    original, copy = comparison.complaint.original, comparison.complaint.copy
    kind = original.kind if original is not None else ""
    media = [work.media if work is not None else None for work in (original, copy)]
    sizes = evidence_texts.size_of(media[0]), evidence_texts.size_of(media[1])
    if kind in KINDS:
        return change_sentences(kind, segments, sizes), unconfirmed_sentences(kind, comparison, segments)
    sounds = [each["code"] for each in summary.get("sounds", [])]
    lengths = evidence_texts.length_of(media[0]), evidence_texts.length_of(media[1])
    return (
        evidence_texts.change_sentences(segments, sounds, sizes),
        evidence_texts.unconfirmed_sentences(comparison, segments, summary, lengths),
    )


def shows_animations(segments: Sequence[MatchSegment]) -> bool:
    """Whether two pictures were compared as what moves: one that stands still is compared as if it stood for a second."""
    moving = (Grade.MOTION_CONFIRMED, Grade.IMAGERY)
    return any(row.grade in moving or row.a_end - row.a_start > _STILL_SECONDS for row in segments)


def change_sentences(kind: str, segments: Sequence[MatchSegment], sizes: tuple[Size, Size]) -> list[str]:
    """What the copy shows of the original, and what was changed. `sizes`: px of two pictures, 0 where they are not known."""
    if not segments:
        return []
    if kind == Kind.IMAGE and shows_animations(segments):
        return evidence_texts.change_sentences(segments, [], sizes)
    if kind == Kind.IMAGE:
        changes = list(evidence_texts.picture_changes(segments[0], sizes))
        shown = joined_texts(changes) if changes else _("no cropping, mirroring, rotation or border found")
        return [_("The alleged copy shows the original's picture: %(changes)s.") % {"changes": shown}]
    if kind == Kind.TEXT:
        return _of_passages(segments)
    spans = [evidence_texts.span_text(row.a_start, row.a_end) for row in segments]
    return [_("Heard in the alleged copy: %(spans)s of the original.") % {"spans": joined_texts(spans)}]


def _of_passages(segments: Sequence[MatchSegment]) -> list[str]:
    count = sum(round(row.a_end - row.a_start) for row in segments)
    said = _("Passages of the original in the alleged copy: %(number)d, with %(count)d characters in all.")
    found = [said % {"number": len(segments), "count": count}]
    if any(HIDDEN_SIGNS in row.transformations for row in segments):
        found.append(
            _("Within words of the alleged copy there are characters that cannot be seen. The comparison ignored them.")
        )
    return found


def unconfirmed_sentences(kind: str, comparison: Comparison, segments: Sequence[MatchSegment]) -> list[str]:
    """What the machine did not confirm, and why; the last one holds for every comparison."""
    moving = kind == Kind.IMAGE and shows_animations(segments)
    return [
        *(evidence_texts.motion_sentences(comparison, segments) if moving else _of_kind(kind, comparison.grade)),
        *_of_detail(kind, comparison),
        _("Who made the work first, and whether there was permission: no automatic comparison can show that."),
    ]


def _of_kind(kind: str, grade: str) -> Iterator[str]:
    if kind == Kind.IMAGE:
        if grade != Grade.IDENTICAL:
            yield _("Nothing moves in a picture, so two pictures of the same object can look like copies.")
    elif kind == Kind.TEXT:
        yield _("A paraphrase or a translation is not found.")
    else:
        yield _("Licensed music is in many works: the same sound alone does not show that one is a copy of the other.")


def _of_detail(kind: str, comparison: Comparison) -> Iterator[str]:
    if kind != Kind.IMAGE:
        return
    for share, sentence in (
        (comparison.usable_original, _("The original has too little detail to recognise a copy.")),
        (comparison.usable_copy, _("The alleged copy has too little detail to recognise the original.")),
    ):
        if share is not None and share < _WHOLE:
            yield sentence
