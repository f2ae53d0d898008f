"""The rows of the benchmark of restitution, made by sets, and the edges that must be there afterwards.

Follower number n of the account does what n modulo 1000 says, so that every page is mixed and the expected
edges follow from arithmetic, not from the statements that are measured.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from complaints.models import Complaint, Remedy, RemedyKind, RestitutionPolicy, Work
from complaints.states import Outcome, RestitutionMode
from portal import clock, grants
from portal.bench.measuring import Say
from portal.people.models import LinkedAccount, User
from portal.people.roles import Role
from portal.reviews.actions import cases
from portal.reviews.actions.cases import Party
from portal.reviews.models import Decision, ReviewCase

# The account without followers, for the bare UPDATE, is not the last one: PostgreSQL adds to the end of an index by
# a shortcut that no account of a platform with many ever gets.
SOURCE, EMPTY, TARGET = 1, 2, 3
COPY, DISPUTED = 1, 2
FIRST = 1_000  # the first follower's id
PUBLISHED = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
# Of a thousand followers: 5 have blocked the author, 10 are machines, 5 minors, 10 closed, 5 stay by their own
# request, 5 came by a video about which another complaint is open, 100 follow both, 120 came by something else, 80
# nobody knows how, 660 by the copy.
_N = f"(f.follower_id - {FIRST}) %% 1000"
_ENDS = f"({_N} BETWEEN 40 AND 139 OR {_N} >= 260)"  # the follow of the source ends, moved or not
_MOVES = f"({_N} >= 260)"

_STATEMENTS: tuple[tuple[str, str], ...] = (
    (
        "accounts",
        f"""
        INSERT INTO sandbox_account (id, handle, name, bio, region, agency, language, is_bot, is_minor_closed,
                                     joined_at, closed_at)
        SELECT {FIRST} + n, 'viewer-' || n, 'Viewer', '', 'us', '', 'en', n %% 1000 BETWEEN 5 AND 14,
               n %% 1000 BETWEEN 15 AND 19, %(at)s, CASE WHEN n %% 1000 BETWEEN 20 AND 29 THEN %(at)s END
        FROM generate_series(0, %(accounts)s - 1) n""",
    ),
    (
        "follows of the account",
        f"""
        INSERT INTO sandbox_follow (account_id, follower_id, created_at, post_id, confirmed_at, source_kind, order_key)
        SELECT {SOURCE}, {FIRST} + n, %(at)s + n * interval '1 millisecond',
               CASE WHEN k BETWEEN 35 AND 39 THEN {DISPUTED} WHEN k BETWEEN 140 AND 339 THEN NULL ELSE {COPY} END,
               CASE WHEN k BETWEEN 30 AND 34 THEN %(at)s END,
               CASE WHEN k BETWEEN 140 AND 259 THEN 'profile' WHEN k BETWEEN 260 AND 339 THEN '' ELSE 'post' END, ''
        FROM (SELECT n, n %% 1000 AS k FROM generate_series(0, %(followers)s - 1) n) rows""",
    ),
    (
        "follows of the author",
        f"""
        INSERT INTO sandbox_follow (account_id, follower_id, created_at, post_id, confirmed_at, source_kind, order_key)
        SELECT {TARGET}, {FIRST} + n, %(at)s - interval '9 days', NULL, NULL, 'profile', ''
        FROM generate_series(0, %(accounts)s - 1) n WHERE n %% 1000 BETWEEN 40 AND 139 OR n >= %(followers)s""",
    ),
    (
        "blocks",
        f"""
        INSERT INTO sandbox_block (account_id, by_id, mutes_only)
        SELECT {TARGET}, {FIRST} + n, n %% 2 = 0 FROM generate_series(0, %(followers)s - 1) n WHERE n %% 1000 < 5""",
    ),
)
_MAIN = """
    INSERT INTO sandbox_account (id, handle, name, bio, region, agency, language, is_bot, is_minor_closed, joined_at)
    SELECT id, handle, handle, '', 'us', '', 'en', false, false, %(at)s
    FROM (VALUES (1, 'copier'), (2, 'nobody'), (3, 'author')) rows (id, handle)"""
_POSTS = """
    INSERT INTO sandbox_post (id, account_id, title, published_at, views)
    SELECT n, 1, 'Video', %(at)s - (n - 1) * interval '1 day', 0 FROM generate_series(1, 2) n"""
# Every follow of the two accounts as it was made, and as it must be after the move. The tables are logged: an unlogged one is empty after
# the server was killed, and nothing would be missed.
_SNAPSHOT = """
    CREATE TABLE bench_before AS SELECT account_id, follower_id, created_at, post_id, confirmed_at, source_kind
    FROM sandbox_follow"""
_EXPECTED = f"""
    CREATE VIEW bench_expected AS
    SELECT CASE WHEN f.account_id = {SOURCE} AND {_MOVES} THEN {TARGET} ELSE f.account_id END AS account_id,
           f.follower_id, f.created_at, f.post_id, f.confirmed_at, f.source_kind
    FROM bench_before f WHERE NOT (f.account_id = {SOURCE} AND {_ENDS} AND NOT {_MOVES})"""
_DIFFERENCE = """
    SELECT count(*) FROM (SELECT account_id, follower_id, created_at, post_id, confirmed_at, source_kind FROM {} EXCEPT
                          SELECT account_id, follower_id, created_at, post_id, confirmed_at, source_kind FROM {}) rows"""
_FOREIGN_KEYS = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'"""
BEFORE, EXPECTED = "bench_before", "bench_expected"
# The same follows that the restitution ends or moves, changed by nothing but a statement.
BARE_UPDATE = f"UPDATE sandbox_follow f SET account_id = {EMPTY} WHERE f.account_id = {SOURCE} AND {_ENDS}"
BARE_UPDATE_OF_SOME = f"{BARE_UPDATE} AND f.follower_id >= %(first)s AND f.follower_id < %(end)s"
BARE_UPDATE_BACK = f"UPDATE sandbox_follow SET account_id = {SOURCE} WHERE account_id = {EMPTY}"


