"""The two Celery tasks there are: run a job, and tick."""

from portal.celery import app
from portal.jobs import heartbeat, queue, runner


@app.task(name="portal.jobs.run")
def run_job_task(job_id: int) -> None:
    """Do one job by its id."""
    runner.run_job(job_id)


@app.task(name="portal.jobs.tick")
def tick_task() -> None:
    """Open the slots of periodic work and send again what was lost."""
    queue.run_tick()
    heartbeat.record_heartbeat()
