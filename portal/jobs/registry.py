"""Which function does which kind of work; filled from AppConfig.ready()."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.jobs.attempts import JobAttempt


@dataclass(frozen=True)
class JobKind:
    """How one kind of job is done.

    `attempts` counts every start, also one whose worker was killed. `exhausted(payload)` runs in
    the transaction that gives the job up.
    """

    name: str
    handler: Callable[[JobAttempt], None]
    queue: str = "default"
    attempts: int = 5
    exhausted: Callable[[dict[str, Any]], None] | None = None


@dataclass(frozen=True)
class PeriodicKind:
    """A kind that is enqueued once in every slot of `every` seconds."""

    kind: str
    every: int


kinds: dict[str, JobKind] = {}
periodics: dict[str, PeriodicKind] = {}


def register_kind(
    name: str,
    handler: Callable[[JobAttempt], None],
    *,
    queue: str = "default",
    attempts: int = 5,
    exhausted: Callable[[dict[str, Any]], None] | None = None,
) -> None:
    """Say which handler does a kind. Registering a kind twice is a programming error."""
    if name in kinds:
        message = f"job kind {name} is registered twice"
        raise ValueError(message)
    kinds[name] = JobKind(name, handler, queue, attempts, exhausted)


def register_periodic(name: str, every: int, function: Callable[[], object]) -> None:
    """Have `function` called about every `every` seconds (>= 10); it must be safe to run twice."""
    register_kind(name, lambda run: _call(run, function), attempts=1)
    periodics[name] = PeriodicKind(name, every)


def _call(run: JobAttempt, function: Callable[[], object]) -> None:
    # A slot's work is its own transactions; the row only says that the slot was served.
    function()
    with run.finish():
        pass
