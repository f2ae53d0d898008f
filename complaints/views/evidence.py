"""What the evidence of a comparison looks like on the pages of both sides and of whoever decides, and its files."""

from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints import evidence_file
from complaints.actions import comparison_evidence
from complaints.models import Comparison, ComparisonEvidence, Complaint, EvidenceLook, MatchSegment, Work
from complaints.policies import evidence as policy
from complaints.states import ComplaintState
from complaints.views import credential_texts
from complaints.wording import evidence_texts, kind_texts
from portal.evidence.views import untrusted_content_headers
from portal.jobs.models import JobState
from portal.media.models import Kind
from portal.people.models import User

_WAVE_WIDTH, _WAVE_HALF = 640.0, 40.0


@dataclass(frozen=True)
class Moment:
    """A pair of pictures of one moment; sizes in px, seconds of each video."""

    number: int
    original: float
    copy: float
    original_size: tuple[int, int]
    copy_size: tuple[int, int]
    warped: bool
    outline: str


@dataclass(frozen=True)
class Publication:
    """When a video is said to have been where: by whom, and whether the portal saw it itself.

    `known_at`: when the portal stored the same bytes for another work, before; `known_from`: that work, where it may be named.
    """

    at: datetime
    text: Promise
    source: Promise | str
    seen: bool
    known_at: datetime | None = None
    known_from: Work | None = None


# By side, and whether a time stamp says so.
_SIGNINGS = {
    ("original", False): _("Original created"),
    ("original", True): _("Original signed"),
    ("copy", False): _("Alleged copy created"),
    ("copy", True): _("Alleged copy signed"),
}

_DELETED = "deleted"
# By the state of the job that draws them; "" where it has ended without, or was never asked for.
_NO_PICTURES: dict[str, Promise] = {
    JobState.QUEUED: _(
        "The pictures of matching moments are waiting to be drawn. Please reload the page in a few minutes."
    ),
    JobState.RUNNING: _("The pictures of matching moments are being drawn. Please reload the page in a few minutes."),
    JobState.FAILED: _("The pictures of matching moments could not be drawn."),
    _DELETED: _("The pictures of matching moments cannot be drawn any more: one of the works has been deleted."),
    "": _("No pictures of matching moments were drawn for this comparison."),
}
_NO_FILE: dict[str, Promise] = {
    JobState.QUEUED: _(
        "The file with the figures of this comparison is waiting to be made. Please reload the page in a few minutes."
    ),
    JobState.RUNNING: _(
        "The file with the figures of this comparison is being made. Please reload the page in a few minutes."
    ),
    JobState.FAILED: _("The file with the figures of this comparison could not be made."),
    _DELETED: _("There is no file with the figures of this comparison, and one of the works has been deleted."),
    "": _("There is no file with the figures of this comparison."),
}
_NO_CURVES: dict[str, Promise] = {
    JobState.QUEUED: _("The curves of loudness are waiting to be drawn. Please reload the page in a few minutes."),
    JobState.RUNNING: _("The curves of loudness are being drawn. Please reload the page in a few minutes."),
    JobState.FAILED: _("The curves of loudness could not be drawn."),
    _DELETED: _("The curves of loudness cannot be drawn any more: one of the works has been deleted."),
    "": _("No curves of loudness were drawn for this comparison."),
}


