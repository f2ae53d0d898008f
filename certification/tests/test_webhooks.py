"""Platforms hear of certificates of people with a proven account there, and of no others."""

import json
from datetime import timedelta

import pytest

from certification import events, webhooks
from certification.models import Certificate
from certification.states import ApplicationState as State
from certification.tests import factories as make
from certification.views import timeline
from portal import clock
from portal.people.models import LinkedAccount, User
from portal.people.states import LinkState
from portal.webhooks import registry
from portal.webhooks.actions import collecting
from portal.webhooks.models import Endpoint, Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _endpoints(storage: object) -> None:
    for platform in ("fake", "other", "elsewhere"):
        row = Endpoint(platform=platform, url="https://example.org/", types=registry.webhook_types(), state="active")
        row.secret_sealed = row.seal("whsec_QUJD")
        row.save()


def link(person: User, platform: str, account: str) -> LinkedAccount:
    facts = {"state": LinkState.PROVEN, "proven_at": clock.now(), "handle": "secret-handle"}
    return LinkedAccount.objects.create(person=person, platform=platform, external_id=account, **facts)


def certified() -> Certificate:
    person = make.person(display_name="Nobody Knows")
    link(person, "fake", "17")
    link(person, "fake", "18")
    link(person, "other", "x9")
    application = make.application(State.APPROVED, applicant=person)
    return Certificate.objects.get(application=application)


def test_each_platform_hears_of_its_own_accounts() -> None:
    row = certified()
    collecting.collect_events()
    told = {event.platform: json.loads(event.body) for event in Event.objects.all()}
    assert {platform: body["data"]["accounts"] for platform, body in told.items()} == {
        "fake": ["17", "18"],
        "other": ["x9"],
    }
    body = told["fake"]
    assert body["type"] == "certificate.issued"
    assert body["data"]["certificate"] == row.serial
    assert body["data"]["area"] == "cn-farming"
    assert body["data"]["url"].endswith(f"/api/v1/certificates/{row.serial}/")
    assert {event.ordering_key for event in Event.objects.all()} == {f"certificate:{row.serial}"}


def test_nothing_of_a_person_but_account_ids_is_told() -> None:
    row = certified()
    collecting.collect_events()
    for event in Event.objects.all():
        for text in ("Nobody", row.holder.email, row.holder.public_id, "secret-handle", row.public_name):
            assert text not in event.body


def test_an_account_that_was_unlinked_is_not_named_any_more() -> None:
    row = certified()
    collecting.collect_events()
    Event.objects.all().delete()
    LinkedAccount.objects.exclude(external_id="18").update(state=LinkState.ENDED, ended_at=clock.now())
    with clock.freeze_time(row.valid_to + timedelta(minutes=1)):
        from certification.actions import expiry

        expiry.expire_due_certificates()
        collecting.collect_events()
    (event,) = Event.objects.all()
    assert (event.type, json.loads(event.body)["data"]["accounts"]) == ("certificate.expired", ["18"])


def test_every_event_of_a_certificate_s_validity_is_told() -> None:
    names = {name for name in registry.told_events() if name.startswith("certification.")}
    verbs = ("ISSUED", "SUSPENDED", "CLEARED", "REVOKED", "RESTORED", "EXPIRED", "SURRENDERED", "LAPSED")
    ahead = {events.LAPSE_ANNOUNCED, events.LAPSE_CALLED_OFF}
    assert names == ahead | {getattr(events, f"CERTIFICATE_{verb}") for verb in verbs}


def test_every_public_change_of_a_certificate_is_told() -> None:
    """What the certificate's public history shows, platforms are told: no change of state goes without a webhook."""
    assert set(webhooks._TYPES) == set(timeline.PUBLIC_EVENTS)
