"""Removals and restrictions by key on a platform that knows one of each at a time.

The portal's rows say which of its own hold. The platform is told when the first begins and when the last ends. Whose it is
that stands there is told by what is read (`Switch.read`); what is somebody else's is taken back by them alone. Nothing
rests on the answer to a change: what came of it is read, also where the answer was lost, and a change of several calls
goes on from what is read.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol
from uuid import uuid4

from django.db.models import Q, QuerySet

from portal import clock
from portal.connectors.models import HeldTarget, PlatformHold
from portal.outbound import discrepancies
from portal.outbound.calls import CallInProgress
from portal.outbound.deadlines import limit_calls
from portal.outbound.http import Busy
from portal.outbound.models import Effect, Problem
from portal.pools import CALL_SECONDS

_LOG = logging.getLogger(__name__)
# The longest reason that every release of PeerTube takes for a video and for an account.
LONGEST_REASON = 250
# Left of the lease of a claim when the last call ends.
_ROOM_SECONDS = 5
_EFFECTS = {"removals": Effect.REMOVAL, "restrictions": Effect.RESTRICTION}


class HeldBy(Enum):
    """Who has the work or the account in their hands on the platform."""

    NOBODY = "nobody"
    PORTAL = "portal"
    OTHERS = "others"


@dataclass(frozen=True)
class Standing:
    """What the platform shows now: whether it is in effect, and whose it is. The portal's may be there in part only."""

    in_effect: bool
    held_by: HeldBy


class Switch(Protocol):
    """The one removal of a work, or the one restriction of an account. Every call raises as those of a connector.

    `row` is the portal's row of it, in which the switch may keep `undo_data`: what a change has to put back.
    """

    @property
    def lag(self) -> timedelta | None:
        """For how long a change is not complete after it was seen."""

    def read(self, row: HeldTarget | None) -> Standing:
        """What stands there now; `row` is None where the portal has never held it."""

    def turn_on(self, row: HeldTarget, reason: str) -> None:
        """Put it into effect from wherever it stands, and read that it is; raises PlatformError if it is not."""

    def turn_off(self, row: HeldTarget) -> None:
        """End it from wherever it stands, and read that it has ended; raises PlatformError if it has not."""


@dataclass(frozen=True)
class Place:
    """What is held: a work (`removals`) or an account (`restrictions`) of a platform."""

    platform: str
    ability: str
    target: str

    @property
    def discrepancy(self) -> str:
        """The key under which it is noted for staff that others keep it so."""
        return f"others:{self.platform}:{self.ability}:{self.target}"[:200]

    def row(self) -> HeldTarget | None:
        """The portal's row, None where it has never held it."""
        return HeldTarget.objects.filter(**vars(self)).first()


def begin_hold(
    place: Place, switch: Switch, *, key: str, reason: str, until: datetime | None = None
) -> datetime | None:
    """Hold it under a key, unless that has ended before. When that is complete, None if at once."""
    reason = shown_reason(reason)
    switch.read(place.row())
    with _claimed(place, key) as row:
        found = switch.read(row)
        others = found.held_by is HeldBy.OTHERS
        new = {"reason": reason, "until": until, "others": others}
        hold, created = row.holds.get_or_create(key=key, defaults=new)
        if not _holding(row).filter(pk=hold.pk).exists():
            return None
        if others:
            _leave_to_others(place, found, created=created)
            return None
        _put_into_effect(row, switch, found, hold.reason)
        row.holds.filter(pk=hold.pk).update(others=False)
        return row.complete_at


def end_hold(place: Place, switch: Switch, *, key: str) -> datetime | None:
    """End what is held under a key, also before it has come. The platform is told if it was the last, and the portal's.

    When that is complete, None if at once.
    """
    switch.read(place.row())
    with _claimed(place, key) as row:
        row.holds.get_or_create(key=key, defaults={"ended_at": clock.now()})
        row.holds.filter(key=key, ended_at=None).update(ended_at=clock.now())
        if _holding(row).exists():
            return None
        return _release(place, switch, row)


