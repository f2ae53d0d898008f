"""Erasing one's own data: asked for after signing in anew, cancelled, held, carried out once, and gone on with after a death.

What is left of a person with a full history is tested in portal/tests/test_personal_data.py.
"""

import time
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal import clock
from portal.audit.models import AuditEvent
from portal.errors import Conflict, NotAllowed
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile
from portal.jobs import runner
from portal.jobs.models import Job
from portal.people import departures
from portal.people.actions import departures as purging
from portal.people.actions import people
from portal.people.departures import Hold
from portal.people.models import User
from portal.people.roles import Role
from portal.privacy.actions import erasures
from portal.privacy.models import Erasure
from portal.testing import sample_documents
from portal.testing.concurrency import run_until_killed
from portal.testing.reading import page_text
from portal.testing.shared import Enter
from portal.testing.sign_in import PASSWORD

pytestmark = pytest.mark.django_db
PAGE, CANCEL = "/accounts/data/erasure/", "/accounts/data/erasure/cancel/"


@pytest.fixture(autouse=True)
def _storage(storage: Path) -> None:
    """Every test has a storage of its own."""


@pytest.fixture
def holds(monkeypatch: pytest.MonkeyPatch) -> list[Hold]:
    """What holds everybody's data, as the test wants it."""
    found: list[Hold] = []
    monkeypatch.setattr(departures, "_erasure_holds", [lambda _person: found])
    return found


@pytest.fixture
def ana() -> User:
    person = people.add_person("ana@example.org", verified=True, display_name="Ana Anders")
    person.set_password(PASSWORD)
    person.save()
    return person


def days_later(erasure: Erasure, days: float) -> Erasure:
    """Run what runs by the hour, and what it has enqueued, so many days after the request."""
    with clock.freeze_time(erasure.asked_at + timedelta(days=days)):
        erasures.enqueue_due_erasures()
        runner.run_due_jobs([erasures.ERASE_JOB])
    return Erasure.objects.select_related("person").get(pk=erasure.pk)


def fresh_client(person: User) -> Client:
    """A browser in which they have just shown who they are."""
    client = Client()
    client.force_login(person)
    session = client.session
    session["account_authentication_methods_user"] = str(person.pk)
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "email": person.email}]
    session.save()
    return client


def test_it_waits_two_weeks_and_then_nothing_is_left(ana: User) -> None:
    erasure, before = erasures.request_erasure(person=ana), ana.public_id
    assert days_later(erasure, 13.9).is_waiting
    assert User.objects.get(pk=ana.pk).is_active
    done = days_later(erasure, 14.1)
    assert (done.state, done.held_until) == ("done", None)
    gone = done.person
    assert (gone.display_name, gone.is_active, gone.last_login) == ("", False, None)
    assert gone.public_id != before
    assert gone.email == f"{gone.public_id}@gone.invalid"
    assert not EmailAddress.objects.filter(user=gone).exists()
    assert AuditEvent.objects.filter(event="privacy.erasure.requested", actor=before).exists()
    assert not User.objects.filter(public_id=before).exists()


def test_the_person_is_told_twice_and_the_last_letter_names_nobody(ana: User) -> None:
    erasure = erasures.request_erasure(person=ana)
    runner.run_due_jobs(limit=100)
    days_later(erasure, 14.1)
    with clock.freeze_time(erasure.asked_at + timedelta(days=14.1)):
        runner.run_due_jobs(limit=100)
    subjects = [one.subject for one in mail.outbox if one.to == ["ana@example.org"]]
    assert subjects == ["You asked us to erase your data", "Your data are being erased"]
    assert "Ana" not in mail.outbox[-1].body


def test_a_cancelled_request_is_never_carried_out(ana: User) -> None:
    erasure = erasures.request_erasure(person=ana)
    with pytest.raises(NotAllowed, match="already"):
        erasures.request_erasure(person=ana)
    erasures.cancel_erasure(person=ana)
    with pytest.raises(Conflict):
        erasures.cancel_erasure(person=ana)
    assert days_later(erasure, 20).state == "cancelled"
    assert User.objects.get(pk=ana.pk).display_name == "Ana Anders"
    assert erasures.request_erasure(person=ana).pk != erasure.pk


def test_what_holds_the_data_is_looked_at_again_every_day(ana: User, holds: list[Hold]) -> None:
    holds.append(Hold("A complaint is not decided yet."))
    erasure = erasures.request_erasure(person=ana)
    held = days_later(erasure, 15)
    assert held.is_waiting
    assert held.held_until == erasure.asked_at + timedelta(days=16)
    assert User.objects.get(pk=ana.pk).is_active, "who is held can go on using the portal"
    holds.clear()
    assert days_later(erasure, 15.5).is_waiting
    assert days_later(erasure, 16.1).state == "done"


