"""What has happened in a complaint and its cases, for whoever decides: the audit trail in words, without names."""

from django.utils.translation import gettext_lazy as _

from complaints import events
from complaints.models import Complaint
from portal.audit import trail
from portal.reviews.case_history import CASE_EVENT_TEXTS
from portal.web.timeline import EventTexts, TimelineEntry, event_entries

_EVENT_TEXTS: EventTexts = {
    events.SUBMITTED: (_("Received"), "done"),
    events.RETURNED: (_("Something was missing; the complainant was asked for it"), "bad"),
    events.COMPLETED: (_("The complainant completed it"), "done"),
    events.COMPARED: (_("The two videos were compared"), "done"),
    events.SCREENED: (_("Something stood out: a person looks before the other side is told"), "done"),
    events.ADMITTED: (_("A person let it go on"), "done"),
    events.REFUSED: (_("Not admitted"), "bad"),
    events.RESPONDENT_TOLD: (_("The other side was told"), "done"),
    events.CASE_FILE_OPENED: (_("The other side opened the case file by its link"), "done"),
    events.ANSWERED: (_("The other side answered"), "done"),
    events.WAIT_OVER: (_("No answer came in time"), "done"),
    events.PROPOSED: (_("A reviewer decided; a second person looks"), "done"),
    events.SENT_BACK: (_("The second person sent it back"), "bad"),
    events.UPHELD: (_("Upheld"), "done"),
    events.PARTLY: (_("Upheld in part"), "done"),
    events.DISMISSED: (_("Dismissed"), "done"),
    events.APPEALED: (_("Appealed"), "done"),
    events.APPEAL_REPLIED: (_("The other side of the appeal replied"), "done"),
    events.REVERSAL_PROPOSED: (_("A reviewer would reverse it; a second person looks"), "done"),
    events.REVERSAL_SENT_BACK: (_("The second person sent the reversal back"), "bad"),
    events.AFFIRMED: (_("The decision stands after the appeal"), "done"),
    events.REVERSED: (_("Reversed on appeal"), "done"),
    events.WITHDRAWN: (_("Taken back by the complainant"), "done"),
    events.CONTACT_READ: (_("Somebody opened contact details"), "done"),
    events.REMEDY_APPLIED: (_("A remedy came into force"), "done"),
    events.REMEDY_LIFTED: (_("A remedy was taken back"), "done"),
    **CASE_EVENT_TEXTS,
}


def review_history(complaint: Complaint) -> list[TimelineEntry]:
    """Oldest first. One query."""
    chains = [complaint.chain, *(case.chain for case in (complaint.screening, complaint.case) if case is not None)]
    return event_entries(trail.events_of_chains(chains).filter(event__in=_EVENT_TEXTS), _EVENT_TEXTS)
