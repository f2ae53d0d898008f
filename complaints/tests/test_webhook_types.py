"""What platforms are told of complaints: every event of the trail, but those that are left out on purpose."""

from complaints import events
from portal.webhooks import registry

# Drafts, the library, steps between the sides and the staff, single pages and followers, and what comes before the end of a reversal.
UNTOLD = {
    *(
        events.WORK_REGISTERED,
        events.WORK_DELETED,
        events.COPY_DISMISSED,
        events.AUTHORISED,
        events.AUTHORISATION_ENDED,
    ),
    *(events.STARTED, events.DISCARDED, events.RETURNED, events.COMPLETED, events.COMPARED, events.SCREENED),
    *(events.EVIDENCE_ASKED_AGAIN, events.EVIDENCE_DRAWN, events.ANSWERED, events.WAIT_OVER, events.PROPOSED),
    *(events.SENT_BACK, events.APPEAL_REPLIED, events.REVERSAL_PROPOSED, events.REVERSAL_SENT_BACK),
    *(events.RECORD_PURGED, events.SIDE_ERASED, events.CASE_FILE_OPENED, events.CONTACT_READ, events.REMEDY_REPEATED),
    *(events.STOP_PROPOSED, events.STOP_REFUSED, events.FLAG_REVIEWED, events.PAGE_MOVED, events.FOLLOWER_ANSWERED),
    *(events.RESERVE_ENDING, events.REVERSAL_BEGUN, events.GROUNDS_FALLEN, events.PAGE_RESTORED, events.FOLLOWER_UNDID),
    events.STOP_SETTLED,  # no event of the trail: it names a letter
}


def test_every_event_is_told_or_left_out_on_purpose() -> None:
    named = {value for name, value in vars(events).items() if name.isupper()}
    told = {name for name in registry.told_events() if name.startswith("complaints.")}
    assert named - told == UNTOLD
