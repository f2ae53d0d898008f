"""Letters: sealed, sent once, late, refused, given up."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError

from portal import clock
from portal.accounts import letters
from portal.accounts.models import Letter, LetterState, User
from portal.jobs import runner
from portal.jobs.models import Job

pytestmark = pytest.mark.django_db


def refuse_with(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    def send(_self: object) -> int:
        raise fault

    monkeypatch.setattr("django.core.mail.EmailMessage.send", send)


@pytest.fixture
def letter(creator: User) -> Letter:
    return letters.write_to(creator, "accounts/email/closed")


def test_letter_is_sent_once(letter: Letter) -> None:
    runner.drain()
    Job.objects.update(state="queued")
    runner.drain()
    assert len(mail.outbox) == 1


def test_letter_that_is_late_is_not_sent(letter: Letter) -> None:
    with clock.at(letter.useful_until + timedelta(seconds=1)):
        runner.drain()
    letter.refresh_from_db()
    assert (letter.state, letter.sealed, mail.outbox) == (LetterState.LATE, "", [])


def test_address_that_takes_no_mail_is_given_up_at_once(letter: Letter, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_with(monkeypatch, smtplib.SMTPRecipientsRefused({"creator@example.org": (550, b"no such user")}))
    runner.drain()
    letter.refresh_from_db()
    assert (letter.state, letter.sealed) == (LetterState.FAILED, "")


def test_mailbox_that_is_full_is_tried_again(letter: Letter, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_with(monkeypatch, smtplib.SMTPRecipientsRefused({"creator@example.org": (452, b"full")}))
    runner.drain()
    letter.refresh_from_db()
    assert letter.state == LetterState.PENDING
    assert Job.objects.get().error == "MailServerAway: SMTPRecipientsRefused"


def test_letter_is_given_up_when_the_server_stays_away(letter: Letter, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_with(monkeypatch, ConnectionRefusedError())
    with clock.at(clock.now()):
        while Job.objects.filter(state="queued").exists():
            Job.objects.update(run_after=clock.now())
            runner.drain()
    letter.refresh_from_db()
    assert (letter.state, letter.sealed) == (LetterState.FAILED, "")


def test_letters_that_did_not_arrive_are_listed_and_dropped_after_a_month(
    letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_with(monkeypatch, smtplib.SMTPRecipientsRefused({"creator@example.org": (550, b"no such user")}))
    runner.drain()
    assert [letters.subject_of(row) for row in letters.undelivered()] == ["Your account is closed"]
    assert letters.purge() == 0
    with clock.at(clock.now() + timedelta(days=31)):
        assert letters.purge() == 1


def test_settled_letter_must_be_empty(letter: Letter) -> None:
    with pytest.raises(IntegrityError):
        Letter.objects.update(state=LetterState.SENT)


def test_text_is_in_the_persons_language(creator: User) -> None:
    from django.utils import translation

    with translation.override("zh-hans"):
        letters.write_to(creator, "accounts/email/closed")
    runner.drain()
    assert mail.outbox[0].subject == "Your account is closed"
