"""Remedies made true: what was given up is tried again, and what is said to hold, or to be lifted, is looked at.

A platform may lose what it has accepted, and a worker may have been told of something that did not last. Every remedy
whose effect the platform can tell of is asked for once a day for a month, and once a week after that. Where the answer
is not what the row says, the call is made again under the same key and its outcome read. What still differs is noted
for staff (portal/outbound/discrepancies.py) and tried again every hour for as long as it is, longest untried first. Each platform has a
share of every round (portal/outbound/shares.py).
"""

from datetime import datetime, timedelta

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from complaints import events
from complaints.actions import remedies
from complaints.actions.remedies import CHECK_REMEDY
from complaints.models import Remedy, RemedyKind
from complaints.remedies import REMEDY_TYPES
from complaints.states import RemedyState
from portal import clock
from portal.audit import trail
from portal.jobs import queue
from portal.jobs.attempts import JobAttempt
from portal.outbound import discrepancies
from portal.outbound.models import Problem
from portal.outbound.shares import longest_untried_first, share_of_each
from portal.platforms import Unknown

CHECK_ATTEMPTS = 3
EVERY_DAY, EVERY_WEEK, NEW = timedelta(days=1), timedelta(days=7), timedelta(days=30)
# What should be seen on the platform, by the state of the remedy.
_WANTED = {RemedyState.ACTIVE: True, RemedyState.LIFTED: False}
_JOBS = {RemedyState.APPLYING: remedies.APPLY_REMEDY, RemedyState.LIFTING: remedies.LIFT_REMEDY}


def mend_remedies() -> int:
    """Enqueue what is to be tried again or looked at; returns how many jobs. Safe to run twice."""
    now = clock.now()
    unreached = _shared(_unreached_remedies()).values_list("pk", "state")
    tries = [(pk, _JOBS[RemedyState(state)]) for pk, state in unreached]
    for rows in (_wrong_remedies(), _unchecked_remedies(now)):
        tries += [(pk, CHECK_REMEDY) for pk in _shared(rows).values_list("pk", flat=True)]
    return sum(_try_again(pk, kind, now) for pk, kind in tries)


def check_remedy(run: JobAttempt) -> None:
    """Job: compare one remedy with what its platform says, and mend it."""
    remedy = Remedy.objects.select_related("complaint__copy").get(pk=run.payload["remedy"])
    wanted = _WANTED.get(RemedyState(remedy.state))
    if wanted is None or REMEDY_TYPES[remedy.kind].effect is None:
        return
    key = remedy.key if wanted else f"{remedy.key}:lift"
    remedy.claim_call(key, state=remedy.state)
    repeated, right = _make_true(remedy, wanted=wanted)
    with run.finish():
        remedies.lock_remedy(remedy.pk)
        if not remedy.end_call(key):
            return
        Remedy.objects.filter(pk=remedy.pk).update(checked_at=clock.now() if right else None)
        if repeated:
            trail.record_event(events.REMEDY_REPEATED, remedy, by=None, wanted=wanted, right=right)
        if right:
            discrepancies.settle_discrepancy(remedies.discrepancy_key(remedy))
        else:
            remedies.note_unsettled_remedy(remedy, Problem.IGNORED)


def note_silent_platform(payload: dict[str, int]) -> None:
    """After the last attempt at a check: note it for staff; it is tried again within the hour."""
    remedy = Remedy.objects.select_related("complaint").get(pk=payload["remedy"])
    remedies.note_unsettled_remedy(remedy, discrepancies.unsettled_problem(remedies.discrepancy_key(remedy)))


def _make_true(remedy: Remedy, *, wanted: bool) -> tuple[bool, bool]:
    """(whether the call was made again, whether the platform shows what it should). What is gone needs nothing more."""
    kind = REMEDY_TYPES[remedy.kind]
    try:
        with remedies.noting_refusals(remedy):
            if kind.holds(remedy) == wanted:
                return False, True
            (kind.apply if wanted else kind.undo)(remedy)
            return True, kind.holds(remedy) == wanted
    except Unknown:
        return False, True


def _shared(rows: QuerySet[Remedy]) -> QuerySet[Remedy]:
    return share_of_each(rows, platform="complaint__platform", order_by=longest_untried_first())


def _try_again(pk: int, kind: str, now: datetime) -> bool:
    Remedy.objects.filter(pk=pk).update(tried_at=now)
    return queue.enqueue_again(kind, {"remedy": pk})


def _unreached_remedies() -> QuerySet[Remedy]:
    """Those whose job was given up because the platform answered on no attempt."""
    waiting = Remedy.objects.filter(state__in=list(_JOBS), problem=remedies.UNREACHABLE)
    return waiting.exclude(kind=RemedyKind.RESTITUTION)


def _wrong_remedies() -> QuerySet[Remedy]:
    """Those that did not show as they should when last looked at, however long ago they began or were lifted."""
    return _seen_remedies().filter(_is_wrong())


def _unchecked_remedies(now: datetime) -> QuerySet[Remedy]:
    """Those of the others that should be looked at. What was lifted long ago is not looked at any more."""
    changed = Q(state=RemedyState.ACTIVE, applied_at__gt=now - NEW) | Q(
        state=RemedyState.LIFTED, lifted_at__gt=now - NEW
    )
    never = Q(checked_at=None) & (Q(state=RemedyState.ACTIVE) | Q(state=RemedyState.LIFTED, lifted_at__gt=now - NEW))
    daily = changed & Q(checked_at__lte=now - EVERY_DAY)
    weekly = Q(state=RemedyState.ACTIVE, checked_at__lte=now - EVERY_WEEK)
    return _seen_remedies().filter(never | daily | weekly).exclude(problem=remedies.GONE).exclude(_is_wrong())


def _seen_remedies() -> QuerySet[Remedy]:
    """Those of which a platform can tell whether they are in effect."""
    kinds = [kind for kind, row in REMEDY_TYPES.items() if row.effect is not None]
    return Remedy.objects.filter(kind__in=kinds, state__in=list(_WANTED))


def _is_wrong() -> Exists:
    key = Concat(Value("remedy:"), Cast(OuterRef("pk"), CharField()))
    return Exists(discrepancies.open_discrepancies().filter(key=key))
