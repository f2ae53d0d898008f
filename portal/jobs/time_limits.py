"""A system check: what is inside ends before what is around it, so that nothing is killed while it does its work.

child of a parser < attempt at a job < process of the worker < message of the broker; and one call to another system
is over before another worker takes its job over.
"""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from portal.engines import documents, fingerprints, papers
from portal.pools import CALL_SECONDS, POOLS

# A job opens a file a few times at most: its bytes are read, it is looked at, then worked on.
_ROOM_SECONDS = 60


@register()
def check_time_limits(**_kwargs: Any) -> list[CheckMessage]:
    """One error for each pair of times that is the wrong way round."""
    return [
        Error(f"{inner} takes {least} s, but {outer} only {most} s.", id="jobs.E001")
        for inner, least, outer, most in _pairs()
        if least >= most
    ]


def _pairs() -> list[tuple[str, float, str, float]]:
    """(what is inside, its seconds, what is around it, its seconds)"""
    document = documents.LIMITS.inspect_seconds + documents.LIMITS.render_seconds + _ROOM_SECONDS
    upload = fingerprints.LIMITS.probe_seconds + _ROOM_SECONDS
    video = fingerprints.LIMITS.fingerprint_seconds + _ROOM_SECONDS
    paper = (papers.BOUNDS.pages + 1) * papers.BOUNDS.seconds + _ROOM_SECONDS
    children = {
        "documents": (document, documents.LIMITS.wall_seconds),
        "reading": (paper, papers.BOUNDS.wall_seconds),
        "uploads": (upload, fingerprints.LIMITS.wall_seconds),
        "media": (video, fingerprints.LIMITS.wall_seconds),
    }
    pairs: list[tuple[str, float, str, float]] = [
        (f"opening a file in pool {name}", max(seconds), "an attempt at its job", POOLS[name].attempt_seconds)
        for name, seconds in children.items()
    ]
    for name, pool in POOLS.items():
        pairs.append((f"a call in pool {name}", CALL_SECONDS, "an attempt at its job", pool.attempt_seconds))
        pairs.append((f"an attempt in pool {name}", pool.attempt_seconds, "its process", pool.hard_seconds))
        pairs.append((f"an attempt in pool {name}", pool.attempt_seconds, "Celery", settings.CELERY_TASK_TIME_LIMIT))
    broker = getattr(settings, "CELERY_BROKER_TRANSPORT_OPTIONS", {}).get("visibility_timeout", float("inf"))
    pairs.append(("a process", settings.CELERY_TASK_TIME_LIMIT, "the broker's redelivery", broker))
    # After its last sign of life a worker holds its job for two thirds of the lease at least.
    pairs.append(("a mail", settings.EMAIL_TIMEOUT, "a call", CALL_SECONDS))
    pairs.append(("a call", CALL_SECONDS, "the rest of a lost worker's lease", settings.JOBS_LEASE_SECONDS * 2 / 3))
    return pairs
