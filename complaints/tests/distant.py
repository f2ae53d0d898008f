"""A platform whose followers do not join the portal's transaction, and processes that die around its calls."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from complaints.models import Restitution
from complaints.restitution import attribution
from complaints.tests import restitutions as make
from portal import clock
from portal.connectors.sandbox.connector import SandboxPlatform
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.platforms import registry


class DistantPlatform(SandboxPlatform):
    """The sandbox as if it stood behind a network: its calls do not join the caller's transaction."""

    joins = False


def use_distant_platform(patch: pytest.MonkeyPatch) -> DistantPlatform:
    """The only platform; pages keep their size."""
    made = DistantPlatform()
    patch.setattr(registry, "_connectors", {"sandbox": made.connector()})
    patch.setattr(attribution, "next_page_size", lambda batch, _seconds: batch)
    return made


def die_in(
    act: Callable[[], object],
    distant: DistantPlatform,
    call: str,
    patch: pytest.MonkeyPatch,
    *,
    arrives: bool = True,
) -> None:
    """Let the process die as soon as the platform has answered this call, or before it has reached it."""
    method = getattr(distant, call)

    def die(*args: Any, **kwargs: Any) -> None:
        if arrives:
            method(*args, **kwargs)
        raise KeyboardInterrupt

    with patch.context() as patched:
        patched.setattr(distant, call, die)
        with pytest.raises(KeyboardInterrupt):
            act()


def work(row: Restitution, *, after: timedelta = timedelta()) -> Restitution:
    """Run what waits, and what a dead process has left."""
    with clock.freeze_time(clock.now() + after):
        for pk in Job.objects.filter(state=JobState.RUNNING).values_list("pk", flat=True):
            runner.run_job(pk)  # the sweep would send it again
        runner.run_due_jobs()
    return make.fresh(row)


def check(row: Restitution) -> None:
    """The ledger balances."""
    undone = set(row.choices.carried_out().values_list("follower_id", flat=True))
    assert attribution.ledger_imbalances(row, row.pages.order_by("number"), undone) == []
