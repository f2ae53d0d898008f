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
    events.COMPARED: (_("The two works were compared"), "done"),
    events.SCREENED: (_("Flagged: a reviewer screens it before the other side is notified"), "done"),
    events.ADMITTED: (_("Admitted by a reviewer"), "done"),
    events.REFUSED: (_("Not admitted"), "bad"),
    events.RESPONDENT_TOLD: (_("The other side was notified"), "done"),
    events.CASE_FILE_OPENED: (_("The other side opened the case file through its link"), "done"),
    events.ANSWERED: (_("The other side answered"), "done"),
    events.WAIT_OVER: (_("No answer in time"), "done"),
    events.PROPOSED: (_("A reviewer decided; a second person reviews it"), "done"),
    events.SENT_BACK: (_("The second person sent it back"), "bad"),
    events.UPHELD: (_("Upheld"), "done"),
    events.PARTLY: (_("Upheld in part"), "done"),
    events.DISMISSED: (_("Dismissed"), "done"),
    events.APPEALED: (_("Appealed"), "done"),
    events.APPEAL_REPLIED: (_("The other side of the appeal replied"), "done"),
    events.REVERSAL_PROPOSED: (_("A reviewer proposed a reversal; a second person reviews it"), "done"),
    events.REVERSAL_SENT_BACK: (_("The second person sent the reversal back"), "bad"),
    events.AFFIRMED: (_("Decision upheld after the appeal"), "done"),
    events.REVERSED: (_("Reversed on appeal"), "done"),
    events.WITHDRAWN: (_("Withdrawn by the complainant"), "done"),
    events.CONTACT_READ: (_("Contact details were opened"), "done"),
    events.REMEDY_APPLIED: (_("A remedy came into force"), "done"),
    events.REMEDY_LIFTED: (_("A remedy was reversed"), "done"),
    events.RESTITUTION_PAUSED: (_("Return of followers paused"), "done"),
    events.RESTITUTION_RESUMED: (_("Return of followers resumed"), "done"),
    events.STOP_PROPOSED: (_("A senior reviewer proposed to stop the return of followers"), "done"),
    events.STOP_REFUSED: (_("The proposal to stop the return of followers was not agreed to"), "done"),
    events.FLAG_REVIEWED: (_("What stands out about the two accounts was reviewed"), "done"),
    events.RESTITUTION_STOPPED: (_("Return of followers stopped; the followers are being restored"), "done"),
    **CASE_EVENT_TEXTS,
}


def review_history(complaint: Complaint) -> list[TimelineEntry]:
    """Oldest first. One query."""
    chains = [complaint.chain, *(case.chain for case in (complaint.screening, complaint.case) if case is not None)]
    return event_entries(trail.events_of_chains(chains).filter(event__in=_EVENT_TEXTS), _EVENT_TEXTS)
