"""The two Celery tasks there are, to run a job and to tick, and the signs of life of the workers that run them."""

import time
from typing import Any

import structlog
from celery.signals import celeryd_after_setup, heartbeat_sent

from portal.celery import app
from portal.jobs import heartbeat, queue, runner
from portal.pools import POOLS

log = structlog.get_logger(__name__)
# The pools that this process serves, and when it said so last (monotonic, in seconds).
_served_pools: list[str] = []
_said_at = float("-inf")
_SAY_EVERY = 5.0


@app.task(name="portal.jobs.run")
def run_job_task(job_id: int) -> None:
    """Do one job by its id."""
    runner.run_job(job_id)


@app.task(name="portal.jobs.tick", soft_time_limit=30, time_limit=60)
def tick_task() -> None:
    """Open the slots of periodic work and send again what was lost."""
    queue.run_tick()
    heartbeat.record_heartbeat()


@celeryd_after_setup.connect
def _note_served_pools(instance: Any, **_kwargs: Any) -> None:
    _served_pools[:] = [name for name in instance.app.amqp.queues.consume_from if name in POOLS]


@heartbeat_sent.connect
def _say_pools_live(**_kwargs: Any) -> None:
    """Every two seconds in the parent of a pool's processes, which goes on while all of them are busy."""
    global _said_at  # noqa: PLW0603 -- one worker a process
    if not _served_pools or time.monotonic() < _said_at + _SAY_EVERY:
        return
    _said_at = time.monotonic()
    try:
        heartbeat.record_heartbeat(_served_pools)
    except Exception as error:  # noqa: BLE001 -- a cache that is away must not stop the worker
        log.warning("pool_heartbeat_failed", error=type(error).__name__)
