"""Follows that several people, and orders, write at the same moment: what lost a race is done again."""

from collections.abc import Callable
from functools import partial, wraps
from typing import ParamSpec, TypeVar

import psycopg
from django.db import Error, connection, transaction

from portal.platforms import PlatformError

_TRIES = 5
_RACES = (psycopg.errors.UniqueViolation, psycopg.errors.DeadlockDetected)
P = ParamSpec("P")
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


def retried_on_race(act: Callable[P, Result]) -> Callable[P, Result]:
    """An action that is done again when it lost a race; within a transaction only whoever began that can do it again."""

    @wraps(act)
    def trying(*args: P.args, **kwargs: P.kwargs) -> Result:
        work = partial(act, *args, **kwargs)
        if connection.in_atomic_block:
            return work()
        return retry_on_race(work)

    return trying
