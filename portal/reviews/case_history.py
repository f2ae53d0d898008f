"""The history of a case in words, and what changed since somebody's form was made."""

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal.audit import trail
from portal.audit.models import AuditEvent
from portal.reviews import events
from portal.reviews.models import ReviewCase
from portal.web.timeline import EventTexts

EVENT_SENTENCES: dict[str, Promise] = {
    events.CASE_OPENED: _("The case was opened."),
    events.CASE_CLAIMED: _("A reviewer took the case."),
    events.CASE_RELEASED: _("The reviewer released the case."),
    events.CASE_LEASE_EXPIRED: _("The claim expired and the case went back to the queue."),
    events.CASE_HANDED_OVER: _("The case was reassigned to a colleague."),
    events.CASE_PAUSED: _("Information was requested; the deadline is paused."),
    events.CASE_RESUMED: _("The answer was received; the deadline runs again."),
    events.CASE_CHANGED: _("The case was changed."),
    events.CASE_CLOSED: _("The case was closed."),
    events.CONFLICT_DECLARED: _("The reviewer has a conflict of interest with someone in the case and released it."),
    events.DECISION_RECORDED: _("A decision was made."),
    events.DECISION_CONFIRMED: _("A second person confirmed the decision."),
    events.DECISION_SENT_BACK: _("A second person sent the decision back."),
    events.DECISION_VOIDED: _("The held decision was withdrawn."),
    events.APPEAL_FILED: _("An appeal was filed."),
}
# What a product's case page shows of them in its timeline.
CASE_EVENT_TEXTS: EventTexts = {
    events.CASE_OPENED: (_("The case entered the queue"), "done"),
    events.CASE_CLAIMED: (_("A reviewer took the case"), "done"),
    events.CASE_RELEASED: (_("The reviewer released the case"), "done"),
    events.CASE_HANDED_OVER: (_("The case was reassigned"), "done"),
    events.CASE_LEASE_EXPIRED: (_("The claim expired"), "done"),
}


def describe_event(event: AuditEvent) -> str:
    """The sentence of an event; its code where a product recorded its own."""
    return str(EVENT_SENTENCES.get(event.event, event.event))


def case_events(case: ReviewCase) -> QuerySet[AuditEvent]:
    """Everything that the queue recorded about a case, in order."""
    return trail.events_of(case.chain).filter(event__in=EVENT_SENTENCES)


def describe_changes_since(case: ReviewCase, *, since: int) -> str:
    """For the person whose form is of version `since`: what changed, in the order in which it did."""
    happened = case_events(case).filter(data__version__gt=since)
    said = dict.fromkeys(describe_event(event) for event in happened)
    start = _t("This case has changed since you opened it, so nothing was saved.")
    return " ".join([start, *list(said)[-3:]])
