"""What follows from an upheld complaint: planned with the decision, carried out by jobs, taken back by a reversal.

A job claims the remedy's row, calls the platform, and records what it answered (portal/outbound/calls.py), so that
carrying out and taking back never cross. A worker that dies in between leaves the claim; the next one calls with
the same key.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from complaints import events, remedies
from complaints.actions import restitutions, reversals
from complaints.models import Complaint, Remedy, RemedyKind
from complaints.models.restitutions import RemedyQuerySet
from complaints.policies.terms import hold_duration
from complaints.remedies import REMEDY_TYPES, ChosenRemedies
from complaints.states import RemedyState
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Text
from portal.jobs import queue
from portal.jobs.attempts import JobAttempt
from portal.outbound import discrepancies
from portal.outbound.models import Effect, Problem
from portal.people.models import User
from portal.platforms import Account, Declined, Unknown
from portal.reviews.models import Decision

APPLY_REMEDY, LIFT_REMEDY = "complaints.apply_remedy", "complaints.lift_remedy"
CHECK_REMEDY = "complaints.check_remedy"
REMEDY_ATTEMPTS = 12
GONE, UNREACHABLE = "gone", "unreachable"
_AT_ONCE = 200


def plan_remedies(decision: Decision, complaint: Complaint, chosen: ChosenRemedies, *, by: User) -> list[Remedy]:
    """Write down the remedies of a final decision, in the order in which they are listed; what need not wait begins."""
    now = clock.now()
    kinds = [kind for kind in RemedyKind.values if kind in chosen.kinds]
    rows = [_plan_remedy(decision, complaint, kind, now, chosen.answer.account, by=by) for kind in kinds]
    for remedy in rows:
        if remedy.not_before <= now and not REMEDY_TYPES[remedy.kind].in_pages:
            _begin_remedy(remedy)
    return rows


def last_remedy_begins_at(complaint: Complaint) -> datetime | None:
    """When the last of the complaint's waiting remedies begins; None if none waits."""
    latest: datetime | None = complaint.remedies.filter(state=RemedyState.HELD).aggregate(at=Max("not_before"))["at"]
    return latest


def _plan_remedy(
    decision: Decision, complaint: Complaint, kind: str, now: datetime, account: Account | None, *, by: User
) -> Remedy:
    begins = now + hold_duration(REMEDY_TYPES[kind].wait_days)
    remedy = Remedy.objects.create(complaint=complaint, decision=decision, kind=kind, not_before=begins)
    if REMEDY_TYPES[kind].in_pages:
        if account is None:
            raise Conflict(_("The platform is not responding. Please try again in a few minutes."))
        begins = restitutions.plan_restitution(remedy, account, by=by).hold_until
        Remedy.objects.filter(pk=remedy.pk).update(not_before=begins)
        remedy.not_before = begins
    trail.record_event(events.REMEDY_PLANNED, remedy, by=by, not_before=remedy.not_before.isoformat())
    return remedy


def begin_due_remedies() -> int:
    """Begin the remedies whose time has come; an open appeal keeps them waiting. Returns how many; safe to run twice."""
    with transaction.atomic():
        due = Remedy.objects.due(clock.now()).select_for_update(of=("self",), skip_locked=True)
        rows = list(due[:_AT_ONCE])
        for remedy in rows:
            _begin_remedy(remedy)
    return len(rows)


def _begin_remedy(remedy: Remedy) -> None:
    remedy.move("begin")
    queue.enqueue_job(APPLY_REMEDY, {"remedy": remedy.pk}, key=f"{APPLY_REMEDY}:{remedy.pk}")


def undo_remedies(complaint: Complaint, *, by: User) -> None:
    """Take back whatever a reversed decision brought: what waits is cancelled, what is in force is lifted.

    Followers who moved because of its finding go back, too, where the restitution is another complaint's.
    """
    reversals.withdraw_finding(complaint, by=by)
    for remedy in complaint.remedies.standing().select_for_update(of=("self",), no_key=True).order_by("pk"):
        remedy.complaint = complaint
        _undo_remedy(remedy, by)


def _undo_remedy(remedy: Remedy, by: User) -> None:
    if REMEDY_TYPES[remedy.kind].in_pages:
        reversals.reverse_restitution(remedy.restitution, by=by)
    elif remedy.state == RemedyState.HELD:
        remedy.move("cancel")
        trail.record_event(events.REMEDY_CANCELLED, remedy, by=by)
    elif remedy.can("lift"):
        remedy.move("lift")
        queue.enqueue_job(LIFT_REMEDY, {"remedy": remedy.pk}, key=f"{LIFT_REMEDY}:{remedy.pk}")


def apply_remedy(run: JobAttempt) -> None:
    """Job: have the platform carry a remedy out. A platform that does not answer is asked again later."""
    remedy = _remedies().get(pk=run.payload["remedy"])
    if remedy.state != RemedyState.APPLYING:
        return
    remedy.claim_call(remedy.key, state=RemedyState.APPLYING)
    problem, complete_at = _call_platform(REMEDY_TYPES[remedy.kind].apply, remedy)
    with _recorded(run, remedy, key=remedy.key, state=RemedyState.APPLYING) as current:
        if current:
            remedy.move("take_effect", applied_at=clock.now(), complete_at=complete_at, problem=problem)
            _check_when_complete(remedy)
            trail.record_event(events.REMEDY_APPLIED, remedy, by=None, problem=problem)


