"""Who may not serve which case, as SQL: the claim excludes by it, and policies explain by it.

The fragments speak of a case `c` and take the parameters of `parameters()`. They are composed of our
own constants; values are always parameters.
"""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.people.models import User
from portal.reviews.clocks import REST_AFTER_RELEASE
from portal.reviews.models import ReviewCase

# What the person is, computed once per statement since it does not depend on the case. `lanes` are the
# skills and levels whose cases they may serve; `me` holds the people and agencies they must not decide on.
LANES = """lanes AS MATERIALIZED (
    SELECT s.skill, l.level FROM reviews_reviewerskill s
    JOIN (VALUES (1), (2)) l (level) ON l.level <= s.level AND l.level <= %(level)s
    WHERE s.user_id = %(me)s AND (s.valid_until IS NULL OR s.valid_until > %(now)s))"""
_CONFLICTS = "reviews_conflictofinterest t WHERE t.reviewer_id = %(me)s AND (t.until IS NULL OR t.until > %(now)s)"
REVIEWER = f"""me AS MATERIALIZED (
    SELECT ARRAY(SELECT t.user_id FROM {_CONFLICTS} AND t.user_id IS NOT NULL) AS conflict_people,
           ARRAY(SELECT t.agency_id FROM {_CONFLICTS} AND t.agency_id IS NOT NULL) AS conflict_agencies,
           ARRAY(SELECT a FROM unnest(%(agencies)s::bigint[]) a) AS own_agencies)"""
_CONFLICT_PEOPLE = "(SELECT conflict_people FROM me)::bigint[]"
_CONFLICT_AGENCIES, _OWN_AGENCIES = (
    "(SELECT conflict_agencies FROM me)::bigint[]",
    "(SELECT own_agencies FROM me)::bigint[]",
)
_AGENCIES = "(SELECT conflict_agencies || own_agencies FROM me)::bigint[]"

# OFFSET 0 keeps each check a probe per case: made into a join or a hash it would read whole tables.
_PARTY = "EXISTS (SELECT 1 FROM reviews_caseparty p WHERE p.case_id = c.id AND ({of}) OFFSET 0)"
# Agencies of a party as they were noted when the case was opened, and as they are now.
_OF_AGENCY = """(cardinality({agencies}) > 0 AND EXISTS (
    SELECT 1 FROM reviews_caseparty p LEFT JOIN people_user u ON u.id = p.user_id
    WHERE p.case_id = c.id AND (p.agency_id = ANY ({agencies}) OR u.agency_id = ANY ({agencies})
        OR EXISTS (SELECT 1 FROM people_mandate m WHERE m.creator_id = p.user_id AND m.agency_id = ANY ({agencies})
                   AND m.starts_at <= %(now)s AND m.ends_at > %(now)s OFFSET 0)) OFFSET 0))"""

HAS_SKILL = "EXISTS (SELECT 1 FROM lanes WHERE lanes.skill = c.skill AND lanes.level = c.level)"
IS_PARTY = _PARTY.format(of="p.user_id = %(me)s")
CONCERNS_OWN_AGENCY = _OF_AGENCY.format(agencies=_OWN_AGENCIES)
HAS_CONFLICT = (
    f"({_PARTY.format(of=f'p.user_id = ANY ({_CONFLICT_PEOPLE})')} OR {_OF_AGENCY.format(agencies=_CONFLICT_AGENCIES)})"
)
# Whoever decided, confirmed or doubted anything about what the case is about, in whichever case that was.
ACTED = """(EXISTS (SELECT 1 FROM reviews_participation a
    WHERE a.case_id = c.id AND a.user_id = %(me)s OFFSET 0)
    OR EXISTS (SELECT 1 FROM reviews_participation a
    WHERE a.topic = ANY (c.topics) AND a.user_id = %(me)s OFFSET 0))"""
# Something else about the same account: somebody else comes first, but a case that is overdue is not left lying.
ACTED_ON_ACCOUNT = """(c.account <> '' AND c.due_at > %(now)s AND EXISTS (SELECT 1 FROM reviews_participation a
    WHERE a.topic = c.account AND a.user_id = %(me)s OFFSET 0))"""
GAVE_BACK = """EXISTS (SELECT 1 FROM reviews_claim g WHERE g.case_id = c.id AND g.reviewer_id = %(me)s
    AND g."end" = 'released' AND g.ended_at > %(rested)s OFFSET 0)"""
# The same rules in as few probes as they need.
NO_CONFLICT = f"""NOT {_PARTY.format(of=f"p.user_id = %(me)s OR p.user_id = ANY ({_CONFLICT_PEOPLE})")}
    AND NOT {_OF_AGENCY.format(agencies=_AGENCIES)} AND NOT {ACTED}
    AND NOT {ACTED_ON_ACCOUNT}"""

