"""Mails of the sign-in pages: written by the request, sent by a job.

A request writes a sealed row and goes on, so a slow mail server holds nobody up and one that is
down loses nothing. Codes: allauth keeps the code it waits for in the session row, where it dies
with the session or after its minutes. That is no weaker than the session itself, since whoever can
read session rows can already take over the session that the code belongs to. The copy here, which
would outlive it, is encrypted and wiped when the letter is settled.
"""

import json
import smtplib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import translation

from portal import clock, vault
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job
from portal.people.models import Letter, LetterState, User

LETTER_KIND = "people.letter"
# A code is of no use after its minutes; a notice still tells something days later.
USEFUL_FOR = {"code": timedelta(minutes=15), "notice": timedelta(days=7)}
_CODES = ("account/email/email_confirmation", "account/email/login_code", "account/email/password_reset_code")
KEEP_SETTLED = timedelta(days=30)
_PERMANENT = range(500, 600)  # SMTP answers that will not change


class MailServerUnavailable(Exception):
    """The mail server refused the mail temporarily. Names the kind of fault only, never the address."""


def write_letter(kind: str, address: str, context: dict[str, Any], *, person: User | None = None) -> Letter:
    """Write a letter in the person's language (a stranger's: the page's) and have it sent after commit.

    `kind` names the templates `<kind>_subject.txt` and `<kind>_message.txt`.
    """
    with translation.override(person.language if person else translation.get_language()):
        text = _rendered(kind, {"portal": settings.BASE_URL, "support": settings.SUPPORT_EMAIL, **context})
    useful = USEFUL_FOR["code" if kind.startswith(_CODES) else "notice"]
    with transaction.atomic():
        letter = Letter.objects.create(
            kind=kind,
            person=person,
            sealed=vault.encrypt_text(json.dumps([address, *text]), bound_to=LETTER_KIND),
            useful_until=clock.now() + useful,
        )
        enqueue_job(LETTER_KIND, {"letter": letter.pk}, key=f"letter:{letter.pk}")
    return letter


def write_letter_to(person: User, kind: str, **context: Any) -> Letter:
    """Write to somebody who has an account."""
    return write_letter(kind, person.email, {"user": person, **context}, person=person)


def deliver_letter(run: JobAttempt) -> None:
    """Job handler: send one letter, or say why not."""
    letter = Letter.objects.get(pk=run.payload["letter"])
    state = LetterState.LATE if letter.useful_until <= clock.now() else _send(letter)
    with run.finish():
        _settle(letter.pk, state)


def give_up_letter(payload: dict[str, int]) -> None:
    """After the last failed attempt: list the letter for staff (notifications:undelivered)."""
    _settle(payload["letter"], LetterState.FAILED)


def letter_subject(letter: Letter) -> str:
    """What the letter is about, in the current language; the text itself is gone."""
    return " ".join(render_to_string(f"{letter.kind}_subject.txt").split())


def undelivered_letters() -> QuerySet[Letter]:
    """Letters that could not be delivered, the newest first, with the people."""
    return Letter.objects.filter(state=LetterState.FAILED).select_related("person").order_by("-id")


def purge_settled_letters() -> int:
    """Drop settled letters after a month: they are empty, and nobody asks for them any more."""
    old = Letter.objects.exclude(state=LetterState.PENDING).filter(settled_at__lt=clock.now() - KEEP_SETTLED)
    return old.delete()[0]


def _rendered(kind: str, context: dict[str, Any]) -> tuple[str, str]:
    subject = render_to_string(f"{kind}_subject.txt", context)
    return " ".join(subject.split()), render_to_string(f"{kind}_message.txt", context).strip() + "\n"


def _send(letter: Letter) -> LetterState:
    if letter.state != LetterState.PENDING:
        return LetterState(letter.state)
    address, subject, body = json.loads(vault.decrypt_text(letter.sealed, bound_to=LETTER_KIND))
    message = EmailMessage(
        subject, body, to=[address], headers={"Message-ID": f"<letter-{letter.pk}@creator-trust-portal>"}
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as refusal:
        if all(code in _PERMANENT for code, _text in refusal.recipients.values()):
            return LetterState.FAILED
        raise MailServerUnavailable(type(refusal).__name__) from None
    except OSError as fault:
        raise MailServerUnavailable(type(fault).__name__) from None
    return LetterState.SENT


def _settle(letter_id: int, state: LetterState) -> None:
    waiting = Letter.objects.filter(pk=letter_id, state=LetterState.PENDING)
    waiting.update(state=state, sealed="", settled_at=clock.now())
