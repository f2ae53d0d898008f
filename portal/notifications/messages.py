"""Telling somebody something, once."""

from django.db import transaction
from django.db.models import QuerySet

from portal import clock
from portal.accounts.models import User
from portal.audit import trail
from portal.jobs.attempts import Run
from portal.jobs.queue import enqueue
from portal.notifications import mail
from portal.notifications.models import Delivery, Notification


def notify(user: User, kind: str, *, key: str, context: dict[str, str] | None = None, url: str = "") -> Notification:
    """Tell a person, in the caller's transaction; the same key again returns the first message.

    `kind` names the templates `templates/emails/<kind, dots as folders>.subject.txt` and `.body.txt`;
    `context` is what they need: codes, numbers and dates as text, no personal data. `url` is a path
    in the portal. Who has no address that takes mail finds it in the portal only.
    """
    delivery = Delivery.PENDING if user.takes_mail else Delivery.PORTAL
    row = Notification(user=user, kind=kind, key=key, context=context or {}, url=url, delivery=delivery)
    Notification.objects.bulk_create([row], ignore_conflicts=True)
    note = Notification.objects.get(key=key)
    if user.takes_mail:
        enqueue("notifications.deliver", {"notification": note.pk}, key=f"deliver:{note.pk}")
    return note


def deliver(run: Run) -> None:
    """Job handler: send one mail; an address that takes no mail is shown to staff at once."""
    note = Notification.objects.select_related("user").get(pk=run.payload["notification"])
    if note.delivery == Delivery.SENT or not note.user.is_active:
        return
    try:
        mail.send(note)
    except mail.AddressRefused:
        with run.finish():
            _settle(note.pk, Delivery.FAILED, "the address takes no mail")
        return
    with run.finish():
        _settle(note.pk, Delivery.SENT, "")


def give_up(payload: dict[str, int]) -> None:
    """When every attempt failed: the message stays in the portal, and staff see that the mail did not go."""
    _settle(payload["notification"], Delivery.FAILED, "the mail server did not take it")


def send_again(note: Notification, *, by: User) -> None:
    """Staff try a failed mail once more."""
    with transaction.atomic():
        rows = Notification.objects.filter(pk=note.pk, delivery=Delivery.FAILED)
        if rows.update(delivery=Delivery.PENDING, error=""):
            moment = int(clock.now().timestamp())
            enqueue("notifications.deliver", {"notification": note.pk}, key=f"deliver:{note.pk}:{moment}")
            trail.record("notifications.notification.sent_again", by=by, on=note)


def unread(user: User) -> QuerySet[Notification]:
    """What this person has not read, newest first."""
    return Notification.objects.filter(user=user, read_at=None).order_by("-id")


def mark_read(user: User) -> None:
    """The person has seen her list."""
    unread(user).update(read_at=clock.now())


def _settle(note_id: int, delivery: Delivery, error: str) -> None:
    sent_at = clock.now() if delivery == Delivery.SENT else None
    Notification.objects.filter(pk=note_id).update(delivery=delivery, error=error, delivered_at=sent_at)
