"""Calls about followers are carried out once: the answer is kept with what it did, and given again."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from django.db import Error, connection, transaction

from portal.platforms.protocol import PlatformError
from portal.sandbox.models import Answer

_TRIES = 5
_RACES = (psycopg.errors.UniqueViolation, psycopg.errors.DeadlockDetected)
Result = TypeVar("Result")


class ConcurrentChange(Exception):
    """Somebody followed or unfollowed while follows were written; it is done again from the start."""


def retry_on_race(work: Callable[[], Result]) -> Result:
    """Run `work` in a savepoint, again and again while others act on the same rows at the same moment.

    Raises PlatformError if that does not end.
    """
    for _attempt in range(_TRIES):
        try:
            with transaction.atomic():
                return work()
        except ConcurrentChange:
            continue
        except Error as error:
            if not isinstance(error.__cause__, _RACES):
                raise
    message = "these follows keep changing"
    raise PlatformError(message)


def answer_once(key: str, call: str, first: int, work: Callable[[], dict[str, Any] | None]) -> dict[str, Any] | None:
    """The kept answer to this call, or that of `work`, kept from now on; None is not kept.

    Of two equal calls at the same moment the second fails on what the first has written, and then
    finds its answer.
    """

    def kept_or_done() -> dict[str, Any] | None:
        rows = Answer.objects.filter(key=key, call=call, first=first)
        given = rows.values_list("given", flat=True).first()
        if given is not None:
            return dict(json.loads(given))
        answer = work()
        if answer is not None:
            Answer.objects.create(key=key, call=call, first=first, given=json.dumps(answer))
        return answer

    return retry_on_race(kept_or_done)


def fetch_one_row(sql: str, values: dict[str, Any]) -> tuple[Any, ...]:
    """The one row that a statement returns."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return tuple(cursor.fetchone())
