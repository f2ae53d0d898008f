"""Mails of the sign-in pages: written by the request, sent by a job.

A request writes a sealed row, and portal/outbound/mail.py sends it. Codes: allauth keeps the code it
waits for in the session row, where it dies with the session or after its minutes. That is no weaker
than the session itself, since whoever can read session rows can already take over the session that the
code belongs to. The copy here, which would outlive it, is encrypted and wiped when the letter is settled.
"""

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from portal import clock, vault
from portal.outbound.mail import Delivery, enqueue_mail
from portal.people.models import Letter, User

SEALED_FOR = "people.letter"
# A code is of no use after its minutes; a notice still tells something days later.
USEFUL_FOR = {"code": timedelta(minutes=15), "notice": timedelta(days=7)}
_CODES = ("account/email/email_confirmation", "account/email/login_code", "account/email/password_reset_code")
KEEP_SETTLED = timedelta(days=30)


def write_letter(
    kind: str, address: str, context: dict[str, Any], *, person: User | None = None, language: str | None = None
) -> Letter:
    """Write a letter in the person's language (a stranger's: `language`, or the page's) and have it sent after commit.

    `kind` names the templates `<kind>_subject.txt` and `<kind>_message.txt`.
    """
    with translation.override(person.language if person else language or translation.get_language()):
        text = _rendered(kind, {"portal": settings.BASE_URL, "support": settings.SUPPORT_EMAIL, **context})
    useful = USEFUL_FOR["code" if kind.startswith(_CODES) else "notice"]
    with transaction.atomic():
        letter = Letter.objects.create(
            kind=kind,
            person=person,
            sealed=vault.encrypt_text(json.dumps([address, *text]), bound_to=SEALED_FOR),
            useful_until=clock.now() + useful,
        )
        enqueue_mail(letter)
    return letter


def write_letter_to(person: User, kind: str, **context: Any) -> Letter:
    """Write to somebody who has an account."""
    return write_letter(kind, person.email, {"user": person, **context}, person=person)


def compose_letter(letter: Letter) -> EmailMessage:
    """The mail of a letter that has not been emptied yet."""
    address, subject, body = json.loads(vault.decrypt_text(letter.sealed, bound_to=SEALED_FOR))
    return EmailMessage(subject, body, to=[address])


def letter_subject(letter: Letter) -> str:
    """What the letter is about, in the current language; the text itself is gone."""
    return " ".join(render_to_string(f"{letter.kind}_subject.txt").split())


def purge_settled_letters() -> int:
    """Drop settled letters a month after they were written: they are empty, and nobody asks for them any more."""
    old = Letter.objects.exclude(delivery=Delivery.PENDING).filter(created_at__lt=clock.now() - KEEP_SETTLED)
    return old.delete()[0]


def _rendered(kind: str, context: dict[str, Any]) -> tuple[str, str]:
    subject = render_to_string(f"{kind}_subject.txt", context)
    return " ".join(subject.split()), render_to_string(f"{kind}_message.txt", context).strip() + "\n"
