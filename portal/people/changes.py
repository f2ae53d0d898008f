"""Changes of roles and rules: how each kind is carried out, and who may ask for, approve, refuse or withdraw one.

A kind is registered under its code. `carry_out(request, by)` makes the change in the caller's transaction and records it; it
raises a DomainError where the row is not as it was when the change was asked for. `foresee(request)` says in sentences
what will happen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.errors import Text
from portal.people.models import ChangeRequest, User
from portal.people.roles import Permission
from portal.people.second_person import refuse_second_person

CarryOut = Callable[[ChangeRequest, User | None], None]
ShownValue = tuple[Text, Text, Text]


def admin_page(change: ChangeRequest) -> str:
    """The page of the admin on which administrators decide."""
    return reverse("admin:people_changerequest_change", args=[change.pk])


def needs_administrator(_change: ChangeRequest) -> Permission:
    """The permission that most kinds need."""
    return Permission.ADMINISTER


@dataclass(frozen=True)
class ChangeKind:
    """How one kind of change is carried out and shown.

    `describe` gives (field, until now, from then on) for each value, `noun` what kind of thing changes, where that can differ.
    `permission` is what both people need, `page` where the second one decides.
    """

    label: Text
    carry_out: CarryOut
    foresee: Callable[[ChangeRequest], Sequence[Text]]
    describe: Callable[[ChangeRequest], Sequence[ShownValue]]
    noun: Callable[[ChangeRequest], Text] = lambda _change: ""
    permission: Callable[[ChangeRequest], Permission] = needs_administrator
    page: Callable[[ChangeRequest], str] = admin_page


change_kinds: dict[str, ChangeKind] = {}


def register_change_kind(code: str, kind: ChangeKind) -> None:
    """Say how a kind is carried out. Registering a code twice is a programming error."""
    if code in change_kinds:
        message = f"change kind {code} is registered twice"
        raise ValueError(message)
    change_kinds[code] = kind


def change_title(change: ChangeRequest) -> str:
    """What changes, in the reader's language."""
    kind = change_kinds[change.kind]
    subject = f"{kind.noun(change)} {change.title}".strip()
    return str(_("%(what)s: %(subject)s") % {"what": kind.label, "subject": subject})


def permission_for(change: ChangeRequest) -> Permission:
    """What both people need: whoever asks, and whoever decides."""
    return change_kinds[change.kind].permission(change)


def is_open_to_leads(change: ChangeRequest) -> bool:
    """Whether area leads decide on it as well as administrators."""
    return permission_for(change) == Permission.LEAD_AREA


def possible_approvers(change: ChangeRequest) -> QuerySet[User]:
    """Those who could be the second: neither whoever asks nor whom it is about."""
    holders = User.objects.active_holders(permission_for(change))
    return holders.exclude(pk__in=[change.asked_by_id, change.person_id or change.asked_by_id])


def refuse_asking_for_change(
    *, by: User, person: User | None, permission: Permission = Permission.ADMINISTER
) -> Text | None:
    """Why `by` may not ask for a change about `person`; None if they may."""
    if not by.may(permission):
        return refuse_without(permission)
    if person is not None and person.pk == by.pk:
        return _("You cannot change your own role or access.")
    return None


def refuse_without(permission: Permission) -> Text:
    """What is said to somebody who does not hold the permission."""
    if permission == Permission.LEAD_AREA:
        return _("Only area leads and administrators can change these rules.")
    return _("Only administrators can change roles and rules.")


def refuse_deciding_change(change: ChangeRequest, *, by: User) -> Text | None:
    """Why this person may neither approve nor refuse the change; None if they may."""
    if not change.is_open:
        return _("There is nothing to decide here.")
    if change.person_id == by.pk:
        return _("This is about you: someone else must decide.")
    own = refuse_second_person(by, first=change.asked_by_id)
    return own or refuse_asking_for_change(by=by, person=None, permission=permission_for(change))


def refuse_objecting_to_change(change: ChangeRequest, *, by: User) -> Text | None:
    """Why this person may not object to the change; None if they may: an administrator whom it is about, during the delay.

    Any other administrator refuses it instead; without a delay nothing takes effect before one of them has agreed.
    """
    if not change.can("object"):
        return _("Nothing takes effect here without another administrator.")
    if change.person_id != by.pk:
        return _("Only the person concerned can object; other administrators can reject it.")
    return refuse_asking_for_change(by=by, person=None)


def refuse_withdrawing_change(change: ChangeRequest, *, by: User) -> Text | None:
    """Why this administrator may not withdraw the change; None if they may."""
    if not change.is_open:
        return _("There is nothing to decide here.")
    return None if change.asked_by_id == by.pk else _("Only the person who asked can withdraw it.")
