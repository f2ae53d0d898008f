"""How long to wait before a call is repeated: as long as the platform says, else a random part of a growing time."""

import random
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from portal import clock
from portal.outbound.http.client_settings import ClientSettings

_random = random.SystemRandom()


def retry_after(headers: Mapping[str, str], *, most: float) -> float | None:
    """Seconds of a Retry-After header, which holds seconds or a date, at most `most`; None without a readable one.

    A date is compared with that of the answer, so that the platform's clock need not agree with ours.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return min(float(text[:20]), most)
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    try:
        now = parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        now = clock.now()
    until, now = (moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in (until, now))
    return min(max((until - now).total_seconds(), 0.0), most)


def before_next(attempt: int, asked: float | None, settings: ClientSettings) -> float:
    """Seconds before the attempt after number `attempt` (first: 1): full jitter over an exponential time, not less than `asked`."""
    highest = min(settings.backoff_most, settings.backoff_seconds * 2 ** (attempt - 1))
    jitter = _random.uniform(0, highest)
    return jitter if asked is None else asked + jitter * 0.1


def jittered(seconds: float) -> float:
    """Up to a fifth more, a minute at most, so that portals to which one platform was silent do not all try it together."""
    return seconds + _random.uniform(0, min(seconds / 5, 60))
