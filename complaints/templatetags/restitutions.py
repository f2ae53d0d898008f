"""How the return of followers stands, for both sides and for reviewers."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from complaints.actions import previews, reconciliations
from complaints.models import Reconciliation, Restitution, RestitutionPreview
from complaints.policies import terms
from complaints.states import ComplaintState, RestitutionMode, RestitutionState
from portal import clock
from portal.platforms.registry import platform_names

register = template.Library()
_R = RestitutionState
_TONES: dict[str, str] = {
    _R.RESERVED: "warn",
    _R.HELD: "info",
    _R.MOVING: "info",
    _R.INVITING: "info",
    _R.PAUSED: "warn",
    _R.DONE: "ok",
    _R.REVERSING: "warn",
    _R.REVERSED: "muted",
    _R.PARTLY_REVERSED: "muted",
    _R.CANCELLED: "muted",
}
# Why followers whom the copy attracted stay where they are: portal/platforms/orders.py, EXCLUSIONS.
_REASONS: dict[str, Promise] = {
    "blocked": _("blocked or muted, by them or by the author"),
    "is_target": _("the author's own account"),
    "closed": _("closed accounts"),
    "bot": _("accounts known to be bots"),
    "minor": _("minors with restricted settings"),
    "confirmed": _("chose to keep following"),
    "opted_out": _("opted out of such changes"),
    "disputed": _("followed because of a work with another open complaint"),
}
_PROBLEMS: dict[str, Promise] = {
    "target_not_proven": _("Waiting: the author's account is no longer verified as theirs."),
    "target_closed": _("Waiting: the author's account is closed."),
    "account_gone_midway": _("It ended early: one of the two accounts no longer exists on the platform."),
    "target_closed_midway": _(
        "It ended before all followers were processed, because the author closed their account. "
        "Followers who had moved by then were notified and can undo it; all others stay."
    ),
    "lapsed": _("Not carried out: the author had no verified, open account there before the deadline."),
    "platform_silent": _("Waiting: the platform is not responding. We try again every minute."),
    "disputed": _(
        "Waiting, for 60 days at most: another complaint about the same work is open and must be decided first."
    ),
}
_INTERRUPTED = _("It was interrupted and is retried within the hour. Nothing is lost or done twice.")
_FLAGGED = _("Something about the two accounts stands out. A senior reviewer must look at it.")
_PREVIEW_PROBLEMS: dict[str, Promise] = {
    previews.NO_TARGET: _("It cannot be counted: the author has no verified account there yet."),
    previews.NO_PREVIEW: _("It cannot be counted: this platform does not offer previews."),
    previews.ACCOUNT_GONE: _("It cannot be counted: one of the two accounts is closed or no longer exists."),
    previews.FAILED: _("It could not be counted: the platform did not respond."),
}

_RECONCILIATION_PROBLEMS: dict[str, Promise] = {
    reconciliations.UNSERVED: _("It cannot be compared: this platform does not tell what many followers follow."),
    reconciliations.ACCOUNT_GONE: _("It cannot be compared: one of the two accounts no longer exists."),
    reconciliations.FAILED: _("It could not be compared: the platform did not respond."),
    reconciliations.OVERTAKEN: _("Not compared: followers are being restored. It is compared when that has ended."),
}


_UNDER_APPEAL = (ComplaintState.APPEALED, ComplaintState.APPEAL_SECOND)
_MODES: dict[str, Promise] = {
    RestitutionMode.MOVE: _("Followers are moved"),
    RestitutionMode.INVITE: _("Followers are asked"),
    RestitutionMode.CLEAR: _("Follows are ended"),
}
# Where the state's own name would say what is not so.
_CLEAR_LABELS: dict[str, Promise] = {
    _R.MOVING: _("Follows are being ended"),
    _R.DONE: _("Follows were ended"),
}
_STOPPED_LABELS: dict[str, Promise] = {
    _R.REVERSING: _("Stopped, being restored"),
    _R.REVERSED: _("Stopped and restored"),
    _R.PARTLY_REVERSED: _("Stopped and partly restored"),
    _R.CANCELLED: _("Stopped before it started"),
}
_TAKEN_BACK = (_R.REVERSING, _R.REVERSED, _R.PARTLY_REVERSED)


@register.simple_tag
def hold_note() -> str:
    """How long a day of hold is where that is no day, to stand beside its days and dates; else nothing."""
    day = terms.hold_duration(1)
    if day == timedelta(days=1):
        return ""
    seconds = int(day.total_seconds())
    words = ngettext(
        "In this demo a day of the hold period lasts %(seconds)s second.",
        "In this demo a day of the hold period lasts %(seconds)s seconds.",
        seconds,
    )
    return words % {"seconds": seconds}


@register.inclusion_tag("complaints/_restitution.html")
def restitution(row: Restitution, *, for_staff: bool = False) -> dict[str, Any]:
    """The card of one restitution, read with its remedy and complaint. No query, and no question to the platform."""
    ended = row.moved + row.already
    back = row.restored + row.overridden + row.missing
    reversing = row.state == _R.REVERSING
    return {
        "restitution": row,
        "for_staff": for_staff,
        "label": _label(row),
        "tone": _TONES[row.state],
        "problem": _problem(row),
        "hold": _hold(row) if row.state == _R.HELD else "",
        "runs": row.state in {_R.MOVING, _R.REVERSING},
        "looked_at": back if reversing else row.looked_at,
        **_pace(row),
        "in_all": ended if reversing else max(row.expected, row.looked_at),
        "excluded": [(_REASONS.get(reason, reason), count) for reason, count in sorted(row.excluded.items()) if count],
        "parts": _parts(row),
        "shows_reason": row.state == _R.PAUSED or row.stopped_at is not None,
        "taken_back": bool(back) or row.state in _TAKEN_BACK,
        "kept": row.kept if row.state == _R.PARTLY_REVERSED else 0,
    }


@register.inclusion_tag("complaints/reviewer/_preview_counts.html")
def restitution_preview(row: RestitutionPreview) -> dict[str, Any]:
    """The counts of a preview, or why there are none. No query."""
    stayed = row.passed + sum(row.excluded.values())
    clears = row.mode == RestitutionMode.CLEAR
    moves = _("Would be asked") if row.mode == RestitutionMode.INVITE else _("Would move")
    parts = [
        (str(moves), row.moved, "ok"),
        (str(_("Follow would end") if clears else _("Follow both")), row.already, "info"),
        (str(_("Would stay")), stayed, "muted"),
    ]
    return {
        "preview": row,
        "problem": _PREVIEW_PROBLEMS.get(row.problem, ""),
        "in_all": max(row.expected, row.looked_at),
        "excluded": [(_REASONS.get(reason, reason), count) for reason, count in sorted(row.excluded.items())],
        "parts": [part for part in parts if part[1] or not clears] if row.looked_at else [],
    }


@register.inclusion_tag("complaints/reviewer/_reconciliation.html")
def reconciliation_result(row: Reconciliation) -> dict[str, Any]:
    """How the ledger compares with the platform, or why that is not known. No query."""
    return {"reconciliation": row, "problem": _RECONCILIATION_PROBLEMS.get(row.problem, "")}


@register.simple_tag
def restitution_brief(row: Restitution) -> dict[str, Any]:
    """One restitution in a list: its tone, what is wrong, its pace, and what comes next, when. Read with its complaint."""
    brief = {
        "label": _label(row),
        "tone": _TONES[row.state],
        "problem": _problem(row),
        "mode": _MODES.get(row.mode, ""),
        "platform": platform_names().get(row.platform, row.platform),
        "hold": _hold(row) if row.state == _R.HELD else "",
        "parts": _parts(row),
    }
    return brief | _pace(row)


def _problem(row: Restitution) -> Promise | str:
    """What somebody has to look at, else what keeps it from going on, or has ended it early; "" if nothing."""
    if row.flagged_at is not None:
        return _FLAGGED
    return _INTERRUPTED if row.interrupted_at is not None else _PROBLEMS.get(row.remedy.problem, "")


def _label(row: Restitution) -> str:
    """The state in a few words, as it is in this mode, and whether it was stopped."""
    own = _STOPPED_LABELS if row.stopped_at else _CLEAR_LABELS if row.mode == RestitutionMode.CLEAR else {}
    return str(own.get(row.state, row.state_label))


def _hold(row: Restitution) -> str:
    """What a held restitution waits for: an appeal, the end of the hold, or the next look for what is due.

    `appeal_due` is an appeal that is decided after the hold is over.
    """
    over = row.hold_until <= clock.now()
    if row.remedy.complaint.state in _UNDER_APPEAL:
        return "appeal_due" if over else "appeal"
    return "due" if over else "hold"


def _stayed(row: Restitution) -> int:
    stayed: int = row.passed + sum(row.excluded.values()) + row.declined + row.not_moved + row.unanswered
    return stayed


def _pace(row: Restitution) -> dict[str, int | datetime]:
    """Followers processed a second since it began, and when it ends at that pace; nothing before that can be told."""
    now = clock.now()
    if row.state != _R.MOVING or row.begun_at is None or now <= row.begun_at + row.paused_for or not row.looked_at:
        return {}
    elapsed = now - row.begun_at - row.paused_for
    left = max(row.expected - row.looked_at, 0)
    pace: dict[str, int | datetime] = {"rate": max(round(row.looked_at / elapsed.total_seconds()), 1)}
    return pace | {"left": left, "ends_at": now + elapsed * (left / row.looked_at)} if left else pace


def _parts(row: Restitution) -> list[tuple[str, int, str]]:
    """What became of the followers that were looked at, for one bar; nothing while none was."""
    asks = row.mode == RestitutionMode.INVITE and row.ended_at is None
    clears = row.mode == RestitutionMode.CLEAR
    parts = [
        (_("Moved to the author"), row.moved, "ok"),
        (_("Follow ended") if clears else _("Followed both, follow ended"), row.already, "info"),
        (_("Stayed"), _stayed(row) - (row.unanswered if asks else 0), "muted"),
    ]
    if asks:
        parts.append((_("No answer yet"), row.unanswered, "warn"))
    return [(str(label), count, tone) for label, count, tone in parts] if row.looked_at else []