def has_hold(place: Place, switch: Switch, *, key: str) -> bool:
    """Whether it is in effect, and held under this key."""
    row = place.row()
    found = switch.read(row)
    if not found.in_effect and found.held_by is not HeldBy.OTHERS:
        discrepancies.settle_discrepancy(place.discrepancy)
    return found.in_effect and row is not None and _holding(row).filter(key=key).exists()


def finish_change(place: Place, switch: Switch) -> bool:
    """Go on with a change that stopped half way, whichever way it went; whether there was one. Raises as a connector's calls."""
    with _claimed(place, "finish") as row:
        found = switch.read(row)
        holding = _holding(row).order_by("pk").first()
        if found.held_by is not HeldBy.PORTAL or (holding is not None and found.in_effect):
            return False
        if holding is None:
            _release(place, switch, row)
        else:
            _put_into_effect(row, switch, found, holding.reason)
        return True


def shown_reason(reason: str) -> str:
    """The reason as platforms take it."""
    return reason.strip()[:LONGEST_REASON]


def _put_into_effect(row: HeldTarget, switch: Switch, found: Standing, reason: str) -> None:
    """Turn it on where it is not; a worker that died after that has not noted when it is complete."""
    if not found.in_effect:
        _note_complete_at(row, None)
        switch.turn_on(row, reason)
    if row.complete_at is None and switch.lag is not None:
        _note_complete_at(row, clock.now() + switch.lag)


def _release(place: Place, switch: Switch, row: HeldTarget) -> datetime | None:
    """End what is the portal's, now that nothing holds it; what others hold is left and noted."""
    found = switch.read(row)
    if found.held_by is HeldBy.OTHERS:
        _note_others(place, wanted=False)
        return None
    if found.held_by is HeldBy.PORTAL:
        switch.turn_off(row)
        _note_complete_at(row, clock.now() + switch.lag if switch.lag is not None else None)
    _forget_undo_data(row)
    return row.complete_at


def _leave_to_others(place: Place, found: Standing, *, created: bool) -> None:
    """What others hold counts for as long as it is in effect."""
    if created:
        _LOG.warning("%s of %s on %s was there before", place.ability, place.target, place.platform)
    if not found.in_effect:
        _note_others(place, wanted=True)


def _holding(row: HeldTarget) -> QuerySet[PlatformHold]:
    return row.holds.filter(Q(until=None) | Q(until__gt=clock.now()), ended_at=None)


def _note_complete_at(row: HeldTarget, at: datetime | None) -> None:
    row.complete_at = at
    HeldTarget.objects.filter(pk=row.pk).update(complete_at=at)


def _forget_undo_data(row: HeldTarget) -> None:
    if row.undo_data:
        HeldTarget.objects.filter(pk=row.pk).update(undo_data=None)


def _note_others(place: Place, *, wanted: bool) -> None:
    discrepancies.note_discrepancy(
        place.discrepancy,
        platform=place.platform,
        effect=_EFFECTS[place.ability],
        wanted=wanted,
        subject=place.target[:60],
        problem=Problem.TAKEN if wanted else Problem.OTHERS,
    )


@contextmanager
def _claimed(place: Place, key: str) -> Iterator[HeldTarget]:
    """The row of what is held, for one call at a time; raises Busy while another one changes it."""
    row, claim = HeldTarget.objects.get_or_create(**vars(place))[0], f"{uuid4().hex}:{key}"[:100]
    try:
        row.claim_call(claim)
    except CallInProgress:
        raise Busy(place.platform, "another change of the same is under way") from None
    row.refresh_from_db(fields=["undo_data", "complete_at"])
    try:
        with limit_calls(CALL_SECONDS - _ROOM_SECONDS):
            yield row
    finally:
        row.end_call(claim)
