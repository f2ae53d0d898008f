"""The trail is append-only and a break in it is found."""

import pgtrigger
import pytest
from django.db import DatabaseError, connection, transaction

from portal import clock, grants
from portal.audit import trail
from portal.audit.models import AuditEvent
from portal.people.models import Agency, Mandate, User
from portal.reviews.models import Decision
from portal.testing.concurrency import at_once

pytestmark = pytest.mark.django_db


def test_record_numbers_and_chains_within_one_case() -> None:
    agency = Agency.objects.create(code="a", name="Agency")
    person = User.objects.create_user("somebody@example.org")
    first = trail.record_event("people.agency.made", agency, by=person, code="a")
    trail.record_event("people.agency.made", person, by=None)
    trail.record_event("people.agency.renamed", agency, by=None)
    events = list(trail.events_of(first.chain))
    assert [(e.number, e.actor) for e in events] == [(1, person.public_id), (2, "")]
    assert events[0].digest != events[1].digest
    assert trail.broken_links() == []


def test_a_row_says_its_chain_and_what_every_event_of_it_tells() -> None:
    creator, agency = User.objects.create_user("creator@example.org"), Agency.objects.create(code="a", name="Agency")
    now = clock.now()
    mandate = Mandate(pk=7, creator=creator, agency=agency, starts_at=now, ends_at=now)
    event = trail.record_event("people.mandate.ended", mandate, by=creator, why="asked")
    assert (event.chain, event.subject) == ("people.mandate:7", "people.mandate:7")
    told = {"creator": creator.public_id, "agency": "a", "ends_at": now.isoformat(), "why": "asked"}
    assert AuditEvent.objects.get(pk=event.pk).data == told
    assert trail.record_event("reviews.decision.voided", Decision(pk=3, case_id=9), by=None).chain == "case:9"


@pytest.mark.parametrize("change", ["update audit_auditevent set actor = 'p_x'", "delete from audit_auditevent"])
def test_events_cannot_be_changed_or_deleted(change: str) -> None:
    trail.record_event("people.agency.made", Agency.objects.create(code="a", name="Agency"), by=None)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.parametrize(
    "forgery",
    [
        "update audit_auditevent set actor = 'p_other' where number = 2",
        "delete from audit_auditevent where number = 1",
        "update audit_auditevent set at = at + interval '1 second' where number = 1",
    ],
)
@pytest.mark.django_db(transaction=True)
def test_broken_links_finds_a_forgery_by_the_owner(forgery: str) -> None:
    agency = Agency.objects.create(code="a", name="Agency")
    for event in ("made", "renamed", "closed"):
        trail.record_event(f"people.agency.{event}", agency, by=None)
    with (
        grants.as_database_owner(connection),
        pgtrigger.ignore("audit.AuditEvent:append_only"),
        connection.cursor() as cursor,
    ):
        cursor.execute(forgery)
    assert trail.broken_links()


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_chain_take_turns() -> None:
    agency = Agency.objects.create(code="a", name="Agency")

    def write() -> None:
        for _ in range(20):
            trail.record_event("people.agency.seen", agency, by=None)

    at_once(*[write] * 4)
    numbers = AuditEvent.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 81))
    assert trail.broken_links() == []
