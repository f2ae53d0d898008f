"""Which function does which kind of work; filled from AppConfig.ready()."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.jobs.attempts import Run


@dataclass(frozen=True)
class Kind:
    """How one kind of job is done.

    `attempts` counts every start, also one whose worker was killed. `exhausted(payload)` runs in
    the transaction that gives the job up.
    """

    name: str
    handler: Callable[[Run], None]
    queue: str = "default"
    attempts: int = 5
    exhausted: Callable[[dict[str, Any]], None] | None = None


@dataclass(frozen=True)
class Periodic:
    """A kind that is enqueued once in every slot of `every` seconds."""

    kind: str
    every: int


kinds: dict[str, Kind] = {}
periodics: dict[str, Periodic] = {}


def register(
    name: str,
    handler: Callable[[Run], None],
    *,
    queue: str = "default",
    attempts: int = 5,
    exhausted: Callable[[dict[str, Any]], None] | None = None,
) -> None:
    """Say which handler does a kind. Registering a kind twice is a programming error."""
    if name in kinds:
        message = f"job kind {name} is registered twice"
        raise ValueError(message)
    kinds[name] = Kind(name, handler, queue, attempts, exhausted)


def periodic(name: str, every: int, function: Callable[[], object]) -> None:
    """Have `function` called about every `every` seconds (>= 10); it must be safe to run twice."""
    register(name, lambda run: _call(run, function), attempts=1)
    periodics[name] = Periodic(name, every)


def _call(run: Run, function: Callable[[], object]) -> None:
    # A slot's work is its own transactions; the row only says that the slot was served.
    function()
    with run.finish():
        pass
