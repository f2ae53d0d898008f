"""Taking cases and giving them back. Nobody chooses: the next fair case is the next case."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from portal import clock
from portal.accounts.models import User
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed
from portal.reviews import events, policies
from portal.reviews.actions.cases import end_claim
from portal.reviews.clocks import LEASE
from portal.reviews.models import Claim, Participation, ReviewCase, Tie
from portal.reviews.states import CaseState

# Everything that keeps a case from a reviewer stands in this one query: state, level, skills valid
# now, her own matter, her agency's, a tie, an earlier part in it. SKIP LOCKED lets reviewers who
# press the key at once get different cases without waiting for each other.
_CLAIM = """
    WITH mine AS MATERIALIZED (
        SELECT coalesce(array_agg(skill), '{}') AS skills FROM reviews_reviewerskill
        WHERE user_id = %(me)s AND (valid_until IS NULL OR valid_until > %(now)s)
          AND (%(wanted)s::text[] IS NULL OR skill = ANY(%(wanted)s))
    ), picked AS (
        SELECT c.id FROM reviews_reviewcase c
        WHERE c.state = 'waiting' AND c.level <= %(level)s AND c.skill = ANY((SELECT skills FROM mine)::text[])
          AND (%(stages)s::text[] IS NULL OR c.stage = ANY(%(stages)s))
          AND NOT EXISTS (
              SELECT 1 FROM reviews_caseparty p
              WHERE p.case_id = c.id AND (
                  p.user_id = %(me)s OR p.agency_id = %(agency)s
                  OR EXISTS (SELECT 1 FROM reviews_tie t
                             WHERE t.reviewer_id = %(me)s AND (t.until IS NULL OR t.until > %(now)s)
                               AND (t.user_id = p.user_id OR t.agency_id = p.agency_id))))
          AND NOT EXISTS (
              SELECT 1 FROM reviews_participation q WHERE q.case_id = c.id AND q.user_id = %(me)s)
        ORDER BY c.rank_at, c.id LIMIT 1 FOR UPDATE OF c SKIP LOCKED
    ), taken AS (
        UPDATE reviews_reviewcase c
        SET state = 'claimed', claimed_by_id = %(me)s, lease_until = %(until)s, version = version + 1
        FROM picked WHERE c.id = picked.id RETURNING c.id, c.stage
    ), noted AS (
        INSERT INTO reviews_claim (case_id, reviewer_id, stage, claimed_at, "end", note)
        SELECT id, %(me)s, stage, %(now)s, '', '' FROM taken
    )
    SELECT id FROM taken"""


def claim_next(
    *, by: User, skills: Sequence[str] | None = None, stages: Sequence[str] | None = None
) -> ReviewCase | None:
    """Give the reviewer the next case she may take, or the one she holds already; None if there is none.

    `skills` and `stages` narrow the choice. Raises NotAllowed for people who take no cases.
    """
    refusal = policies.refuse_reviewing(by)
    if refusal:
        raise NotAllowed(refusal)
    with transaction.atomic():
        # Two clicks of one reviewer take turns, so that the second finds the case of the first.
        _one_at_a_time(by)
        held = ReviewCase.objects.claimed_by(by).filter(lease_until__gt=clock.now()).first()
        if held is not None:
            return held
        return _take(by, skills, stages)


def _one_at_a_time(user: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('reviews.claim'), %s)", [user.pk])


def _take(by: User, skills: Sequence[str] | None, stages: Sequence[str] | None) -> ReviewCase | None:
    now = clock.now()
    values = {
        "me": by.pk,
        "agency": by.agency_id,
        "level": policies.level_of(by),
        "now": now,
        "until": now + LEASE,
        "wanted": list(skills) if skills is not None else None,
        "stages": list(stages) if stages is not None else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        row = cursor.fetchone()
    if row is None:
        return None
    case = ReviewCase.objects.get(pk=row[0])
    trail.record(events.CASE_CLAIMED, by=by, on=case, chain=case.chain, data={"stage": case.stage})
    return case


def renew(case: ReviewCase, *, by: User) -> datetime:
    """Extend the lease by a full length, since the reviewer is working; returns its new end."""
    until = clock.now() + LEASE
    rows = ReviewCase.objects.filter(pk=case.pk, state=CaseState.CLAIMED, claimed_by=by, lease_until__gt=clock.now())
    if rows.update(lease_until=until) != 1:
        raise Conflict(_("You do not hold this case any more."))
    case.lease_until = until
    return until


@transaction.atomic
def release(case: ReviewCase, *, by: User, why: str) -> None:
    """Give the case back; it keeps its place, and the reason is noted."""
    _must_hold(case, by)
    if not why.strip():
        raise Invalid(_("Please say why you give the case back."), fields={"why": [_("Say it in a few words.")]})
    end_claim(case, Claim.End.RELEASED, note=why.strip())
    _put_back(case)
    trail.record(events.CASE_RELEASED, by=by, on=case, chain=case.chain)


@transaction.atomic
def hand_over(case: ReviewCase, *, by: User, to: User, note: str = "") -> None:
    """Give the case to a colleague who may take it."""
    _must_hold(case, by)
    refusal = policies.refuse_taking(case, to, clock.now())
    if refusal:
        raise NotAllowed(refusal)
    _one_at_a_time(to)
    if ReviewCase.objects.claimed_by(to).exists():
        raise Conflict(_("This colleague holds another case just now."))
    end_claim(case, Claim.End.HANDED_OVER, note=note)
    rows = ReviewCase.objects.filter(pk=case.pk, state=CaseState.CLAIMED, claimed_by=by)
    if rows.update(claimed_by=to, lease_until=clock.now() + LEASE, version=F("version") + 1) != 1:
        raise Conflict(_("You do not hold this case any more."))
    Claim.objects.create(case=case, reviewer=to, stage=case.stage)
    trail.record(events.CASE_HANDED_OVER, by=by, on=case, chain=case.chain, data={"to": to.public_id})


@transaction.atomic
def declare_tie(case: ReviewCase, *, by: User) -> None:
    """The holder knows somebody in the matter: it goes back, and no case of theirs comes to her again."""
    _must_hold(case, by)
    for party in case.parties.all():
        Tie.objects.get_or_create(reviewer=by, user=party.user, agency=party.agency)
    Participation.objects.get_or_create(case=case, user=by, defaults={"role": "tie"})
    end_claim(case, Claim.End.TIE)
    _put_back(case)
    trail.record(events.TIE_DECLARED, by=by, on=case, chain=case.chain)


def expire_leases() -> int:
    """Return the cases whose holder has fallen silent; returns how many."""
    count = 0
    for case in ReviewCase.objects.lease_expired(clock.now())[:500]:
        count += _expire(case)
    return count


@transaction.atomic
def _expire(case: ReviewCase) -> bool:
    now = clock.now()
    rows = ReviewCase.objects.filter(pk=case.pk, state=CaseState.CLAIMED, lease_until__lte=now)
    back = {"state": CaseState.WAITING, "claimed_by": None, "lease_until": None}
    if rows.update(version=F("version") + 1, **back) != 1:
        return False
    end_claim(case, Claim.End.EXPIRED)
    trail.record(events.CASE_LEASE_EXPIRED, by=None, on=case, chain=case.chain)
    return True


def _must_hold(case: ReviewCase, by: User) -> None:
    refusal = policies.refuse_holding(case, by, clock.now())
    if refusal:
        raise Conflict(refusal)


def _put_back(case: ReviewCase) -> None:
    case.move("release", claimed_by=None, lease_until=None, version=case.version + 1)
