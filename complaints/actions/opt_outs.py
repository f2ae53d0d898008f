"""A follower opts out of all restitutions to come, or in again.

The wish is kept at once, and a job has the platform note it, which then leaves the follower out of every order. Until the
platform has confirmed it, the page says so.
"""

from datetime import timedelta

from django.db import transaction

from complaints.models import FollowerOptOut
from portal import clock
from portal.jobs import queue
from portal.jobs.attempts import JobAttempt
from portal.platforms import NotServed, Unknown, registry, served

APPLY_OPT_OUT = "complaints.apply_opt_out"
OPT_OUT_ATTEMPTS = 20
_AGAIN_AFTER = timedelta(minutes=10)
_ENDED_KEPT = timedelta(days=30)


def can_opt_out(platform: str) -> bool:
    """Whether the platform spares followers who want that."""
    try:
        return registry.get_connector(platform).serves("opt_outs")
    except NotServed:
        return False


@transaction.atomic
def ask_opt_out(*, platform: str, follower_id: int, opted_out: bool) -> FollowerOptOut:
    """Keep what a follower wants, and have a job tell the platform; asking for the same again changes nothing."""
    FollowerOptOut.objects.bulk_create(
        [FollowerOptOut(platform=platform, follower_id=follower_id, opted_out=not opted_out)], ignore_conflicts=True
    )
    now = clock.now()
    wish = FollowerOptOut.objects.filter(platform=platform, follower_id=follower_id)
    changed = wish.exclude(opted_out=opted_out).update(opted_out=opted_out, asked_at=now, applied_at=None)
    row = wish.get()
    if changed:
        queue.enqueue_job(APPLY_OPT_OUT, {"opt_out": row.pk}, key=f"{APPLY_OPT_OUT}:{row.pk}:{now.isoformat()}")
    return row


def apply_opt_out(run: JobAttempt) -> None:
    """Job: tell the platform what a follower wants now. A wish that changes meanwhile has a job of its own."""
    for row in FollowerOptOut.objects.filter(pk=run.payload["opt_out"], applied_at=None):
        key = f"opt-out:{row.pk}:{row.asked_at.isoformat()}"
        row.claim_call(key, asked_at=row.asked_at)
        _tell_platform(row)
        with transaction.atomic():
            if row.end_call(key):
                FollowerOptOut.objects.filter(pk=row.pk, asked_at=row.asked_at).update(applied_at=clock.now())


def resume_abandoned_opt_outs() -> int:
    """Ask again for wishes of which the platform does not know yet; at most once an hour. Returns how many."""
    rows = FollowerOptOut.objects.unknown(clock.now() - _AGAIN_AFTER)
    return sum(queue.enqueue_again(APPLY_OPT_OUT, {"opt_out": pk}) for pk in rows.values_list("pk", flat=True))


def purge_ended_opt_outs() -> int:
    """Delete wishes that were taken back long ago; the platform has known it since. Returns how many."""
    ended = FollowerOptOut.objects.filter(opted_out=False, applied_at__lte=clock.now() - _ENDED_KEPT)
    return ended.delete()[0]


def _tell_platform(row: FollowerOptOut) -> None:
    try:
        served(registry.get_connector(row.platform).opt_outs).set_opt_out(row.follower_id, opted_out=row.opted_out)
    except Unknown:
        return  # Their account is gone: there is nobody to spare.
