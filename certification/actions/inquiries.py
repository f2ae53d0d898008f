"""Doubts about certificates: raised, looked into, answered, decided; suspension by one, revocation by two."""

from collections.abc import Sequence
from typing import Unpack

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certification import events, notices, policies
from certification.actions import area_bans, casework, certificates, labels
from certification.actions.document_retention import keep_certificate_files, lock_application_files
from certification.models import Certificate, Inquiry
from certification.states import CertificateState, Outcome
from portal import clock
from portal.errors import Conflict, Invalid, require_allowed
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile
from portal.people.models import User
from portal.reviews.actions import appeals
from portal.reviews.actions import decisions as recording
from portal.reviews.actions.decisions import DecisionGrounds, SecondApproval
from portal.reviews.actions.participation import record_participation
from portal.reviews.models import Appeal, Decision, Participation, ReviewCase
from portal.reviews.policies import MIN_EXPLANATION, TWO_PEOPLE
from portal.texts import require_text
from portal.workflow import write_row

_MISSING = gettext_lazy("Please explain briefly.")
_GROUNDS_TOO_SHORT = gettext_lazy("Please say in a sentence what your concern is and why: at least 20 characters.")


def raise_doubt(*, certificate: Certificate, by: User, grounds: str, prepared: bool = False) -> Inquiry:
    """Say why a certificate is doubtful. A case is opened for a reviewer of the area who had no part in it before.

    Whoever raised the doubt decides nothing about the certificate from then on. `prepared`: they raised it while they had
    the role, in a batch that somebody else has confirmed since; their role is not asked for again.
    """
    refuse = policies.refuse_prepared_doubt if prepared else policies.refuse_doubt
    require_allowed(refuse(certificate, by))
    grounds = require_text(
        "grounds", grounds, least=MIN_EXPLANATION, most=policies.TEXT_LIMIT, missing=_GROUNDS_TOO_SHORT
    )
    try:
        with transaction.atomic():
            casework.lock_certificate(certificate)
            require_allowed(refuse(certificate, by))  # it may have ended meanwhile
            case = casework.open_certificate_case(certificate, by=by)
            inquiry = Inquiry.objects.create(
                certificate=certificate, grounds=grounds, raised_by=by, raised_at=clock.now(), case=case
            )
            labels.record_certificate_event(events.CERTIFICATE_DOUBTED, certificate, by, case=case.number)
            record_participation(case, by, Participation.DOUBT)
    except IntegrityError as error:
        raise Conflict(_("An inquiry about this certificate is already open.")) from error
    return inquiry


def dismiss_doubt(*, inquiry: Inquiry, by: User, **grounds: Unpack[DecisionGrounds]) -> None:
    """The doubt is unfounded; nothing changes for the holder."""
    _require_decider(inquiry, inquiry.case, by)
    require_allowed(policies.refuse_dismissal(inquiry))
    with transaction.atomic():
        casework.lock_certificate(inquiry.certificate)
        recording.record_decision(inquiry.case, by=by, outcome=Outcome.NO_DOUBT, **grounds)
        _end_inquiry(inquiry, outcome=None)
        labels.record_certificate_event(events.DOUBT_DISMISSED, inquiry.certificate, by)


def suspend_certificate(*, inquiry: Inquiry, by: User, **grounds: Unpack[DecisionGrounds]) -> Decision:
    """Suspend at once, with reasons: the label is off and the gate closed; the holder has 14 days to answer."""
    _require_decider(inquiry, inquiry.case, by)
    with transaction.atomic():
        certificate = _lock_concerned(inquiry)
        if certificate.effective_state != CertificateState.ACTIVE:
            raise Conflict(_("Only a valid certificate can be suspended."))
        decision = recording.record_decision(inquiry.case, by=by, outcome=Outcome.SUSPENDED, adverse=True, **grounds)
        certificate.move("suspend", adverse_decision=decision)
        _suspend_renewal(certificate, decision, by)
        write_row(inquiry, {"suspension": decision, "answer_due_at": decision.at + policies.ANSWER_PERIOD})
        labels.record_certificate_event(events.CERTIFICATE_SUSPENDED, certificate, by, reasons=decision.reasons)
        due_at = decision.at + policies.ANSWER_PERIOD
        notices.notify_holder(events.CERTIFICATE_SUSPENDED, certificate, once=str(inquiry.pk), answer_due_at=due_at)
    return decision


