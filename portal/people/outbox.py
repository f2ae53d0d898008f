"""The mails of a demo, read from the folder that Django's file backend writes to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

_BETWEEN = b"\n" + b"-" * 79 + b"\n"
_FILE_BACKEND = "django.core.mail.backends.filebased.EmailBackend"


@dataclass(frozen=True)
class Mail:
    """One mail that was sent. `sent_at` is the real time, not the demo's."""

    to: str
    subject: str
    body: str
    sent_at: datetime


def are_mails_kept() -> bool:
    """Whether mails go into the folder, and not to a real mail server."""
    return settings.EMAIL_BACKEND == _FILE_BACKEND


def newest_mails(limit: int = 50) -> list[Mail]:
    """The newest mails first."""
    if not are_mails_kept():
        return []
    folder = Path(settings.EMAIL_FILE_PATH)
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    mails = (mail for file in files[:limit] for mail in _mails_in(file))
    return [mail for mail, _place in zip(mails, range(limit), strict=False)]


def _mails_in(file: Path) -> Iterator[Mail]:
    sent_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    for raw in reversed(file.read_bytes().split(_BETWEEN)):
        if raw.strip():
            message = message_from_bytes(raw, EmailMessage, policy=policy.default)
            yield Mail(str(message["To"]), str(message["Subject"]), _text_of(message), sent_at)


def _text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    return str(part.get_content()).strip() if part else ""
