"""Removals and restrictions by key on a platform that knows one of each at a time.

The portal's rows say which of its own hold. The platform is told when the first begins and when the last ends. Whether what stands
there is the portal's is read from its reason: one that none of the portal's holds has given is somebody else's, who
alone takes it back. Nothing rests on the answer to a change: what came of it is read, also where the answer was lost.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import uuid4

from django.db.models import Q, QuerySet

from portal import clock
from portal.connectors.models import HeldTarget, PlatformHold
from portal.outbound import discrepancies
from portal.outbound.calls import CallInProgress
from portal.outbound.deadlines import limit_calls
from portal.outbound.http import Busy, change_and_read_back
from portal.outbound.models import Effect, Problem
from portal.pools import CALL_SECONDS

_LOG = logging.getLogger(__name__)
# The longest reason that every release takes for a video and for an account.
LONGEST_REASON = 250
# Left of the lease of a claim when the last call ends.
_ROOM_SECONDS = 5
_EFFECTS = {"removals": Effect.REMOVAL, "restrictions": Effect.RESTRICTION}


@dataclass(frozen=True)
class Standing:
    """Whether the platform has it in effect now, and with which reason."""

    on: bool
    reason: str = ""


class Switch(Protocol):
    """The one removal of a work, or the one restriction of an account. Every call raises as those of a connector."""

    def read(self) -> Standing:
        """What stands there now."""

    def turn_on(self, reason: str) -> None:
        """Put it into effect."""

    def turn_off(self) -> None:
        """End it."""


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


def begin_hold(place: Place, switch: Switch, *, key: str, reason: str, until: datetime | None = None) -> None:
    """Hold it under a key, unless that has ended before."""
    reason = _shown(reason)
    found = switch.read()
    with _claimed(place, key) as row:
        others = found.on and not _is_ours(row, found.reason)
        new = {"reason": reason, "until": until, "others": others}
        hold, created = row.holds.get_or_create(key=key, defaults=new)
        if not _holding(row).filter(pk=hold.pk).exists():
            return
        if others and created:
            _LOG.warning("%s of %s on %s was there before", place.ability, place.target, place.platform)
        found = switch.read()
        if not found.on:
            _turn(switch, on=True, reason=hold.reason)
            row.holds.filter(pk=hold.pk).update(others=False)


def end_hold(place: Place, switch: Switch, *, key: str) -> None:
    """End what is held under a key, also before it has come. The platform is told if it was the last, and the portal's."""
    switch.read()
    with _claimed(place, key) as row:
        row.holds.get_or_create(key=key, defaults={"ended_at": clock.now()})
        row.holds.filter(key=key, ended_at=None).update(ended_at=clock.now())
        found = switch.read()
        if _holding(row).exists() or not found.on:
            return
        if _is_ours(row, found.reason):
            _turn(switch, on=False)
        else:
            _note_others(place)


def has_hold(place: Place, switch: Switch, *, key: str) -> bool:
    """Whether it is in effect, and held under this key."""
    found = switch.read()
    if not found.on:
        discrepancies.settle_discrepancy(place.discrepancy)
        return False
    row = HeldTarget.objects.filter(**vars(place)).first()
    return row is not None and _holding(row).filter(key=key).exists()


def _shown(reason: str) -> str:
    return reason.strip()[:LONGEST_REASON]


def _holding(row: HeldTarget) -> QuerySet[PlatformHold]:
    return row.holds.filter(Q(until=None) | Q(until__gt=clock.now()), ended_at=None)


def _is_ours(row: HeldTarget, reason: str) -> bool:
    """Also by a hold that has ended: what it began goes on for the sake of those that hold still."""
    return row.holds.filter(reason=_shown(reason)).exclude(reason="").exists()


def _turn(switch: Switch, *, on: bool, reason: str = "") -> None:
    """Make the change and read it back; raises PlatformError if it is not made."""
    change = partial(switch.turn_on, reason) if on else switch.turn_off
    change_and_read_back(change, lambda: switch.read().on is on)


def _note_others(place: Place) -> None:
    discrepancies.note_discrepancy(
        place.discrepancy,
        platform=place.platform,
        effect=_EFFECTS[place.ability],
        wanted=False,
        subject=place.target[:60],
        problem=Problem.OTHERS,
    )


@contextmanager
def _claimed(place: Place, key: str) -> Iterator[HeldTarget]:
    """The row of what is held, for one call at a time; raises Busy while another one changes it."""
    row, claim = HeldTarget.objects.get_or_create(**vars(place))[0], f"{uuid4().hex}:{key}"[:100]
    try:
        row.claim_call(claim)
    except CallInProgress:
        raise Busy(place.platform, "another change of the same is under way") from None
    try:
        with limit_calls(CALL_SECONDS - _ROOM_SECONDS):
            yield row
    finally:
        row.end_call(claim)
