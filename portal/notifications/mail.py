"""Rendering a notification in a person's language."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from portal.notifications.models import Notification


def notification_subject(note: Notification) -> str:
    """The one-line title, in the current language."""
    return render_to_string(f"emails/{_path(note)}.subject.txt", note.context).strip()


def notification_body(note: Notification) -> str:
    """The text, in the current language, without the link."""
    return render_to_string(f"emails/{_path(note)}.body.txt", note.context).strip()


def compose_notification(note: Notification) -> EmailMessage | None:
    """The mail of a notification; None for an account that is not active."""
    if not note.user.is_active:
        return None
    with translation.override(note.user.language):
        link = f"{settings.BASE_URL}{note.url}" if note.url else ""
        frame = {"body": notification_body(note), "link": link, "name": note.user.display_name}
        body = render_to_string("emails/frame.txt", frame)
        return EmailMessage(notification_subject(note), body, to=[note.user.email])


def _path(note: Notification) -> str:
    return note.kind.replace(".", "/")
