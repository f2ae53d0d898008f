"""What happens to the data of people who leave: what keeps some of it for a time, and who deletes the rest.

Rooms above this one register in AppConfig.ready() what still rests on a person's name and address, and how their own
rows of a person are deleted. `portal.people.actions.departures` asks them all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.errors import Text
from portal.people.models import User

CLOSED_KEPT = timedelta(days=30)  # after a person closed their account; an administrator can open it again until then
DEACTIVATED_KEPT = timedelta(days=365)  # after an administrator took the access away
UNCONFIRMED_KEPT = timedelta(days=7)  # an address that nobody confirmed
CHANGES_KEPT = timedelta(days=5 * 365 + 1)  # why the access of staff was changed
INVITED_KEPT = timedelta(days=90)  # an invitation that nobody took up


@dataclass(frozen=True)
class Hold:
    """Something that rests on a person's data: what, until when (None: not known yet), and the page about it."""

    what: Text
    until: datetime | None = None
    url: str = ""


_holds: list[Callable[[User], list[Hold]]] = []
_erasures: list[Callable[[User], object]] = []


def register_holds(holds: Callable[[User], list[Hold]]) -> None:
    """Have `holds(person)` asked what still rests on the person's name and address."""
    _holds.append(holds)


def register_erasure(erase: Callable[[User], object]) -> None:
    """Have `erase(person)` called, outside of a transaction, to delete the room's rows of a person who left; safe to call again."""
    _erasures.append(erase)


def holds_of(person: User) -> list[Hold]:
    """Everything that rests on a person's data, what ends first at the front, the open ones last."""
    found = [hold for holds in _holds for hold in holds(person)]
    return sorted(found, key=lambda hold: (hold.until is None, hold.until.timestamp() if hold.until else 0))


def erase_elsewhere(person: User) -> None:
    """Call every registered erasure."""
    for erase in _erasures:
        erase(person)