def lift_remedy(run: JobAttempt) -> None:
    """Job: have the platform take a remedy back."""
    remedy = _remedies().get(pk=run.payload["remedy"])
    if remedy.state != RemedyState.LIFTING:
        return
    key = f"{remedy.key}:lift"
    remedy.claim_call(key, state=RemedyState.LIFTING)
    problem, complete_at = _call_platform(REMEDY_TYPES[remedy.kind].undo, remedy)
    with _recorded(run, remedy, key=key, state=RemedyState.LIFTING) as current:
        if current:
            remedy.move("lifted", lifted_at=clock.now(), complete_at=complete_at, problem=problem)
            trail.record_event(events.REMEDY_LIFTED, remedy, by=None, problem=problem)


def note_unreachable_platform(payload: dict[str, int]) -> None:
    """When the platform answered on no attempt: the remedy stays as it is and says so, until it is tried again."""
    remedy = lock_remedy(payload["remedy"])
    Remedy.objects.filter(pk=remedy.pk).update(problem=UNREACHABLE)
    note_unsettled_remedy(remedy, discrepancies.unsettled_problem(discrepancy_key(remedy)))


@contextmanager
def noting_refusals(remedy: Remedy) -> Iterator[None]:
    """Have staff told at once of what the platform refuses; it is tried again, as if it had not answered."""
    try:
        yield
    except Declined:
        note_unsettled_remedy(remedy, Problem.REFUSED)
        raise


def note_unsettled_remedy(remedy: Remedy, problem: Problem) -> None:
    """Note for staff that a remedy does not show on its platform as it should."""
    discrepancies.note_discrepancy(
        discrepancy_key(remedy),
        platform=remedy.complaint.platform,
        effect=REMEDY_TYPES[remedy.kind].effect or Effect.MESSAGE,
        wanted=remedy.state in {RemedyState.APPLYING, RemedyState.ACTIVE},
        subject=remedy.complaint.number,
        problem=problem,
    )


def discrepancy_key(remedy: Remedy) -> str:
    """The key under which a discrepancy of the remedy is noted."""
    return f"remedy:{remedy.pk}"


def active_warnings(platform: str, account_id: str) -> int:
    """How many warnings stand against an account. What was reversed does not count."""
    return Remedy.objects.filter(
        kind=RemedyKind.WARN,
        state=RemedyState.ACTIVE,
        complaint__platform=platform,
        complaint__account_id=account_id,
    ).count()


def _remedies() -> RemedyQuerySet:
    return Remedy.objects.select_related("complaint__copy")


@contextmanager
def _recorded(run: JobAttempt, remedy: Remedy, *, key: str, state: RemedyState) -> Iterator[bool]:
    """The end of the job and of the claim, in one transaction. Whether the remedy is still in the state of the call."""
    with run.finish():
        now = lock_remedy(remedy.pk)
        discrepancies.settle_discrepancy(discrepancy_key(remedy))
        yield remedy.end_call(key) and now.state == state


def lock_remedy(pk: int) -> Remedy:
    """The remedy as it is now, kept to the end of the transaction, and its complaint before it."""
    Complaint.objects.select_for_update(no_key=True).order_by().get(remedies=pk)
    return Remedy.objects.select_for_update(no_key=True).get(pk=pk)


def _call_platform(act: Callable[[Remedy], datetime | None], remedy: Remedy) -> tuple[str, datetime | None]:
    """Do it; a code for what went wrong, and when it is complete. What is gone meanwhile needs nothing more."""
    try:
        with noting_refusals(remedy):
            return "", act(remedy)
    except Unknown:
        return GONE, None


def _check_when_complete(remedy: Remedy) -> None:
    """Have it looked at once it should be complete; what holds at once is looked at with the others."""
    if remedy.complete_at is not None:
        key = f"{CHECK_REMEDY}:{remedy.pk}:complete"
        queue.enqueue_job(CHECK_REMEDY, {"remedy": remedy.pk}, key=key, at=remedy.complete_at)


def refuse_chosen_remedies(complaint: Complaint, chosen: ChosenRemedies) -> dict[str, Text]:
    """Which of the chosen remedies cannot be taken, and why."""
    if not chosen.kinds:
        return {}
    refusals = remedies.remedy_refusals(remedies.remedy_situation(complaint, chosen.answer))
    return {kind: reason for kind in sorted(chosen.kinds) if (reason := refusals.get(kind))}


def second_approval_reasons(kinds: Collection[str]) -> list[str]:
    """Why a second person has to agree: those of the remedies that ask for one."""
    return [kind for kind in kinds if kind in REMEDY_TYPES and REMEDY_TYPES[kind].needs_second_approval]
