"""What a person does with their own account."""

from contextlib import suppress

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.audit import trail
from portal.errors import Conflict, DomainError, require_allowed
from portal.people import letters
from portal.people.actions import links, people
from portal.people.departures import CLOSED_KEPT, endings_of
from portal.people.models import User
from portal.people.roles import Role


def update_profile(*, person: User, display_name: str, language: str) -> None:
    """Change how they are called and which language we write in."""
    changed = [
        name
        for name, value in (("display_name", display_name), ("language", language))
        if getattr(person, name) != value
    ]
    if not changed:
        return
    with transaction.atomic():
        person.display_name, person.language = display_name, language
        person.save(update_fields=["display_name", "language"])
        trail.record_event("people.user.profile_changed", person, by=person, fields=changed)


def close_account(*, person: User) -> None:
    """Close their own account: they cannot sign in any more, their links end; what was decided stays on record.

    What nobody could follow any more is withdrawn first, each in a transaction of its own, and everybody concerned is told; what
    was decided meanwhile goes on.
    """
    for ending in endings_of(person):
        with suppress(DomainError):
            ending.end()
    with transaction.atomic():
        people.withdraw_access(person, keep_for=CLOSED_KEPT)
        links.end_all_links(person=person)
        trail.record_event("people.user.closed", person, by=person)
        letters.write_letter_to(person, "people/email/closed", purge_at=person.purge_at)


def become_member(*, person: User) -> None:
    """A guest becomes a creator, who can also be certified. Raises NotAllowed for everybody else."""
    require_allowed(refuse_membership(person))
    with transaction.atomic():
        if User.objects.filter(pk=person.pk, role=Role.GUEST).update(role=Role.CREATOR) != 1:
            raise Conflict(_("You are already a member."))
        person.role = Role.CREATOR
        trail.record_event("people.user.became_member", person, by=person)


def refuse_membership(person: User) -> str | Promise | None:
    """Why this person cannot become a member; None if they can."""
    if person.role != Role.GUEST or person.is_visitor or not person.is_active:
        return _("Only guests can become members.")
    return None
