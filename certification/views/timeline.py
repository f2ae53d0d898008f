"""What has happened, for the people concerned: the audit trail in words. Events without words are not shown."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certification import events
from certification.models import Application, Certificate
from certification.states import ApplicationState, CertificateState
from portal.audit import trail
from portal.reviews.case_history import CASE_EVENT_TEXTS
from portal.web.timeline import EventTexts, TimelineEntry, event_entries, upcoming_entries

# What the applicant reads. That a reviewer took or gave back their case says nothing to them.
APPLICANT_EVENTS: EventTexts = {
    events.APPLICATION_STARTED: (_("Draft started"), "done"),
    events.APPLICATION_SUBMITTED: (_("Received"), "done"),
    events.CHECKS_BEGUN: (_("Automatic checks started"), "done"),
    events.CHECKS_FINISHED: (_("Automatic checks completed"), "done"),
    events.FILES_RETURNED: (_("A file could not be read: a new one was requested"), "bad"),
    events.INFO_ASKED: (_("The reviewer requested information"), "done"),
    events.INFO_ANSWERED: (_("You answered"), "done"),
    events.APPLICATION_LAPSED: (_("Closed because no answer was received in time"), "bad"),
    events.APPLICATION_WITHDRAWN: (_("Withdrawn"), "done"),
    events.APPROVAL_PROPOSED: (_("Reviewed; a second person reviews it too"), "done"),
    events.APPROVAL_RETURNED: (_("The second person asked for another review"), "done"),
    events.APPLICATION_APPROVED: (_("Approved"), "done"),
    events.APPLICATION_REJECTED: (_("Not approved"), "bad"),
    events.APPLICATION_APPEALED: (_("Appeal received; someone else reviews it"), "done"),
    events.APPEAL_GRANTED: (_("Your appeal was upheld: approved"), "done"),
    events.APPEAL_DISMISSED: (_("Decision upheld after the appeal"), "bad"),
}

# What reviewers read besides, without names: who decided is on the decision itself.
REVIEWER_EVENTS: EventTexts = {
    **APPLICANT_EVENTS,
    events.INFO_ANSWERED: (_("The applicant answered"), "done"),
    events.CHECK_RECORDED: (_("A reviewer recorded a check"), "done"),
    events.REGISTER_ANSWERED: (_("An official register answered"), "done"),
    events.NUMBER_REVEALED: (_("A number was shown in full"), "done"),
    **CASE_EVENT_TEXTS,
}

PUBLIC_EVENTS: EventTexts = {
    events.CERTIFICATE_ISSUED: (_("Issued"), "done"),
    events.CERTIFICATE_SUSPENDED: (_("Suspended"), "bad"),
    events.CERTIFICATE_CLEARED: (_("Valid again: the concern was resolved"), "done"),
    events.CERTIFICATE_REVOKED: (_("Revoked"), "bad"),
    events.CERTIFICATE_RESTORED: (_("Restored after an appeal"), "done"),
    events.CERTIFICATE_SURRENDERED: (_("Surrendered by its holder"), "done"),
    events.LAPSE_ANNOUNCED: (_("It was announced that what it certifies is abolished"), "done"),
    events.LAPSE_CALLED_OFF: (_("The abolition was called off"), "done"),
    events.CERTIFICATE_LAPSED: (_("Lapsed"), "done"),
    events.CERTIFICATE_EXPIRED: (_("Expired"), "done"),
}
_ENDS_BY_TIME = {
    CertificateState.EXPIRED: events.CERTIFICATE_EXPIRED,
    CertificateState.LAPSED: events.CERTIFICATE_LAPSED,
}


# What still comes for the applicant, by state; the first of them is where they are now.
_S = ApplicationState
_LOOK, _DECISION = _("A reviewer is checking your documents"), _("Decision")
_COMING: dict[str, tuple[Promise, ...]] = {
    _S.SUBMITTED: (_("Automatic checks"), _LOOK, _DECISION),
    _S.VERIFYING: (_("Automatic checks"), _LOOK, _DECISION),
    _S.IN_REVIEW: (_LOOK, _DECISION),
    _S.INFO_REQUESTED: (_("Your answer"), _LOOK, _DECISION),
    _S.SECOND_REVIEW: (_("A second person reviews it"), _DECISION),
    _S.APPEALED: (_("Someone else reviews everything again"), _("Decision on your appeal")),
}


def upcoming_steps(application: Application) -> list[TimelineEntry]:
    """The steps that are still to come. No query."""
    return upcoming_entries((title, None) for title in _COMING.get(application.state, ()))


def application_timeline(application: Application, words: EventTexts = APPLICANT_EVENTS) -> list[TimelineEntry]:
    """An application's timeline, oldest first. One query."""
    chains = [application.chain] + ([application.case.chain] if application.case else [])
    return event_entries(trail.events_of_chains(chains).filter(event__in=words), words)


def certificate_timeline(certificate: Certificate) -> list[TimelineEntry]:
    """A certificate's public history. Its end by time is there from that second on, written down or not."""
    shown = PUBLIC_EVENTS.keys() - _ENDS_BY_TIME.values()
    entries = event_entries(trail.events_of(certificate.chain).filter(event__in=shown), PUBLIC_EVENTS)
    end = _ENDS_BY_TIME.get(CertificateState(certificate.effective_state))
    return entries if end is None else [*entries, TimelineEntry(PUBLIC_EVENTS[end][0], certificate.valid_to)]
