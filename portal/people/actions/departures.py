"""Deleting the data of people who left, and of those who never came: by the hour, as soon as nothing rests on them."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError, Q, QuerySet

from portal import clock
from portal.audit import trail
from portal.people import addresses
from portal.people.actions.links import end_all_links
from portal.people.departures import CHANGES_KEPT, INVITED_KEPT, UNCONFIRMED_KEPT, erase_elsewhere, holds_of
from portal.people.models import (
    ChangeRequest,
    FormDraft,
    Intervention,
    Letter,
    LinkedAccount,
    Mandate,
    Recovery,
    User,
)
from portal.people.models.people import new_public_id
from portal.people.roles import Role
from portal.workflow import ERASED

# Somebody on whom a case still rests is asked about again after this time.
ASK_AGAIN = timedelta(days=1)
_BATCH = 200
_ERASED_CHANGE = {"title": ERASED, "reason": ERASED, "closing_note": "", "before": {}, "after": {}}


def purge_departed_people() -> int:
    """Delete what is left of closed accounts and of visitors on whom nothing rests any more; returns how many are gone.

    What no case needs goes on the day that was announced; name and address as soon as the last case lets them.
    """
    return sum(_purge(person) for person in _departed()[:_BATCH])


def purge_unconfirmed_people() -> int:
    """Delete accounts whose address nobody confirmed, and invitations that nobody took up; returns how many."""
    return sum(_delete(person) for person in _unconfirmed().order_by("joined_at", "pk")[:_BATCH])


def _unconfirmed() -> "QuerySet[User]":
    now = clock.now()
    own = Exists(EmailAddress.objects.filter(user=OuterRef("pk")))
    confirmed = Exists(EmailAddress.objects.filter(user=OuterRef("pk"), verified=True))
    by_themselves = Q(role__in=(Role.CREATOR, Role.GUEST), joined_at__lt=now - UNCONFIRMED_KEPT)
    late = by_themselves | Q(joined_at__lt=now - INVITED_KEPT)
    return User.objects.filter(late, own, ~confirmed, last_login=None, is_demo=False, purge_at=None, purged_at=None)


def purge_old_changes() -> int:
    """Delete reasons and values of changes for two people that were closed five years ago; returns how many."""
    old = ChangeRequest.objects.filter(closed_at__lt=clock.now() - CHANGES_KEPT).exclude(title=ERASED)
    return old.update(**_ERASED_CHANGE)


def _departed() -> "QuerySet[User]":
    due = Q(purge_at__lte=clock.now())
    visitors = Q(email__endswith=addresses.VISITORS, purge_at=None, joined_at__lt=clock.now() - ASK_AGAIN)
    not_held = Q(held_until=None) | Q(held_until__lte=clock.now())
    return User.objects.filter(due | visitors, not_held, purged_at=None).order_by("purge_at", "pk")


def _purge(person: User) -> bool:
    """Each room's rows by transactions of their own, and name and address last, so that locks are held in one order.

    From the day on that was announced nobody is let in again (staff.py), whether a case holds their name or not: that day stays as
    it was, and `held_until` says when they are asked about again.
    """
    if not _departed().filter(pk=person.pk).exists():
        return False
    if not (person.is_visitor and holds_of(person)):
        erase_own_rows(person)
    with transaction.atomic():
        # Changes about somebody are locked before them, as where one is carried out (changes.py).
        list(ChangeRequest.objects.filter(person=person).order_by("pk").select_for_update(of=("self",), no_key=True))
        row = _departed().filter(pk=person.pk).select_for_update(of=("self",), no_key=True).first()
        if row is None:
            return False
        if holds_of(row):
            User.objects.filter(pk=row.pk).update(held_until=clock.now() + ASK_AGAIN)
            return False
        _erase_identity(row)
    return True


def erase_own_rows(person: User) -> None:
    """What no case needs: how they signed in, what they linked, what was written to them, what they sent and did not use.

    Links that still hold are ended first, so that whoever keeps labels or copies by them hears of it.
    """
    with transaction.atomic():
        end_all_links(person=person)
    keys = UserSession.objects.filter(user=person).values_list("session_key", flat=True)
    Session.objects.filter(session_key__in=list(keys)).delete()
    for model in (Authenticator, EmailAddress, UserSession):
        model.objects.filter(user=person).delete()
    Mandate.objects.filter(creator=person).delete()
    for rows in (Letter.objects, LinkedAccount.objects, Recovery.objects, FormDraft.objects):
        rows.filter(person=person).delete()
    Intervention.objects.filter(person=person).update(reason=ERASED)
    ChangeRequest.objects.filter(person=person).exclude(closed_at=None).update(**_ERASED_CHANGE)
    erase_elsewhere(person)


def erase_person(person: User) -> None:
    """Name, address and public id, in the caller's transaction: nothing resolves what the trail calls them any more."""
    row = User.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    if row.purged_at is None:
        _erase_identity(row)
    fresh = new_public_id()
    gone = {"public_id": fresh, "email": addresses.gone_address(fresh), "last_login": None}
    User.objects.filter(pk=row.pk).update(**gone, role=Role.GUEST, agency=None)


def _erase_identity(person: User) -> None:
    """Name and address; the row and its public id stay, since decisions and the audit trail name them."""
    gone = {"email": addresses.gone_address(person.public_id), "display_name": "", "password": "", "language": "en"}
    over = {"is_active": False, "purge_at": None, "held_until": None, "purged_at": clock.now()}
    User.objects.filter(pk=person.pk).update(**gone, **over)
    trail.record_event("people.user.purged", person, by=None)


def _delete(person: User) -> bool:
    """Delete the row altogether; where something points at it, as for a person who left.

    The person may confirm their address meanwhile, which locks either row: both are asked again once they are locked.
    """
    with transaction.atomic():
        row = _unconfirmed().filter(pk=person.pk).select_for_update(of=("self",)).first()
        own = EmailAddress.objects.filter(user=person.pk).order_by("pk").select_for_update()
        if row is None or any(address.verified for address in own):
            return False
        try:
            with transaction.atomic():
                trail.record_event("people.user.unconfirmed", row, by=None)
                row.delete()
        except ProtectedError:
            User.objects.filter(pk=person.pk).update(purge_at=clock.now(), is_active=False)
            return False
    return True
