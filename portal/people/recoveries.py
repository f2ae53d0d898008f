"""Who may do what about a lost second factor. Two administrators are needed, neither of them the person."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.people.models import Recovery, User
from portal.people.roles import Permission
from portal.people.second_person import refuse_second_person


def refuse_handling_recovery(person: User, *, by: User) -> str | Promise | None:
    """Why this administrator may not act on this person's recovery; None if they may."""
    if not by.may(Permission.ADMINISTER):
        return _("Only administrators can decide recoveries.")
    if person.pk == by.pk:
        return _("This is your own account: two other administrators must decide.")
    return None


def refuse_confirming_recovery(recovery: Recovery, *, by: User) -> str | Promise | None:
    """Why this administrator may not confirm the recovery; None if they may."""
    same = refuse_second_person(by, first=recovery.proposed_by_id)
    return same or refuse_handling_recovery(recovery.person, by=by)
