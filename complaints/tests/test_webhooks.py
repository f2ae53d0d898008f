"""A platform hears of complaints about its accounts, in order, without names, contacts or texts."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from complaints import events
from complaints.actions import intake
from complaints.api.serializers import RemedySerializer
from complaints.models import Complaint, Remedy
from complaints.states import ComplaintState
from complaints.tests import deciding as do
from complaints.tests import factories as make
from portal import clock
from portal.testing.fake_platform import FakePlatform
from portal.webhooks import registry
from portal.webhooks.actions import collecting
from portal.webhooks.models import Endpoint, Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _endpoints(platform: FakePlatform) -> None:
    for code in (platform.code, "sandbox"):
        row = Endpoint(platform=code, url="https://example.org/", types=registry.webhook_types(), state="active")
        row.secret_sealed = row.seal("whsec_QUJD")
        row.save()


def told() -> list[Mapping[str, Any]]:
    collecting.collect_events()
    return [json.loads(event.body) for event in Event.objects.order_by("pk")]


def decided() -> Complaint:
    complaint = do.in_review(against=make.account(make.person()))
    do.decide(complaint, remedies=("warn", "restitution"))
    do.confirm(complaint)
    make.run_jobs()
    return make.fresh(complaint)


def test_a_complaint_is_told_step_by_step_in_one_order() -> None:
    complaint = decided()
    types = [body["type"] for body in told()]
    assert types[:2] == ["complaint.submitted", "complaint.respondent_told"]
    assert {"complaint.decided", "remedy.planned", "remedy.applied", "restitution.planned"} <= set(types)
    assert types.index("remedy.planned") < types.index("remedy.applied")
    assert {event.ordering_key for event in Event.objects.all()} == {f"complaint:{complaint.number}"}
    assert {event.platform for event in Event.objects.all()} == {"fake"}


def test_data_are_ids_states_and_times() -> None:
    complaint = decided()
    bodies = told()
    last = next(body["data"] for body in bodies if body["type"] == "complaint.decided")
    assert complaint.original is not None
    assert complaint.copy is not None
    assert (last["complaint"], last["account"], last["copy"], last["original"], last["result"]) == (
        complaint.number,
        complaint.account_id,
        complaint.copy.external_id,
        complaint.original.external_id,
        "upheld",
    )
    assert last["url"].endswith(f"/api/v1/complaints/{complaint.number}/")
    everything = json.dumps(bodies)
    assert complaint.respondent is not None
    people = (complaint.complainant, complaint.respondent)
    private = [text for one in people for text in (one.display_name, one.email, one.public_id)]
    for text in (
        *private,
        complaint.text,
        complaint.account_handle,
        do.FINDINGS,
        do.TO_COMPLAINANT,
        *make.CONTACT.values(),
    ):
        assert text not in everything
    remedy = next(body["data"]["remedy"] for body in bodies if body["type"] == "remedy.applied")
    assert (remedy["kind"], remedy["state"]) == ("warn", "active")
    restitution = next(body["data"]["restitution"] for body in bodies if body["type"] == "restitution.planned")
    assert restitution["from_account"] == complaint.account_id


# What platforms are not told: drafts, steps of the procedure between the sides and the staff, and single pages and followers.
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
    # The key of a letter; the trail has `reversed`.
    events.STOP_SETTLED,
}


def test_every_event_is_told_or_left_out_on_purpose() -> None:
    named = {value for name, value in vars(events).items() if name.isupper()}
    told_of = {name for name in registry.told_events() if name.startswith("complaints.")}
    assert named - told_of == UNTOLD


def test_what_ends_incomplete_is_told() -> None:
    complaint = make.complaint(ComplaintState.INCOMPLETE)
    Complaint.objects.filter(pk=complaint.pk).update(complete_by=clock.now())
    assert intake.lapse_overdue_complaints() == 1
    last = told()[-1]
    assert (last["type"], last["data"]["state"]) == ("complaint.lapsed", "lapsed")


def test_remedies_say_when_they_are_complete() -> None:
    complaint = decided()
    remedy = complaint.remedies.get(kind="warn")
    at = clock.now() + timedelta(seconds=300)
    Remedy.objects.filter(pk=remedy.pk).update(complete_at=at)
    body = next(body for body in told() if body["type"] == "remedy.applied")
    assert body["data"]["remedy"]["complete_at"] == at.isoformat()
    remedy.refresh_from_db()
    assert RemedySerializer(remedy).data["complete_at"] is not None
