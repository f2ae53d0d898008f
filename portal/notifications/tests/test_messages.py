"""A message is told once, in the person's language, and staff see what could not be mailed."""

import smtplib

import pytest
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse

from portal import clock
from portal.jobs import runner
from portal.jobs.models import Job
from portal.jobs.registry import kinds
from portal.notifications import messages
from portal.notifications.models import Notification
from portal.outbound.mail import Delivery
from portal.people.models import User
from portal.people.roles import Role

pytestmark = pytest.mark.django_db
KIND = "notifications.welcome"


@pytest.fixture
def creator() -> User:
    return User.objects.create_user("creator@example.org", display_name="Creator")


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A mail server that answers every mail with the given error."""

    def refuse(_message: object) -> None:
        raise request.param

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)


def test_notify_twice_is_one_message_and_one_mail(creator: User) -> None:
    first = messages.notify_person(creator, KIND, key="k")
    second = messages.notify_person(creator, KIND, key="k")
    runner.run_due_jobs()
    assert first.pk == second.pk
    assert [m.to for m in outbox.outbox] == [["creator@example.org"]]
    assert Notification.objects.get().delivery == Delivery.SENT


def test_mail_speaks_the_persons_language_and_links_back(creator: User) -> None:
    messages.notify_person(creator, KIND, key="k", url="/home/")
    runner.run_due_jobs()
    body = outbox.outbox[0].body
    assert "Hello Creator," in body
    assert "/home/" in body


def test_who_has_closed_their_account_is_still_told_but_without_a_link(creator: User) -> None:
    messages.notify_person(creator, KIND, key="k", url="/home/")
    User.objects.update(is_active=False)
    runner.run_due_jobs()
    body = outbox.outbox[0].body
    assert "Your account is closed" in body
    assert "/home/" not in body


def test_nothing_is_mailed_once_the_address_is_deleted(creator: User) -> None:
    messages.notify_person(creator, KIND, key="k")
    User.objects.update(is_active=False, purged_at=clock.now(), display_name="")
    runner.run_due_jobs()
    assert (outbox.outbox, Notification.objects.get().delivery) == ([], Delivery.PENDING)


@pytest.mark.parametrize("refusing", [smtplib.SMTPServerDisconnected("down")], indirect=True)
def test_a_mail_server_that_is_down_is_tried_again(creator: User, refusing: None) -> None:
    messages.notify_person(creator, KIND, key="k")
    runner.run_due_jobs()
    assert Notification.objects.get().delivery == Delivery.PENDING
    assert Job.objects.get(kind="notifications.notification").attempts == 1


@pytest.mark.parametrize(
    "refusing", [smtplib.SMTPRecipientsRefused({"creator@example.org": (550, b"no such user")})], indirect=True
)
def test_an_address_that_takes_no_mail_is_shown_to_admins(creator: User, refusing: None) -> None:
    messages.notify_person(creator, KIND, key="k")
    runner.run_due_jobs()
    note = Notification.objects.get()
    assert note.delivery == Delivery.FAILED
    admin = User.objects.create_user("admin@example.org", role=Role.ADMIN)
    client = Client()
    client.force_login(admin)
    assert client.get(reverse("notifications:undelivered")).status_code == 200
    client.post(reverse("notifications:send_again", args=[note.pk]))
    note.refresh_from_db()
    assert note.delivery == Delivery.PENDING


@pytest.mark.parametrize(
    "refusing", [smtplib.SMTPRecipientsRefused({"creator@example.org": (450, b"later")})], indirect=True
)
def test_a_passing_refusal_is_not_final(creator: User, refusing: None) -> None:
    messages.notify_person(creator, KIND, key="k")
    runner.run_due_jobs()
    assert Notification.objects.get().delivery == Delivery.PENDING
    assert Job.objects.get().error == "MailServerUnavailable: SMTPRecipientsRefused"


def test_give_up_leaves_the_message_in_the_portal(creator: User) -> None:
    note = messages.notify_person(creator, KIND, key="k")
    kinds["notifications.notification"].exhausted({"row": note.pk})  # type: ignore[misc]
    note.refresh_from_db()
    assert note.delivery == Delivery.FAILED
    assert messages.unread_notifications(creator).count() == 1


def test_inbox_shows_own_messages_and_marks_them_read(creator: User) -> None:
    stranger = User.objects.create_user("stranger@example.org")
    messages.notify_person(stranger, KIND, key="other")
    messages.notify_person(creator, KIND, key="k")
    client = Client()
    client.force_login(creator)
    response = client.get(reverse("notifications:inbox"))
    assert len(response.context["notes"]) == 1
    assert messages.unread_notifications(creator).count() == 0
    assert messages.unread_notifications(stranger).count() == 1


def test_creators_do_not_see_undelivered_mails(creator: User) -> None:
    client = Client()
    client.force_login(creator)
    assert client.get(reverse("notifications:undelivered")).status_code == 403
