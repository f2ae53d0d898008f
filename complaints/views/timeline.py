"""What has happened and what comes, for each side: the audit trail in words. Events without words are not shown."""

from collections.abc import Iterable
from datetime import datetime
from itertools import dropwhile

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints import events
from complaints.models import Complaint
from complaints.states import ComplaintState, Side
from portal.audit import trail
from portal.audit.models import AuditEvent
from portal.web.timeline import EventTexts, TimelineEntry, event_entries, upcoming_entries

# That a reviewer proposed, and what, is told to nobody before it is decided.
_BOTH: EventTexts = {
    events.WAIT_OVER: (_("No answer came in time"), "done"),
    events.PROPOSED: (_("Looked at by a person; a second person looks too"), "done"),
    events.APPEALED: (_("Appeal received; somebody else looks at it"), "done"),
    events.APPEAL_REPLIED: (_("The other side of the appeal has replied"), "done"),
    events.AFFIRMED: (_("The decision stands after the appeal"), "done"),
    events.REVERSED: (_("The decision was reversed on appeal"), "done"),
    events.UPHELD: (_("Upheld"), "done"),
    events.PARTLY: (_("Upheld in part"), "done"),
    events.DISMISSED: (_("Not upheld"), "done"),
    events.RESTITUTION_BEGUN: (_("Followers began to return"), "done"),
    events.RESTITUTION_DONE: (_("Followers have returned"), "done"),
    events.GROUNDS_FALLEN: (_("Another decision on which the return of followers rested was reversed"), "done"),
    events.GROUNDS_SETTLED: (_("The followers who had moved because of it are back"), "done"),
    events.RESTITUTION_REVERSED: (_("The return of followers was taken back"), "done"),
}
COMPLAINANT: EventTexts = {
    **_BOTH,
    events.STARTED: (_("Draft begun"), "done"),
    events.SUBMITTED: (_("Received"), "done"),
    events.RETURNED: (_("Something was missing: you were asked for it"), "bad"),
    events.COMPLETED: (_("You completed it"), "done"),
    events.COMPARED: (_("The two videos were compared"), "done"),
    events.SCREENED: (_("A person looks at it before the other side is told"), "done"),
    events.ADMITTED: (_("A person let it go on"), "done"),
    events.REFUSED: (_("Not let go on"), "bad"),
    events.RESPONDENT_TOLD: (_("The other side was told"), "done"),
    events.ANSWERED: (_("The other side answered"), "done"),
    events.WITHDRAWN: (_("You took it back"), "done"),
    events.LAPSED: (_("Closed, because it stayed incomplete"), "bad"),
}
RESPONDENT: EventTexts = {
    **_BOTH,
    events.RESPONDENT_TOLD: (_("You were told of the complaint"), "done"),
    events.ANSWERED: (_("You answered"), "done"),
    events.WITHDRAWN: (_("The complaint was taken back"), "done"),
}

_S = ComplaintState
_COMPARE, _ANSWER, _DECISION = _("The two videos are compared"), _("The other side can answer"), _("Decision")
_READ = _("A person reads both sides")
# What still comes, by state; the first of them is where one is now.
_COMING: dict[str, tuple[Promise, ...]] = {
    _S.RECEIVED: (_COMPARE, _ANSWER, _READ, _DECISION),
    _S.INCOMPLETE: (_("You add what is missing"), _COMPARE, _ANSWER, _READ, _DECISION),
    _S.SCREENING: (_("A person decides whether the other side is told"), _ANSWER, _READ, _DECISION),
    _S.NOTIFIED: (_ANSWER, _READ, _DECISION),
    _S.IN_REVIEW: (_READ, _DECISION),
    _S.SECOND_REVIEW: (_("A second person looks at it"), _DECISION),
    _S.APPEALED: (_("Another person looks at everything again"), _("Decision on the appeal")),
    _S.APPEAL_SECOND: (_("A second person looks at the appeal"), _("Decision on the appeal")),
}
_YOUR_ANSWER = _("You can answer")


def timeline_entries(complaint: Complaint, side: str) -> list[TimelineEntry]:
    """The timeline of one side, oldest first, with what still comes. One query."""
    words = COMPLAINANT if side == Side.COMPLAINANT else RESPONDENT
    rows: Iterable[AuditEvent] = trail.events_of(complaint.chain).filter(event__in=words)
    if side == Side.RESPONDENT:
        # What came before is not for the respondent: that the complaint was first refused, or that somebody appealed then.
        rows = dropwhile(lambda row: row.event != events.RESPONDENT_TOLD, rows)
    return event_entries(rows, words) + coming_entries(complaint, side)


def coming_entries(complaint: Complaint, side: str) -> list[TimelineEntry]:
    """The steps that are still to come, with their dates where they are set. No query."""
    return upcoming_entries(
        (_YOUR_ANSWER if title is _ANSWER and side == Side.RESPONDENT else title, _entry_date(complaint, title))
        for title in _COMING.get(complaint.state, ())
    )


def _entry_date(complaint: Complaint, title: Promise) -> datetime | None:
    if title is _ANSWER:
        return complaint.answer_by
    if title is _DECISION and complaint.case is not None:
        return complaint.case.due_at
    return None
