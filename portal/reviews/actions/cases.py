"""Opening, pausing, resuming and closing cases: what products do with them."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from portal import clock
from portal.accounts.models import Agency, Mandate, User
from portal.audit import trail
from portal.reviews import clocks, events
from portal.reviews.models import CaseParty, Claim, Decision, ReviewCase
from portal.reviews.states import DecisionState, Level, Stage


@dataclass(frozen=True)
class Party:
    """Somebody the case is about, and as what."""

    user: User
    role: str


@transaction.atomic
def open(  # noqa: A001 -- called as cases.open(...)
    kind: str,
    *,
    skill: str,
    title: str,
    parties: list[Party],
    due_at: datetime,
    by: User | None,
    level: int = Level.REVIEWER,
    priority: int = 0,
    reasons: list[str] | None = None,
) -> ReviewCase:
    """Put a new matter into the queue, with everybody who must not review it."""
    now = clock.now()
    case = ReviewCase.objects.create(
        kind=kind,
        skill=skill,
        title=title,
        level=level,
        priority=priority,
        reasons=reasons or [],
        opened_at=now,
        entered_at=now,
        rank_at=clocks.rank(now, priority),
        due_at=due_at,
    )
    add_parties(case, parties)
    data = {"kind": kind, "skill": skill, "priority": priority, "reasons": case.reasons}
    trail.record(events.CASE_OPENED, by=by, on=case, chain=case.chain, data=data)
    return case


def add_parties(case: ReviewCase, parties: list[Party]) -> None:
    """Note the people, the agencies that they belong to, and those that act for them by mandate."""
    users = {party.user.pk: party for party in parties}
    now = clock.now()
    mandated = Mandate.objects.filter(creator__in=users, starts_at__lte=now, ends_at__gt=now)
    agencies = Agency.objects.filter(Q(members__in=users) | Q(mandates__in=mandated)).distinct()
    rows = [CaseParty(case=case, user=party.user, role=party.role) for party in users.values()]
    rows += [CaseParty(case=case, agency=agency, role="agency") for agency in agencies]
    CaseParty.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def pause(case: ReviewCase, *, by: User) -> None:
    """The holder waits for a party's answer; the clock stands still."""
    now = clock.now()
    end_claim(case, Claim.End.ASKED)
    case.move("pause", claimed_by=None, lease_until=None, paused_at=now, version=case.version + 1)
    trail.record(events.CASE_PAUSED, by=by, on=case, chain=case.chain)


@transaction.atomic
def resume(case: ReviewCase, *, by: User | None) -> None:
    """The answer is there: the case goes back to the place it had, with its due date moved by the pause."""
    now, paused_at = clock.now(), case.paused_at or clock.now()
    case.move(
        "resume",
        paused_at=None,
        paused_for=case.paused_for + (now - paused_at),
        due_at=clocks.due_after_pause(case.due_at, paused_at, now),
        version=case.version + 1,
    )
    trail.record(events.CASE_RESUMED, by=by, on=case, chain=case.chain)


@transaction.atomic
def close(case: ReviewCase, *, by: User | None) -> None:
    """The matter ended without a decision of this case (withdrawn, lapsed); a held decision is void."""
    for decision in Decision.objects.filter(case=case, state=DecisionState.HELD):
        decision.move("void")
        trail.record(events.DECISION_VOIDED, by=by, on=decision, chain=case.chain)
    end_claim(case, Claim.End.CLOSED)
    shut(case, by=by)


def shut(case: ReviewCase, *, by: User | None) -> None:
    """Close the case itself; the caller has ended its claim."""
    fields = {"claimed_by": None, "lease_until": None, "paused_at": None, "closed_at": clock.now()}
    case.move("close", version=case.version + 1, **fields)
    trail.record(events.CASE_CLOSED, by=by, on=case, chain=case.chain)


def enter_stage(case: ReviewCase, move: str, stage: Stage, level: int, *, due_at: datetime | None = None) -> None:
    """Put the case back into the queue for another look by another person."""
    now = clock.now()
    case.move(
        move,
        stage=stage,
        level=level,
        claimed_by=None,
        lease_until=None,
        closed_at=None,
        entered_at=now,
        rank_at=clocks.rank(now, case.priority),
        due_at=due_at or case.due_at,
        version=case.version + 1,
    )


def end_claim(case: ReviewCase, end: str, *, note: str = "") -> None:
    """Note how the present claim ended, if there is one."""
    Claim.objects.filter(case=case, ended_at=None).update(ended_at=clock.now(), end=end, note=note[:300])
