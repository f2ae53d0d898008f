"""What administrators do with people. Roles are never changed by oneself, and one administrator always stays."""

from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed, require_allowed
from portal.people import addresses, letters
from portal.people.models import Agency, Intervention, User
from portal.people.roles import Permission, Role
from portal.workflow import lock_names, write_row

# Who works here is invited; everybody else signs up on their own.
ROLES_WITHOUT_INVITATION = (Role.CREATOR, Role.GUEST)


def refuse_managing(person: User, *, by: User) -> str | Promise | None:
    """Why `by` may not change role or access of `person`; None if they may."""
    if not by.may(Permission.ADMINISTER):
        return _("Only administrators manage people.")
    if person.pk == by.pk:
        return _("Nobody changes their own role or access.")
    if person.is_visitor:
        return _("This person is known by an account of a platform only. Nobody can sign in as them.")
    return None


def change_role(*, person: User, role: str, reason: str, by: User, agency: Agency | None = None) -> None:
    """Give a person another role; agents also need their agency.

    Raises NotAllowed, Invalid (unknown role, agent without agency), Conflict (changed meanwhile, last
    administrator).
    """
    require_allowed(refuse_managing(person, by=by))
    _check_role(role, agency)
    with transaction.atomic():
        _keep_an_admin(person)
        fields: dict[str, Any] = {"role": role} | ({"agency": agency} if agency else {})
        _change(person, {"role": person.role, "agency": person.agency_id}, fields)
        data = {"role": role, "agency": agency.code if agency else ""}
        _intervene(person, "role_changed", reason, by=by, data=data)


def deactivate_person(*, person: User, reason: str, by: User) -> None:
    """Take a person's access away and end their sessions. Raises NotAllowed or Conflict."""
    require_allowed(refuse_managing(person, by=by))
    with transaction.atomic():
        withdraw_access(person)
        _intervene(person, "deactivated", reason, by=by)


def reactivate_person(*, person: User, reason: str, by: User) -> None:
    """Give a person their access back. Raises NotAllowed or Conflict."""
    require_allowed(refuse_managing(person, by=by))
    with transaction.atomic():
        _change(person, {"is_active": False}, {"is_active": True})
        _intervene(person, "reactivated", reason, by=by)


def invite_staff(
    *, email: str, display_name: str, role: str, by: User, language: str = "en", agency: Agency | None = None
) -> User:
    """Make an account for somebody who will work here and tell them how to sign in.

    The letter holds no secret: who reads the mailbox gets in by a sign-in code, which also proves
    the address, and then sets up their second factor before anything else.
    """
    if not by.may(Permission.ADMINISTER):
        raise NotAllowed(_("Only administrators manage people."))
    _check_role(role, agency)
    if role in ROLES_WITHOUT_INVITATION:
        raise Invalid.at("role", _("Creators and guests come by themselves."))
    with transaction.atomic():
        person = add_person(email, display_name=display_name, role=role, language=language, agency=agency)
        trail.record_event("people.user.invited", person, by=by, role=role)
        letters.write_letter_to(person, "people/email/invitation")
    return person


def add_person(email: str, *, verified: bool = False, **fields: Any) -> User:
    """A new person with their address, without a password. Raises Invalid when the address is taken."""
    taken = _("There is an account with this address already.")
    try:
        with transaction.atomic():
            person = User.objects.create_user(email, None, **fields)
            EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=verified)
    except IntegrityError as error:
        raise Invalid.at("email", taken) from error
    return person


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
            trail.record_event("people.user.came_as_visitor", person, by=None, platform=platform, account=external_id)
    return person


def end_sessions(person: User) -> None:
    """Sign the person out everywhere, at once."""
    User.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)


def withdraw_access(person: User) -> None:
    """Take access away and end all sessions, in the caller's transaction and record."""
    _keep_an_admin(person)
    _change(person, {"is_active": True}, {"is_active": False})
    end_sessions(person)


def _intervene(person: User, what: str, reason: str, *, by: User, data: dict[str, Any] | None = None) -> None:
    """Keep the reason, record the event, and tell the person both."""
    row = Intervention.objects.create(person=person, what=what, reason=reason, by=by, at=clock.now())
    trail.record_event(f"people.user.{what}", person, by=by, intervention=row.pk, **(data or {}))
    letters.write_letter_to(person, f"people/email/{what}", reason=reason)


def _check_role(role: str, agency: Agency | None) -> None:
    if role not in Role.values:
        raise Invalid.at("role", _("There is no such role."))
    if role == Role.AGENT and agency is None:
        raise Invalid.at("agency", _("An agency agent needs an agency."))


def _change(person: User, before: dict[str, Any], after: dict[str, Any]) -> None:
    changed = _("This person's account has changed meanwhile. Please look at it as it is now.")
    write_row(person, after, message=changed, **before)


def _keep_an_admin(person: User) -> None:
    """Lock the administrators and the person, so that the last two cannot remove each other at the same moment."""
    admins = User.objects.active_admins().values_list("pk", flat=True)
    concerned = User.objects.filter(Q(pk=person.pk) | Q(pk__in=admins))
    list(concerned.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    if list(admins) == [person.pk]:
        raise Conflict(_("This is the last administrator: somebody must be able to manage people."))
