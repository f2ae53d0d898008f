"""What follows from an upheld complaint: planned with the decision, carried out by jobs, taken back by a reversal.

A job calls the platform while it holds the measure's row, so that carrying out and taking back never
cross. A worker that dies in between leaves the row as it was; the next one calls with the same key.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from complaints import events, remedies
from complaints.actions import restitutions
from complaints.models import Complaint, Measure, MeasureKind
from complaints.policies.terms import hold
from complaints.remedies import REMEDIES
from complaints.states import MeasureState
from portal import clock
from portal.accounts.models import User
from portal.audit import trail
from portal.errors import Text
from portal.jobs import queue
from portal.jobs.attempts import Run
from portal.platforms import Unknown
from portal.reviews.models import Decision

APPLY, LIFT = "complaints.apply", "complaints.lift"
ATTEMPTS = 12
GONE, UNREACHABLE = "gone", "unreachable"
_AT_ONCE = 200


def plan(decision: Decision, complaint: Complaint, kinds: Collection[str], *, by: User) -> list[Measure]:
    """Write down the measures of a final decision, in the order in which they are listed; what need not wait begins."""
    now = clock.now()
    rows = [_plan(decision, complaint, kind, now, by) for kind in MeasureKind.values if kind in set(kinds)]
    for measure in rows:
        if measure.not_before <= now and not REMEDIES[measure.kind].in_pages:
            _begin(measure)
    return rows


def hold_until(complaint: Complaint) -> datetime | None:
    """When the last of the complaint's waiting measures begins; None if none waits."""
    latest: datetime | None = complaint.measures.filter(state=MeasureState.HELD).aggregate(at=Max("not_before"))["at"]
    return latest


def _plan(decision: Decision, complaint: Complaint, kind: str, now: datetime, by: User) -> Measure:
    begins = now + hold(REMEDIES[kind].wait_days)
    measure = Measure.objects.create(complaint=complaint, decision=decision, kind=kind, not_before=begins)
    if REMEDIES[kind].in_pages:
        begins = restitutions.plan(measure, by=by).hold_until
        Measure.objects.filter(pk=measure.pk).update(not_before=begins)
        measure.not_before = begins
    _record(events.MEASURE_PLANNED, measure, by, not_before=measure.not_before.isoformat())
    return measure


def release_due() -> int:
    """Begin the measures whose time has come; an open appeal keeps them waiting. Returns how many; safe to run twice."""
    with transaction.atomic():
        due = Measure.objects.due(clock.now()).select_for_update(of=("self",), skip_locked=True)
        rows = list(due[:_AT_ONCE])
        for measure in rows:
            _begin(measure)
    return len(rows)


def _begin(measure: Measure) -> None:
    measure.move("begin")
    queue.enqueue(APPLY, {"measure": measure.pk}, key=f"{APPLY}:{measure.pk}")


def undo_all(complaint: Complaint, *, by: User) -> None:
    """Take back whatever a reversed decision brought: what waits is cancelled, what is in force is lifted."""
    for measure in complaint.measures.standing().select_for_update(of=("self",)).order_by("pk"):
        measure.complaint = complaint
        _undo(measure, by)


def _undo(measure: Measure, by: User) -> None:
    waits, in_pages = measure.state == MeasureState.HELD, REMEDIES[measure.kind].in_pages
    if in_pages:
        (restitutions.cancel if waits else restitutions.take_back)(measure.restitution, by=by)
        measure.refresh_from_db(fields=["state"])
    if measure.state == MeasureState.HELD:
        measure.move("cancel")
        _record(events.MEASURE_CANCELLED, measure, by)
    elif measure.can("lift"):
        measure.move("lift")
        if not in_pages:
            queue.enqueue(LIFT, {"measure": measure.pk}, key=f"{LIFT}:{measure.pk}")


def apply(run: Run) -> None:
    """Job: have the platform carry a measure out. A platform that does not answer is asked again later."""
    with run.finish():
        measure = _locked(run)
        if measure.state == MeasureState.APPLYING:
            problem = _call(REMEDIES[measure.kind].apply, measure)
            measure.move("take_effect", applied_at=clock.now(), problem=problem)
            _record(events.MEASURE_APPLIED, measure, None, problem=problem)


def lift(run: Run) -> None:
    """Job: have the platform take a measure back."""
    with run.finish():
        measure = _locked(run)
        if measure.state == MeasureState.LIFTING:
            problem = _call(REMEDIES[measure.kind].undo, measure)
            measure.move("lifted", lifted_at=clock.now(), problem=problem)
            _record(events.MEASURE_LIFTED, measure, None, problem=problem)


def give_up(payload: dict[str, int]) -> None:
    """When the platform answered on no attempt: the measure stays as it is and says so, until staff try again."""
    Measure.objects.filter(pk=payload["measure"]).update(problem=UNREACHABLE)


def upheld_before(platform: str, account_id: str, *, since: timedelta | None = None) -> int:
    """How many warnings stand against an account. What was reversed does not count."""
    rows = Measure.objects.filter(
        kind=MeasureKind.WARN,
        state=MeasureState.ACTIVE,
        complaint__platform=platform,
        complaint__account_id=account_id,
    )
    return (rows.filter(applied_at__gte=clock.now() - since) if since else rows).count()


def _locked(run: Run) -> Measure:
    rows = Measure.objects.select_related("complaint__copy").select_for_update(of=("self",))
    return rows.get(pk=run.payload["measure"])


def _call(act: Callable[[Measure], None], measure: Measure) -> str:
    """Do it; a code for what went wrong. An account or post that is gone meanwhile needs nothing more."""
    try:
        act(measure)
    except Unknown:
        return GONE
    return ""


def _record(event: str, measure: Measure, by: User | None, **data: object) -> None:
    complaint = measure.complaint
    trail.record(event, by=by, on=measure, chain=complaint.chain, data={"kind": measure.kind, **data})


def refuse_chosen(complaint: Complaint, kinds: Collection[str]) -> dict[str, Text]:
    """Which of the chosen measures cannot be taken, and why; the platform is asked once."""
    if not kinds:
        return {}
    refusals = remedies.refusals(remedies.situation_of(complaint))
    return {kind: reason for kind in kinds if (reason := refusals.get(kind))}


def needs_second(kinds: Collection[str]) -> bool:
    """Whether a second person has to agree to these measures."""
    return any(REMEDIES[kind].needs_second for kind in kinds if kind in REMEDIES)