# The rules for several people at once: what the fragments take as parameters of one person comes from the row of each.
_OF_EACH = {
    "%(me)s": "asked.id",
    "%(level)s": "asked.level",
    "%(agencies)s": "array_remove(ARRAY[asked.agency_id], NULL)",
}
_REASONS = f"NOT {HAS_SKILL}, {IS_PARTY}, {CONCERNS_OWN_AGENCY}, {HAS_CONFLICT}, {ACTED}, {ACTED_ON_ACCOUNT}"
_WHY_ONE = f"WITH {LANES}, {REVIEWER} SELECT {_REASONS} FROM reviews_reviewcase c WHERE c.id = %(case)s"
_WHY = f"""SELECT asked.id, why.* FROM (
    SELECT person.id, person.agency_id, levels.level FROM people_user person
    JOIN unnest(%(people)s::bigint[], %(levels)s::int[]) levels (person_id, level) ON levels.person_id = person.id
) asked CROSS JOIN LATERAL ({functools.reduce(lambda sql, of: sql.replace(*of), _OF_EACH.items(), _WHY_ONE)}) why"""
# The rules for cases that are not opened yet. Their keys are not those of cases: as a negative id they find nothing.
_FUTURE_PARTY = "(SELECT c.id AS case_id, c.party AS user_id, NULL::bigint AS agency_id) p"
_WHY_FUTURE = f"""WITH {LANES}, {REVIEWER}, future AS MATERIALIZED (
    SELECT f.key, -f.key AS id, f.party, f.skill, f.level, f.topics, f.account, f.due_at
    FROM jsonb_to_recordset(%(cases)s::jsonb) AS f (
        key bigint, party bigint, skill text, level int, topics text[], account text, due_at timestamptz))
    SELECT c.key, {_REASONS.replace("reviews_caseparty p", _FUTURE_PARTY)} FROM future c"""
_CONCERNED = f"""WITH {REVIEWER}
    SELECT {IS_PARTY} OR {CONCERNS_OWN_AGENCY} FROM reviews_reviewcase c WHERE c.id = %(case)s"""
_CONFLICTED = f"""WITH {REVIEWER} SELECT {HAS_CONFLICT} FROM reviews_reviewcase c WHERE c.id = %(case)s"""
_SENTENCES: tuple[Promise, ...] = (
    _("This person does not review cases of this area and level."),
    _("This person is a party to the case."),
    _("This case concerns this person's agency."),
    _("This person has declared a conflict of interest with someone in this case."),
    _("This person has decided, confirmed or raised a concern about this before. Someone else must review it now."),
    _("This person has decided about this account before. Others have priority until the case is overdue."),
)


@dataclass(frozen=True)
class FutureCase:
    """A case that would be opened, as far as that says who may not serve it; `party` is the key of its only party."""

    key: int
    party: int
    skill: str
    level: int
    topics: Sequence[str]
    account: str
    due_at: datetime


def eligibility_parameters(user: User, *, level: int, now: datetime) -> dict[str, int | datetime | list[int]]:
    """What the fragments need to know about a person; `level` is what their role allows."""
    agencies = [user.agency_id] if user.agency_id else []
    return {"me": user.pk, "agencies": agencies, "level": level, "now": now, "rested": now - REST_AFTER_RELEASE}


def ineligibility_reasons(case: ReviewCase, levels: Mapping[int, int], *, now: datetime) -> dict[int, Promise | None]:
    """Why each of these people may not serve the case in its present stage; None for those who may. One query.

    `levels` are what their roles allow, by the keys of the people.
    """
    values: dict[str, list[int] | int | datetime] = {
        "people": list(levels),
        "levels": list(levels.values()),
        "case": case.pk,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WHY, values)
        rows = cursor.fetchall()
    return {person: _first_reason(found) for person, *found in rows}


def foresee_ineligibility(
    cases: Sequence[FutureCase], user: User, *, level: int, now: datetime
) -> dict[int, Promise | None]:
    """Why the person could not serve each of these cases once it is opened, by their keys; None where they could. One query."""
    described = json.dumps([vars(case) for case in cases], cls=DjangoJSONEncoder)
    with connection.cursor() as cursor:
        cursor.execute(_WHY_FUTURE, {**eligibility_parameters(user, level=level, now=now), "cases": described})
        rows = cursor.fetchall()
    return {key: _first_reason(found) for key, *found in rows}


def _first_reason(found: Sequence[bool]) -> Promise | None:
    return next((sentence for sentence, holds in zip(_SENTENCES, found, strict=True) if holds), None)


def is_concerned(case: ReviewCase, user: User, *, now: datetime) -> bool:
    """Whether the case is the person's own or their agency's. One query."""
    return _holds(_CONCERNED, case, user, now)


def has_conflict(case: ReviewCase, user: User, *, now: datetime) -> bool:
    """Whether the person has declared a conflict of interest with somebody in the case, or their agency. One query."""
    return _holds(_CONFLICTED, case, user, now)


def _holds(question: str, case: ReviewCase, user: User, now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, {**eligibility_parameters(user, level=0, now=now), "case": case.pk})
        row = cursor.fetchone()
    return bool(row and row[0])