def make_bench_rows(followers: int, say: Say) -> None:
    """Fill the tables of the sandbox. The author has followers of their own besides, a fifth as many."""
    values: dict[str, Any] = {"at": PUBLISHED, "followers": followers, "accounts": followers + followers // 5}
    with _without_foreign_keys("sandbox_follow"), connection.cursor() as cursor:
        cursor.execute(_MAIN, values)
        cursor.execute(_POSTS, values)
        for name, statement in _STATEMENTS:
            cursor.execute(statement, values)
            say(f"{cursor.rowcount:>11,} {name}")
    with grants.as_database_owner(connection) as role, connection.cursor() as cursor:
        cursor.execute(_SNAPSHOT)
        cursor.execute(_EXPECTED, {})
        cursor.execute(f'GRANT SELECT ON bench_before, bench_expected TO "{role}"')


@contextmanager
def _without_foreign_keys(table: str) -> Iterator[None]:
    """Check the foreign keys of a table once at the end: a trigger for each row takes most of the time of loading."""
    with connection.cursor() as cursor:
        cursor.execute(_FOREIGN_KEYS, [table])
        keys = cursor.fetchall()
    with grants.as_database_owner(connection), connection.cursor() as cursor:
        for name, _definition in keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    with grants.as_database_owner(connection), connection.cursor() as cursor:
        for name, definition in keys:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def rewrite_follow_table() -> None:
    """Give every phase the same table: no dead rows, fresh statistics."""
    with grants.as_database_owner(connection), connection.cursor() as cursor:
        cursor.execute("VACUUM (FULL, ANALYZE) sandbox_follow")
        cursor.execute("VACUUM (ANALYZE)")


def missing_edges(table: str) -> int:
    """How many edges of BEFORE or EXPECTED are not there."""
    return _count_rows(_DIFFERENCE.format(table, "sandbox_follow"))


def surplus_edges(table: str) -> int:
    """How many edges are there that the snapshot does not have."""
    return _count_rows(_DIFFERENCE.format("sandbox_follow", table))


def count_snapshot() -> int:
    """How many edges the snapshot has."""
    return _count_rows("SELECT count(*) FROM bench_before")


def create_restitution_remedy(platform: str = "sandbox") -> Remedy:
    """The restitution of an upheld complaint about the copy; about another video somebody else's complaint is open."""
    author, other, reviewer = _person(Role.CREATOR), _person(Role.CREATOR), _person(Role.SENIOR_REVIEWER)
    RestitutionPolicy.objects.update_or_create(region="us", defaults={"mode": RestitutionMode.MOVE, "hold_days": 0})
    proof = {"handle": "author", "state": "proven", "proven_at": clock.now()}
    LinkedAccount.objects.create(person=author, platform=platform, external_id=str(TARGET), **proof)
    _complaint(platform, other, DISPUTED, state="in_review", told_at=clock.now())
    decision = _decision(author, reviewer)
    complaint = _complaint(platform, author, COPY, state="upheld", decision=decision, result=Outcome.UPHELD)
    return Remedy.objects.create(complaint=complaint, decision=decision, kind=RemedyKind.RESTITUTION)


def _person(role: str) -> User:
    return User.objects.create_user(f"{role}{User.objects.count()}@bench.invalid", role=role)


def _complaint(platform: str, author: User, post: int, **fields: Any) -> Complaint:
    works = Work.objects
    return Complaint.objects.create(
        number=f"B-{Complaint.objects.count():06d}",
        complainant=author,
        original=works.create(title="Original", owner=author),
        copy=works.create(title="Copy", platform=platform, external_id=str(post), account_id=str(SOURCE)),
        platform=platform,
        account_id=str(SOURCE),
        account_handle="copier",
        region="us",
        regime_code="terms",
        ticks=["right", "accurate"],
        submitted_at=clock.now(),
        **fields,
    )


def _decision(author: User, reviewer: User) -> Decision:
    case: ReviewCase = cases.open_case(
        "complaints.complaint",
        skill="originality",
        titles={"en": "Bench"},
        parties=[Party(author, "complainant")],
        due_at=clock.now() + timedelta(days=10),
        by=author,
    )
    return Decision.objects.create(
        case=case,
        case_version=case.version,
        stage="first",
        outcome=Outcome.UPHELD,
        adverse=True,
        reasons=["bench"],
        explanation="Made for a benchmark.",
        by=reviewer,
        state="final",
    )


def _count_rows(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int((cursor.fetchone() or (0,))[0])
