"""Rendering a message in a person's language, and sending it."""

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from portal.notifications.models import Notification


class AddressRefused(Exception):
    """The mail server says that this address takes no mail; trying again is of no use."""


def notification_subject(note: Notification) -> str:
    """The one-line title, in the current language."""
    return render_to_string(f"emails/{_path(note)}.subject.txt", note.context).strip()


def notification_body(note: Notification) -> str:
    """The text, in the current language, without the link."""
    return render_to_string(f"emails/{_path(note)}.body.txt", note.context).strip()


def send_notification_mail(note: Notification) -> None:
    """Send the mail of a notification. Raises AddressRefused, or the mail server's own error for a passing fault."""
    with translation.override(note.user.language):
        link = f"{settings.BASE_URL}{note.url}" if note.url else ""
        frame = {"body": notification_body(note), "link": link, "name": note.user.display_name}
        message = EmailMessage(
            subject=notification_subject(note),
            body=render_to_string("emails/frame.txt", frame),
            to=[note.user.email],
            # The same notification keeps the same id, so that a mail sent twice shows once.
            headers={"Message-ID": f"<notification-{note.pk}@creator-trust-portal>"},
        )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        if all(500 <= code < 600 for code in codes):
            raise AddressRefused from error
        raise


def _path(note: Notification) -> str:
    return note.kind.replace(".", "/")
