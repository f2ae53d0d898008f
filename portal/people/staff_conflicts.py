"""Why somebody cannot work here yet: what they still have open as a creator would be decided by their colleagues."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from portal.errors import Text
from portal.people.models import User
from portal.people.roles import STAFF_ROLES
from portal.people.states import LinkState

StaffConflict = Callable[[User], Text | None]
_staff_conflicts: list[StaffConflict] = []


def register_staff_conflict(conflict: StaffConflict) -> None:
    """Have `conflict(person)` say what keeps a person from working here, or None; products register theirs."""
    _staff_conflicts.append(conflict)


def refuse_joining_staff(person: User, role: str) -> Text | None:
    """Why this person cannot be given a staff role now; None if they can. Staff change among these roles freely."""
    if role not in STAFF_ROLES or person.role in STAFF_ROLES:
        return None
    return next((said for conflict in _staff_conflicts if (said := conflict(person))), None)


def refuse_linked_accounts(person: User) -> Text | None:
    """A staff conflict: accounts of platforms that are, or are claimed to be, theirs."""
    if person.linked_accounts.exclude(state=LinkState.ENDED).exists():
        return _("They have linked platform accounts. They must unlink them first, in “Your account”.")
    return None
