"""What administrators do with people: roles, access and invitations.

Giving or taking a staff role, inviting staff, letting staff in again and taking an administrator's access away need a second
administrator (portal/people/actions/changes.py). Everything else is done at once. Nobody changes their own role or
access, and one administrator always stays.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, Text, require_allowed
from portal.people import changes, letters
from portal.people.actions import people
from portal.people.actions.changes import ask_for_change
from portal.people.departures import DEACTIVATED_KEPT
from portal.people.models import Agency, ChangeRequest, User
from portal.people.roles import STAFF_ROLES, Role
from portal.people.staff_conflicts import refuse_joining_staff

ROLE, INVITATION = "people.role", "people.invitation"
DEACTIVATION, REACTIVATION = "people.deactivation", "people.reactivation"

# What each staff role opens, for whoever gives it.
_POWERS: dict[str, Text] = {
    Role.REVIEWER: _("They can take other people's cases, see their documents and decide."),
    Role.SENIOR_REVIEWER: _("They can decide cases and appeals, and give second approval to decisions of others."),
    Role.AREA_LEAD: _("They can see the queue, and draft and publish rules together with a second person."),
    Role.AUDITOR: _("They can read all decisions and the whole audit trail."),
    Role.ADMIN: _("They can change roles and rules, and approve such changes by other administrators."),
}


def refuse_managing(person: User, *, by: User) -> str | Promise | None:
    """Why `by` may not change role or access of `person`; None if they may."""
    if refusal := changes.refuse_asking_for_change(by=by, person=person):
        return refusal
    if person.is_visitor:
        return _("This person is known only by a platform account. No one can sign in as them.")
    return None


def change_role(
    *, person: User, role: str, reason: str, by: User, agency: Agency | None = None
) -> ChangeRequest | None:
    """Give a person another role; agents also need their agency.

    Returns the change request that waits for a second administrator where the old or the new role is one of
    staff, None where it is done. Raises NotAllowed (also for who has something open as a creator), Invalid (unknown
    role, agent without agency, the role they have), Conflict (changed meanwhile, another change waits).
    """
    require_allowed(refuse_managing(person, by=by))
    people.require_role(role, agency)
    if role == person.role and (agency is None or agency == person.agency):
        raise Invalid.at("role", _("They already have this role."))
    require_allowed(refuse_joining_staff(person, role))
    before = {"role": person.role, "agency": person.agency_id}
    after = {"role": role, "agency": agency.pk if agency else person.agency_id}
    if STAFF_ROLES & {role, person.role}:
        return _ask(ROLE, person, reason, by=by, before=before, after=after)
    with transaction.atomic():
        _write_role(person, before, after, reason, by=by)
    return None


def deactivate_person(*, person: User, reason: str, by: User) -> ChangeRequest | None:
    """Take a person's access away and end their sessions: at once, but for administrators.

    Returns what waits for a second administrator, or None. Raises NotAllowed or Conflict.
    """
    require_allowed(refuse_managing(person, by=by))
    if person.role == Role.ADMIN and person.is_active:
        return _ask(DEACTIVATION, person, reason, by=by, before={"is_active": True}, after={"is_active": False})
    with transaction.atomic():
        _write_access(person, reason, by=by, active=False)
    return None


def end_administrator(*, address: str, reason: str) -> User:
    """Take an administrator's access away from the server, where the administrators of the site cannot agree; all are told.

    The last one, too: `create_first_administrator` makes another one then. Raises Conflict where nobody with this
    address administers the site.
    """
    with transaction.atomic():
        person = User.objects.active_admins().filter(email__iexact=address).first()
        admins = people.lock_administrators(person)
        if person is None or person.pk not in admins:
            raise Conflict(_("There is no administrator with this address."))
        people.write_person(
            person, {"is_active": True}, {"is_active": False, "purge_at": clock.now() + DEACTIVATED_KEPT}
        )
        people.end_sessions(person)
        people.intervene(person, "deactivated", reason, by=None)
        for admin in User.objects.active_admins():
            letters.write_letter_to(admin, "people/email/administrator_ended", who=person, reason=reason)
    return person


def reactivate_person(*, person: User, reason: str, by: User) -> ChangeRequest | None:
    """Give a person their access back: at once, but for staff.

    Returns what waits for a second administrator, or None. Raises NotAllowed or Conflict.
    """
    require_allowed(refuse_managing(person, by=by))
    if person.role in STAFF_ROLES and not person.is_active:
        return _ask(REACTIVATION, person, reason, by=by, before={"is_active": False}, after={"is_active": True})
    with transaction.atomic():
        _write_access(person, reason, by=by, active=True)
    return None


def invite_staff(
    *,
    email: str,
    display_name: str,
    role: str,
    reason: str,
    by: User,
    language: str = "en",
    agency: Agency | None = None,
) -> User | ChangeRequest:
    """Make an account for somebody who will work here, once a second administrator agrees; an agent's at once.

    The letter to them holds no secret: who reads the mailbox gets in by a sign-in code, which also proves
    the address, and then sets up their second factor before anything else.
    """
    require_allowed(changes.refuse_asking_for_change(by=by, person=None))
    people.require_role(role, agency)
    if role in people.ROLES_WITHOUT_INVITATION:
        raise Invalid.at("role", _("Creators and guests sign up themselves."))
    people.require_free_address(email)
    after = {"email": email, "display_name": display_name, "role": role, "language": language}
    if role in STAFF_ROLES:
        return ask_for_change(INVITATION, title=display_name, reason=reason, by=by, after=after)
    with transaction.atomic():
        return _make_account({**after, "agency": agency}, by=by)


def register_staff_changes() -> None:
    """Say how the changes of this module are carried out; called once models are loaded."""
    kinds: dict[str, tuple[Text, changes.CarryOut]] = {
        ROLE: (_("Role changed"), _carry_out_role),
        INVITATION: (_("Invitation"), _carry_out_invitation),
        DEACTIVATION: (_("Account deactivated"), _carry_out_access),
        REACTIVATION: (_("Account reactivated"), _carry_out_access),
    }
    for code, (label, carry_out) in kinds.items():
        changes.register_change_kind(code, changes.ChangeKind(label, carry_out, _foresee, _describe))


def _ask(kind: str, person: User, reason: str, **given: Any) -> ChangeRequest:
    return ask_for_change(kind, title=person.public_id, reason=reason, subject=person, person=person, **given)


def _carry_out_role(change: ChangeRequest, by: User | None) -> None:
    person = _person(change)
    require_allowed(refuse_joining_staff(person, change.after["role"]))
    _write_role(person, change.before, change.after, change.reason, by=change.asked_by, **_approved(change, by))


def _carry_out_access(change: ChangeRequest, by: User | None) -> None:
    active = change.after["is_active"]
    _write_access(_person(change), change.reason, by=change.asked_by, active=active, **_approved(change, by))


def _carry_out_invitation(change: ChangeRequest, by: User | None) -> None:
    _make_account(change.after, by=change.asked_by, **_approved(change, by))


def _write_role(
    person: User, before: dict[str, Any], after: dict[str, Any], reason: str, *, by: User, **data: Any
) -> None:
    people.keep_an_admin(person)
    people.write_person(person, before, {"role": after["role"], "agency_id": after["agency"]})
    people.intervene(
        person, "role_changed", reason, by=by, data={"role": after["role"], "agency": after["agency"], **data}
    )


def _write_access(person: User, reason: str, *, by: User, active: bool, **data: Any) -> None:
    if active:
        if person.purge_at is not None and person.purge_at <= clock.now():
            raise Conflict(
                _("The retention period has ended: their sign-in data is deleted, and the name is kept for cases only.")
            )
        # The day must be the one that was looked at: deletion begins on it.
        before = {"is_active": False, "purged_at": None, "purge_at": person.purge_at}
        people.write_person(person, before, {"is_active": True, "purge_at": None})
    else:
        people.withdraw_access(person, keep_for=DEACTIVATED_KEPT)
    people.intervene(person, "reactivated" if active else "deactivated", reason, by=by, data=data)


def _make_account(fields: dict[str, Any], *, by: User, **data: Any) -> User:
    person = people.add_person(**fields)
    trail.record_event("people.user.invited", person, by=by, role=person.role, **data)
    letters.write_letter_to(person, "people/email/invitation")
    return person


def _person(change: ChangeRequest) -> User:
    assert change.person is not None  # noqa: S101 -- the kinds that come here are about a person
    return User.objects.get(pk=change.person.pk)


def _approved(change: ChangeRequest, by: User | None) -> dict[str, Any]:
    return {"change": change.pk, "approved_by": by.public_id if by else ""}


def _foresee(change: ChangeRequest) -> Sequence[Text]:
    if change.kind in {DEACTIVATION, REACTIVATION}:
        active = change.after["is_active"]
        return [
            _("They can sign in again.") if active else _("They are signed out everywhere and can no longer sign in.")
        ]
    old, new = change.before.get("role"), change.after.get("role")
    found: list[Text] = (
        [_POWERS[new]] if new in _POWERS else [_("They can no longer open other people's cases and rules.")]
    )
    if old == Role.ADMIN:
        found.append(_("They can no longer change roles and rules."))
    if change.kind == INVITATION:
        found.append(_("They receive an e-mail and must set up a second factor first."))
    return found


def _describe(change: ChangeRequest) -> Sequence[changes.ShownValue]:
    labels = {
        "role": _("Role"),
        "agency": _("Agency"),
        "is_active": _("May sign in"),
        "email": _("E-mail address"),
        "display_name": _("Display name"),
        "language": _("Language"),
    }
    rows = []
    for name, new in change.after.items():
        old = change.before.get(name)
        if new != old:
            rows.append((labels[name], _shown(name, old), _shown(name, new)))
    return rows


def _shown(name: str, value: Any) -> Text:
    if value in {None, ""}:
        return "–"
    if name == "role":
        return Role(value).label
    if name == "agency":
        return str(Agency.objects.filter(pk=value).first() or value)
    if name == "is_active":
        return _("yes") if value else _("no")
    return str(value)
