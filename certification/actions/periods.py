"""What is decided on a certificate holds for each of its periods that stands: the one that runs, and a renewal that begins later.

They rest on the same person and mostly on the same documents; one that were left out would keep the publishing gate open.
Whoever calls these functions has locked them (casework.lock_certificate).
"""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certification import events, policies
from certification.actions import labels
from certification.actions.document_retention import keep_certificate_files, lock_application_files
from certification.models import Application, Certificate
from certification.states import CertificateState
from portal import clock
from portal.errors import Conflict
from portal.people.models import User
from portal.reviews.models import Decision

NUMBER_TAKEN = gettext_lazy("A number on these documents is already on another holder's certificate.")
_ENDED = {"revoke": events.CERTIFICATE_REVOKED, "surrender": events.CERTIFICATE_SURRENDERED}


def all_periods(certificate: Certificate) -> list[Certificate]:
    """Every period, oldest first; the certificate itself is the row that was given."""
    rows = Certificate.objects.filter(pk__in=policies.own_periods(certificate)).order_by("pk")
    rows = rows.select_related("holder", "area__jurisdiction", "category", "application")
    return [certificate if row.pk == certificate.pk else row for row in rows]


def standing_periods(certificate: Certificate) -> list[Certificate]:
    """Those that count now or later, or are suspended."""
    return [row for row in all_periods(certificate) if _stands(row)]


def suspend_periods(certificate: Certificate, decision: Decision, by: User) -> None:
    """Suspend every period that counts now or later."""
    for row in all_periods(certificate):
        if row.effective_state == CertificateState.ACTIVE:
            row.move("suspend", adverse_decision=decision)
            labels.record_certificate_event(events.CERTIFICATE_SUSPENDED, row, by, reasons=decision.reasons)


def clear_periods(certificate: Certificate, suspension: Decision | None, by: User) -> None:
    """Make valid what this decision suspended."""
    for row in _under(certificate, CertificateState.SUSPENDED, suspension):
        row.move("clear", adverse_decision=None)
        labels.record_certificate_event(events.CERTIFICATE_CLEARED, row, by)


def revoke_periods(certificate: Certificate, decision: Decision, by: User) -> list[Certificate]:
    """Revoke every period that counts now or later, or is suspended; returns them."""
    return _end_periods(certificate, "revoke", by, event_data={"reasons": decision.reasons}, adverse_decision=decision)


def surrender_periods(certificate: Certificate, by: User) -> None:
    """End every period that counts now or later."""
    _end_periods(certificate, "surrender", by)


def restore_periods(certificate: Certificate, revocation: Decision, by: User) -> None:
    """Restore what this decision revoked, each with the end that it had; one in the past means that it expires at once."""
    for row in _under(certificate, CertificateState.REVOKED, revocation):
        try:
            with transaction.atomic():
                row.move("restore", adverse_decision=None, ended_at=None)
                _undo_called_off(row)
        except IntegrityError as error:
            raise Conflict(_("The holder now has another certificate in this area.")) from error
        _end_by_abolition(row)
        reclaim_held_numbers(row)
        labels.record_certificate_event(events.CERTIFICATE_RESTORED, row, by)


def end_replaced(certificate: Certificate, renewal: Application) -> None:
    """End a certificate whose renewal begins now instead of at its end, because a change was confirmed."""
    now = clock.now()
    lock_application_files([certificate.application, renewal])  # the new certificate schedules its own
    # Its end comes from the renewal, not from an abolition that would have brought it forward.
    certificate.write(valid_to=now, abolition=None, full_valid_to=None)
    certificate.move("expire", ended_at=now)
    certificate.numbers.update(standing=False)
    keep_certificate_files(certificate)
    labels.record_certificate_event(events.CERTIFICATE_EXPIRED, certificate, None, replaced=True)


def keep_files_of_periods(certificate: Certificate) -> None:
    """Schedule the deletion of the files of every period anew."""
    rows = all_periods(certificate)
    lock_application_files(row.application for row in rows)
    for row in rows:
        keep_certificate_files(row)


def reclaim_held_numbers(certificate: Certificate) -> None:
    """A restored certificate holds its numbers again; Conflict if somebody else holds one meanwhile."""
    try:
        with transaction.atomic():
            certificate.numbers.update(standing=True)
    except IntegrityError as error:
        raise Conflict(NUMBER_TAKEN) from error


def _stands(row: Certificate) -> bool:
    return row.effective_state in (CertificateState.ACTIVE, CertificateState.SUSPENDED)


def _under(certificate: Certificate, state: CertificateState, decision: Decision | None) -> list[Certificate]:
    """The periods that a decision brought into a state."""
    key = decision.pk if decision is not None else None
    return [row for row in all_periods(certificate) if row.state == state and row.adverse_decision_id == key]


def _end_periods(
    certificate: Certificate,
    move: str,
    by: User,
    *,
    event_data: dict[str, object] | None = None,
    **fields: object,
) -> list[Certificate]:
    """End those that stand by a move: release their numbers and schedule the deletion of their documents; returns them."""
    every = all_periods(certificate)
    lock_application_files(row.application for row in every)
    rows = [row for row in every if _stands(row)]
    for row in rows:
        row.move(move, ended_at=clock.now(), **fields)
        row.numbers.update(standing=False)
        keep_certificate_files(row)
        labels.record_certificate_event(_ENDED[move], row, by, **(event_data or {}))
    return rows


def _undo_called_off(certificate: Certificate) -> None:
    """What was called off while the certificate was revoked ends it no more."""
    if (end := policies.end_without_called_off(certificate)) != certificate.valid_to:
        certificate.write(abolition=None, full_valid_to=None, valid_to=end)
        labels.schedule_label_updates(certificate)


def _end_by_abolition(certificate: Certificate) -> None:
    """What was announced while the certificate was revoked ends it as well."""
    ending = policies.ending_abolition(certificate.application)
    if ending is not None and certificate.valid_from < ending.takes_effect_at < certificate.valid_to:
        full = certificate.full_valid_to or certificate.valid_to
        certificate.write(abolition=ending, full_valid_to=full, valid_to=ending.takes_effect_at)
        labels.schedule_label_updates(certificate)
