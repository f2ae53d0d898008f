"""A lost second factor: asked for, proposed by one administrator, confirmed by another."""

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.accounts import letters, recoveries
from portal.accounts.actions import people
from portal.accounts.models import Recovery, User
from portal.accounts.states import OPEN_RECOVERY
from portal.audit import trail
from portal.errors import Conflict, NotAllowed


def request(*, person: User, note: str) -> Recovery:
    """The person asks, having shown her first factor only. Asking again returns the open recovery."""
    with transaction.atomic():
        recovery = Recovery(person=person, note=note, asked_at=clock.now())
        Recovery.objects.bulk_create([recovery], ignore_conflicts=True)
        kept = Recovery.objects.get(person=person, state__in=OPEN_RECOVERY)
        if kept.asked_at == recovery.asked_at:
            _record("requested", kept, by=person)
            letters.write_to(person, "accounts/email/recovery_requested")
            for admin in User.objects.active_admins().exclude(pk=person.pk):
                letters.write_to(admin, "accounts/email/recovery_waiting", who=person.public_id)
    return kept


def open_for(*, person: User, reason: str, by: User) -> Recovery:
    """An administrator whom the person reached by other means opens and proposes a recovery at once."""
    _refuse(recoveries.refuse_handling(person, by=by))
    try:
        with transaction.atomic():
            recovery = Recovery.objects.create(person=person, asked_at=clock.now())
            propose(recovery=recovery, reason=reason, by=by)
    except IntegrityError as error:
        if "one_open_recovery_a_person" not in str(error):
            raise
        raise Conflict(_("A recovery of this person is open already.")) from error
    return recovery


def propose(*, recovery: Recovery, reason: str, by: User) -> None:
    """The first yes: says how the person was recognised."""
    _refuse(recoveries.refuse_handling(recovery.person, by=by))
    with transaction.atomic():
        recovery.move("propose", proposed_by=by, proposed_at=clock.now(), reason=reason)
        _record("proposed", recovery, by=by)


def confirm(*, recovery: Recovery, by: User) -> None:
    """The second yes, by another administrator: factors go, every session ends, the person is told."""
    _refuse(recoveries.refuse_confirming(recovery, by=by))
    with transaction.atomic():
        recovery.move("confirm", closed_by=by, closed_at=clock.now())
        Authenticator.objects.filter(user=recovery.person).delete()
        people.end_sessions(recovery.person)
        _record("confirmed", recovery, by=by)
        letters.write_to(recovery.person, "accounts/email/recovery_done")


def refuse(*, recovery: Recovery, reason: str, by: User) -> None:
    """No: the factors stay as they are. One administrator is enough for that."""
    _refuse(recoveries.refuse_handling(recovery.person, by=by))
    with transaction.atomic():
        recovery.move("refuse", closed_by=by, closed_at=clock.now(), closing_note=reason)
        _record("refused", recovery, by=by)
        letters.write_to(recovery.person, "accounts/email/recovery_refused", reason=reason)


def _refuse(reason: object) -> None:
    if reason:
        raise NotAllowed(str(reason))


def _record(what: str, recovery: Recovery, *, by: User) -> None:
    trail.record(f"accounts.recovery.{what}", by=by, on=recovery, data={"person": recovery.person.public_id})
