"""The two Celery tasks there are: run a job, and tick."""

from portal.celery import app
from portal.jobs import pulse, queue, runner


@app.task(name="portal.jobs.run")
def run(job_id: int) -> None:
    """Do one job by its id."""
    runner.run(job_id)


@app.task(name="portal.jobs.tick")
def tick() -> None:
    """Open the slots of periodic work and send again what was lost."""
    queue.tick()
    pulse.beat()
