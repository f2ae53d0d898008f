"""The sections of a complaint on the case page, in a number of queries that does not grow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.actions import remedies
from complaints.models import Complaint, Exhibit, MatchSegment, RemedyKind, Statement, Work
from complaints.policies import screening
from complaints.policies.appeals import appellant_of
from complaints.remedies import NOT_ASKED, AccountAnswer, ask_account, delivers_unconfirmed
from complaints.restitution.attribution import target_account
from complaints.states import Outcome, Side
from complaints.views import history, videos
from complaints.views.original_elsewhere import original_elsewhere
from complaints.views.state_texts import remedy_texts
from portal import clock
from portal.evidence.actions import marked_copies
from portal.media.models import Kind, MediaFile
from portal.people.models import User
from portal.reviews.casepage.previews import StatementPreview
from portal.reviews.models import Decision, ReasonCode, ReviewCase
from portal.reviews.policies import refuse_case_overview
from portal.reviews.states import DecisionState, Stage

VIDEO_A, VIDEO_B = "a", "b"
PLATFORM = "platform"  # among what was opened: the answers of ask_platform()
SIDES_BY_NAME: dict[str, Side] = {side.value: side for side in Side}
_APPEAL_NOTE = _("Its files and the other side's reply are listed below, under the statements of both sides.")
_UPHELD = (Outcome.UPHELD, Outcome.PARTLY)
_COMPLAINTS_BEHIND: dict[str, Callable[[Complaint], QuerySet[Complaint]]] = {
    screening.DUPLICATE: screening.earlier_complaints_of_others,
    screening.COUNTER_COMPLAINT: screening.counter_complaints,
}
_MAX_CASES_BEHIND = 5


@dataclass(frozen=True)
class ReviewVideo:
    """One of the two videos on the page; `media` is None while it is not here."""

    name: str
    label: Promise
    work: Work
    media: MediaFile | None
    url: str


@dataclass(frozen=True)
class SegmentLinks:
    """A matching stretch with what keeps both videos in step: where it begins in each, and how fast the copy runs (less than 0: backwards)."""

    row: MatchSegment
    rate: float
    copy_second: float
    url_a: str
    url_b: str


@dataclass(frozen=True)
class PartyRecord:
    """A side's account on the platform, and how its earlier complaints went."""

    label: Promise
    handle: str
    answer: AccountAnswer
    upheld: int
    dismissed: int
    warnings: int | None = None


@dataclass(frozen=True)
class Flag:
    """A screening flag in words, with the cases that it comes from, as far as the reader may see them."""

    text: Promise | str
    cases: list[ReviewCase]


@dataclass(frozen=True)
class DecisionSummary:
    """A decision as whoever checks it reads it: with what each side was or will be told, and its remedies."""

    decision: Decision
    outcome: Promise | str
    reasons: list[str]
    texts: list[tuple[str, str]]
    remedies: list[Promise | str]
    carried_out: list[dict[str, Any]]
    previews_restitution: bool = False


def complaint_sections(
    case: ReviewCase, complaint: Complaint, person: User, opened: Mapping[str, Any]
) -> dict[str, Any]:
    """The sections of a complaint. `opened` holds contact data that was just read, by the name of the side.

    The pages of both sides' documents are marked for the person.
    """
    appealed = case.stage in {Stage.APPEAL, Stage.APPEAL_SECOND}
    columns, exhibits = _statements(complaint), _exhibits(complaint)
    attached = [file for column in columns for row in column["rows"] for file in row["files"]]
    shown_files = [*attached, *(row.file for row in exhibits if row.file is not None)]
    marked_copies.request_copies(shown_files, viewer=person, case=complaint.number)
    return {
        "complaint": complaint,
        "unconfirmed": complaint.told_at is not None and delivers_unconfirmed(complaint.platform),
        "videos": (shown := _videos(case, complaint)),
        "kind": videos.kind_of(complaint),
        "both_play": len(shown) == 2 and all(_plays(video.media, videos.kind_of(complaint)) for video in shown),
        **_match(case, complaint),
        "elsewhere": original_elsewhere(complaint),
        "columns": columns,
        "evidence_levels": [{"label": level.label, **_exhibits_of_level(exhibits, level)} for level in Exhibit.Level],
        "flags": [
            Flag(screening.FLAG_TEXTS.get(code, code), _cases_behind(case, complaint, code)) for code in complaint.flags
        ],
        "party_records": party_records(complaint, opened.get(PLATFORM, {})),
        "platform_asked": PLATFORM in opened,
        "contacts": [{"side": side, "opened": opened.get(side.value)} for side in Side],
        "entries": history.review_history(complaint),
        "appellant": appellant_of(complaint) if appealed else None,
        "appeal_note": _APPEAL_NOTE,
    }


def _cases_behind(case: ReviewCase, complaint: Complaint, code: str) -> list[ReviewCase]:
    """The cases of the other complaints that a flag speaks of, for the person who holds the case. One query, or none."""
    find, reader = _COMPLAINTS_BEHIND.get(code), case.claimed_by
    if find is None or reader is None:
        return []
    rows = find(complaint).select_related("case", "screening")[:_MAX_CASES_BEHIND]
    cases = [row.case or row.screening for row in rows]
    return [one for one in cases if one is not None and refuse_case_overview(one, reader, clock.now()) is None]


def ask_platform(complaint: Complaint) -> dict[Side, AccountAnswer]:
    """What the platform says of both sides' accounts, as far as they have one there."""
    answers = {Side.RESPONDENT: ask_account(complaint.platform, complaint.account_id)}
    if own := _complainant_account_id(complaint):
        answers[Side.COMPLAINANT] = ask_account(complaint.platform, own)
    return answers


