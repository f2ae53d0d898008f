"""Doors to the work that nobody waits for: jobs, and what beat calls."""

from complaints.actions import moving, restitutions
from portal.jobs import registry

_MINUTE = 60


def register() -> None:
    """Called once, when the app is ready."""
    _restitutions()


def _restitutions() -> None:
    for kind, handler in (
        (restitutions.MOVE, moving.move),
        (restitutions.TELL, moving.tell),
        (restitutions.RESTORE, moving.restore),
    ):
        registry.register(kind, handler, attempts=moving.ATTEMPTS, exhausted=restitutions.give_up)
    registry.periodic("complaints.begin_restitutions", _MINUTE, restitutions.begin_due)
    registry.periodic("complaints.release_reserved", 5 * _MINUTE, restitutions.release_reserved)
    registry.periodic("complaints.go_on_moving", 5 * _MINUTE, moving.go_on)