def test_once_begun_it_cannot_be_cancelled_and_goes_on_where_files_were_needed(
    ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    erasure = erasures.request_erasure(person=ana)
    left = [2, 0]
    monkeypatch.setattr(departures, "_file_erasures", [lambda _person: left.pop(0)])
    begun = days_later(erasure, 15)
    assert begun.state == "running"
    with pytest.raises(Conflict):
        erasures.cancel_erasure(person=begun.person)
    assert days_later(erasure, 16.1).state == "done"


def test_files_lose_their_keys_frozen_or_not(ana: User) -> None:
    kept = []
    for text in ("Frozen", "Loose"):
        upload = SimpleUploadedFile(f"{text}.pdf", sample_documents.make_pdf(text))
        kept.append(files.store_file(upload, by=ana, purpose="test.paper"))
    files.freeze_files(kept[:1], at=clock.now(), by=ana)
    days_later(erasures.request_erasure(person=ana), 14.1)
    rows = EvidenceFile.objects.filter(owner=ana)
    assert {(bytes(row.wrapped_key), row.name, row.location) for row in rows} == {(b"", "", "")}
    assert {row.sha256 for row in rows} == {row.sha256 for row in kept}


def test_twice_is_once(ana: User) -> None:
    erasure = erasures.request_erasure(person=ana)
    done = days_later(erasure, 14.1)
    first = User.objects.get(pk=ana.pk).public_id
    assert days_later(erasure, 16).ended_at == done.ended_at
    assert User.objects.get(pk=ana.pk).public_id == first
    assert AuditEvent.objects.filter(event="privacy.erasure.done").count() == 1


def test_an_account_that_was_purged_meanwhile_is_finished(ana: User) -> None:
    erasure = erasures.request_erasure(person=ana)
    with clock.freeze_time(erasure.asked_at + timedelta(days=14.1)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(departures, "_file_erasures", [lambda _person: 1])
            erasures.enqueue_due_erasures()
            runner.run_due_jobs([erasures.ERASE_JOB])
        purging.purge_departed_people()
    assert User.objects.get(pk=ana.pk).purged_at is not None
    assert days_later(erasure, 16).state == "done"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["erase_records", "erase_files"])
def test_a_killed_worker_leaves_it_to_the_next(ana: User, step: str) -> None:
    erasure = erasures.request_erasure(person=ana)
    with clock.freeze_time(erasure.due_at):
        erasures.enqueue_due_erasures()
        job = Job.objects.get(kind=erasures.ERASE_JOB)
        run_until_killed(partial(runner.run_job, job.pk), departures, step)
    assert Erasure.objects.get(pk=erasure.pk).state == "running"
    with clock.freeze_time(erasure.due_at + timedelta(hours=2)):
        assert runner.run_job(job.pk)
    assert Erasure.objects.get(pk=erasure.pk).state == "done"


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SENIOR_REVIEWER, Role.AREA_LEAD, Role.AUDITOR, Role.ADMIN])
def test_who_works_here_cannot_ask(role: Role) -> None:
    person = people.add_person("staff@example.org", verified=True, role=role)
    with pytest.raises(NotAllowed, match="You work here"):
        erasures.request_erasure(person=person)


def test_the_page_asks_who_it_is_takes_the_address_and_can_be_undone(ana: User, enter: Enter) -> None:
    assert "/reauthenticate/" in enter(ana).get(PAGE)["Location"]
    client = fresh_client(ana)
    assert "In 14 days" in page_text(client.get(PAGE))
    assert "not the address of your account" in page_text(client.post(PAGE, {"email": "eve@example.org"}))
    assert not Erasure.objects.exists()
    assert client.post(PAGE, {"email": "ana@example.org"})["Location"] == PAGE
    assert Erasure.objects.get().is_waiting
    shown = page_text(enter(ana).get(PAGE))
    assert "You asked us to erase your data." in shown
    assert "Cancel the request" in shown
    assert "at the earliest" in page_text(enter(ana).get("/accounts/data/"))
    assert enter(ana).post(CANCEL).status_code == 302
    assert Erasure.objects.get().state == "cancelled"


def test_the_page_says_what_holds_the_data(ana: User, holds: list[Hold]) -> None:
    holds.append(Hold("A decision is in force.", clock.now() + timedelta(days=40)))
    text = page_text(fresh_client(ana).get(PAGE))
    assert "What must end first" in text
    assert "A decision is in force." in text


def test_the_admin_shows_the_state_and_no_data(ana: User, enter: Enter) -> None:
    erasure = erasures.request_erasure(person=ana)
    admin = enter(people.add_person("admin@example.org", verified=True, role=Role.ADMIN))
    for address in ("/admin/privacy/erasure/", f"/admin/privacy/erasure/{erasure.pk}/change/"):
        text = admin.get(address).content.decode()
        assert ana.public_id in text
        assert "Ana" not in text
        assert "ana@example.org" not in text
