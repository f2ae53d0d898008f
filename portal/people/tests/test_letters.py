"""Letters: sealed, sent once, late, refused, given up."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError

from portal import clock
from portal.jobs import runner
from portal.jobs.models import Job
from portal.people import letters
from portal.people.models import Letter, LetterState, User

pytestmark = pytest.mark.django_db


def refuse_with(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    def send(_self: object) -> int:
        raise fault

    monkeypatch.setattr("django.core.mail.EmailMessage.send", send)


@pytest.fixture
def letter(creator: User) -> Letter:
    return letters.write_letter_to(creator, "people/email/closed")


def test_letter_is_sent_once(letter: Letter) -> None:
    runner.run_due_jobs()
    Job.objects.update(state="queued")
    runner.run_due_jobs()
    assert len(mail.outbox) == 1


def test_letter_that_is_late_is_not_sent(letter: Letter) -> None:
    with clock.freeze_time(letter.useful_until + timedelta(seconds=1)):
        runner.run_due_jobs()
    letter.refresh_from_db()
    assert (letter.state, letter.sealed, mail.outbox) == (LetterState.LATE, "", [])


def test_address_that_takes_no_mail_is_given_up_at_once(letter: Letter, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_with(monkeypatch, smtplib.SMTPRecipientsRefused({"creator@example.org": (550, b"no such user")}))
    runner.run_due_jobs()
    letter.refresh_from_db()
    assert (letter.state, letter.sealed) == (LetterState.FAILED, "")


def test_mailbox_that_is_full_is_tried_again(letter: Letter, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_with(monkeypatch, smtplib.SMTPRecipientsRefused({"creator@example.org": (452, b"full")}))
    runner.run_due_jobs()
    letter.refresh_from_db()
    assert letter.state == LetterState.PENDING
    assert Job.objects.get().error == "MailServerUnavailable: SMTPRecipientsRefused"


def test_letter_is_given_up_when_the_server_stays_away(letter: Letter, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_with(monkeypatch, ConnectionRefusedError())
    with clock.freeze_time(clock.now()):
        while Job.objects.filter(state="queued").exists():
            Job.objects.update(run_after=clock.now())
            runner.run_due_jobs()
    letter.refresh_from_db()
    assert (letter.state, letter.sealed) == (LetterState.FAILED, "")


def test_letters_that_did_not_arrive_are_listed_and_dropped_after_a_month(
    letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_with(monkeypatch, smtplib.SMTPRecipientsRefused({"creator@example.org": (550, b"no such user")}))
    runner.run_due_jobs()
    assert [letters.letter_subject(row) for row in letters.undelivered_letters()] == ["Your account is closed"]
    assert letters.purge_settled_letters() == 0
    with clock.freeze_time(clock.now() + timedelta(days=31)):
        assert letters.purge_settled_letters() == 1


def test_settled_letter_must_be_empty(letter: Letter) -> None:
    with pytest.raises(IntegrityError):
        Letter.objects.update(state=LetterState.SENT)


def test_text_is_in_the_persons_language(creator: User) -> None:
    from django.utils import translation

    with translation.override("zh-hans"):
        letters.write_letter_to(creator, "people/email/closed")
    runner.run_due_jobs()
    assert mail.outbox[0].subject == "Your account is closed"