def answer_suspension(*, inquiry: Inquiry, by: User, text: str, documents: Sequence[EvidenceFile] = ()) -> None:
    """Submit the holder's answer, with text and files; a person other than the one who suspended decides."""
    require_allowed(policies.refuse_inquiry_answer(inquiry, by))
    text = require_text("text", text, least=1, most=policies.TEXT_LIMIT, missing=_MISSING)
    policies.require_own_files(documents, by)
    now = clock.now()
    with transaction.atomic():
        casework.lock_certificate(inquiry.certificate)
        _open_answer_case(inquiry, by=by, answer=text, answered_at=now)
        files.freeze_files(documents, at=now, by=by)
        inquiry.files.set(documents)
        labels.record_certificate_event(events.SUSPENSION_ANSWERED, inquiry.certificate, by, files=len(documents))


def open_overdue_answer_cases() -> int:
    """Open answer cases for suspensions not answered within 14 days; returns how many."""
    late = Inquiry.objects.filter(
        suspension__isnull=False, answer_case=None, ended_at=None, answer_due_at__lte=clock.now()
    )
    rows = late.select_related("certificate__holder", "certificate__area", "certificate__category", "suspension__by")
    count = 0
    for inquiry in rows.order_by("answer_due_at", "pk")[:200]:
        try:
            with transaction.atomic():
                casework.lock_certificate(inquiry.certificate)
                _open_answer_case(inquiry, by=None)
        except Conflict:
            continue
        count += 1
    return count


def propose_clearance(*, inquiry: Inquiry, by: User, **grounds: Unpack[DecisionGrounds]) -> Decision:
    """Propose to lift the suspension as unfounded; nothing happens before a second person agrees."""
    return _propose(inquiry, by, Outcome.CLEARED, events.CLEARANCE_PROPOSED, grounds)


def propose_revocation_at_once(*, inquiry: Inquiry, by: User, **grounds: Unpack[DecisionGrounds]) -> Decision:
    """Propose to revoke without a suspension before: documents were forged, or the licence was struck off.

    A second person must agree; the certificate counts until then. Raises Invalid where one of the reasons is another one.
    """
    _require_decider(inquiry, inquiry.case, by)
    if not policies.AT_ONCE_REASONS.issuperset(grounds.get("reasons", ())):
        raise Invalid.at(
            "reasons", _("Only forged documents or a lost licence lead to a revocation without a suspension before.")
        )
    with transaction.atomic():
        _lock_concerned(inquiry)
        return _record_proposal(
            inquiry, inquiry.case, by, outcome=Outcome.REVOKED, event=events.REVOCATION_PROPOSED, grounds=grounds
        )


def propose_revocation(*, inquiry: Inquiry, by: User, **grounds: Unpack[DecisionGrounds]) -> Decision:
    """Propose to revoke; nothing happens before a second person agrees."""
    return _propose(inquiry, by, Outcome.REVOKED, events.REVOCATION_PROPOSED, grounds)


def confirm_inquiry_decision(*, inquiry: Inquiry, by: User, **approval: Unpack[SecondApproval]) -> None:
    """The second person agrees: the certificate is valid again, to the same day as before, or revoked, with an appeal."""
    with transaction.atomic():
        casework.lock_certificate(inquiry.certificate)
        held = recording.require_held_decision(_deciding_case(inquiry))
        if held.outcome == Outcome.CLEARED:
            require_allowed(policies.refuse_stale_registers(inquiry.certificate.application))
        look = policies.inquiry_second_look(inquiry, held, by)
        decision = recording.confirm_decision(held, look, by=by, **approval)
        if decision.outcome == Outcome.CLEARED:
            _clear(inquiry, decision, by)
        else:
            _revoke(inquiry, decision, by)


def send_back_inquiry_decision(*, inquiry: Inquiry, by: User, version: int, note: str) -> None:
    """Refuse the second approval of a revocation or of its opposite: a third person decides anew."""
    with transaction.atomic():
        casework.lock_certificate(inquiry.certificate)
        decision = recording.send_back_decision(
            recording.require_held_decision(_deciding_case(inquiry)), by=by, version=version, note=note
        )
        cleared = decision.outcome == Outcome.CLEARED
        event = events.CLEARANCE_RETURNED if cleared else events.REVOCATION_RETURNED
        labels.record_certificate_event(event, inquiry.certificate, by)


