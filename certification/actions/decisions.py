"""What people decide on an application. reviews records the decision; here it is carried out, in one transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Unpack

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from certification import events, notices, policies
from certification.actions import area_bans, casework, certificates
from certification.actions.document_retention import keep_application_files_until
from certification.actions.register_questions import keep_seen_record
from certification.actions.register_rechecks import settle_recheck
from certification.actions.rules import apply_due_versions
from certification.models import (
    Application,
    Certificate,
    Check,
    CheckKind,
    CheckMethod,
    CheckResult,
    Credential,
    CredentialType,
    Document,
)
from certification.registers import Record
from certification.states import ApplicationState, Outcome
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, require_allowed
from portal.evidence.access import refuse_attaching_files
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile
from portal.people.models import User
from portal.reviews.actions import appeals
from portal.reviews.actions import decisions as recording
from portal.reviews.actions.decisions import DecisionGrounds, SecondApproval
from portal.reviews.models import Appeal, Decision
from portal.reviews.states import DecisionState

_FINDINGS = {
    CheckKind.REGISTRY: {
        CheckResult.PASSED: "registry.found",
        CheckResult.FAILED: "registry.other",
        CheckResult.INCONCLUSIVE: "registry.unreachable",
    },
    CheckKind.DOCUMENT_READ: {
        CheckResult.PASSED: "document.fits",
        CheckResult.FAILED: "document.differs",
        CheckResult.INCONCLUSIVE: "document.unclear",
    },
}


@dataclass(frozen=True)
class _Look:
    """Where and when a person saw something, and until when the register says that it is valid."""

    at: datetime
    url: str = ""
    page: EvidenceFile | None = None
    expires_on: date | None = None

    @property
    def data(self) -> dict[str, str]:
        """The end date as automatic findings have it; one that has passed plans no look."""
        known = self.expires_on is not None and self.expires_on >= clock.today()
        return {"expires_on": f"{self.expires_on:%Y-%m-%d}"} if known else {}


def record_registry_check(
    *,
    credential: Credential,
    by: User,
    result: str,
    url: str,
    seen: str,
    seen_at: datetime | None = None,
    page: EvidenceFile | None = None,
    registered_name: str = "",
    registered_issuer: str = "",
    registered_issue: date | None = None,
    registered_until: date | None = None,
) -> Check:
    """Note what a person found in the register: on which page, with a picture of it, when, and what was seen.

    What is `registered_` is as the register says it, days of issue and of end included; it is kept as the answer of a register is.
    Raises Invalid at `url`, `seen_at`, `page` or a registered day for a look that does not count.
    """
    refusals = {
        "url": policies.refuse_register_address(credential.type, url),
        "seen_at": policies.refuse_look_up_time(seen_at) if seen_at else None,
        "page": policies.refuse_register_page(result, page),
        "registered_issue": policies.refuse_registered_issue(registered_issue),
        "registered_until": policies.refuse_registered_end(result, registered_until, issued=registered_issue),
    }
    if fields := {name: [str(reason)] for name, reason in refusals.items() if reason}:
        raise Invalid(_("This look-up cannot be recorded like this."), fields=fields)
    if page is not None:
        require_allowed(refuse_attaching_files([page], by, purpose=policies.PAGE_PURPOSE))
    look = _Look(url=url, at=seen_at or clock.now(), page=page, expires_on=registered_until)
    record = Record(
        name=registered_name, issuer=registered_issuer, issued_on=registered_issue, expires_on=registered_until
    )
    with transaction.atomic():
        check = _record_manual_check(
            CheckKind.REGISTRY, credential.application, by, result, seen, credential=credential, look=look
        )
        if record != Record():
            keep_seen_record(check, credential, record, by=by)
        settle_recheck(check, credential)
    return check


def record_document_check(*, document: Document, by: User, result: str, seen: str) -> Check:
    """Record what a reviewer read on a document."""
    return _record_manual_check(CheckKind.DOCUMENT_READ, document.application, by, result, seen, document=document)


def approve_application(
    *, application: Application, by: User, accepted: Collection[int], **grounds: Unpack[DecisionGrounds]
) -> Decision:
    """Approve on the credentials whose ids are `accepted`; where two people must agree, propose it.

    Raises Invalid if a failed check is overridden without an explanation.
    """
    apply_due_versions()
    with transaction.atomic():
        casework.lock_application(application)
        if application.state != ApplicationState.IN_REVIEW:
            raise Conflict(_("This application is not in review."))
        decision = _record_approval(application, by, accepted, Outcome.APPROVED, grounds)
        if decision.state == DecisionState.HELD:
            application.move("propose_approval", decision=decision, touched_at=clock.now())
            trail.record_event(events.APPROVAL_PROPOSED, application, by=by)
        else:
            _issue_and_notify(application, decision, by, "approve", events.APPLICATION_APPROVED)
    return decision


def confirm_approval(*, application: Application, by: User, **approval: Unpack[SecondApproval]) -> Certificate:
    """The second person agrees: the certificate is issued."""
    apply_due_versions()
    with transaction.atomic():
        casework.lock_application(application)
        held = recording.require_held_decision(application.case)
        if reason := policies.refuse_certifying(application):
            raise Conflict(reason)
        look = policies.application_second_look(application, held, by)
        decision = recording.confirm_decision(held, look, by=by, **approval)
        if application.state == ApplicationState.APPEALED:
            return _issue_and_notify(application, decision, by, "grant_appeal", events.APPEAL_GRANTED)
        return _issue_and_notify(application, decision, by, "confirm", events.APPLICATION_APPROVED)


def send_back_approval(*, application: Application, by: User, version: int, note: str) -> None:
    """Refuse the second approval: a third person decides anew."""
    with transaction.atomic():
        casework.lock_application(application)
        recording.send_back_decision(
            recording.require_held_decision(application.case), by=by, version=version, note=note
        )
        application.credentials.update(accepted_by=None, accepted_at=None)
        if application.state == ApplicationState.SECOND_REVIEW:
            application.move("send_back", decision=None, touched_at=clock.now())
        trail.record_event(events.APPROVAL_RETURNED, application, by=by)


def reject_application(*, application: Application, by: User, **grounds: Unpack[DecisionGrounds]) -> Decision:
    """Reject, with reasons that the applicant can understand. Forged documents ban them from the area for a time."""
    require_allowed(policies.refuse_rejection(application, by))
    with transaction.atomic():
        casework.lock_application(application)
        case = casework.case_of_application(application)
        decision = recording.record_decision(case, by=by, outcome=Outcome.REJECTED, adverse=True, **grounds)
        application.move("reject", decision=decision, decided_at=decision.at, touched_at=decision.at)
        until = policies.appeal_deadline(decision.at)
        area_bans.impose_area_ban(application.applicant, application.area, decision, policies.BAN_AFTER_REJECTION)
        keep_application_files_until(application, until + policies.DOCUMENT_RETENTION)
        trail.record_event(events.APPLICATION_REJECTED, application, by=by, reasons=decision.reasons)
        notices.notify_applicant(events.APPLICATION_REJECTED, application, appeal_until=until)
    return decision


def appeal_rejection(
    *, application: Application, by: User, text: str, documents: Sequence[EvidenceFile] = ()
) -> Appeal:
    """The applicant objects, with text and files; somebody who has not acted on the case will decide."""
    require_allowed(policies.refuse_appeal(application, by))
    policies.require_own_files(documents, by)
    decision = application.decision
    assert decision is not None  # noqa: S101 -- a rejected application has one, the database says
    with transaction.atomic():
        casework.lock_application(application)
        due_at = casework.due_in_working_days(application.area, application.area.appeal_days)
        filed = appeals.file_appeal(decision, by=by, text=text, due_at=due_at, files=documents)
        application.move("appeal", touched_at=clock.now())
        # What was accepted the first time is for the next person to decide.
        application.credentials.update(accepted_by=None, accepted_at=None)
        application.case = decision.case
        trail.record_event(events.APPLICATION_APPEALED, application, by=by)
        notices.notify_applicant(events.APPLICATION_APPEALED, application, due_at=due_at)
    return filed


def grant_rejection_appeal(
    *, application: Application, by: User, accepted: Collection[int], **grounds: Unpack[DecisionGrounds]
) -> Decision:
    """The appeal is right: certify, after a second approval where the area asks for two."""
    apply_due_versions()
    _require_appeal(application, by)
    with transaction.atomic():
        casework.lock_application(application)
        decision = _record_approval(application, by, accepted, Outcome.APPEAL_GRANTED, grounds)
        if decision.state == DecisionState.HELD:
            trail.record_event(events.APPROVAL_PROPOSED, application, by=by)
        else:
            _issue_and_notify(application, decision, by, "grant_appeal", events.APPEAL_GRANTED)
    return decision


def dismiss_rejection_appeal(*, application: Application, by: User, **grounds: Unpack[DecisionGrounds]) -> Decision:
    """Dismiss the appeal: the rejection becomes final."""
    _require_appeal(application, by)
    with transaction.atomic():
        casework.lock_application(application)
        case = casework.case_of_application(application)
        decision = recording.record_decision(case, by=by, outcome=Outcome.APPEAL_DISMISSED, adverse=True, **grounds)
        application.move("dismiss_appeal", decision=decision, decided_at=decision.at, touched_at=decision.at)
        keep_application_files_until(application, decision.at + policies.DOCUMENT_RETENTION)
        trail.record_event(events.APPEAL_DISMISSED, application, by=by, reasons=decision.reasons)
        notices.notify_applicant(events.APPEAL_DISMISSED, application)
    return decision


def _record_manual_check(
    kind: CheckKind,
    application: Application,
    by: User,
    result: str,
    seen: str,
    *,
    credential: Credential | None = None,
    document: Document | None = None,
    look: _Look | None = None,
) -> Check:
    require_allowed(policies.refuse_examining(application, by))
    look = look or _Look(at=clock.now())
    if not seen.strip():
        raise Invalid.at("seen", _("Please describe what you saw."))
    with transaction.atomic():
        row = Check.objects.create(
            application=application,
            credential=credential,
            document=document,
            round=application.round,
            kind=kind,
            method=CheckMethod.MANUAL,
            input=credential.identifier_masked if credential else str(document and document.get_kind_display()),
            result=CheckResult(result),
            finding=_FINDINGS[kind][CheckResult(result)],
            data=look.data,
            note=seen.strip(),
            url=look.url,
            file=look.page,
            by=by,
            at=min(look.at, clock.now()),
        )
        if look.page is not None:
            files.freeze_files([look.page], at=clock.now(), by=by)
        trail.record_event(events.CHECK_RECORDED, application, by=by, kind=kind.value, result=result)
    return row


def _record_approval(
    application: Application, by: User, accepted: Collection[int], outcome: Outcome, grounds: DecisionGrounds
) -> Decision:
    """Accept the credentials and record the decision; held if a second person must agree."""
    application.credentials.update(accepted_by=None, accepted_at=None)
    # With the version of its type by which it was accepted, which may be newer than that of the day when it was handed in.
    version = CredentialType.objects.filter(pk=OuterRef("type")).values("version")
    application.credentials.filter(pk__in=accepted).update(
        accepted_by=by, accepted_at=clock.now(), type_version=Subquery(version)
    )
    require_allowed(policies.refuse_approval(application, by))
    why_two = policies.second_approval_reasons(application)
    if (
        any(code.startswith(f"{CheckResult.FAILED}:") for code in why_two)
        and not grounds.get("explanation", "").strip()
    ):
        raise Invalid.at("explanation", _("A check failed. Please explain why you are approving anyway."))
    case = casework.case_of_application(application)
    return recording.record_decision(case, by=by, outcome=outcome, second_approval_for=why_two, **grounds)


def _issue_and_notify(application: Application, decision: Decision, by: User, move: str, event: str) -> Certificate:
    now, overturned = clock.now(), application.decision
    application.move(move, decision=decision, decided_at=now, touched_at=now)
    area_bans.lift_area_bans(overturned, by=by)
    certificate = certificates.issue_certificate(application=application, decision=decision, by=by)
    trail.record_event(event, application, by=by, certificate=certificate.serial)
    notices.notify_applicant(event, application, serial=certificate.serial, valid_to=certificate.valid_to)
    return certificate


def _require_appeal(application: Application, by: User) -> None:
    if application.state != ApplicationState.APPEALED:
        raise Conflict(_("There is no appeal to decide."))
    require_allowed(policies.refuse_reviewing(application, by))
