"""A change that needs two administrators: asked for by one, approved by another, then carried out.

Where nobody could be the second, it takes effect after a delay. Until then whoever asked can withdraw it, an administrator whom it
is about can object, which ends it, and whoever became administrator meanwhile can refuse. All administrators and the person
concerned are told of each step. The row is the lock: the state is moved first, so that only one approval,
refusal or withdrawal goes through, and the change is carried out in the same transaction.
"""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError, IntegrityError, models, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.audit import trail
from portal.errors import Conflict, DomainError, NotAllowed, Text, require_allowed
from portal.people import changes, letters
from portal.people.actions.people import lock_holders
from portal.people.models import ChangeRequest, User
from portal.people.models.changes import APPROVAL_WITHIN, DELAY_ALONE, LONGEST_REASON
from portal.people.states import ChangeState
from portal.texts import require_text

ANOTHER_WAITS = _("Another change to this is already pending. It must be decided or withdrawn first.")


def ask_for_change(
    kind: str,
    *,
    title: Text,
    reason: str,
    by: User,
    subject: models.Model | None = None,
    person: User | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> ChangeRequest:
    """Ask for a change; nothing changes yet. All administrators are told.

    Raises NotAllowed, Invalid (no reason), Conflict where another change of the same row is open.
    """
    reason = reason.strip()
    row = ChangeRequest(
        kind=kind, title=str(title)[:200], reason=reason, asked_by=by, asked_at=clock.now(), person=person,
        subject=trail.subject_of(subject) if subject else "", before=before or {}, after=after or {},
    )  # fmt: skip
    permission = changes.permission_for(row)
    require_allowed(changes.refuse_asking_for_change(by=by, person=person, permission=permission))
    require_text("reason", reason, most=LONGEST_REASON, least=1, missing=_("Please enter a reason."))
    try:
        with transaction.atomic():
            row.save()
            if not changes.possible_approvers(row).exists():
                row.move("delay", takes_effect_at=row.asked_at + DELAY_ALONE)
            _record(row, "asked", by=by)
    except IntegrityError as error:
        if "one_open_change_a_row" not in str(error):
            raise
        raise Conflict(ANOTHER_WAITS) from error
    return row


def approve_change(*, change: ChangeRequest, by: User) -> None:
    """Agree as the second administrator: the change takes effect now.

    Where it cannot be carried out any more it is closed as overtaken, and the reason is raised as Conflict.
    """
    require_allowed(changes.refuse_deciding_change(change, by=by))
    _carry_out(change, "approve", by=by)


def refuse_change(*, change: ChangeRequest, reason: str, by: User) -> None:
    """Refuse as another administrator; nothing changes."""
    require_allowed(changes.refuse_deciding_change(change, by=by))
    reason = require_text("reason", reason, most=LONGEST_REASON, least=1, missing=_("Please enter a reason."))
    _close(change, "refuse", "refused", by=by, note=reason)


def object_to_change(*, change: ChangeRequest, reason: str, by: User) -> None:
    """Object to a change about oneself that nobody else could decide on: it ends, and nothing changes."""
    require_allowed(changes.refuse_objecting_to_change(change, by=by))
    reason = require_text("reason", reason, most=LONGEST_REASON, least=1, missing=_("Please enter a reason."))
    _close(change, "object", "objected", by=by, note=reason)


def withdraw_change(*, change: ChangeRequest, by: User) -> None:
    """Take back what one has asked for; nothing changes."""
    require_allowed(changes.refuse_withdrawing_change(change, by=by))
    _close(change, "withdraw", "withdrawn", by=by)


def carry_out_due_changes() -> int:
    """Carry out the changes whose delay is over, and close those that nobody approved in time; returns how many of both."""
    now = clock.now()
    count = 0
    for change in ChangeRequest.objects.filter(state=ChangeState.DELAYED, takes_effect_at__lte=now).order_by("pk"):
        try:
            _carry_out(change, "fall_due", by=None)
        except Conflict:
            continue
        count += 1
    old = ChangeRequest.objects.filter(state=ChangeState.WAITING, asked_at__lte=now - APPROVAL_WITHIN)
    for change in old.order_by("pk"):
        try:
            _close(change, "expire", "expired", by=None)
        except Conflict:
            continue
        count += 1
    return count


class _Overtaken(Exception):
    """The change cannot be carried out any more; `sentence` says why."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def _carry_out(change: ChangeRequest, move: str, *, by: User | None) -> None:
    read_state = change.state
    try:
        with transaction.atomic():
            change.move(move, closed_by=by, closed_at=clock.now())
            _require_holders(change, by)
            _make_change(change, by)
            _record(change, "done", by=by)
    except _Overtaken as error:
        change.state = read_state
        _close(change, "overtake", "overtaken", by=None, note=str(error.sentence)[:LONGEST_REASON])
        raise Conflict(error.sentence) from error


def _make_change(change: ChangeRequest, by: User | None) -> None:
    try:
        with transaction.atomic():
            changes.change_kinds[change.kind].carry_out(change, by)
    except DomainError as error:
        raise _Overtaken(error.message) from error
    except (IntegrityError, DataError, ObjectDoesNotExist) as error:
        raise _Overtaken(
            _("This change can no longer be carried out, because something else now depends on it.")
        ) from error


def _require_holders(change: ChangeRequest, by: User | None) -> None:
    """Lock those with the permission and look again: neither of the two may have lost their role meanwhile."""
    permission = changes.permission_for(change)
    holders = lock_holders(permission, change.person)
    if by is not None and by.pk not in holders:
        raise NotAllowed(changes.refuse_without(permission))
    if change.asked_by_id not in holders:
        raise _Overtaken(_refuse_gone(change))


def _refuse_gone(change: ChangeRequest) -> Text:
    if changes.is_open_to_leads(change):
        return _("The person who asked can no longer change these rules.")
    return _("The person who asked is no longer an administrator.")


def _close(change: ChangeRequest, move: str, event: str, *, by: User | None, note: str = "") -> None:
    with transaction.atomic():
        # What was never done is not kept: it may name somebody who was never invited.
        after = dict.fromkeys(change.after) if change.kind == "people.invitation" else change.after
        change.move(move, closed_by=by, closed_at=clock.now(), closing_note=note, after=after)
        _record(change, event, by=by)


def _record(change: ChangeRequest, event: str, *, by: User | None) -> None:
    """The trail's event, a letter to everybody who may decide, and, unless it is done, one to the person whom it is about."""
    fields = sorted(change.after)
    trail.record_event(f"people.changerequest.{event}", change, by=by, fields=fields)
    if event != "done":  # then whoever carries it out tells them what is different now
        _tell_person_concerned(change)
    letter = event if event in {"asked", "done"} else "closed"
    page, leads = changes.change_kinds[change.kind].page(change), changes.is_open_to_leads(change)
    for holder in User.objects.active_holders(changes.permission_for(change)):
        with translation.override(holder.language):
            what = changes.change_title(change)
        letters.write_letter_to(
            holder, f"people/email/change_{letter}", change=change, by=by, what=what, page=page, leads=leads
        )


def _tell_person_concerned(change: ChangeRequest) -> None:
    person = change.person
    if (
        person is None
        or person.is_visitor
        or person.purged_at is not None
        or User.objects.active_holders(changes.permission_for(change)).filter(pk=person.pk)
    ):
        return
    with translation.override(person.language):
        what = changes.change_title(change)
    letters.write_letter_to(person, "people/email/change_concerned", change=change, what=what)
