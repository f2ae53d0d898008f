"""Periodic work of the connectors: platforms are asked what they serve, what has had its time is lifted or deleted."""

from datetime import timedelta
from typing import Any, Protocol

from django.db.models import Q
from django.db.models.functions import Random

from portal import clock
from portal.connectors.http.capabilities import note_problem
from portal.connectors.http.connector import HttpPlatform
from portal.connectors.models import DividedCall, HeldTarget, PlatformHold, ReceivedMessage, SentMessage
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_again, enqueue_job
from portal.outbound.faults import note_fault
from portal.outbound.shares import share_of_each
from portal.platforms import PlatformError, Unknown, registry, served, signing

LIFT_HOLD = "connectors.lift_hold"
READ_CAPABILITIES = "connectors.read_capabilities"
_SLOT_SECONDS = 60
# For so long a late repetition of a call is known as one.
_ENDED_KEPT = timedelta(days=365)


def http_platforms() -> dict[str, HttpPlatform]:
    """The platforms that are reached over HTTP by the contract, by code."""
    found = [row.accounts for row in registry.registered_connectors()]
    return {one.code: one for one in found if isinstance(one, HttpPlatform)}


class AskedPlatform(Protocol):
    """A platform of which a job finds out what it serves. `code` is its code."""

    code: str

    def read_capabilities(self) -> None:
        """Ask it, and keep the answer; raises PlatformError."""


def asked_platforms() -> dict[str, AskedPlatform]:
    """The platforms that are asked what they serve, by code."""
    found: list[Any] = [row.accounts for row in registry.registered_connectors()]
    return {one.code: one for one in found if hasattr(one, "read_capabilities")}


def ask_platforms() -> int:
    """Have each of them asked what it serves, by a job of its own, so that a silent one delays none."""
    platforms = asked_platforms()
    for code in platforms:
        ask_platform(code)
    return len(platforms)


def ask_platform(code: str) -> None:
    """Have one asked, at most once a minute."""
    slot = int(clock.now().timestamp()) // _SLOT_SECONDS
    enqueue_job(READ_CAPABILITIES, {"platform": code}, key=f"{READ_CAPABILITIES}:{code}@{slot}")


def read_platform_capabilities(run: JobAttempt) -> None:
    """Job: ask one platform; if it does not say it, what it said last still counts."""
    platform = asked_platforms().get(run.payload["platform"])
    if platform is not None:
        try:
            platform.read_capabilities()
        except PlatformError as error:
            note_problem(platform.code, str(error))
            note_fault(platform.code, error)
    with run.finish():
        pass


def purge_received_messages() -> int:
    """Delete the ids of requests that are too old to be taken again; returns how many."""
    old = ReceivedMessage.objects.filter(at__lt=clock.now() - 2 * signing.WINDOW - timedelta(minutes=1))
    return old.delete()[0]


def lift_expired_holds() -> int:
    """Have what was held until a moment lifted after it; returns how many jobs."""
    over = PlatformHold.objects.filter(ended_at=None, until__lte=clock.now())
    # At random, so that those that fail every time do not keep their places before others.
    rows = share_of_each(over, platform="target__platform", order_by=[Random()])
    return sum(enqueue_again(LIFT_HOLD, {"hold": pk}) for pk in rows.values_list("pk", flat=True))


def lift_hold(run: JobAttempt) -> None:
    """Job: end one hold whose time is over. What is gone from the platform needs nothing more."""
    hold = PlatformHold.objects.select_related("target").get(pk=run.payload["hold"])
    restrictions = served(registry.get_connector(hold.target.platform).restrictions)
    try:
        restrictions.lift_restriction(hold.target.target, key=hold.key)
    except Unknown:
        PlatformHold.objects.filter(pk=hold.pk).update(ended_at=clock.now())
    with run.finish():
        pass


def purge_ended_holds() -> int:
    """Delete works and accounts on which nothing holds any more for a year, and messages and divided calls as old; returns how many.

    What has still to be put back there stays.
    """
    for calls in (SentMessage, DividedCall):
        calls._default_manager.filter(at__lt=clock.now() - _ENDED_KEPT).delete()
    recent = PlatformHold.objects.filter(Q(ended_at=None) | Q(ended_at__gt=clock.now() - _ENDED_KEPT))
    over = HeldTarget.objects.filter(undo_data__isnull=True).exclude(holds__in=recent).exclude(holds=None)
    return over.delete()[1].get("connectors.HeldTarget", 0)
