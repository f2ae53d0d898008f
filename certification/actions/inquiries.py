"""Doubts about certificates: raised, looked into, answered, decided; suspension by one, revocation by two."""

from collections.abc import Sequence
from typing import Unpack

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certification import events, notices, policies
from certification.actions import area_bans, casework, labels, periods
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
from portal.workflow import CHANGED, write_row

_MISSING = gettext_lazy("Please explain briefly.")
# How a certificate ends without a decision against it; its renewal goes on.
_OVER = (CertificateState.EXPIRED, CertificateState.LAPSED)
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
            casework.end_looks(certificate)  # this case takes their place
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


def confirm_change(*, inquiry: Inquiry, by: User, **grounds: Unpack[DecisionGrounds]) -> None:
    """What was reported is true, and nothing speaks against the holder: they can renew at once, with what is true now.

    The certificate counts until the renewal is approved, and ends then. One that was renewed already can be renewed again
    once that renewal has begun.
    """
    _require_decider(inquiry, inquiry.case, by)
    require_allowed(policies.refuse_dismissal(inquiry))
    with transaction.atomic():
        certificate = _lock_concerned(inquiry)
        if reason := policies.refuse_confirming_change(inquiry):
            raise Conflict(reason)
        recording.record_decision(inquiry.case, by=by, outcome=Outcome.CHANGE_CONFIRMED, **grounds)
        last = periods.standing_periods(certificate)[-1]
        last.write(renewable_from=max(clock.now(), last.valid_from))
        _end_inquiry(inquiry, outcome=None)
        labels.record_certificate_event(events.CHANGE_CONFIRMED, last, by)
        notices.notify_holder(events.CHANGE_CONFIRMED, last, once=str(inquiry.pk))


def suspend_certificate(*, inquiry: Inquiry, by: User, **grounds: Unpack[DecisionGrounds]) -> Decision:
    """Suspend at once, with reasons: the label is off and the gate closed; the holder has 14 days to answer."""
    _require_decider(inquiry, inquiry.case, by)
    with transaction.atomic():
        certificate = _lock_concerned(inquiry)
        if certificate.effective_state != CertificateState.ACTIVE:
            raise Conflict(_("Only a valid certificate can be suspended."))
        decision = recording.record_decision(inquiry.case, by=by, outcome=Outcome.SUSPENDED, adverse=True, **grounds)
        periods.suspend_periods(certificate, decision, by)
        write_row(inquiry, {"suspension": decision, "answer_due_at": decision.at + policies.ANSWER_PERIOD})
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

    A second person must agree; the certificate counts until then. One that has ended stays as it is: what was found is
    recorded, and forged documents close the area. Raises Invalid where one of the reasons is another one.
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
    """The second person agrees: the certificate is valid again, to the same day as before, or revoked, with an appeal.

    If it has ended since it was proposed, its renewal is revoked; without one, what was found is recorded.
    """
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
            _lock_concerned(inquiry)
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
    with transaction.atomic():
        casework.lock_certificate(certificate)
        decision = _require_revocation(certificate)
        due_at = casework.due_in_working_days(certificate.area, certificate.area.appeal_days)
        filed = appeals.file_appeal(decision, by=by, text=text, due_at=due_at, files=documents)
        labels.record_certificate_event(events.REVOCATION_APPEALED, certificate, by, files=len(documents))
        notices.notify_holder(events.REVOCATION_APPEALED, certificate, once=str(filed.pk))
    return filed


def decide_revocation_appeal(
    *, certificate: Certificate, by: User, granted: bool, **grounds: Unpack[DecisionGrounds]
) -> None:
    """Decide the appeal as another senior reviewer: restore the certificate, or uphold the revocation."""
    revocation = _require_revocation(certificate)
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
        if granted:
            event = _withdraw_revocation(certificate, revocation, by)
        else:
            event = events.REVOCATION_UPHELD
            labels.record_certificate_event(event, certificate, by, reasons=decision.reasons)
        periods.keep_files_of_periods(certificate)
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
    if certificate.state != CertificateState.SUSPENDED:
        raise Conflict(CHANGED)
    periods.clear_periods(certificate, inquiry.suspension, by)
    _end_inquiry(inquiry, outcome=decision)
    notices.notify_holder(events.CERTIFICATE_CLEARED, certificate, once=str(inquiry.pk))


def _revoke(inquiry: Inquiry, decision: Decision, by: User) -> None:
    certificate, event = inquiry.certificate, events.CERTIFICATE_REVOKED
    if certificate not in periods.revoke_periods(certificate, decision, by):
        event = events.FINDING_RECORDED
        _record_finding(certificate, decision, by)
    ban = area_bans.impose_area_ban(certificate.holder, certificate.area, decision, policies.BAN_AFTER_REVOCATION)
    _end_inquiry(inquiry, outcome=decision)
    facts: dict[str, notices.MessageFact] = {"appeal_until": policies.appeal_deadline(clock.now())}
    if event == events.FINDING_RECORDED and ban is not None:
        facts["closed_until"] = ban.ends_at
    notices.notify_holder(event, certificate, once=str(inquiry.pk), **facts)


def _record_finding(certificate: Certificate, decision: Decision, by: User) -> None:
    """Two people found about a certificate that has ended what it would be revoked for. It does not move: it counted until its end."""
    if certificate.adverse_decision_id is None:
        certificate.write(adverse_decision=decision)
    labels.record_certificate_event(events.FINDING_RECORDED, certificate, by, reasons=decision.reasons)


def _withdraw_revocation(certificate: Certificate, revocation: Decision, by: User) -> str:
    """Restore what the decision revoked, take back what it found, and open the area; returns the event for the holder."""
    event = events.CERTIFICATE_RESTORED
    if certificate.state != CertificateState.REVOKED:
        event = events.FINDING_WITHDRAWN
        certificate.write(adverse_decision=None)
        labels.record_certificate_event(event, certificate, by)
    periods.restore_periods(certificate, revocation, by)
    area_bans.lift_area_bans(revocation, by=by)
    return event


def _require_revocation(certificate: Certificate) -> Decision:
    revocation = policies.standing_revocation(certificate)
    if revocation is None:
        raise Conflict(_("There is no appeal to decide."))
    return revocation


def _lock_concerned(inquiry: Inquiry) -> Certificate:
    """The certificate that a concern is about, locked: the period that has taken its place since, if it has ended."""
    casework.lock_certificate(inquiry.certificate)
    if inquiry.certificate.effective_state in _OVER:
        standing = periods.standing_periods(inquiry.certificate)
        # One inquiry is open at a time; earlier releases allowed one for each period.
        if standing and not standing[0].inquiries.filter(ended_at=None).exists():
            write_row(inquiry, {"certificate": standing[0]}, ended_at=None)
    return inquiry.certificate


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
    periods.keep_files_of_periods(inquiry.certificate)
