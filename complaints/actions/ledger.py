"""The ledger of a restitution: what a page of followers came to, split by the grounds on which they were moved."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from complaints import events
from complaints.models import Restitution, RestitutionGround, RestitutionPage
from portal import clock
from portal.audit import trail
from portal.platforms import MovedPage

# A page of the ledger is tens of thousands of ids; the ORM would look at each of them.
_LEDGER = """
    INSERT INTO complaints_restitutionpage
        (restitution_id, ground_id, number, moved, already, excluded, passed, restore_data, at, restored, overridden,
        missing, calling_key)
    SELECT %(restitution)s, %(ground)s, coalesce(max(number) + 1, 0), %(moved)s::bigint[], %(already)s::bigint[],
        %(excluded)s::jsonb, %(passed)s, %(restore_data)s, %(at)s, 0, '{}', '{}', ''
    FROM complaints_restitutionpage WHERE restitution_id = %(restitution)s
    RETURNING number"""


@dataclass
class Part:
    """Those of a page whose follows ended on one ground; None if the platform named none."""

    ground: RestitutionGround | None
    moved: list[int] = field(default_factory=list)
    already: list[int] = field(default_factory=list)


def record_moved_page(row: Restitution, done: MovedPage, *, batch: int) -> bool:
    """Write a page into the ledger, with the size of the next one, the counts of the locked restitution, and the audit trail.

    Gives whether a ground of it has fallen meanwhile.
    """
    number, fallen = _write_moved_page(row, done)
    row.batch = batch
    row.save(update_fields=["cursor", "batch", "moved", "already", "excluded", "passed"])
    trail.record_event(events.PAGE_MOVED, row, by=None, **_moved_page_counts(number, done))
    return fallen


def _write_moved_page(row: Restitution, done: MovedPage) -> tuple[int, bool]:
    """The number of its first row, and whether a ground of it has fallen."""
    parts = split_by_ground(done, list(row.grounds.all()))
    first, *rest = parts
    values = {"excluded": _as_json(done), "passed": done.passed}
    number = _insert_part(row, first, done.restore_data, values)
    for part in rest:
        _insert_part(row, part, done.restore_data, {"excluded": "{}", "passed": 0})
    row.moved += len(done.moved)
    row.already += len(done.already)
    row.passed += done.passed
    for reason, followers in done.excluded.items():
        row.excluded[reason] = row.excluded.get(reason, 0) + len(followers)
    return number, any(part.ground is not None and part.ground.fallen_at for part in parts)


def write_restored_page(row: Restitution, page: RestitutionPage) -> None:
    """Note what taking a page back came to, in it and in the counts of the locked restitution."""
    page.restored_at = clock.now()
    page.save(update_fields=["restored", "overridden", "missing", "restored_at"])
    row.restored += page.restored
    row.overridden += len(page.overridden)
    row.missing += len(page.missing)
    row.save(update_fields=["restored", "overridden", "missing"])


def restored_page_counts(page: RestitutionPage) -> dict[str, object]:
    """What the audit trail says of a page that was taken back."""
    counts = {"restored": page.restored, "overridden": len(page.overridden), "missing": len(page.missing)}
    return {"page": page.number, **counts}


def _moved_page_counts(number: int, done: MovedPage) -> dict[str, object]:
    """What the audit trail says of a page: numbers, and nobody's id."""
    excluded = {reason: len(followers) for reason, followers in done.excluded.items()}
    counts = {"moved": len(done.moved), "already": len(done.already), "passed": done.passed}
    return {"page": number, "excluded": excluded, **counts}


def split_by_ground(done: MovedPage, grounds: Sequence[RestitutionGround]) -> list[Part]:
    """One part for each ground that somebody's follow ended on; an empty one if nobody's did."""
    if not done.moved and not done.already:
        return [Part(None)]
    if len(grounds) == 1:
        return [Part(grounds[0], list(done.moved), list(done.already))]
    by_key: dict[object, RestitutionGround] = {ground.key: ground for ground in grounds}
    rest, already = {*done.moved, *done.already}, set(done.already)
    parts = []
    for key, followers in (*done.by_work.items(), *done.by_time.items()):
        ground = by_key.get(key)
        theirs = rest.intersection(followers) if ground else set()
        if theirs:
            parts.append(Part(ground, sorted(theirs - already), sorted(theirs & already)))
            rest -= theirs
    return [*parts, *([Part(None, sorted(rest - already), sorted(rest & already))] if rest else [])]


def _insert_part(row: Restitution, part: Part, restore_data: str, values: dict[str, Any]) -> int:
    values |= {
        "restitution": row.pk,
        "ground": part.ground.pk if part.ground else None,
        "moved": _sql_array(part.moved),
        "already": _sql_array(part.already),
        "restore_data": restore_data,
        "at": clock.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LEDGER, values)
        (number,) = cursor.fetchone()
    return int(number)


def _as_json(done: MovedPage) -> str:
    return json.dumps({reason: list(followers) for reason, followers in done.excluded.items()})


def _sql_array(followers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, followers)) + "}"
