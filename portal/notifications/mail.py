"""Writing a notification in every language, and its mail."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from portal.languages import Texts, in_each_language
from portal.notifications.models import Notification

Context = Callable[[], Mapping[str, str]]


def render_notification(kind: str, context: Context) -> tuple[Texts, Texts]:
    """Title (one line) and text of a kind of message, without the link, by language.

    `context` is called once for each language, while that language is the current one.
    """
    path = kind.replace(".", "/")
    contexts: dict[str, Mapping[str, str]] = {}

    def render(part: str) -> str:
        language = translation.get_language()
        if language not in contexts:
            contexts[language] = context()
        return render_to_string(f"emails/{path}.{part}.txt", dict(contexts[language])).strip()

    return in_each_language(lambda: render("subject")), in_each_language(lambda: render("body"))


def compose_notification(note: Notification) -> EmailMessage | None:
    """The mail of a notification, in the person's language; None where name and address are deleted.

    Whoever has closed their account is still told how the cases end that keep their address; links, which they cannot open, are
    left out.
    """
    if note.user.purged_at is not None:
        return None
    with translation.override(note.user.language):
        link = f"{settings.BASE_URL}{note.url}" if note.url and note.user.is_active else ""
        about = {"name": note.user.display_name, "closed": not note.user.is_active, "support": settings.SUPPORT_EMAIL}
        body = render_to_string("emails/frame.txt", {"body": note.body, "link": link, **about})
        return EmailMessage(note.subject, body, to=[note.user.email])
