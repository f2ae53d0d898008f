"""Notify a person, once for each key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from portal import clock
from portal.audit import trail
from portal.languages import Texts
from portal.notifications.mail import Context, render_notification
from portal.notifications.models import Notification
from portal.outbound.mail import Delivery, enqueue_mail, enqueue_mails
from portal.people.models import User

NOTIFICATIONS_KEPT = timedelta(days=2 * 365)


def notify_person(
    user: User, kind: str, *, key: str, context: Context = dict[str, str], url: str = "", by_mail: bool = True
) -> Notification:
    """Tell a person, in the caller's transaction; the same key again returns the first message.

    `kind` names the templates `templates/emails/<kind, dots as folders>.subject.txt` and `.body.txt`;
    `context` returns what they need in the current language: codes, numbers and dates as text, no
    personal data; the words are kept in every language as they are now. `url` is a path in the portal.
    Who has no address that takes mail, or does not want this one (`by_mail`), finds it in the portal only.
    """
    if known := Notification.objects.filter(key=key).first():
        return known
    is_mailed = by_mail and user.takes_mail
    delivery = Delivery.PENDING if is_mailed else Delivery.PORTAL
    subjects, bodies = render_notification(kind, context)
    row = Notification(user=user, kind=kind, key=key, subjects=subjects, bodies=bodies, url=url, delivery=delivery)
    Notification.objects.bulk_create([row], ignore_conflicts=True)
    note = Notification.objects.get(key=key)
    if is_mailed:
        enqueue_mail(note)
    return note


@dataclass(frozen=True)
class Told:
    """One message of many: to whom, its key and its page, and its texts by language."""

    user: User
    key: str
    url: str
    subjects: Texts
    bodies: Texts


def notify_many(kind: str, messages: Sequence[Told]) -> None:
    """Tell many people of one kind of event, each once for its key, in the caller's transaction; mails are sent later."""
    rows = [
        Notification(
            user=told.user,
            kind=kind,
            key=told.key,
            subjects=told.subjects,
            bodies=told.bodies,
            url=told.url,
            delivery=Delivery.PENDING if told.user.takes_mail else Delivery.PORTAL,
        )
        for told in messages
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    keys = [row.key for row in rows]
    # Whose key was there before has their mail already: its job is not made twice.
    enqueue_mails(Notification.objects.filter(key__in=keys, delivery=Delivery.PENDING).only("pk"))


def send_notification_again(note: Notification, *, by: User) -> None:
    """Staff try a failed mail once more."""
    with transaction.atomic():
        rows = Notification.objects.filter(pk=note.pk, delivery=Delivery.FAILED)
        if rows.update(delivery=Delivery.PENDING, error=""):
            enqueue_mail(note, again=str(int(clock.now().timestamp())))
            trail.record_event("notifications.notification.sent_again", note, by=by)


def unread_notifications(user: User) -> QuerySet[Notification]:
    """What this person has not read, newest first."""
    return Notification.objects.filter(user=user, read_at=None).order_by("-id")


def mark_notifications_read(user: User) -> None:
    """The person has seen their list."""
    unread_notifications(user).update(read_at=clock.now())


def purge_old_notifications() -> int:
    """Delete messages two years after they were written; returns how many."""
    return Notification.objects.filter(created_at__lt=clock.now() - NOTIFICATIONS_KEPT).delete()[0]


def erase_notifications(user: User) -> None:
    """Delete every message to a person who left."""
    Notification.objects.filter(user=user).delete()
