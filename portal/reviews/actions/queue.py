"""Taking cases and giving them back. Nobody chooses: the next fair case is the next case."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any

import psycopg
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from psycopg.rows import dict_row

from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed, require_allowed
from portal.people.models import User
from portal.reviews import eligibility, events, notices, policies
from portal.reviews.actions.cases import NO_CLAIM, end_claim, lock_held_case
from portal.reviews.actions.participation import record_participation
from portal.reviews.clocks import LEASE
from portal.reviews.models import Claim, ConflictOfInterest, Participation, ReviewCase
from portal.reviews.states import Stage

_EVENT = trail.insert_event_sql(
    chain="'case:' || id",
    event=f"'{events.CASE_CLAIMED}'",
    at="%(now)s",
    actor="%(actor)s",
    subject="'reviews.reviewcase:' || id",
    data="jsonb_build_object('version', version, 'stage', stage)",
    source="taken",
)
# This one statement holds every condition that keeps a case from a reviewer. The front of each lane
# that they may serve is read from an index, the fronts are merged in order of rank, and the first
# case in which they have no part is taken, noted and recorded: so a skill for which there are too few people does not
# slow down the others. SKIP LOCKED lets reviewers who press the key at once get different cases
# without waiting for each other. Nobody who holds a case finds another, however they got it; of two clicks at
# the same moment, one fails on the unique index of open claims.
_CLAIM = f"""
    WITH {eligibility.LANES}, {eligibility.REVIEWER}, front AS MATERIALIZED (
        SELECT f.id, f.rank_at FROM lanes, LATERAL (
            SELECT c.id, c.rank_at FROM reviews_reviewcase c
            WHERE c.state = 'waiting' AND c.skill = lanes.skill AND c.level = lanes.level {{narrowed}}
            ORDER BY c.rank_at, c.id LIMIT {{depth}}) f
        ORDER BY f.rank_at, f.id
    ), picked AS (
        SELECT c.id FROM front f JOIN reviews_reviewcase c ON c.id = f.id
        WHERE c.state = 'waiting'
          AND NOT EXISTS (SELECT 1 FROM reviews_reviewcase h
                          WHERE h.claimed_by_id = %(me)s AND h.state = 'claimed')
          AND {eligibility.NO_CONFLICT} AND NOT {eligibility.GAVE_BACK}
        ORDER BY f.rank_at, f.id LIMIT 1 FOR UPDATE OF c SKIP LOCKED
    ), taken AS (
        UPDATE reviews_reviewcase c
        SET state = 'claimed', claimed_by_id = %(me)s, lease_until = %(until)s, version = version + 1
        FROM picked WHERE c.id = picked.id RETURNING c.*
    ), noted AS (
        INSERT INTO reviews_claim (case_id, reviewer_id, stage, given, claimed_at, "end", note)
        SELECT id, %(me)s, stage, false, %(now)s, '', '' FROM taken
    ), recorded AS ({_EVENT})
    SELECT * FROM taken"""
# By what the choice can be narrowed: parameters, and the columns that they are compared with. Each is shared by many
# cases, so that nobody can pick one: within what was chosen the oldest still comes first.
_NARROWED_BY = {"kinds": "kind", "skills": "skill", "stages": "stage"}
# How far into each lane to look: beyond all cases that other people can be taking at this moment,
# and, when that gives nothing, to the end.
# (In the text, not a parameter: the planner would have to guess it.)
_DEPTHS = (12, 1_000_000_000)


def claim_next_case(
    *,
    by: User,
    kinds: Sequence[str] | None = None,
    skills: Sequence[str] | None = None,
    stages: Sequence[Stage | str] | None = None,
) -> ReviewCase | None:
    """Give the reviewer the next case they may take, or the one they hold already; None if there is none.

    `kinds`, `skills` and `stages` narrow the choice. Raises NotAllowed for people who take no cases.
    """
    require_allowed(policies.refuse_reviewing(by))
    chosen = {"kinds": kinds, "skills": skills, "stages": stages}
    narrowed = {name: list(codes) for name, codes in chosen.items() if codes is not None}
    # One statement is a transaction by itself; within another one, a failure must not spoil that.
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            case = _claim_from_queue(by, narrowed)
    except IntegrityError:
        case = None  # the same click came twice, and the other one has the case
    return case or _case_in_hand(by)


def _claim_from_queue(by: User, narrowed: Mapping[str, list[str]]) -> ReviewCase | None:
    now = clock.now()
    values = {
        **eligibility.eligibility_parameters(by, level=policies.level_of(by), now=now),
        "until": now + LEASE,
        "actor": by.public_id,
        **narrowed,
    }
    conditions = " ".join(f"AND c.{_NARROWED_BY[name]} = ANY (%({name})s)" for name in narrowed)
    tries = (_CLAIM.format(narrowed=conditions, depth=depth) for depth in _DEPTHS)
    row = next(filter(None, (_run_prepared(sql, values) for sql in tries)), None)
    if row is None:
        return None
    case = ReviewCase(**row)
    case._state.adding, case._state.db = False, connection.alias
    return case


def _run_prepared(sql: str, values: dict[str, Any]) -> dict[str, Any] | None:
    """Run the claim as a prepared statement: planning it anew would cost more than carrying it out.

    Django binds parameters in the client, which rules preparing out; so this asks psycopg, on
    Django's own connection and in its transaction. Behind a pooler in transaction mode the next claim may run on
    another connection, so that nothing is prepared there.
    """
    pooled = settings.DATABASE_TRANSACTION_POOLING
    connection.ensure_connection()
    psycopg_connection: psycopg.Connection[Any] = connection.connection
    if psycopg_connection.prepare_threshold is None and not pooled:
        psycopg_connection.prepare_threshold = 0
        # The plan does not depend on who asks; left to itself the server would plan for each person anew.
        psycopg_connection.execute("SET plan_cache_mode = force_generic_plan")
    with connection.wrap_database_errors, psycopg.Cursor(psycopg_connection, row_factory=dict_row) as cursor:
        return cursor.execute(sql, values, prepare=not pooled).fetchone()


def _case_in_hand(by: User) -> ReviewCase | None:
    case = ReviewCase.objects.claimed_by(by).filter(lease_until__gt=clock.now()).first()
    if case is not None:
        renew_lease(case, by=by)
    return case


def renew_lease(case: ReviewCase, *, by: User) -> datetime:
    """Extend the lease by a full length, since the reviewer is working; returns its new end."""
    until = clock.now() + LEASE
    mine = ReviewCase.objects.claimed_by(by).filter(pk=case.pk, lease_until__gt=clock.now()).order_by()
    if mine.update(lease_until=until) != 1:
        raise Conflict(_("This case is no longer assigned to you."), code="not_held")
    case.lease_until = until
    return until


@transaction.atomic
def release_case(case: ReviewCase, *, by: User, why: str) -> None:
    """Give the case back; it keeps its place, and for a day it is not offered to them again. The leads are told.

    Raises NotAllowed once they have released as many as the limit allows, Invalid without a reason.
    """
    if not why.strip():
        raise Invalid(_("Please say why you are releasing the case."), fields={"why": [_("Please explain briefly.")]})
    # Of several cases released at once, each is counted before the next.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    lock_held_case(case, by)
    require_allowed(policies.refuse_release(by, clock.now()))
    claim = case.claims.get(ended_at=None)
    end_claim(case, Claim.End.RELEASED, note=why.strip())
    case.move("release", **NO_CLAIM)
    trail.record_event(events.CASE_RELEASED, case, by=by)
    notices.notify_leads_of_release(case, claim)


@transaction.atomic
def hand_over_case(case: ReviewCase, *, by: User, to: User, note_to: str = "") -> None:
    """Give the case to a colleague who may take it, on top of what they hold; they are told, and shown the note."""
    lock_held_case(case, by)
    if to.pk == by.pk:
        raise NotAllowed(_("You already have this case."))
    require_allowed(policies.refuse_taking(case, to, clock.now()))
    end_claim(case, Claim.End.HANDED_OVER, note=note_to.strip())
    case.move("hand_over", claimed_by=to, lease_until=clock.now() + LEASE)
    claim = Claim.objects.create(case=case, reviewer=to, stage=case.stage, given=True)
    trail.record_event(events.CASE_HANDED_OVER, case, by=by, to=to.public_id)
    notices.notify_new_holder(case, claim, noted=bool(note_to))


@transaction.atomic
def declare_case_conflict(case: ReviewCase, *, by: User, kind: str = ConflictOfInterest.Kind.OTHER) -> None:
    """Declare a conflict with a party: the case is returned, and the holder gets no case of that party again."""
    if kind not in ConflictOfInterest.Kind.values:
        raise Invalid(_("Please choose the kind of conflict."), fields={"kind": [_("Choose one of these.")]})
    lock_held_case(case, by)
    # The agencies of the parties stay open to them: the conflict is with people, unless only an agency is there.
    parties = list(case.parties.exclude(user=None)) or list(case.parties.all())
    for party in parties:
        ConflictOfInterest.objects.get_or_create(
            reviewer=by, user=party.user, agency=party.agency, defaults={"kind": kind}
        )
    record_participation(case, by, Participation.CONFLICT)
    end_claim(case, Claim.End.CONFLICT)
    case.move("release", **NO_CLAIM)
    trail.record_event(events.CONFLICT_DECLARED, case, by=by, kind=kind)


def expire_leases(limit: int = 200) -> int:
    """Return cases whose lease is over to the queue; returns how many. Safe to run concurrently."""
    with transaction.atomic():
        over = ReviewCase.objects.lease_expired(clock.now()).select_related("claimed_by")
        silent = list(over.select_for_update(of=("self",), skip_locked=True)[:limit])
        for case in silent:
            holder = case.claimed_by.public_id if case.claimed_by else ""
            end_claim(case, Claim.End.EXPIRED)
            case.move("release", **NO_CLAIM)
            trail.record_event(events.CASE_LEASE_EXPIRED, case, by=None, held_by=holder)
    return len(silent)
