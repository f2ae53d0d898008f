"""A complaint in words for each side: how it stands, what happens next and when. No queries here."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, Remedy, RemedyKind
from complaints.policies import terms
from complaints.states import ComplaintState, RemedyState, Side
from portal import clock

_S, _M = ComplaintState, RemedyState

TextsByCode = Mapping[str, Promise]

_FOR_COMPLAINANT: TextsByCode = {
    _S.RECEIVED: _("Complaint received. The two works are being compared; this usually takes a few minutes."),
    _S.SECOND_REVIEW: _("A reviewer has reviewed it. A second person reviews it before the decision."),
    _S.UPHELD: _("Your complaint was upheld. Below are the reasons and the consequences."),
    _S.PARTLY: _("Your complaint was upheld in part. Below are the reasons and the consequences."),
    _S.DISMISSED: _("Your complaint was not upheld. Read the reasons below; you can appeal."),
    _S.APPEALED: _("Someone who was not involved in the decision reviews everything again."),
    _S.APPEAL_SECOND: _("A reviewer has reviewed the appeal. A second person reviews it before the decision."),
    _S.AFFIRMED: _("The appeal has been decided: the decision is upheld. Read the reasons below."),
    _S.REVERSED: _("The appeal has been decided: the decision was reversed. Read the reasons below."),
    _S.WITHDRAWN: _("You withdrew this complaint. It is closed."),
    _S.LAPSED: _("It remained incomplete, so it was closed. You can complain again at any time."),
}
_FOR_RESPONDENT: TextsByCode = {
    **_FOR_COMPLAINANT,
    _S.UPHELD: _("The complaint was upheld. Below are the reasons, the consequences and how to appeal."),
    _S.PARTLY: _("The complaint was upheld in part. Below are the reasons, the consequences and how to appeal."),
    _S.DISMISSED: _("The complaint was not upheld. Nothing happens to your account."),
    _S.WITHDRAWN: _("The complaint was withdrawn. Nothing happens to your account."),
}
STATE_TONES: dict[str, str] = {
    _S.DRAFT: "muted",
    _S.INCOMPLETE: "warn",
    _S.WITHDRAWN: "muted",
    _S.LAPSED: "muted",
    _S.AFFIRMED: "muted",
    _S.REVERSED: "muted",
}
# How a decision looks depends on who reads it.
_SIDED: dict[tuple[str, str], str] = {
    (_S.UPHELD, Side.COMPLAINANT): "ok",
    (_S.PARTLY, Side.COMPLAINANT): "ok",
    (_S.DISMISSED, Side.COMPLAINANT): "bad",
    (_S.NOTIFIED, Side.RESPONDENT): "warn",
    (_S.UPHELD, Side.RESPONDENT): "bad",
    (_S.PARTLY, Side.RESPONDENT): "bad",
    (_S.DISMISSED, Side.RESPONDENT): "ok",
}
# By state, and by side where it matters: what is said, and which date stands in it.
_DATED: dict[tuple[str, str], tuple[Promise, Callable[[Complaint], datetime | None]]] = {
    (_S.DRAFT, ""): (
        _("Not submitted yet. If you do not continue, the draft is deleted on %(date)s."),
        lambda row: row.touched_at + terms.DRAFT_KEPT,
    ),
    (_S.INCOMPLETE, ""): (
        _("Something is missing. Please add it by %(date)s, or the complaint will be closed."),
        lambda row: row.complete_by,
    ),
    (_S.SCREENING, ""): (
        _("A reviewer screens it before the other side is notified. We aim to do so by %(date)s."),
        lambda row: row.screening.due_at if row.screening else None,
    ),
    (_S.NOTIFIED, Side.COMPLAINANT): (
        _("The other side can answer until %(date)s. Then a reviewer reads both sides."),
        lambda row: row.answer_by,
    ),
    (_S.NOTIFIED, Side.RESPONDENT): (
        _("You can answer until %(date)s. After that a reviewer decides without your answer."),
        lambda row: row.answer_by,
    ),
    (_S.IN_REVIEW, ""): (
        _("A reviewer reads both sides and looks at both works. We aim to decide by %(date)s."),
        lambda row: row.case.due_at if row.case else None,
    ),
}
# Where the state's own name would speak of the reader as of somebody else.
_LABELS: dict[tuple[str, str], Promise] = {
    (_S.INCOMPLETE, Side.COMPLAINANT): _("Incomplete, waiting for you"),
    (_S.NOTIFIED, Side.RESPONDENT): _("You can answer"),
}
REMEDY_TONES: dict[str, str] = {_M.HELD: "info", _M.APPLYING: "info", _M.ACTIVE: "ok", _M.LIFTING: "warn"}
_REMEDY_TEXTS: TextsByCode = {
    RemedyKind.WARN: _("The account is warned. Further upheld complaints can lead to more than a warning."),
    RemedyKind.REMOVE: _("The copy is removed."),
    RemedyKind.RESTRICT: _("The account is closed."),
    RemedyKind.RESTITUTION: _(
        "Followers gained through the copy are returned to the author. Each of them can undo it."
    ),
}


def complaint_brief(complaint: Complaint, side: str) -> dict[str, Any]:
    """A complaint in a list: its state, its tone, and what happens next."""
    return {
        "complaint": complaint,
        "label": side_state_label(complaint, side),
        "tone": side_state_tone(complaint, side),
        "next": next_step_sentence(complaint, side),
        "url": complaint.get_absolute_url() if side == Side.COMPLAINANT else complaint.answer_url,
    }


def side_state_label(complaint: Complaint, side: str) -> str | Promise:
    """Its state in a few words for whoever reads."""
    return _LABELS.get((complaint.state, side)) or complaint.state_label


def side_state_tone(complaint: Complaint, side: str) -> str:
    """How its state looks to a side (portal/web/templatetags/ui.py)."""
    return _SIDED.get((complaint.state, side)) or STATE_TONES.get(complaint.state, "info")


def next_step_sentence(complaint: Complaint, side: str) -> str | Promise:
    """What happens next, and when."""
    dated = _dated(complaint, side)
    if dated:
        return dated
    words = _FOR_COMPLAINANT if side == Side.COMPLAINANT else _FOR_RESPONDENT
    return words.get(complaint.state, "")


def remedy_texts(rows: list[Remedy], *, unconfirmed: bool) -> list[dict[str, Any]]:
    """What follows from a decision, each with its state and a sentence.

    `incomplete` says that the file lags behind, `unconfirmed` that nobody knows whether a message has arrived.
    """
    return [
        {
            "remedy": row,
            "sentence": _REMEDY_TEXTS[row.kind],
            "tone": REMEDY_TONES.get(row.state, "muted"),
            "incomplete": row.complete_at is not None and row.complete_at > clock.now(),
            "unconfirmed": unconfirmed and row.kind == RemedyKind.WARN and row.applied_at is not None,
        }
        for row in rows
    ]


def _dated(complaint: Complaint, side: str) -> str:
    """The sentences with a date in them; "" for other states."""
    sentence, when = _DATED.get((complaint.state, side)) or _DATED.get((complaint.state, "")) or ("", _never)
    at = when(complaint)
    return str(sentence) % {"date": date_format(at)} if at else ""


def _never(_complaint: Complaint) -> datetime | None:
    return None


_REGIONS: TextsByCode = {
    "us": _("in the United States"),
    "eu": _("in the European Union"),
    "cn": _("in mainland China"),
}


def region_name(region: str) -> str | Promise:
    """Where an account is, to go on after "The account is"."""
    return _REGIONS.get(region, region.upper())
