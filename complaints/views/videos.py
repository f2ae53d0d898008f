"""The two videos of a complaint for the page: how comparing goes, the picture of what matches, and playing them."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from complaints import matching
from complaints.actions import comparing
from complaints.models import Comparison, Complaint, Grade, MatchSegment, Work
from complaints.states import ComplaintState
from complaints.views import evidence, grades
from complaints.views.grades import grade_label
from complaints.wording import evidence_texts, kind_texts
from complaints.wording.terms import transformation_text
from portal.engines.fingerprints.transformations import SOUND_ONLY
from portal.media.models import Kind, MediaFile, MediaState
from portal.media.playback import poster_response, video_response

_WIDTH, _BAR, _GAP, _TOP = 640.0, 30.0, 54.0, 1.0
_LOWER = _TOP + _BAR + _GAP
_HEIGHT = _LOWER + _BAR + 1
_LEAST = 3.0  # a match of a moment in a long video must be seen, too
_STRONG = (Grade.IDENTICAL, Grade.MOTION_CONFIRMED)
ORIGINAL, COPY = "original", "copy"


@dataclass(frozen=True)
class DrawnSegment:
    """A matching stretch as it is drawn: on the upper video, on the lower one, and what joins them."""

    segment: MatchSegment
    upper: tuple[float, float]
    lower: tuple[float, float]
    strong: bool
    by_sound: bool
    confidence: str | Promise

    @property
    def style(self) -> str:
        """The class of its parts in the drawing."""
        return "segment-strong" if self.strong else "segment-sound" if self.by_sound else "segment-weak"

    @property
    def copy_second(self) -> float:
        """Where the copy shows the beginning of the stretch."""
        return self.segment.copy_second(self.segment.a_start)

    @property
    def band(self) -> str:
        """The corners of what joins both."""
        (a_left, a_width), (b_left, b_width) = self.upper, self.lower
        top, bottom = _TOP + _BAR, _LOWER
        corners = [(a_left, top), (a_left + a_width, top), (b_left + b_width, bottom), (b_left, bottom)]
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


def match_picture(comparison: Comparison, original: float, copy: float, kind: str = Kind.VIDEO) -> dict[str, Any]:
    """What matches, drawn: both works (lengths in seconds) as bars of one scale, matching stretches joined. One query."""
    found = list(comparison.segments.all())
    ends = [(row.a_end, row.b_end) for row in found]
    upper, lower = max([original, *(a for a, _b in ends)]), max([copy, *(b for _a, b in ends)])
    scale = _WIDTH / max(upper, lower, 1.0)
    return {
        "stretches": [_drawn_segment(row, scale, kind) for row in found],
        "by_sound": kind != Kind.AUDIO and any(SOUND_ONLY in row.transformations for row in found),
        "upper": {"y": _TOP, "width": max(upper * scale, _LEAST), "seconds": upper},
        "lower": {"y": _LOWER, "width": max(lower * scale, _LEAST), "seconds": lower},
        "width": _WIDTH,
        "height": _HEIGHT,
        "bar": _BAR,
    }


def comparison_context(complaint: Complaint, *, names_works: bool = False) -> dict[str, Any] | None:
    """The last comparison in words and as a picture; None before there is one. Two queries.

    `names_works`: whether the reader may know works of other cases.
    """
    found = complaint.comparisons.select_related("evidence").first()
    if found is None:
        return None
    lengths = _duration(complaint.original), _duration(complaint.copy)
    kind = kind_of(complaint)
    picture = match_picture(found, *lengths, kind)
    segments = [stretch.segment for stretch in picture["stretches"]]
    by_sound = found.grade == Grade.SIMILAR and picture["by_sound"]
    is_animation = kind == Kind.IMAGE and kind_texts.shows_animations(segments)
    # Of videos whose picture was found, what the sound alone has in common does not count.
    counted = [row for row in segments if by_sound or SOUND_ONLY not in row.transformations]
    stretches = [((row.a_start, row.a_end), (row.b_start, row.b_end)) for row in counted]
    return {
        "comparison": found,
        "kind": kind,
        "is_animation": is_animation,
        "has_seconds": is_animation or kind not in (Kind.IMAGE, Kind.TEXT),
        "by_sound": by_sound,
        "grade": grades.grade_headline(found.grade, Kind.AUDIO if by_sound else kind, stretches, lengths),
        "meaning": grades.grade_meaning(found.grade, Kind.AUDIO if by_sound else kind, is_animation=is_animation),
        "percent": round(100 * (evidence_texts.found_share(segments, lengths) or found.score)),
        "picture": picture,
        "evidence": evidence.evidence_context(complaint, found, segments, names_works=names_works),
    }


def kind_of(complaint: Complaint) -> str:
    """The kind of both works; "" while one is not known, or where they are of different kinds."""
    kinds = {work.kind if work is not None else "" for work in (complaint.original, complaint.copy)}
    return kinds.pop() if len(kinds) == 1 else ""


def comparison_steps(complaint: Complaint) -> list[dict[str, Any]]:
    """The steps of comparing, for the steps component: received, opened, fingerprinted, compared. Three queries.

    Long videos take one more, in which windows of them are looked at more closely.
    """
    works = [work for work in (complaint.original, complaint.copy) if work is not None]
    ready = len(works) == 2 and all(work.media and work.media.state == MediaState.READY for work in works)
    printed = ready and all(matching.is_fingerprinted(work.media) for work in works if work.media)
    compared = complaint.state != ComplaintState.RECEIVED
    done = [True, ready or compared, printed or compared, compared]
    labels: list[Promise] = [_("Received"), _("Both works opened"), _("Fingerprints made"), _("Compared")]
    if printed and (look := comparing.closer_look(complaint)):
        label = _("Parts of long videos examined: {number} of {count}")
        labels.insert(3, format_lazy(label, number=look.examined, count=look.total))
        done.insert(3, compared)
    now = done.index(False) if False in done else None
    return [
        {"label": label, "done": done[number], "current": number == now, "url": ""}
        for number, label in enumerate(labels)
    ]


def play_video(request: HttpRequest, complaint: Complaint, side: str) -> HttpResponseBase:
    """One of the two videos, by ranges; 404 while it is not there.

    A draft shows nothing but its writer's own videos: naming a removed video would else bring it back.
    """
    return video_response(request, _shown_media(complaint, side), why=f"complaint {complaint.number}")


def video_poster(_request: HttpRequest, complaint: Complaint, side: str) -> HttpResponseBase:
    """The still picture of one of the two videos, for whoever may play it; 404 where there is none."""
    return poster_response(_shown_media(complaint, side))


def _shown_media(complaint: Complaint, side: str) -> MediaFile:
    work: Work | None = {ORIGINAL: complaint.original, COPY: complaint.copy}.get(side)
    if work is None or work.media is None:
        raise Http404
    if complaint.state == ComplaintState.DRAFT and work.media.owner_id != complaint.complainant_id:
        raise Http404
    return work.media


def _drawn_segment(row: MatchSegment, scale: float, kind: str) -> DrawnSegment:
    upper = (row.a_start * scale, max((row.a_end - row.a_start) * scale, _LEAST))
    lower = (row.b_start * scale, max((row.b_end - row.b_start) * scale, _LEAST))
    by_sound = kind == Kind.AUDIO or SOUND_ONLY in row.transformations
    confidence = transformation_text(SOUND_ONLY) if SOUND_ONLY in row.transformations else grade_label(row.grade, kind)
    return DrawnSegment(row, upper, lower, row.grade in _STRONG, by_sound, confidence)


def _duration(work: Work | None) -> float:
    media = work.media if work is not None else None
    return media.duration or 0.0 if media is not None else 0.0
