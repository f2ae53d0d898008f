"""The rows of the queue's benchmark, made by sets, and the check afterwards that no rule was broken."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from portal import clock
from portal.bench.measuring import Say, vacuum_and_analyze
from portal.people.models import Agency, User
from portal.people.roles import Role
from portal.reviews.models import Claim, ReviewCase

ROLES = (Role.REVIEWER, Role.SENIOR_REVIEWER)
CREATORS, AGENCIES, CONFLICTS, SKILLS = 50_000, 200, 50_000, 20


@dataclass(frozen=True)
class Sizes:
    """How many rows: `cases` in all, three in ten waiting; `reviewers` people who may claim."""

    cases: int
    reviewers: int


# One reviewer in five is senior and one in twenty belongs to an agency; each has 5 of 20 skills. One
# waiting case in ten is at a second look, with its first reviewer noted.
_STATEMENTS: tuple[tuple[str, str], ...] = (
    (
        "skills",
        """
        INSERT INTO reviews_reviewerskill (user_id, skill, level, valid_until)
        SELECT u.id, 'skill-' || (u.id * 7 + k * 3) %% %(skills)s, 2,
               CASE WHEN (u.id + k) %% 10 = 0 THEN %(now)s - interval '1 day' END
        FROM people_user u, generate_series(0, 4) k WHERE u.role IN ('reviewer', 'senior_reviewer')""",
    ),
    (
        "conflicts",
        """
        INSERT INTO reviews_conflictofinterest (reviewer_id, user_id, kind, declared_at)
        SELECT r.lowest + i %% r.many, c.lowest + (i::bigint * 7919) %% %(creators)s, 'other', %(now)s
        FROM generate_series(1, %(conflicts)s) i,
             (SELECT min(id) AS lowest, count(*) AS many FROM people_user WHERE role LIKE '%%reviewer') r,
             (SELECT min(id) AS lowest FROM people_user WHERE role = 'creator') c
        ON CONFLICT DO NOTHING""",
    ),
    (
        "cases",
        """
        INSERT INTO reviews_reviewcase (state, kind, skill, level, entry_level, stage, titles, priority, reasons,
            opened_at, entered_at, rank_at, due_at, paused_for, closed_at, version, topics, account)
        SELECT CASE WHEN i %% 10 < 3 THEN 'waiting' ELSE 'closed' END, 'bench', 'skill-' || (i * 13 + i / 7) %% %(skills)s,
               CASE WHEN i %% 100 < 3 THEN 2 ELSE 1 END, 1, CASE WHEN i %% 100 < 3 THEN 'second' ELSE 'first' END,
               '{"en": "Bench"}', i %% 4, '{}', t, t, t - (i %% 4) * interval '12 hours', t + interval '5 days',
               interval '0', CASE WHEN i %% 10 < 3 THEN NULL ELSE t + interval '1 day' END, 1,
               ARRAY['bench.thing:' || i], 'bench.account:' || i / 3
        FROM (SELECT i, %(now)s - i * interval '1 second' AS t FROM generate_series(1, %(cases)s) i) rows""",
    ),
    (
        "parties",
        """
        INSERT INTO reviews_caseparty (case_id, user_id, agency_id, role)
        SELECT c.id, u.lowest + (c.id * 104729) %% %(creators)s, NULL, 'applicant'
        FROM reviews_reviewcase c, (SELECT min(id) AS lowest FROM people_user WHERE role = 'creator') u
        UNION ALL
        SELECT p.id, NULL, u.agency_id, 'agency'
        FROM reviews_reviewcase p, (SELECT min(id) AS lowest FROM people_user WHERE role = 'creator') l, people_user u
        WHERE u.id = l.lowest + (p.id * 104729) %% %(creators)s AND u.agency_id IS NOT NULL""",
    ),
    (
        "earlier parts",
        """
        INSERT INTO reviews_participation (case_id, user_id, role, at, topic)
        SELECT c.id, r.lowest + (c.id * 31) %% r.many, 'first', %(now)s, t.topic
        FROM reviews_reviewcase c CROSS JOIN LATERAL unnest(c.topics || c.account::varchar) t (topic),
             (SELECT min(id) AS lowest, count(*) AS many FROM people_user WHERE role LIKE '%%reviewer') r
        WHERE c.stage = 'second'""",
    ),
    (
        "earlier claims",
        """
        INSERT INTO reviews_claim (case_id, reviewer_id, stage, given, claimed_at, ended_at, "end", note)
        SELECT c.id, r.lowest + (c.id * 31) %% r.many, 'first', false, %(now)s, %(now)s,
               CASE WHEN c.state = 'waiting' AND c.stage = 'first' THEN 'released' ELSE 'decided' END, ''
        FROM reviews_reviewcase c,
             (SELECT min(id) AS lowest, count(*) AS many FROM people_user WHERE role LIKE '%%reviewer') r
        WHERE c.state = 'closed' OR c.stage = 'second' OR c.id %% 50 = 0""",
    ),
)

# Written anew, not with the claim's own fragments: from the claim to the parties and the people.
_VIOLATIONS = """
    SELECT count(*) FROM reviews_claim k
    JOIN reviews_reviewcase c ON c.id = k.case_id JOIN people_user r ON r.id = k.reviewer_id
    WHERE k.ended_at IS NULL AND (
        k.case_id IN (SELECT p.case_id FROM reviews_caseparty p LEFT JOIN people_user u ON u.id = p.user_id
                      LEFT JOIN reviews_conflictofinterest t ON t.user_id = p.user_id AND t.reviewer_id = r.id
                      WHERE p.case_id = c.id AND (p.user_id = r.id OR t.id IS NOT NULL
                            OR p.agency_id = r.agency_id OR u.agency_id = r.agency_id))
        OR k.case_id IN (SELECT a.case_id FROM reviews_participation a WHERE a.user_id = r.id AND a.role <> c.stage)
        OR EXISTS (SELECT 1 FROM reviews_participation a
                   WHERE a.user_id = r.id AND a.case_id <> k.case_id AND a.topic = ANY (c.topics))
        OR (c.level = 2 AND r.role <> 'senior_reviewer')
        OR NOT EXISTS (SELECT 1 FROM reviews_reviewerskill s WHERE s.user_id = r.id AND s.skill = c.skill
                       AND (s.valid_until IS NULL OR s.valid_until > k.claimed_at)))"""
_DOUBLE = """
    SELECT count(*) - count(DISTINCT case_id) + count(*) - count(DISTINCT reviewer_id)
    FROM reviews_claim WHERE ended_at IS NULL"""
_UNRECORDED = """
    SELECT count(*) FROM reviews_claim k WHERE k.ended_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM audit_auditevent e WHERE e.chain = 'case:' || k.case_id AND e.event = 'reviews.case.claimed')"""


def make_bench_rows(sizes: Sizes, say: Say) -> None:
    """Fill the tables of the present database, then vacuum and analyze as autovacuum would have.

    Where rows are there already, only the claims of the earlier run are ended, so that everybody's hands are free.
    """
    if ReviewCase.objects.exists():
        Claim.objects.filter(ended_at=None).update(ended_at=clock.now(), end=Claim.End.DECIDED)
        return
    values: dict[str, Any] = {"now": clock.now(), "cases": sizes.cases, "reviewers": sizes.reviewers}
    values |= {"creators": CREATORS, "agencies": AGENCIES, "conflicts": CONFLICTS, "skills": SKILLS}
    _people(sizes)
    with connection.cursor() as cursor:
        for name, statement in _STATEMENTS:
            cursor.execute(statement, values)
            say(f"{cursor.rowcount:>9,} {name}")
    vacuum_and_analyze()


def _people(sizes: Sizes) -> None:
    agencies = Agency.objects.bulk_create([Agency(code=f"bench-{i}", name=f"Bench {i}") for i in range(AGENCIES)])
    people = [
        User(email=f"creator{i}@bench.invalid", agency=agencies[i % AGENCIES] if i % 10 == 0 else None)
        for i in range(CREATORS)
    ]
    people += [
        User(
            email=f"reviewer{i}@bench.invalid",
            role=Role.SENIOR_REVIEWER if i % 5 == 0 else Role.REVIEWER,
            agency=agencies[i % AGENCIES] if i % 20 == 0 else None,
        )
        for i in range(sizes.reviewers)
    ]
    User.objects.bulk_create(people, batch_size=5000)


def count_violations() -> dict[str, int]:
    """How many claims broke a rule: two of one case or person, a conflict, a claim without its audit event."""
    names = {"double_claims": _DOUBLE, "conflicts_violated": _VIOLATIONS, "claims_unrecorded": _UNRECORDED}
    with connection.cursor() as cursor:
        return {name: int(cursor.execute(sql).fetchone()[0]) for name, sql in names.items()}
