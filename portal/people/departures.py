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
_erasure_holds: list[Callable[[User], list[Hold]]] = []
_erasure_endings: list[Callable[[User], list[Ending]]] = []
_record_erasures: list[Callable[[User], object]] = []
_file_erasures: list[Callable[[User], int]] = []
_erasure_waits: list[Callable[[User], bool]] = []


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
    return _in_order([hold for holds in _holds for hold in holds(person)])


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


def register_erasure_holds(holds: Callable[[User], list[Hold]]) -> None:
    """Have `holds(person)` asked what, besides register_holds(), keeps a person's records from being erased at their request."""
    _erasure_holds.append(holds)


def register_erasure_endings(endings: Callable[[User], list[Ending]]) -> None:
    """Have `endings(person)` asked what, besides register_endings(), ends when a person's data are erased at their request."""
    _erasure_endings.append(endings)


def register_record_erasure(erase: Callable[[User], object]) -> None:
    """Have `erase(person)` called to empty what the records of closed cases hold of them; safe to call again.

    Called outside of a transaction, when nothing holds the records any more. What others said and did stays.
    """
    _record_erasures.append(erase)


def register_file_erasure(erase: Callable[[User], int]) -> None:
    """Have `erase(person)` called to purge their files, frozen or not; returns how many a case still needs."""
    _file_erasures.append(erase)


def register_erasure_wait(waits: Callable[[User], bool]) -> None:
    """Have `waits(person)` asked whether something about their accounts is still to be done on a platform."""
    _erasure_waits.append(waits)


def erasure_waits(person: User) -> bool:
    """Whether their accounts are needed for something that has to be done on a platform first."""
    return any(waits(person) for waits in _erasure_waits)


def endings_of_erasure(person: User) -> list[Ending]:
    """Everything that ends when a person's data are erased at their request."""
    return endings_of(person) + [ending for endings in _erasure_endings for ending in endings(person)]


def holds_of_erasure(person: User) -> list[Hold]:
    """What keeps a person's data from being erased at their request, once everything has ended that ends with it."""
    ending = {row.url for row in endings_of_erasure(person)}
    found = holds_of(person) + [hold for holds in _erasure_holds for hold in holds(person)]
    return [hold for hold in _in_order(found) if not hold.url or hold.url not in ending]


def erase_records(person: User) -> None:
    """Call every registered erasure of records."""
    for erase in _record_erasures:
        erase(person)


def erase_files(person: User) -> int:
    """Call every registered erasure of files; returns how many files are left."""
    return sum(erase(person) for erase in _file_erasures)


def _in_order(holds: list[Hold]) -> list[Hold]:
    return sorted(holds, key=lambda hold: (hold.until is None, hold.until.timestamp() if hold.until else 0))