def appeal_revocation(
    *, certificate: Certificate, by: User, text: str, documents: Sequence[EvidenceFile] = ()
) -> Appeal:
    """Appeal the revocation; a person who has not acted on it decides."""
    require_allowed(policies.refuse_certificate_appeal(certificate, by))
    policies.require_own_files(documents, by)
    decision = certificate.adverse_decision
    assert decision is not None  # noqa: S101 -- a revoked certificate has one, the database says
    with transaction.atomic():
        casework.lock_certificate(certificate)
        due_at = casework.due_in_working_days(certificate.area, certificate.area.appeal_days)
        filed = appeals.file_appeal(decision, by=by, text=text, due_at=due_at, files=documents)
        labels.record_certificate_event(events.REVOCATION_APPEALED, certificate, by, files=len(documents))
        notices.notify_holder(events.REVOCATION_APPEALED, certificate, once=str(filed.pk))
    return filed


def decide_revocation_appeal(
    *, certificate: Certificate, by: User, granted: bool, **grounds: Unpack[DecisionGrounds]
) -> None:
    """Decide the appeal as another senior reviewer: restore the certificate, or uphold the revocation."""
    revocation = certificate.adverse_decision
    if certificate.state != CertificateState.REVOKED or revocation is None:
        raise Conflict(_("There is no appeal to decide."))
    revocation.case.refresh_from_db()
    require_allowed(policies.refuse_inquiry_decision(certificate, revocation.case, by))
    filed = appeals.pending_appeal(revocation.case_id)
    if filed is None:
        raise Conflict(_("There is no appeal to decide."))
    if granted and policies.end_without_called_off(certificate) > clock.now():
        require_allowed(policies.refuse_stale_registers(certificate.application))
    with transaction.atomic():
        casework.lock_certificate(certificate)
        decision = recording.record_decision(
            revocation.case,
            by=by,
            outcome=Outcome.APPEAL_GRANTED if granted else Outcome.APPEAL_DISMISSED,
            adverse=not granted,
            **grounds,
        )
        event = events.CERTIFICATE_RESTORED if granted else events.REVOCATION_UPHELD
        if granted:
            _restore_certificate(certificate, by)
        keep_certificate_files(certificate)
        labels.record_certificate_event(event, certificate, by, reasons=decision.reasons)
        notices.notify_holder(event, certificate, once=str(filed.pk))


def _propose(inquiry: Inquiry, by: User, outcome: Outcome, event: str, grounds: DecisionGrounds) -> Decision:
    answer_case = _require_answer_case(inquiry, by)
    if outcome == Outcome.CLEARED:
        require_allowed(policies.refuse_stale_registers(inquiry.certificate.application))
    with transaction.atomic():
        casework.lock_certificate(inquiry.certificate)
        return _record_proposal(inquiry, answer_case, by, outcome=outcome, event=event, grounds=grounds)


def _record_proposal(
    inquiry: Inquiry, case: ReviewCase, by: User, *, outcome: Outcome, event: str, grounds: DecisionGrounds
) -> Decision:
    decision = recording.record_decision(
        case,
        by=by,
        outcome=outcome,
        adverse=outcome == Outcome.REVOKED,
        second_approval_for=[TWO_PEOPLE],
        **grounds,
    )
    labels.record_certificate_event(event, inquiry.certificate, by, reasons=decision.reasons)
    return decision


def _deciding_case(inquiry: Inquiry) -> ReviewCase:
    """The case about the answer, or without one that about the concern, in which forged documents are decided on."""
    return inquiry.answer_case or inquiry.case


def _clear(inquiry: Inquiry, decision: Decision, by: User) -> None:
    certificate = inquiry.certificate
    certificate.move("clear", adverse_decision=None)
    _clear_renewal(inquiry, by)
    _end_inquiry(inquiry, outcome=decision)
    labels.record_certificate_event(events.CERTIFICATE_CLEARED, certificate, by)
    notices.notify_holder(events.CERTIFICATE_CLEARED, certificate, once=str(inquiry.pk))


