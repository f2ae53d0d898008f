"""A lost second factor: asked for, proposed by one administrator, confirmed by another."""

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.audit import trail
from portal.errors import Conflict, require_allowed
from portal.people import letters, recoveries
from portal.people.actions import people
from portal.people.models import Recovery, User
from portal.people.states import OPEN_RECOVERY_STATES


def request_recovery(*, person: User, note: str) -> Recovery:
    """The person asks, having shown their first factor only. Asking again returns the open recovery."""
    with transaction.atomic():
        recovery = Recovery(person=person, note=note, asked_at=clock.now())
        Recovery.objects.bulk_create([recovery], ignore_conflicts=True)
        kept = Recovery.objects.get(person=person, state__in=OPEN_RECOVERY_STATES)
        if kept.asked_at == recovery.asked_at:
            trail.record_event("people.recovery.requested", kept, by=person)
            letters.write_letter_to(person, "people/email/recovery_requested")
            for admin in User.objects.active_admins().exclude(pk=person.pk):
                letters.write_letter_to(admin, "people/email/recovery_waiting", who=person.public_id)
    return kept


def open_recovery(*, person: User, reason: str, by: User) -> Recovery:
    """An administrator whom the person reached by other means opens and proposes a recovery at once."""
    require_allowed(recoveries.refuse_handling_recovery(person, by=by))
    try:
        with transaction.atomic():
            recovery = Recovery.objects.create(person=person, asked_at=clock.now())
            propose_recovery(recovery=recovery, reason=reason, by=by)
    except IntegrityError as error:
        if "one_open_recovery_a_person" not in str(error):
            raise
        raise Conflict(_("A recovery for this person is already open.")) from error
    return recovery


def propose_recovery(*, recovery: Recovery, reason: str, by: User) -> None:
    """Propose the recovery, stating how the person was identified."""
    require_allowed(recoveries.refuse_handling_recovery(recovery.person, by=by))
    with transaction.atomic():
        recovery.move("propose", proposed_by=by, proposed_at=clock.now(), reason=reason)
        trail.record_event("people.recovery.proposed", recovery, by=by)


def confirm_recovery(*, recovery: Recovery, by: User) -> None:
    """Confirm as another administrator: remove the factors, end every session, notify the person."""
    require_allowed(recoveries.refuse_confirming_recovery(recovery, by=by))
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=recovery.person_id)
        recovery.refresh_from_db(from_queryset=Recovery.objects.select_for_update(no_key=True))
        require_allowed(recoveries.refuse_confirming_recovery(recovery, by=by))  # by who has proposed it by now
        recovery.move("confirm", closed_by=by, closed_at=clock.now())
        Authenticator.objects.filter(user=recovery.person).delete()
        people.end_sessions(recovery.person)
        trail.record_event("people.recovery.confirmed", recovery, by=by)
        letters.write_letter_to(recovery.person, "people/email/recovery_done")


def refuse_recovery(*, recovery: Recovery, reason: str, by: User) -> None:
    """Refuse: the factors stay. One administrator is enough."""
    require_allowed(recoveries.refuse_handling_recovery(recovery.person, by=by))
    with transaction.atomic():
        recovery.move("refuse", closed_by=by, closed_at=clock.now(), closing_note=reason)
        trail.record_event("people.recovery.refused", recovery, by=by)
        letters.write_letter_to(recovery.person, "people/email/recovery_refused", reason=reason)