def evidence_context(
    complaint: Complaint, comparison: Comparison, segments: list[MatchSegment], *, names_works: bool = False
) -> dict[str, Any]:
    """The comparison as people are shown it, with works of other cases by name if `names_works`.

    No query where `comparison` was selected with its evidence, except of files that were stored for other works before, and of
    the job while there is no evidence.
    """
    evidence: ComparisonEvidence | None = getattr(comparison, "evidence", None)
    summary = evidence.summary if evidence is not None else {}
    kind = complaint.original.kind if complaint.original is not None else ""
    sounds = summary.get("sounds", [])
    changes, unconfirmed = kind_texts.comparison_sentences(comparison, segments, summary)
    return {
        "row": evidence if summary else None,
        **(_undrawn(comparison, kind, has_segments=bool(segments)) if evidence is None else {}),
        "has_segments": bool(segments),
        "sentences": changes,
        "unconfirmed": unconfirmed,
        "kind": kind,
        "is_still": kind == Kind.IMAGE and not kind_texts.shows_animations(segments),
        "runs": summary.get("runs", []),
        "moments": [_moment(number, each) for number, each in enumerate(summary.get("moments", []), 1)],
        "sounds": [
            {
                "span": evidence_texts.span_text(row.a_start, row.a_end),
                "text": "" if kind == Kind.AUDIO else evidence_texts.SOUND_TEXTS.get(each["code"], ""),
                "likeness": each["likeness"],
            }
            for row, each in zip(segments, sounds, strict=False)
        ],
        "wave": _wave(summary.get("wave")),
        "credentials": credential_texts.shown_credentials(summary),
        "publications": publications(complaint, summary, names_works=names_works),
        "has_signings": any(credential_texts.signings(summary)),
        "titles": _both(complaint, summary, "title"),
        "descriptions": _both(complaint, summary, "description"),
    }


def publications(complaint: Complaint, summary: dict[str, Any], *, names_works: bool = False) -> list[Publication]:
    """When either work was published, reached the portal or, as its file says, was made; earliest first, each with its source."""
    labels = (
        (_("Original published"), _("Original stored by the portal"), _("File of the original last modified")),
        (
            _("Alleged copy published"),
            _("Alleged copy stored by the portal"),
            _("File of the alleged copy last modified"),
        ),
    )
    return in_order(
        publications_of(complaint.original, *labels[0], names_works=names_works),
        publications_of(complaint.copy, *labels[1], names_works=names_works),
        [
            Publication(each.at, _SIGNINGS[each.side, each.stamped], each.source, seen=False)
            for each in credential_texts.signings(summary)
        ],
    )


def in_order(*each: list[Publication]) -> list[Publication]:
    """Those of several videos, earliest first."""
    return sorted(chain(*each), key=lambda publication: publication.at)


def publications_of(
    work: Work | None,
    published: Promise,
    stored: Promise,
    modified: Promise | None = None,
    *,
    names_works: bool = False,
) -> list[Publication]:
    """When one video was published and its file last modified, as is said, and when the portal stored it.

    `published`, `stored`, `modified`: what each is called. Only a file of a platform can have been modified.
    """
    if work is None:
        return []
    found = [Publication(work.published_at, published, _source(work), seen=False)] if work.published_at else []
    if work.file_modified_at is not None and modified is not None:
        found.append(Publication(work.file_modified_at, modified, _("as stated by the server"), seen=False))
    if work.stored_at is not None:
        earlier = _earlier_work(work)
        known_at = earlier.stored_at if earlier is not None else None
        known_from = earlier if names_works else None
        found.append(Publication(work.stored_at, stored, _("recorded by the portal"), True, known_at, known_from))
    return found


def _earlier_work(work: Work) -> Work | None:
    """The first other work with the same bytes that the portal stored before; a query only where there may be one."""
    media, stored_at = work.media, work.stored_at
    if media is None or stored_at is None or media.stored_at == stored_at:
        return None
    others = Work.objects.filter(media=media).exclude(pk=work.pk).select_related("media")
    known = [(each.stored_at, each.pk, each) for each in others if each.stored_at and each.stored_at < stored_at]
    return min(known)[2] if known else None


def _undrawn(comparison: Comparison, kind: str, *, has_segments: bool) -> dict[str, Any]:
    """Why there are no pictures, curves or file yet, and whether they may be asked for again. Two queries."""
    state = policy.drawing_state(comparison) if policy.has_both_works(comparison) else _DELETED
    texts = _NO_CURVES if kind == Kind.AUDIO else _NO_PICTURES
    if not has_segments or kind == Kind.TEXT:
        texts = _NO_FILE
    return {"undrawn": texts.get(state, texts[""]), "may_draw_again": state not in (*policy.UNDER_WAY, _DELETED)}