def _revoke(inquiry: Inquiry, decision: Decision, by: User) -> None:
    certificate = inquiry.certificate
    state = CertificateState(certificate.state)  # suspended, or active where documents were forged
    renewals = _renewals_in_state(certificate, state, inquiry.suspension)
    lock_application_files(row.application for row in [certificate, *renewals])
    certificates.end_certificate(certificate, "revoke", adverse_decision=decision)
    for row in renewals:
        certificates.end_certificate(row, "revoke", adverse_decision=decision)
        labels.record_certificate_event(events.CERTIFICATE_REVOKED, row, by, reasons=decision.reasons)
    area_bans.impose_area_ban(certificate.holder, certificate.area, decision, policies.BAN_AFTER_REVOCATION)
    _end_inquiry(inquiry, outcome=decision)
    labels.record_certificate_event(events.CERTIFICATE_REVOKED, certificate, by, reasons=decision.reasons)
    until = policies.appeal_deadline(clock.now())
    notices.notify_holder(events.CERTIFICATE_REVOKED, certificate, once=str(inquiry.pk), appeal_until=until)


def _restore_certificate(certificate: Certificate, by: User) -> None:
    """Restore validity with the original end date; a date in the past means that it expires at once."""
    revocation = certificate.adverse_decision
    for row in [certificate, *_renewals_in_state(certificate, CertificateState.REVOKED, revocation)]:
        try:
            with transaction.atomic():
                row.move("restore", adverse_decision=None, ended_at=None)
                _undo_called_off(row)
        except IntegrityError as error:
            raise Conflict(_("The holder now has another certificate in this area.")) from error
        _end_by_abolition(row)
        certificates.reclaim_held_numbers(row)
        if row.pk != certificate.pk:
            labels.record_certificate_event(events.CERTIFICATE_RESTORED, row, by)
    area_bans.lift_area_bans(revocation, by=by)


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


# A renewal may be issued weeks before it begins. It rests on the same person and documents: what is decided
# on the certificate that it renews applies to it as well, else the publish gate would open again.


def _renewals_in_state(
    certificate: Certificate, state: CertificateState, decision: Decision | None = None
) -> list[Certificate]:
    rows = Certificate.objects.filter(renews=certificate, state=state)
    return list(rows.filter(adverse_decision=decision).select_related("application"))


def _lock_concerned(inquiry: Inquiry) -> Certificate:
    """The certificate that a concern is about, locked: its renewal, where that has taken its place since."""
    casework.lock_certificate(inquiry.certificate)
    if inquiry.certificate.effective_state == CertificateState.EXPIRED:
        renewal = Certificate.objects.filter(renews=inquiry.certificate, state=CertificateState.ACTIVE).first()
        if renewal is not None and not renewal.inquiries.filter(ended_at=None).exists():
            write_row(inquiry, {"certificate": renewal}, ended_at=None)
    return inquiry.certificate


def _suspend_renewal(certificate: Certificate, decision: Decision, by: User) -> None:
    for row in _renewals_in_state(certificate, CertificateState.ACTIVE):
        row.move("suspend", adverse_decision=decision)
        labels.record_certificate_event(events.CERTIFICATE_SUSPENDED, row, by, reasons=decision.reasons)


def _clear_renewal(inquiry: Inquiry, by: User) -> None:
    for row in _renewals_in_state(inquiry.certificate, CertificateState.SUSPENDED, inquiry.suspension):
        row.move("clear", adverse_decision=None)
        labels.record_certificate_event(events.CERTIFICATE_CLEARED, row, by)


def _open_answer_case(inquiry: Inquiry, *, by: User | None, **fields: object) -> None:
    """The case in which the answer, or its absence, is decided on; who suspended and who raised the doubt are out of it."""
    answer_case = casework.open_certificate_case(inquiry.certificate, by=by)
    over = _("The time to answer has expired, or you have already answered.")
    write_row(inquiry, {"answer_case": answer_case, **fields}, message=over, answer_case=None, ended_at=None)
    labels.record_certificate_event(events.ANSWER_CASE_OPENED, inquiry.certificate, by, case=answer_case.number)


def _require_answer_case(inquiry: Inquiry, by: User) -> ReviewCase:
    answer_case = inquiry.answer_case
    if answer_case is None or inquiry.ended_at is not None:
        raise Conflict(_("There is nothing to decide here right now."))
    _require_decider(inquiry, answer_case, by)
    return answer_case


def _require_decider(inquiry: Inquiry, case: ReviewCase, by: User) -> None:
    case.refresh_from_db()
    require_allowed(policies.refuse_inquiry_decision(inquiry.certificate, case, by))


def _end_inquiry(inquiry: Inquiry, *, outcome: Decision | None) -> None:
    write_row(inquiry, {"ended_at": clock.now(), "outcome": outcome})
    keep_certificate_files(inquiry.certificate)
