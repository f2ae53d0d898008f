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
    events.WAIT_OVER: (_("No answer in time"), "done"),
    events.PROPOSED: (_("Reviewed; a second person reviews it too"), "done"),
    events.APPEALED: (_("Appeal received; someone else reviews it"), "done"),
    events.APPEAL_REPLIED: (_("The other side of the appeal has replied"), "done"),
    events.AFFIRMED: (_("Decision upheld after the appeal"), "done"),
    events.REVERSED: (_("The decision was reversed on appeal"), "done"),
    events.UPHELD: (_("Upheld"), "done"),
    events.PARTLY: (_("Upheld in part"), "done"),
    events.DISMISSED: (_("Not upheld"), "done"),
    events.RESTITUTION_BEGUN: (_("Return of followers started"), "done"),
    events.RESTITUTION_PAUSED: (_("Return of followers paused"), "done"),
    events.RESTITUTION_RESUMED: (_("Return of followers resumed"), "done"),
    events.RESTITUTION_STOPPED: (_("Return of followers stopped; the followers are being restored"), "done"),
    events.RESTITUTION_DONE: (_("Followers were returned"), "done"),
    events.RESTITUTION_CLEARED: (_("Follows gained through the copy were ended"), "done"),
    events.FOLLOWERS_INVITED: (_("Followers are asked"), "done"),
    events.INVITATION_ENDED: (_("The period for followers to answer ended"), "done"),
    events.RESERVE_ENDED: (_("Followers are no longer reserved; their follows end"), "done"),
    events.GROUNDS_FALLEN: (_("Another decision that the return of followers was based on was reversed"), "done"),
    events.GROUNDS_SETTLED: (_("The followers moved because of it were restored"), "done"),
    events.RESTITUTION_REVERSED: (_("The return of followers was reversed"), "done"),
}
COMPLAINANT: EventTexts = {
    **_BOTH,
    events.STARTED: (_("Draft started"), "done"),
    events.SUBMITTED: (_("Received"), "done"),
    events.RETURNED: (_("Something was missing: you were asked for it"), "bad"),
    events.COMPLETED: (_("You completed it"), "done"),
    events.COMPARED: (_("The two works were compared"), "done"),
    events.SCREENED: (_("A reviewer screens it before the other side is notified"), "done"),
    events.ADMITTED: (_("Admitted by a reviewer"), "done"),
    events.REFUSED: (_("Not continued"), "bad"),
    events.RESPONDENT_TOLD: (_("The other side was notified"), "done"),
    events.ANSWERED: (_("The other side answered"), "done"),
    events.WITHDRAWN: (_("You withdrew it"), "done"),
    events.LAPSED: (_("Closed because it remained incomplete"), "bad"),
}
RESPONDENT: EventTexts = {
    **_BOTH,
    events.RESPONDENT_TOLD: (_("You were notified of the complaint"), "done"),
    events.ANSWERED: (_("You answered"), "done"),
    events.WITHDRAWN: (_("The complaint was withdrawn"), "done"),
}

_S = ComplaintState
_COMPARE, _ANSWER, _DECISION = _("Comparison of the two works"), _("The other side can answer"), _("Decision")
_READ = _("A reviewer reads both sides")
# What still comes, by state; the first of them is where one is now.
_COMING: dict[str, tuple[Promise, ...]] = {
    _S.RECEIVED: (_COMPARE, _ANSWER, _READ, _DECISION),
    _S.INCOMPLETE: (_("You add what is missing"), _COMPARE, _ANSWER, _READ, _DECISION),
    _S.SCREENING: (_("A reviewer decides whether to notify the other side"), _ANSWER, _READ, _DECISION),
    _S.NOTIFIED: (_ANSWER, _READ, _DECISION),
    _S.IN_REVIEW: (_READ, _DECISION),
    _S.SECOND_REVIEW: (_("A second person reviews it"), _DECISION),
    _S.APPEALED: (_("Someone else reviews everything again"), _("Decision on the appeal")),
    _S.APPEAL_SECOND: (_("A second person reviews the appeal"), _("Decision on the appeal")),
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
