"""Accounts of people: made, found, closed. Roles and access of staff: portal/people/actions/staff.py."""

from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid
from portal.people import addresses, letters
from portal.people.models import Agency, Intervention, User
from portal.people.roles import Permission, Role
from portal.workflow import lock_names, write_row

# Who works here is invited; everybody else signs up on their own.
ROLES_WITHOUT_INVITATION = (Role.CREATOR, Role.GUEST)
_ADDRESS_TAKEN = _("An account with this address already exists.")


def add_person(email: str, *, verified: bool = False, **fields: Any) -> User:
    """A new person with their address, without a password. Raises Invalid when the address is taken."""
    try:
        with transaction.atomic():
            person = User.objects.create_user(email, None, **fields)
            EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=verified)
    except IntegrityError as error:
        raise Invalid.at("email", _ADDRESS_TAKEN) from error
    return person


def require_free_address(email: str) -> None:
    """Raise Invalid where somebody has this address."""
    if User.objects.filter(email__iexact=email).exists():
        raise Invalid.at("email", _ADDRESS_TAKEN)


def find_or_add_guest(email: str, display_name: str, language: str) -> User:
    """The person with this address; a new guest, whose address nobody has confirmed yet, if there is none."""
    try:
        with transaction.atomic():
            person = add_person(email, display_name=display_name, role=Role.GUEST, language=language)
            trail.record_event("people.user.came_as_guest", person, by=person)
    except Invalid:
        return User.objects.get(email__iexact=email)
    return person


def find_or_add_visitor(platform: str, external_id: str, display_name: str, language: str) -> User:
    """The person of whom only this account of a platform is known. They cannot sign in and get no mail."""
    address = addresses.visitor_address(platform, external_id)
    if (known := User.objects.filter(email=address).first()) is not None:
        return known
    with transaction.atomic():
        lock_names(address)  # Otherwise the unique key would be waited for, in whatever order the rows come.
        person = User.objects.filter(email=address).first()
        if person is None:
            person = User(email=address, display_name=display_name[:80], role=Role.GUEST, language=language)
            person.set_unusable_password()
            person.save(force_insert=True)
            trail.record_event("people.user.came_as_visitor", person, by=None, platform=platform)
    return person


def end_sessions(person: User) -> None:
    """Sign the person out everywhere, at once."""
    User.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)


def withdraw_access(person: User, *, keep_for: timedelta) -> None:
    """Take access away and end all sessions, in the caller's transaction and record; what is kept goes after `keep_for`."""
    keep_an_admin(person)
    write_person(person, {"is_active": True}, {"is_active": False, "purge_at": clock.now() + keep_for})
    end_sessions(person)


def intervene(person: User, what: str, reason: str, *, by: User | None, data: dict[str, Any] | None = None) -> None:
    """Keep the reason, record the event, and tell the person both."""
    row = Intervention.objects.create(person=person, what=what, reason=reason, by=by, at=clock.now())
    trail.record_event(f"people.user.{what}", person, by=by, intervention=row.pk, **(data or {}))
    letters.write_letter_to(person, f"people/email/{what}", reason=reason)


def require_role(role: str, agency: Agency | None) -> None:
    """Raise Invalid for an unknown role, and for an agent without an agency."""
    if role not in Role.values:
        raise Invalid.at("role", _("This role does not exist."))
    if role == Role.AGENT and agency is None:
        raise Invalid.at("agency", _("An agency agent needs an agency."))


def write_person(person: User, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Change fields of a person who is as `before` says. Raises Conflict where they are not (any more)."""
    changed = _("This person's account has changed in the meantime. Please review the current version.")
    write_row(person, after, message=changed, **before)


def lock_administrators(person: User | None) -> list[int]:
    """Lock the administrators and the person whom they act on, in one order; returns who is administrator now."""
    return lock_holders(Permission.ADMINISTER, person)


def lock_holders(permission: Permission, person: User | None) -> list[int]:
    """Lock those who hold a permission and the person whom they act on, in one order; returns who holds it now."""
    holders = User.objects.active_holders(permission).values_list("pk", flat=True)
    concerned = User.objects.filter(Q(pk__in=holders) | Q(pk=person.pk if person else None))
    list(concerned.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    return list(holders.all())


def keep_an_admin(person: User) -> None:
    """Lock the administrators, so that the last two cannot remove each other at the same moment."""
    if lock_administrators(person) == [person.pk]:
        raise Conflict(_("This is the last administrator. At least one administrator is required."))
