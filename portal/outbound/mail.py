"""Mails as rows, sent by jobs: a request or job writes the row and goes on, and no slow mail server holds it up.

A room that sends mails has a model based on `MailRow` and, in AppConfig.ready(), calls `register_mails()` with the
function that composes a row's mail. Which faults are tried again, how often, and when a mail is given up is decided
here for all. A mail is sent at least once: after a worker that died between sending and recording it is sent again,
with the same Message-ID, under which mail programs show it once.
"""

import smtplib
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

from django.core.mail import EmailMessage
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job, enqueue_jobs
from portal.jobs.registry import register_kind

# About forty minutes of a mail server that is away.
MAIL_ATTEMPTS = 12
_PERMANENT = range(500, 600)  # SMTP answers that will not change
_ADDRESS_REFUSED = "the address takes no mail"
_GIVEN_UP = "the mail server did not take it"


class MailServerUnavailable(Exception):
    """The mail server refused the mail temporarily. Names the kind of fault only, never the address."""


class Delivery(models.TextChoices):
    """Where a mail is."""

    PENDING = "pending", _("waiting to be sent")
    SENT = "sent", _("sent")
    LATE = "late", _("not sent in time")
    FAILED = "failed", _("could not be delivered")
    PORTAL = "portal", _("shown in the portal only")


class MailRow(models.Model):
    """A row whose mail is sent once."""

    kind = models.CharField(_("kind"), max_length=80)
    created_at = models.DateTimeField(_("created at"), default=clock.now)
    delivery = models.CharField(_("e-mail"), max_length=10, choices=Delivery, default=Delivery.PENDING)
    delivered_at = models.DateTimeField(_("e-mail sent at"), null=True)
    error = models.CharField(_("last error"), max_length=300, blank=True)

    class Meta:
        abstract = True

    @property
    def is_late(self) -> bool:
        """Whether the mail is of no use any more."""
        return False

    def settled_fields(self) -> dict[str, Any]:
        """What is written to the row besides, when its mail is sent, late or given up."""
        return {}


Row = TypeVar("Row", bound=MailRow)
Compose = Callable[[Row], EmailMessage | None]


def register_mails(model: type[Row], compose: Compose[Row]) -> None:
    """Register the job that sends a model's mails. `compose(row)` returns the mail, None if it is not to be sent."""
    exhausted = partial(_give_up, model)
    register_kind(mail_kind(model), partial(_deliver, model, compose), attempts=MAIL_ATTEMPTS, exhausted=exhausted)


def mail_kind(model: type[MailRow]) -> str:
    """The kind of the jobs that send a model's mails."""
    return model._meta.label_lower


def enqueue_mail(row: MailRow, *, again: str = "") -> None:
    """Have a row's mail sent after commit; `again` names another try of one that was given up."""
    kind = mail_kind(type(row))
    enqueue_job(kind, {"row": row.pk}, key=f"{kind}:{row.pk}{again and ':'}{again}")


def enqueue_mails(rows: Iterable[Row]) -> None:
    """The same for many rows, with one statement for each kind; the sweep sends the jobs."""
    for kind, payloads in _jobs_by_kind(rows).items():
        enqueue_jobs(kind, payloads)


def _jobs_by_kind(rows: Iterable[Row]) -> dict[str, dict[str, dict[str, Any]]]:
    jobs: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        kind = mail_kind(type(row))
        jobs.setdefault(kind, {})[f"{kind}:{row.pk}"] = {"row": row.pk}
    return jobs


def undelivered_mails(model: type[Row]) -> "models.QuerySet[Row]":
    """The rows whose mails were given up, the newest first."""
    return model._default_manager.filter(delivery=Delivery.FAILED).order_by("-id")


def send_once(mail: EmailMessage) -> str:
    """Send a mail; returns why it can never be sent, "" if it was. Raises MailServerUnavailable."""
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as refusal:
        if all(code in _PERMANENT for code, _text in refusal.recipients.values()):
            return _ADDRESS_REFUSED
        raise MailServerUnavailable(type(refusal).__name__) from None
    except OSError as fault:
        raise MailServerUnavailable(type(fault).__name__) from None
    return ""


def _deliver(model: type[Row], compose: Compose[Row], run: JobAttempt) -> None:
    row = model._default_manager.get(pk=run.payload["row"])
    if row.delivery != Delivery.PENDING:
        return
    if row.is_late:
        delivery, error = Delivery.LATE, ""
    else:
        mail = compose(row)
        if mail is None:
            return
        mail.extra_headers["Message-ID"] = f"<{model._meta.model_name}-{row.pk}@creator-trust-portal>"
        error = send_once(mail)
        delivery = Delivery.FAILED if error else Delivery.SENT
    with run.finish():
        _settle(row, delivery, error)


def _give_up(model: type[Row], payload: dict[str, int]) -> None:
    """After the last attempt: the row says so, and staff see it among the undelivered ones."""
    _settle(model._default_manager.get(pk=payload["row"]), Delivery.FAILED, _GIVEN_UP)


def _settle(row: MailRow, delivery: Delivery, error: str) -> None:
    sent_at = clock.now() if delivery == Delivery.SENT else None
    pending = type(row)._default_manager.filter(pk=row.pk, delivery=Delivery.PENDING)
    pending.update(delivery=delivery, error=error, delivered_at=sent_at, **row.settled_fields())
