"""When an API client was last used, as administrators see it: to the minute, at the price of a write a minute."""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection

from portal import clock
from portal.people.models.api_clients import ApiClientUse

PRECISION = timedelta(minutes=1)
# In this process: client to the moment (monotonic seconds) at which the row was last looked at.
_looked_at: dict[str, float] = {}
_MOST_REMEMBERED = 10_000


def note_use(client: str) -> None:
    """Note that a token of the client has been taken. Most calls cost nothing: no query, no call to the cache."""
    moment = time.monotonic()
    if moment - _looked_at.get(client, -PRECISION.total_seconds()) < PRECISION.total_seconds():
        return
    if len(_looked_at) >= _MOST_REMEMBERED:
        _looked_at.clear()
    _looked_at[client] = moment
    now = clock.now()
    with connection.cursor() as cursor:
        # Processes that come together write once; nobody waits for another's row longer than for this statement.
        cursor.execute(
            """INSERT INTO people_apiclientuse (client, last_used_at) VALUES (%(client)s, %(now)s)
               ON CONFLICT (client) DO UPDATE SET last_used_at = EXCLUDED.last_used_at
               WHERE people_apiclientuse.last_used_at <= %(before)s""",
            {"client": client, "now": now, "before": now - PRECISION},
        )


def last_uses(clients: Iterable[str]) -> dict[str, datetime]:
    """Client to its last use, for those that were used."""
    rows = ApiClientUse.objects.filter(client__in=list(clients))
    return dict(rows.values_list("client", "last_used_at"))


def forget_use(client: str) -> None:
    """The client has ended."""
    ApiClientUse.objects.filter(client=client).delete()
