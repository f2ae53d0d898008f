"""Calls about followers are carried out once: the answer is kept with what it did, and given again."""

import json
from collections.abc import Callable
from typing import Any

from django.db import connection

from portal.sandbox.models import Answer
from portal.sandbox.races import retry_on_race


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


def fetch_rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """All rows that a statement returns."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [tuple(row) for row in cursor.fetchall()]
