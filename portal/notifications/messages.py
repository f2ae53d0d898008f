"""Notify a person, once for each key."""

from django.db import transaction
from django.db.models import QuerySet

from portal import clock
from portal.audit import trail
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job
from portal.notifications import mail
from portal.notifications.models import Delivery, Notification
from portal.people.models import User


def notify_person(
    user: User, kind: str, *, key: str, context: dict[str, str] | None = None, url: str = ""
) -> Notification:
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
        enqueue_job("notifications.deliver", {"notification": note.pk}, key=f"deliver:{note.pk}")
    return note


def deliver_notification(run: JobAttempt) -> None:
    """Job handler: send one mail; an address that takes no mail is shown to staff at once."""
    note = Notification.objects.select_related("user").get(pk=run.payload["notification"])
    if note.delivery == Delivery.SENT or not note.user.is_active:
        return
    try:
        mail.send_notification_mail(note)
    except mail.AddressRefused:
        with run.finish():
            _record_delivery(note.pk, Delivery.FAILED, "the address takes no mail")
        return
    with run.finish():
        _record_delivery(note.pk, Delivery.SENT, "")


def give_up_delivery(payload: dict[str, int]) -> None:
    """When every attempt failed: the message stays in the portal, and staff see that the mail did not go."""
    _record_delivery(payload["notification"], Delivery.FAILED, "the mail server did not take it")


def send_notification_again(note: Notification, *, by: User) -> None:
    """Staff try a failed mail once more."""
    with transaction.atomic():
        rows = Notification.objects.filter(pk=note.pk, delivery=Delivery.FAILED)
        if rows.update(delivery=Delivery.PENDING, error=""):
            moment = int(clock.now().timestamp())
            enqueue_job("notifications.deliver", {"notification": note.pk}, key=f"deliver:{note.pk}:{moment}")
            trail.record_event("notifications.notification.sent_again", by=by, on=note)


def unread_notifications(user: User) -> QuerySet[Notification]:
    """What this person has not read, newest first."""
    return Notification.objects.filter(user=user, read_at=None).order_by("-id")


def mark_notifications_read(user: User) -> None:
    """The person has seen their list."""
    unread_notifications(user).update(read_at=clock.now())


def _record_delivery(note_id: int, delivery: Delivery, error: str) -> None:
    sent_at = clock.now() if delivery == Delivery.SENT else None
    Notification.objects.filter(pk=note_id).update(delivery=delivery, error=error, delivered_at=sent_at)
