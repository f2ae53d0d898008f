"""Erasing a person's data at their request: asked for, cancelled, and carried out by a job once nothing holds the data.

The job goes on where it stopped: every step may be taken twice, and the state tells which are over. Its last transaction
empties the person's own row and gives it another public id, so that the trail keeps the one that it knows and nothing resolves it.
"""

import logging
from contextlib import suppress
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.audit import trail
from portal.errors import Conflict, DomainError, Text, require_allowed
from portal.jobs import queue
from portal.jobs.attempts import JobAttempt
from portal.notifications.messages import notify_person
from portal.people import departures, letters
from portal.people.actions import links, people
from portal.people.actions.departures import erase_own_rows, erase_person
from portal.people.models import User
from portal.privacy.models import Erasure
from portal.privacy.states import ErasureState

logger = logging.getLogger(__name__)

ERASE_JOB = "privacy.erase"
WAITING_TIME = timedelta(days=14)
# A person whose data a case still needs is looked at again after this time.
LOOK_AGAIN = timedelta(days=1)
# How long the labels on platforms are waited for before they are looked at again.
_PLATFORM_WAIT = timedelta(hours=1)
_OPEN = (ErasureState.WAITING, ErasureState.RUNNING)
_BATCH = 100


def refuse_erasure(person: User) -> Text | None:
    """Why this person cannot ask for the erasure of their data; None if they can."""
    if person.is_visitor or not person.is_active:
        return _("You need an account to have your data erased.")
    if person.role not in people.ROLES_WITHOUT_INVITATION:
        return _(
            "You work here: decisions of other people rest on what you did. Ask an administrator to end your role first."
        )
    if open_erasure(person) is not None:
        return _("You have already asked for this.")
    return None


def open_erasure(person: User) -> Erasure | None:
    """The person's request that is not over."""
    return Erasure.objects.filter(person=person, state__in=_OPEN).first()


def request_erasure(*, person: User) -> Erasure:
    """Ask for the erasure of one's own data, which begins after the waiting time. Raises NotAllowed, Conflict."""
    require_allowed(refuse_erasure(person))
    now = clock.now()
    erasure = Erasure(person=person, asked_at=now, due_at=now + WAITING_TIME)
    try:
        with transaction.atomic():
            erasure.save(force_insert=True)
            trail.record_event("privacy.erasure.requested", erasure, by=person)
            notify_person(
                person,
                "privacy.erasure_requested",
                key=f"privacy.erasure:{erasure.pk}",
                context=lambda: {"day": date_format(erasure.due_at)},
                url="/accounts/data/erasure/",
            )
    except IntegrityError as error:
        raise Conflict(_("You have already asked for this.")) from error
    return erasure


def cancel_erasure(*, person: User) -> None:
    """The person keeps their data. Raises Conflict where there is no request, or it has begun."""
    erasure = open_erasure(person)
    if erasure is None or not erasure.is_waiting:
        raise Conflict(_("There is no request that could be cancelled."))
    with transaction.atomic():
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
        erasure.move("cancel", ended_at=clock.now())
        trail.record_event("privacy.erasure.cancelled", erasure, by=person)


def enqueue_due_erasures() -> int:
    """Enqueue every erasure whose time has come, and those that were begun; returns how many."""
    return sum(
        queue.enqueue_again(ERASE_JOB, {"erasure": pk}) for pk in due_erasures().values_list("pk", flat=True)[:_BATCH]
    )


def due_erasures() -> "QuerySet[Erasure]":
    """Those that can go on now, oldest first."""
    now = clock.now()
    not_held = Q(held_until=None) | Q(held_until__lte=now)
    return Erasure.objects.filter(not_held, state__in=_OPEN, due_at__lte=now).order_by("due_at", "pk")


def run_erasure(run: JobAttempt) -> None:
    """Job: carry out one erasure as far as it can go; what holds it is looked at again a day later."""
    erasure = due_erasures().select_related("person").filter(pk=run.payload["erasure"]).first()
    if erasure is not None and erasure.is_waiting:
        erasure = _begin(erasure)
    if erasure is not None and departures.erasure_waits(erasure.person):
        _look_again(erasure, after=_PLATFORM_WAIT)
        erasure = None
    if erasure is not None:
        # Each outside of a transaction, each safe to take again; files last, when no record names them as needed any more.
        for step in (erase_own_rows, departures.erase_records):
            step(erasure.person)
            run.note_progress()
        _finish(erasure)
    with run.finish():
        return


def _begin(erasure: Erasure) -> Erasure | None:
    """End what ends with the account, and close it; None if something holds the data, or the person has cancelled."""
    person = erasure.person
    if person.role not in people.ROLES_WITHOUT_INVITATION or departures.holds_of_erasure(person):
        _look_again(erasure)
        return None
    for ending in departures.endings_of_erasure(person):
        with suppress(DomainError):
            ending.end()
    if departures.holds_of_erasure(person) or departures.endings_of_erasure(person):
        _look_again(erasure)  # something was decided in the meantime
        return None
    try:
        with transaction.atomic():
            row = User.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
            erasure.move("begin", begun_at=clock.now(), held_until=None)
            _say_goodbye(row)
            if row.is_active:
                people.withdraw_access(row, keep_for=timedelta())
                links.end_all_links(person=row)
                trail.record_event("people.user.closed", row, by=row)
            trail.record_event("privacy.erasure.begun", erasure, by=None)
    except Conflict:
        return None
    erasure.person.refresh_from_db()
    return erasure


def _finish(erasure: Erasure) -> None:
    left = departures.erase_files(erasure.person)
    if left:
        logger.warning("erasure_waits_for_files", extra={"erasure": erasure.pk, "files": left})
        _look_again(erasure)
        return
    with transaction.atomic():
        person = User.objects.select_for_update(of=("self",), no_key=True).get(pk=erasure.person_id)
        erase_person(person)
        erasure.move("finish", ended_at=clock.now())
        trail.record_event("privacy.erasure.done", erasure, by=None)


def _say_goodbye(person: User) -> None:
    """The last letter, which is not kept under the person: it is emptied when it is sent."""
    if person.takes_mail:
        letters.write_letter("privacy/email/erased", person.email, {}, language=person.language)


def _look_again(erasure: Erasure, *, after: timedelta = LOOK_AGAIN) -> None:
    """Tomorrow, unless told otherwise; one UPDATE, which needs no other row."""
    Erasure.objects.filter(pk=erasure.pk, state__in=_OPEN).update(held_until=clock.now() + after)
