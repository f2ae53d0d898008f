"""What happens to the data of people who leave: what keeps some of it for a time, and who deletes the rest.

Rooms above this one register in AppConfig.ready() what ends when an account is closed, what still rests on a person's name and address, and how their own
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


@dataclass(frozen=True)
class Ending:
    """What ends when somebody closes their account: a sentence, the page about it, and what carries it out."""

    what: Text
    url: str
    end: Callable[[], object]


_endings: list[Callable[[User], list[Ending]]] = []
_holds: list[Callable[[User], list[Hold]]] = []
_erasures: list[Callable[[User], object]] = []


def register_holds(holds: Callable[[User], list[Hold]]) -> None:
    """Have `holds(person)` asked what still rests on the person's name and address."""
    _holds.append(holds)


def register_endings(endings: Callable[[User], list[Ending]]) -> None:
    """Have `endings(person)` asked what ends with the account of a person who closes it: what nobody could follow any more."""
    _endings.append(endings)


def register_erasure(erase: Callable[[User], object]) -> None:
    """Have `erase(person)` called, outside of a transaction, to delete the room's rows of a person who left; safe to call again."""
    _erasures.append(erase)


def holds_of(person: User) -> list[Hold]:
    """Everything that rests on a person's data, what ends first at the front, the open ones last."""
    found = [hold for holds in _holds for hold in holds(person)]
    return sorted(found, key=lambda hold: (hold.until is None, hold.until.timestamp() if hold.until else 0))


def endings_of(person: User) -> list[Ending]:
    """Everything that ends when the person closes their account."""
    return [ending for endings in _endings for ending in endings(person)]


def holds_after_closing(person: User) -> list[Hold]:
    """What rests on a person's data once they have closed their account."""
    ending = {row.url for row in endings_of(person)}
    return [hold for hold in holds_of(person) if hold.url not in ending]


def erase_elsewhere(person: User) -> None:
    """Call every registered erasure."""
    for erase in _erasures:
        erase(person)