def party_records(complaint: Complaint, answers: Mapping[Side, AccountAnswer]) -> list[PartyRecord]:
    """Both sides, with what the platform said of their accounts if it was asked."""
    return [
        _complainant_record(complaint, answers.get(Side.COMPLAINANT, NOT_ASKED)),
        _respondent_record(complaint, answers.get(Side.RESPONDENT, NOT_ASKED)),
    ]


def _videos(case: ReviewCase, complaint: Complaint) -> list[ReviewVideo]:
    pair = ((VIDEO_A, _("Original"), complaint.original), (VIDEO_B, _("Alleged copy"), complaint.copy))
    return [
        ReviewVideo(name, label, work, work.media if _is_here(work.media) else None, _video_url(case, name))
        for name, label, work in pair
        if work is not None
    ]


def _plays(media: MediaFile | None, kind: str) -> bool:
    """Whether the browser plays it, and both works are videos or both sounds."""
    return media is not None and media.playable and media.kind == kind and kind in (Kind.VIDEO, Kind.AUDIO)


def _is_here(media: MediaFile | None) -> bool:
    return media is not None and media.state == "ready" and media.purged_at is None


def _video_url(case: ReviewCase, name: str) -> str:
    return reverse("complaints:review_video", args=[case.number, name])


def _match(case: ReviewCase, complaint: Complaint) -> dict[str, Any]:
    """What the machine found: the picture, the stretches, and its grade in words."""
    found = videos.comparison_context(complaint, names_works=True)
    if found is None:
        return {}
    segments = [_segment(case, stretch.segment) for stretch in found["picture"]["stretches"]]
    drawn = list(zip(found["picture"]["stretches"], segments, strict=True))
    return {"match": found, "segments": segments, "drawn": drawn, "meaning": found["meaning"]}


def _segment(case: ReviewCase, row: MatchSegment) -> SegmentLinks:
    url_a = f"{_video_url(case, VIDEO_A)}#t={row.a_start:.2f},{row.a_end:.2f}"
    url_b = f"{_video_url(case, VIDEO_B)}#t={row.b_start:.2f},{row.b_end:.2f}"
    return SegmentLinks(row, row.signed_rate, row.copy_second(row.a_start), url_a, url_b)


def _statements(complaint: Complaint) -> list[dict[str, Any]]:
    """What either side said, in two columns, each oldest first."""
    rows = list(complaint.statements.prefetch_related("files__pages"))
    return [{"side": side, "rows": [_statement_row(row) for row in rows if row.side == side]} for side in Side]


def _statement_row(row: Statement) -> dict[str, Any]:
    return {"statement": row, "files": list(row.files.all())}


def _exhibits(complaint: Complaint) -> list[Exhibit]:
    return list(complaint.exhibits.select_related("file").prefetch_related("file__pages"))


def _exhibits_of_level(rows: list[Exhibit], level: int) -> dict[str, list[Exhibit]]:
    """Evidence of both sides of one kind. The kind orders what is looked at; nobody adds it up."""
    return {side.value: [row for row in rows if row.level == level and row.side == side] for side in Side}


def _respondent_record(complaint: Complaint, answer: AccountAnswer) -> PartyRecord:
    earlier = Complaint.objects.filter(platform=complaint.platform, account_id=complaint.account_id)
    counts = _result_counts(earlier.exclude(pk=complaint.pk))
    warnings = remedies.active_warnings(complaint.platform, complaint.account_id)
    return PartyRecord(_("Respondent"), complaint.account_handle, answer, *counts, warnings)


def _complainant_record(complaint: Complaint, answer: AccountAnswer) -> PartyRecord:
    target = target_account(complaint)
    counts = _result_counts(Complaint.objects.filter(complainant=complaint.complainant_id).exclude(pk=complaint.pk))
    return PartyRecord(_("Complainant"), target.handle if target else "", answer, *counts)


def _complainant_account_id(complaint: Complaint) -> str:
    """The proven account to which followers would return, else the one that the original stands on."""
    if target := target_account(complaint):
        return target.external_id
    return complaint.original.account_id if complaint.original else ""


def _result_counts(rows: Any) -> tuple[int, int]:
    """How many of the complaints were upheld, and how many were not; what is open counts as neither."""
    found = list(rows.exclude(result="").values_list("result", flat=True))
    upheld = sum(result in _UPHELD for result in found)
    return upheld, len(found) - upheld


def summarize_decision(complaint: Complaint, decision: Decision) -> DecisionSummary:
    """A decision in full. The remedies of a held one are those that it proposes."""
    held = decision.state == DecisionState.HELD
    rows = [] if held else list(decision.remedies.all())
    return DecisionSummary(
        decision,
        Outcome(decision.outcome).label,
        [row["text"] for row in decision.statement],
        [(str(Side(row.side).label), row.text) for row in decision.side_reasons.all()],
        [RemedyKind(kind).label for kind in complaint.proposed] if held else [],
        remedy_texts(rows, unconfirmed=delivers_unconfirmed(complaint.platform)),
        held and RemedyKind.RESTITUTION in complaint.proposed,
    )


def preview_statements(outcome: str, fields: Mapping[str, Any]) -> list[StatementPreview]:
    """The statements of reasons as the two sides would get them. One query."""
    codes = fields.get("reasons", [])
    shared = {
        "outcome": Outcome(outcome).label,
        "reasons": [row.text for row in ReasonCode.objects.filter(code__in=codes).order_by("code")],
        "findings": fields.get("explanation", ""),
    }
    texts = {side: fields.get(f"to_{side.value}") for side in Side}
    return [
        StatementPreview(side.label, "complaints/reviewer/_statement.html", {**shared, "text": text})
        for side, text in texts.items()
        if text is not None
    ]
