"""Questions to a register: a row, and the job that asks (register_queries.py); or a person, who has looked."""

from datetime import timedelta
from typing import Any, Final

from certification import events
from certification.models import Check, Credential, QueryReason, RegisterQuery
from certification.registers import Record, seal_values
from portal import clock
from portal.audit import trail
from portal.jobs.queue import enqueue_job
from portal.people.models import User

ASK_JOB: Final = "certification.ask_register"


def ask_register(*, credential: Credential, by: User | None, reason: QueryReason) -> RegisterQuery:
    """Put a question to the register of a credential, in the caller's transaction.

    One that waits already is asked for the round in which the application is now.
    """
    application = credential.application
    facts: dict[str, Any] = {"reason": reason, "round": application.round}
    started = {"asked_at": clock.now(), "by": by}
    query, new = RegisterQuery.objects.get_or_create(
        credential=credential, answered_at=None, defaults={**facts, **started}
    )
    if not new and query.round != application.round:
        RegisterQuery.objects.filter(pk=query.pk, answered_at=None).update(**facts)
    trail.record_event(events.REGISTER_ASKED, application, by=by, credential=credential.pk, reason=reason.value)
    enqueue_question(query, attempt=1)
    return query


def keep_seen_record(check: Check, credential: Credential, record: Record, *, by: User) -> None:
    """Keep what a person saw in a register as an answer of the register is kept, in the caller's transaction."""
    facts = {"reason": QueryReason.LOOK_UP, "round": check.round, "asked_at": check.at, "by": by}
    query = RegisterQuery.objects.create(credential=credential, answered_at=check.at, check_row=check, **facts)
    query.values_sealed = seal_values(query, record)  # bound to the row's number
    query.save(update_fields=["values_sealed"])


def enqueue_question(query: RegisterQuery, *, attempt: int, after: timedelta = timedelta()) -> None:
    """Have a question asked, now or later; the job carries its id and how often it was asked."""
    now = clock.now()
    key = f"{ASK_JOB}:{query.pk}:{query.round}:{attempt}" + (f":{int(now.timestamp())}" if after else "")
    enqueue_job(ASK_JOB, {"query": query.pk, "attempt": attempt}, key=key, at=now + after if after else None)
