"""Periodic work of the connectors: platforms over HTTP are asked what they serve, old ids of requests are deleted."""

from datetime import timedelta

from portal import clock
from portal.connectors.http.capabilities import note_problem
from portal.connectors.http.connector import HttpPlatform
from portal.connectors.models import ReceivedMessage
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job
from portal.platforms import PlatformError, registry, signing

READ_CAPABILITIES = "connectors.read_capabilities"
_SLOT_SECONDS = 60


def http_platforms() -> dict[str, HttpPlatform]:
    """The platforms that are reached over HTTP by the contract, by code."""
    found = [row.accounts for row in registry.registered_connectors()]
    return {one.code: one for one in found if isinstance(one, HttpPlatform)}


def ask_platforms() -> int:
    """Have each of them asked what it serves, by a job of its own, so that a silent one delays none."""
    platforms = http_platforms()
    for code in platforms:
        ask_platform(code)
    return len(platforms)


def ask_platform(code: str) -> None:
    """Have one asked, at most once a minute."""
    slot = int(clock.now().timestamp()) // _SLOT_SECONDS
    enqueue_job(READ_CAPABILITIES, {"platform": code}, key=f"{READ_CAPABILITIES}:{code}@{slot}")


def read_platform_capabilities(run: JobAttempt) -> None:
    """Job: ask one platform; if it does not say it, what it said last still counts."""
    platform = http_platforms().get(run.payload["platform"])
    if platform is not None:
        try:
            platform.read_capabilities()
        except PlatformError as error:
            note_problem(platform.code, str(error))
    with run.finish():
        pass


def purge_received_messages() -> int:
    """Delete the ids of requests that are too old to be taken again; returns how many."""
    old = ReceivedMessage.objects.filter(at__lt=clock.now() - 2 * signing.WINDOW - timedelta(minutes=1))
    return old.delete()[0]
