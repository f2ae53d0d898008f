"""A platform hears of complaints about its accounts, in order, without names, contacts or texts."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from complaints.actions import intake
from complaints.models import Complaint
from complaints.states import ComplaintState as State
from complaints.tests import deciding as do
from complaints.tests import factories as make
from complaints.tests import restitutions as returns
from complaints.tests.findings import overturn, restitute, uphold
from portal import clock
from portal.jobs import runner
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
    assert (remedy["kind"], remedy["state"], remedy["complete_at"]) == ("warn", "active", None)
    restitution = next(body["data"]["restitution"] for body in bodies if body["type"] == "restitution.planned")
    assert restitution["from_account"] == complaint.account_id


def test_a_complaint_that_stays_incomplete_is_told_to_its_end() -> None:
    complaint = make.complaint(State.INCOMPLETE)
    assert complaint.complete_by is not None
    with clock.freeze_time(complaint.complete_by):
        intake.lapse_overdue_complaints()
        assert told()[-1]["type"] == "complaint.lapsed"


def test_a_partial_return_is_told_with_its_counts(sandbox: object) -> None:
    stage = returns.stage()
    first, second = uphold(stage, stage.other), uphold(stage, stage.copy)
    returns.follow(stage.source, returns.viewers(3), post=stage.other)
    returns.follow(stage.source, returns.viewers(2), post=stage.copy)
    restitute(second)
    runner.run_due_jobs()
    overturn(first)
    runner.run_due_jobs()
    (last,) = [body["data"]["restitution"] for body in told() if body["type"] == "restitution.restored_in_part"]
    assert (last["state"], last["moved"], last["restored"]) == ("done", 5, 3)
    assert (last["overridden"], last["missing"], last["not_moved"]) == (0, 0, 0)
