"""What the reversal of a finding does to restitutions: what rested on it alone stops, and goes back.

A follow that moved goes back when none of the findings stands on which its move rests, whichever complaint the
restitution belongs to. It stays when another one stands. Nobody is moved by a reversal who was not moved before.
"""

from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Sum

from complaints import events, notices
from complaints.actions import casework, grounds, reconciliations, years
from complaints.actions.restitutions import (
    RESTORE_FOLLOWERS,
    cancel_restitution,
    enqueue_page_jobs,
    lock_restitution,
    notify_restitution,
)
from complaints.actions.undo_periods import TELL_FOLLOWERS, undo_end
from complaints.models import Complaint, GroundFinding, Restitution, RestitutionPage
from complaints.models.grounds import GroundQuerySet
from complaints.models.restitutions import RestitutionPageQuerySet
from complaints.states import RestitutionState
from portal import clock
from portal.audit import trail
from portal.jobs import queue
from portal.people.models import User

_STANDING = (RestitutionState.MOVING, RestitutionState.PAUSED, RestitutionState.INVITING, RestitutionState.DONE)
_MOVED_STATES = (*_STANDING, RestitutionState.PARTLY_REVERSED)


class _Returned(NamedTuple):
    """What became of the followers of some pages: sums."""

    moved: int
    restored: int
    others: int


@transaction.atomic
def withdraw_finding(complaint: Complaint, *, by: User | None) -> None:
    """Give back what rested on a finding that was reversed, in every restitution. Twice is once.

    Locks the complaints of the account, or they could wait for one another.
    """
    casework.lock_complaints_of_account(complaint)
    for pk in grounds.restitutions_resting_on(complaint):
        row = lock_restitution(pk)
        grounds.unlink_finding(row, complaint)
        if grounds.drop_grounds(row, complaint, by=by) and row.state in _MOVED_STATES:
            if row.state == RestitutionState.PARTLY_REVERSED:
                row.move("take_back")
            enqueue_giving_back(row, f"finding:{complaint.pk}")


@transaction.atomic
def reverse_restitution(restitution: Restitution, *, by: User | None) -> None:
    """Undo it after the reversal of its own complaint: call it off, or stop it where it is. Twice is once.

    What was moved goes back, except where it rests on findings of other complaints that stand.
    """
    withdraw_finding(restitution.remedy.complaint, by=by)
    row = lock_restitution(restitution.pk)
    if row.begun_at is None and row.can("cancel"):
        cancel_restitution(row, by=by)
    elif row.state in _STANDING:
        row.move("take_back", flagged_at=None)
        trail.record_event(events.REVERSAL_BEGUN, row, by=by, moved=row.moved, already=row.already)
        enqueue_giving_back(row, f"finding:{row.remedy.complaint_id}")


def enqueue_giving_back(row: Restitution, why: str) -> None:
    """Have the pages of a restitution taken back whose grounds have fallen; `why` sets the reasons apart, once each."""
    enqueue_page_jobs(RESTORE_FOLLOWERS, row, why)


def take_back_recorded_page(row: Restitution) -> None:
    """The call of a page was made before the finding was reversed, or while it was. In the caller's transaction."""
    row.grounds.exclude(fallen_at=None).update(settled_at=None)
    enqueue_giving_back(row, f"page:{row.pages.count()}")


def end_giving_back(row: Restitution) -> None:
    """No page waits to be taken back any more. In the caller's transaction, with the row locked."""
    fallen = row.grounds.filter(fallen_at__isnull=False, settled_at=None)
    returned = _sum_up(RestitutionPage.objects.filter(ground__in=fallen.values("pk")))
    if row.state == RestitutionState.REVERSING:
        _finish_reversal(row)
    elif returned.moved:
        numbers = _reversed_numbers(row)
        counts = {"restored": returned.restored, "others": returned.others}
        trail.record_event(events.GROUNDS_SETTLED, row, by=None, complaints=numbers, **counts)
        facts: dict[str, notices.Fact] = {name: str(count) for name, count in counts.items()}
        facts["reversed"] = ", ".join(numbers)
        notify_restitution(events.GROUNDS_SETTLED, row, facts, once=_settled_key(fallen))
    fallen.update(settled_at=clock.now())
    reconciliations.ask_reconciliation(row)
    years.ask_recount()


def _finish_reversal(row: Restitution) -> None:
    """Every page that has to be was taken back, as far as it could be; who stays and was not told yet is told now."""
    now = clock.now()
    fields: dict[str, Any] = {"ended_at": now}
    if row.kept and row.pages.to_tell().exists():
        fields["undo_until"] = undo_end(row)
    row.move("restored_partly" if row.restored < row.moved + row.already else "restored", **fields)
    counts = {"restored": row.restored, "overridden": row.overridden, "missing": row.missing, "kept": row.kept}
    trail.record_event(events.RESTITUTION_REVERSED, row, by=None, **counts)
    if row.kept:
        queue.enqueue_job(TELL_FOLLOWERS, {"restitution": row.pk}, key=f"{TELL_FOLLOWERS}:{row.pk}:kept:{row.restored}")
    facts: dict[str, notices.Fact] = {
        "restored": str(row.restored),
        "others": str(row.overridden + row.missing),
        "kept": str(row.kept),
    }
    told = events.STOP_SETTLED if row.stopped_at else events.RESTITUTION_REVERSED
    notify_restitution(told, row, facts, once=str(row.restored + row.overridden + row.missing))


def _sum_up(pages: RestitutionPageQuerySet) -> _Returned:
    sums = pages.aggregate(
        moved=Sum("moved__len", default=0) + Sum("already__len", default=0),
        restored=Sum("restored", default=0),
        others=Sum("overridden__len", default=0) + Sum("missing__len", default=0),
    )
    return _Returned(**sums)


def _reversed_numbers(row: Restitution) -> list[str]:
    """Numbers of the complaints whose findings were reversed, of the grounds that are being settled."""
    links = GroundFinding.objects.filter(
        ground__restitution=row, ground__fallen_at__isnull=False, ground__settled_at=None, reversed_at__isnull=False
    )
    return sorted(set(links.values_list("complaint__number", flat=True)))


def _settled_key(fallen: GroundQuerySet) -> str:
    """Sets apart the grounds that are settled together; each ground is settled once."""
    return str(fallen.order_by("pk").values_list("pk", flat=True).first())
