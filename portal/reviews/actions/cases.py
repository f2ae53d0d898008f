"""Opening, pausing, resuming and closing cases: what products do with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from portal import clock
from portal.audit import trail
from portal.clock import WorkCalendar
from portal.errors import Conflict, require_allowed
from portal.languages import Texts
from portal.people.models import Agency, Mandate, User
from portal.reviews import case_history, clocks, events, policies
from portal.reviews.clocks import LEASE
from portal.reviews.models import Appeal, Calendar, CaseParty, Claim, Decision, ReviewCase
from portal.reviews.states import CaseState, DecisionState, Level, Stage


@dataclass(frozen=True)
class Party:
    """Somebody the case is about, and as what. Their agencies are noted with them."""

    user: User
    role: str


@transaction.atomic
def open_case(
    kind: str,
    *,
    skill: str,
    titles: Texts,
    parties: list[Party],
    due_at: datetime,
    by: User | None,
    level: int = Level.REVIEWER,
    priority: int = 0,
    reasons: list[str] | None = None,
    calendar: Calendar | None = None,
    topics: Sequence[str] = (),
    account: str = "",
) -> ReviewCase:
    """Put a new case into the queue, with everybody who must not review it.

    `calendar` counts the working time of pauses (without one: Monday to Friday in UTC). `topics` and `account` are
    those of the case: who decided something about them gets it not.
    """
    now = clock.now()
    case = ReviewCase.objects.create(
        kind=kind,
        skill=skill,
        titles=titles,
        level=level,
        entry_level=level,
        priority=priority,
        reasons=reasons or [],
        opened_at=now,
        entered_at=now,
        rank_at=clocks.queue_rank(now, priority),
        due_at=due_at,
        calendar=calendar,
        topics=list(topics),
        account=account,
    )
    add_case_parties(case, parties)
    trail.record_event(events.CASE_OPENED, case, by=by, kind=kind, skill=skill, priority=priority, reasons=case.reasons)
    return case


def add_case_parties(case: ReviewCase, parties: list[Party]) -> None:
    """Note the people, the agencies that they belong to, and those that act for them by mandate."""
    users = {party.user.pk: party for party in parties}
    now = clock.now()
    mandated = Mandate.objects.filter(creator__in=users, starts_at__lte=now, ends_at__gt=now)
    agencies = Agency.objects.filter(Q(members__in=users) | Q(mandates__in=mandated)).distinct()
    rows = [CaseParty(case=case, user=party.user, role=party.role) for party in users.values()]
    rows += [CaseParty(case=case, agency=agency, role="agency") for agency in agencies]
    CaseParty.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def take_case(case: ReviewCase, *, by: User) -> None:
    """Claim this very case, past the order of the queue: for demo content. Raises NotAllowed, Conflict."""
    lock_case(case)
    require_allowed(policies.refuse_taking(case, by, clock.now()))
    case.move("claim", claimed_by=by, lease_until=clock.now() + LEASE)
    Claim.objects.create(case=case, reviewer=by, stage=case.stage, given=True)
    trail.record_event(events.CASE_CLAIMED, case, by=by, stage=case.stage)


@transaction.atomic
def pause_case(case: ReviewCase, *, by: User) -> None:
    """Pause the case until a party answers; its due date is paused too."""
    lock_held_case(case, by)
    end_claim(case, Claim.End.ASKED)
    case.move("pause", paused_at=clock.now(), **NO_CLAIM)
    trail.record_event(events.CASE_PAUSED, case, by=by)


@transaction.atomic
def resume_case(case: ReviewCase, *, by: User | None) -> None:
    """Resume after the answer: the case keeps its rank; its due date moves by the length of the pause."""
    lock_case(case)
    now = clock.now()
    paused_at = case.paused_at or now
    due_at = clocks.due_after_pause(work_calendar(case), case.due_at, paused_at, now)
    case.move("resume", paused_at=None, paused_for=case.paused_for + (now - paused_at), due_at=due_at)
    trail.record_event(events.CASE_RESUMED, case, by=by, due_at=due_at.isoformat())


@transaction.atomic
def mark_case_changed(case: ReviewCase, *, by: User | None, priority: int = 0, **data: Any) -> None:
    """Increase the version after a change, so that open forms become stale; with a higher `priority` its turn comes earlier."""
    lock_case(case)
    case.version += 1
    if priority > case.priority:
        case.priority, case.rank_at = priority, clocks.queue_rank(case.entered_at, priority)
    case.save(update_fields=["version", "priority", "rank_at"])
    trail.record_event(events.CASE_CHANGED, case, by=by, **data)


def require_case(case: ReviewCase | None) -> ReviewCase:
    """The case of a subject; Conflict while it has none."""
    if case is None:
        raise Conflict(policies.NOT_QUEUED)
    return case


def close_open_case(case: ReviewCase | None, *, by: User | None) -> None:
    """Close the case of a subject that ended without a decision, if there is one and it is open."""
    if case is not None and case.state != CaseState.CLOSED:
        close_case(case, by=by)


@transaction.atomic
def close_case(case: ReviewCase, *, by: User | None) -> None:
    """The subject ended without a decision of this case (withdrawn, lapsed); a held decision is void."""
    lock_case(case)
    now = clock.now()
    for decision in Decision.objects.filter(case=case, state=DecisionState.HELD):
        decision.move("void", voided_at=now)
        trail.record_event(events.DECISION_VOIDED, decision, by=by)
    Appeal.objects.filter(decision__case=case, answer=None, withdrawn_at=None).update(withdrawn_at=now)
    end_claim(case, Claim.End.CLOSED)
    set_case_closed(case)
    trail.record_event(events.CASE_CLOSED, case, by=by)


NO_CLAIM: dict[str, Any] = {"claimed_by": None, "lease_until": None}


def set_case_closed(case: ReviewCase) -> None:
    """Close the case itself; the caller has ended its claim and says in the trail what closed it."""
    now = clock.now()
    paused_for = case.paused_for + (now - case.paused_at if case.paused_at else now - now)
    case.move("close", paused_at=None, paused_for=paused_for, closed_at=now, **NO_CLAIM)


def enter_stage(case: ReviewCase, move: str, stage: Stage, level: int, **fields: Any) -> None:
    """Return the case to the queue for another reviewer; `fields` of the case are set with it."""
    now = clock.now()
    case.move(
        move,
        stage=stage,
        level=level,
        closed_at=None,
        entered_at=now,
        rank_at=clocks.queue_rank(now, case.priority),
        **NO_CLAIM,
        **fields,
    )


def end_claim(case: ReviewCase, end: str, *, note: str = "") -> None:
    """Note how the present claim ended, if there is one."""
    Claim.objects.filter(case=case, ended_at=None).update(ended_at=clock.now(), end=end, note=note[:300])


def lock_case(case: ReviewCase, *, version: int | None = None) -> None:
    """Read the case again and keep it to the end of the transaction.

    Raises Conflict, saying what changed, if a form's `version` is not the present one.
    """
    case.refresh_from_db(from_queryset=ReviewCase.objects.select_for_update(of=("self",), no_key=True))
    if version is not None and version != case.version:
        raise Conflict(case_history.describe_changes_since(case, since=version), code="stale")


def lock_held_case(case: ReviewCase, by: User, *, version: int | None = None) -> None:
    """As lock_case(), and raise Conflict unless the person holds the case."""
    lock_case(case, version=version)
    if refusal := policies.refuse_holding(case, by, clock.now()):
        raise Conflict(refusal, code="not_held")


def work_calendar(case: ReviewCase) -> WorkCalendar:
    """The working days by which this case's dates are counted."""
    return case.calendar.working_days() if case.calendar is not None else WorkCalendar()
