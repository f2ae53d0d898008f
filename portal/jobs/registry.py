"""Which function does which kind of work; filled from AppConfig.ready()."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.jobs.attempts import JobAttempt
from portal.pools import POOLS, Pool, pool_of


@dataclass(frozen=True)
class JobKind:
    """How one kind of job is done.

    `attempts` counts every start, also one whose worker was killed. `exhausted(payload)` runs in
    the transaction that gives the job up.
    """

    name: str
    handler: Callable[[JobAttempt], None]
    attempts: int = 5
    exhausted: Callable[[dict[str, Any]], None] | None = None

    @property
    def pool(self) -> Pool:
        """The pool whose workers do it."""
        return POOLS[self.queue]

    @property
    def queue(self) -> str:
        """The name of the pool and of its queue."""
        return pool_of(self.name)


@dataclass(frozen=True)
class PeriodicKind:
    """A kind that is enqueued once in every slot of `every` seconds."""

    kind: str
    every: int


kinds: dict[str, JobKind] = {}
periodics: dict[str, PeriodicKind] = {}
# A slot whose worker was killed is served by another one.
_PERIODIC_ATTEMPTS = 3


def register_kind(
    name: str,
    handler: Callable[[JobAttempt], None],
    *,
    attempts: int = 5,
    exhausted: Callable[[dict[str, Any]], None] | None = None,
) -> None:
    """Say which handler does a kind. Registering a kind twice is a programming error."""
    if name in kinds:
        message = f"job kind {name} is registered twice"
        raise ValueError(message)
    kinds[name] = JobKind(name, handler, attempts, exhausted)


def register_periodic(name: str, every: int, function: Callable[[], object]) -> None:
    """Have `function` called about every `every` seconds (>= 10); it must be safe to run twice.

    It may take longer than that: the next slot opens once this one is over.
    """
    register_kind(name, lambda run: _call(run, function), attempts=_PERIODIC_ATTEMPTS)
    periodics[name] = PeriodicKind(name, every)


def _call(run: JobAttempt, function: Callable[[], object]) -> None:
    # A slot's work is its own transactions; the row only says that the slot was served.
    function()
    with run.finish():
        pass