def evidence_picture(
    request: HttpRequest, complaint: Complaint, kind: str, place: int, *, side: str = ""
) -> HttpResponse:
    """One picture out of the sealed file, for whoever may play the videos, which the caller has found out; the look is logged.

    `side`: which of the two asks; empty for whoever holds the case.
    """
    evidence = _evidence_or_404(complaint)
    if kind not in evidence_file.PICTURE_KINDS:
        raise Http404
    try:
        picture = evidence_file.read_entry(
            comparison_evidence.read_evidence(evidence), evidence_file.picture_name(kind, place)
        )
    except KeyError as error:
        raise Http404 from error
    name = evidence_file.picture_name(kind, place)
    comparison_evidence.log_look(evidence, by=_looker(request), side=side, part=name)
    return HttpResponse(picture, headers=untrusted_content_headers("image/jpeg", name=name, attached=False))


def evidence_download(request: HttpRequest, complaint: Complaint, *, side: str = "") -> HttpResponse:
    """The sealed file itself, byte for byte the same for everybody who may have it; the look is logged."""
    evidence = _evidence_or_404(complaint)
    name = f"{complaint.number}-evidence.zip"
    data = comparison_evidence.read_evidence(evidence)
    comparison_evidence.log_look(evidence, by=_looker(request), side=side, part=EvidenceLook.WHOLE)
    return HttpResponse(data, headers=untrusted_content_headers("application/zip", name=name, attached=True))


def _looker(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _evidence_or_404(complaint: Complaint) -> ComparisonEvidence:
    """That of the last comparison. Nothing of a draft is shown, and nothing that was purged."""
    if complaint.state == ComplaintState.DRAFT:
        raise Http404
    last = complaint.comparisons.select_related("evidence").first()
    evidence: ComparisonEvidence | None = getattr(last, "evidence", None)
    if evidence is None or evidence.purged_at is not None:
        raise Http404
    return evidence


def _moment(number: int, said: dict[str, Any]) -> Moment:
    outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in said["outline"])
    sizes = tuple(said["original_size"]), tuple(said["copy_size"])
    return Moment(number, said["original"], said["copy"], *sizes, said["warped"], outline)


def _wave(said: dict[str, Any] | None) -> dict[str, Any] | None:
    """Both curves of loudness as areas of one drawing: the original upwards, the copy downwards; None without sound."""
    if not said or not (said["original"] or said["copy"]):
        return None
    return {
        "start": said["start"],
        "end": said["end"],
        "width": _WAVE_WIDTH,
        "height": 2 * _WAVE_HALF,
        "middle": _WAVE_HALF,
        "original": _area(said["original"], -1),
        "copy": _area(said["copy"], 1),
    }


def _area(found: list[int | None], direction: int) -> str:
    """The path of an area between the middle and the levels (0..255)."""
    if not found:
        return ""
    step = _WAVE_WIDTH / len(found)
    bars = [
        f"M{number * step:.1f},{_WAVE_HALF:g}v{direction * level * _WAVE_HALF / 255:.1f}h{step:.1f}V{_WAVE_HALF:g}z"
        for number, level in enumerate(found)
        if level
    ]
    return "".join(bars)


def _source(work: Work) -> Promise:
    if work.stated_by_uploader:
        return _("as stated by the uploader")
    # A registered work that is a post too has the date that its author gave.
    is_from_platform = bool(work.external_id) and work.owner_id is None
    return _("as the platform says") if is_from_platform else _("as its author says")


def _both(complaint: Complaint, summary: dict[str, Any], field: str) -> tuple[str, str] | None:
    """A text of both works, where both have one and they differ: as the evidence has it, which older ones do not."""
    said = summary.get("texts", {}).get(field)
    both = tuple(said) if said else (getattr(complaint.original, field, ""), getattr(complaint.copy, field, ""))
    return both if all(both) and both[0] != both[1] else None
