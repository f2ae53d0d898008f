"""Writing, reading and verifying the audit trail. `record_event()` is the only writer."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from django.db import connection
from django.db.models import Model, QuerySet

from portal import clock
from portal.audit.models import DIGEST_SQL, AuditEvent

# Every action ends with this statement, so it does without the ORM; number and digest are the trigger's.
_INSERT = """
    INSERT INTO audit_auditevent (chain, number, event, at, actor, subject, data, digest)
    VALUES (%s, 0, %s, %s, %s, %s, %s::jsonb, '') RETURNING id, number, digest"""


class Actor(Protocol):
    """Somebody with a public id: a person of portal.people, which stands above the trail."""

    public_id: str


def subject_of(row: Model) -> str:
    """How the trail names a row: `app.model:primary key`."""
    return f"{row._meta.label_lower}:{row.pk}"


def record_event(event: str, on: Model, *, by: Actor | None, **data: Any) -> AuditEvent:
    """Append an event, in the caller's transaction.

    `event` is `app.model.participle`; `by` is None for the system; `data` holds codes, public ids and times, never
    names, addresses or free text that a person typed. Events of one chain are hashed together: the row's
    `chain` (that of its case), else the row's own. A row with `audit_data` has it written with every event.
    """
    row = AuditEvent(
        chain=getattr(on, "chain", subject_of(on)),
        event=event,
        at=clock.now(),
        actor=by.public_id if by else "",
        subject=subject_of(on),
        data=getattr(on, "audit_data", {}) | data,
    )
    with connection.cursor() as cursor:
        values: list[str | datetime] = [row.chain, row.event, row.at, row.actor, row.subject, json.dumps(row.data)]
        cursor.execute(_INSERT, values)
        row.pk, row.number, row.digest = cursor.fetchone()
    row._state.adding, row._state.db = False, connection.alias
    return row


def record_events(event: str, on: Iterable[Model]) -> None:
    """Append the same event of the system to many rows of one model, each to its own chain, in one statement.

    The chains are locked in the order of the rows until the end of the transaction.
    """
    rows = [(getattr(row, "chain", subject_of(row)), subject_of(row), getattr(row, "audit_data", {})) for row in on]
    if not rows:
        return
    chains, subjects, data = zip(*rows, strict=True)
    values: dict[str, Any] = {"event": event, "at": clock.now(), "chains": list(chains), "subjects": list(subjects)}
    source = "unnest(%(chains)s::text[], %(subjects)s::text[], %(data)s::jsonb[]) AS told (chain, subject, data)"
    sql = insert_event_sql(
        chain="told.chain",
        event="%(event)s",
        at="%(at)s",
        actor="''",
        subject="told.subject",
        data="told.data",
        source=source,
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values | {"data": [json.dumps(entry) for entry in data]})


def insert_event_sql(*, chain: str, event: str, at: str, actor: str, subject: str, data: str, source: str) -> str:
    """For an action that is one SQL statement: the part of it that appends its event, as record_event() would.

    All arguments are SQL expressions over the rows of `source`, composed of the caller's own constants.
    """
    return f"""INSERT INTO audit_auditevent (chain, number, event, at, actor, subject, data, digest)
        SELECT {chain}, 0, {event}, {at}, {actor}, {subject}, {data}, '' FROM {source}"""


def events_of(chain: str) -> QuerySet[AuditEvent]:
    """The events of one chain, in order."""
    return AuditEvent.objects.filter(chain=chain).order_by("number")


def events_of_chains(chains: Iterable[str]) -> QuerySet[AuditEvent]:
    """The events of several chains together, by time."""
    return AuditEvent.objects.filter(chain__in=list(chains)).order_by("at", "id")


def broken_links(limit: int = 20) -> list[tuple[str, int]]:
    """(chain, number) of events whose digest or number does not follow from the one before."""
    digest = DIGEST_SQL.format(previous="linked.previous", row="linked")
    sql = f"""
        SELECT chain, number FROM (
            SELECT e.*, lag(digest) OVER w AS previous, row_number() OVER w AS place
            FROM audit_auditevent e WINDOW w AS (PARTITION BY chain ORDER BY number)
        ) AS linked
        WHERE digest <> {digest} OR number <> place
        ORDER BY chain, number LIMIT %s"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [limit])
        return list(cursor.fetchall())
