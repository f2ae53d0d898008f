"""What else can be done with the same follows: copied by one statement, or changed one by one as Django's ORM does."""

from typing import Any

from django.db import connection, transaction

from portal import grants
from portal.bench.measuring import Say, Stopwatch, write_checkpoint
from portal.bench.restitution_rows import EMPTY, SOURCE, rewrite_follow_table
from portal.sandbox.models import Follow

_SAMPLE = 2_000
_COPY_TABLE = "CREATE TABLE bench_copy (LIKE sandbox_follow INCLUDING ALL)"
_COPY = "INSERT INTO bench_copy SELECT * FROM sandbox_follow WHERE account_id = %s"


def time_others(say: Say) -> dict[str, Any]:
    """Follows a second of one INSERT..SELECT into a table with the same indexes, and of a loop over a sample."""
    figures = {"insert_select_per_s": _time_insert_select(), "orm_loop_per_s": _time_orm_loop()}
    say(f"other ways: {figures}")
    return figures


def wal_position() -> int:
    """Bytes of write-ahead log since the server was made."""
    return _number("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint")


def ledger_bytes() -> int:
    """What the ledger of all restitutions takes on the disk, with its indexes."""
    return _number("SELECT pg_total_relation_size('complaints_restitutionpage')")


def _time_insert_select() -> float:
    rewrite_follow_table()
    with grants.as_database_owner(connection), connection.cursor() as cursor:
        cursor.execute(_COPY_TABLE)
        write_checkpoint()
    with grants.as_database_owner(connection), connection.cursor() as cursor:
        watch = Stopwatch()
        cursor.execute(_COPY, [SOURCE])
        rate = watch.rate(cursor.rowcount)
        cursor.execute("DROP TABLE bench_copy")
    return rate


def _time_orm_loop() -> float:
    """Each follow is changed and saved in a transaction of its own; then all are as before."""
    sample = list(Follow.objects.filter(account_id=SOURCE).order_by("follower_id")[:_SAMPLE])
    watch = Stopwatch()
    for follow in sample:
        with transaction.atomic():
            Follow.objects.filter(pk=follow.pk).update(account_id=EMPTY)
    rate = watch.rate(len(sample))
    Follow.objects.filter(account_id=EMPTY).update(account_id=SOURCE)
    return rate


def _number(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int((cursor.fetchone() or (0,))[0])
