"""A pause of a restitution: nobody more is moved, and those moved so far are told at once and can undo it."""

from typing import Any

from complaints.actions.undo_periods import TELL_FOLLOWERS, undo_end
from complaints.models import Restitution
from complaints.states import RestitutionMode
from portal import clock
from portal.jobs import queue


def pause(row: Restitution, *, reason: str, **fields: Any) -> None:
    """Pause what is held or moves, in the caller's transaction, with the row locked; `fields` are set with it.

    A pause has no term, so followers do not wait for its end: those moved are told now, and those of a page whose call ends
    later within the hour (restitution_pages.resume_abandoned_jobs).
    """
    undo_until = row.undo_until
    if row.begun_at is not None and row.mode != RestitutionMode.INVITE:
        undo_until = undo_end(row)
        queue.enqueue_job(
            TELL_FOLLOWERS, {"restitution": row.pk}, key=f"{TELL_FOLLOWERS}:{row.pk}:{undo_until.isoformat()}"
        )
    row.move("pause", paused_at=clock.now(), control_reason=reason, undo_until=undo_until, **fields)
