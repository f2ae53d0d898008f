"""What people decide on an application. reviews records the decision; here it is carried out, in one transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from certification import events, notices, policies
from certification.actions import bans, casework, certificates
from certification.actions.papers import keep_until
from certification.models import (
    Application,
    Certificate,
    Check,
    CheckKind,
    Credential,
    Document,
    Method,
    Result,
)
from certification.states import ApplicationState, Outcome
from portal import clock
from portal.accounts.models import User
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed
from portal.evidence.models import EvidenceFile
from portal.reviews.actions import appeals
from portal.reviews.actions import decisions as recording
from portal.reviews.models import Appeal, Decision
from portal.reviews.states import DecisionState

_FINDINGS = {
    CheckKind.REGISTRY: {
        Result.PASSED: "registry.found",
        Result.FAILED: "registry.other",
        Result.INCONCLUSIVE: "registry.unreachable",
    },
    CheckKind.PAPER: {
        Result.PASSED: "paper.fits",
        Result.FAILED: "paper.differs",
        Result.INCONCLUSIVE: "paper.unclear",
    },
}


@dataclass(frozen=True)
class _Said:
    """What a reviewer said with her decision, and which version of the case she saw."""

    outcome: Outcome
    version: int
    explanation: str
    reasons: Sequence[str]


def look_up(*, credential: Credential, by: User, result: str, url: str, seen: str) -> Check:
    """Note what a person found in the register: where, when, and in her words what was seen."""
    return _note(CheckKind.REGISTRY, credential.application, by, result, seen, credential=credential, url=url)


def read_paper(*, document: Document, by: User, result: str, seen: str) -> Check:
    """Note what a person read on a paper."""
    return _note(CheckKind.PAPER, document.application, by, result, seen, document=document)


def approve(
    *,
    application: Application,
    by: User,
    version: int,
    accepted: Collection[int],
    explanation: str = "",
    reasons: Sequence[str] = (),
) -> Decision:
    """Approve on the credentials whose ids are `accepted`; where two people must agree, propose it.

    Raises Invalid if a failed check is overridden without an explanation.
    """
    with transaction.atomic():
        if application.state != ApplicationState.IN_REVIEW:
            raise Conflict(_("This application is not in review."))
        said = _Said(Outcome.APPROVED, version, explanation, reasons)
        decision = _favourable(application, by, accepted, said)
        if decision.state == DecisionState.HELD:
            application.move("propose_approval", decision=decision, touched_at=clock.now())
            _record(events.APPROVAL_PROPOSED, application, by)
        else:
            _certify(application, decision, by, "approve", events.APPLICATION_APPROVED)
    return decision


def confirm(*, application: Application, by: User, version: int, note: str = "") -> Certificate:
    """The second person agrees: the certificate is issued."""
    with transaction.atomic():
        held = _held(application)
        if reason := policies.refuse_certifying(application):
            raise Conflict(reason)
        decision = recording.confirm(held, by=by, version=version, note=note)
        if application.state == ApplicationState.APPEALED:
            return _certify(application, decision, by, "grant_appeal", events.APPEAL_GRANTED)
        return _certify(application, decision, by, "confirm", events.APPLICATION_APPROVED)


def send_back(*, application: Application, by: User, version: int, note: str) -> None:
    """The second person does not agree: a third looks anew."""
    with transaction.atomic():
        recording.send_back(_held(application), by=by, version=version, note=note)
        application.credentials.update(accepted_by=None, accepted_at=None)
        if application.state == ApplicationState.SECOND_REVIEW:
            application.move("send_back", decision=None, touched_at=clock.now())
        _record(events.APPROVAL_RETURNED, application, by)


def reject(*, application: Application, by: User, version: int, reasons: Sequence[str], explanation: str) -> Decision:
    """Reject, with reasons that the applicant can understand. Forged papers close the area to her for a time."""
    if reason := policies.refuse_rejection(application, by):
        raise NotAllowed(reason)
    with transaction.atomic():
        decision = recording.record(
            casework.case_of(application),
            by=by,
            outcome=Outcome.REJECTED,
            reasons=reasons,
            explanation=explanation,
            version=version,
            adverse=True,
        )
        application.move("reject", decision=decision, decided_at=decision.at, touched_at=decision.at)
        until = policies.appeal_until(decision.at)
        bans.impose(application.applicant, application.area, decision, policies.BAN_AFTER_REJECTION)
        keep_until(application, until + policies.PAPERS_KEPT)
        _record(events.APPLICATION_REJECTED, application, by, reasons=decision.reasons)
        notices.about_application(events.APPLICATION_REJECTED, application, appeal_until=until)
    return decision


def appeal(*, application: Application, by: User, text: str, papers: Sequence[EvidenceFile] = ()) -> Appeal:
    """The applicant objects, with text and files; somebody who has not acted on the case will decide."""
    if reason := policies.refuse_appeal(application, by):
        raise NotAllowed(reason)
    policies.require_own_papers(papers, by)
    decision = application.decision
    assert decision is not None  # noqa: S101 -- a rejected application has one, the database says
    with transaction.atomic():
        due_at = casework.due(application.area, application.area.appeal_days)
        filed = appeals.file(decision, by=by, text=text, due_at=due_at, files=papers)
        application.move("appeal", touched_at=clock.now())
        # What was accepted the first time is for the next person to judge.
        application.credentials.update(accepted_by=None, accepted_at=None)
        application.case = decision.case
        _record(events.APPLICATION_APPEALED, application, by)
        notices.about_application(events.APPLICATION_APPEALED, application, due_at=due_at)
    return filed


def grant_appeal(
    *,
    application: Application,
    by: User,
    version: int,
    accepted: Collection[int],
    explanation: str,
    reasons: Sequence[str] = (),
) -> Decision:
    """The appeal is right: certify, after a second person's word where the area asks for two."""
    _require_appeal(application, by)
    with transaction.atomic():
        said = _Said(Outcome.APPEAL_GRANTED, version, explanation, reasons)
        decision = _favourable(application, by, accepted, said)
        if decision.state == DecisionState.HELD:
            _record(events.APPROVAL_PROPOSED, application, by)
        else:
            _certify(application, decision, by, "grant_appeal", events.APPEAL_GRANTED)
    return decision


def dismiss_appeal(
    *, application: Application, by: User, version: int, reasons: Sequence[str], explanation: str
) -> Decision:
    """The appeal is not right: the rejection is final here."""
    _require_appeal(application, by)
    with transaction.atomic():
        decision = recording.record(
            casework.case_of(application),
            by=by,
            outcome=Outcome.APPEAL_DISMISSED,
            reasons=reasons,
            explanation=explanation,
            version=version,
            adverse=True,
        )
        application.move("dismiss_appeal", decision=decision, decided_at=decision.at, touched_at=decision.at)
        keep_until(application, decision.at + policies.PAPERS_KEPT)
        _record(events.APPEAL_DISMISSED, application, by, reasons=decision.reasons)
        notices.about_application(events.APPEAL_DISMISSED, application)
    return decision


def _note(
    kind: CheckKind,
    application: Application,
    by: User,
    result: str,
    seen: str,
    *,
    credential: Credential | None = None,
    document: Document | None = None,
    url: str = "",
) -> Check:
    if reason := policies.refuse_reviewing(application, by):
        raise NotAllowed(reason)
    if not seen.strip():
        sentence = _("Please write what you saw.")
        raise Invalid(sentence, fields={"seen": [sentence]})
    with transaction.atomic():
        row = Check.objects.create(
            application=application,
            credential=credential,
            document=document,
            round=application.round,
            kind=kind,
            method=Method.MANUAL,
            input=credential.identifier_masked if credential else str(document and document.get_kind_display()),
            result=Result(result),
            finding=_FINDINGS[kind][Result(result)],
            note=seen.strip(),
            url=url,
            by=by,
            at=clock.now(),
        )
        _record(events.CHECK_RECORDED, application, by, kind=kind.value, result=result)
    return row


def _favourable(application: Application, by: User, accepted: Collection[int], said: _Said) -> Decision:
    """Accept the credentials and record the decision; held if a second person must agree."""
    application.credentials.update(accepted_by=None, accepted_at=None)
    application.credentials.filter(pk__in=accepted).update(accepted_by=by, accepted_at=clock.now())
    if reason := policies.refuse_approval(application, by):
        raise NotAllowed(reason)
    why_two = policies.second_person_reasons(application)
    if any(code.startswith("failed:") for code in why_two) and not said.explanation.strip():
        sentence = _("A check failed. Please write why you approve nevertheless.")
        raise Invalid(sentence, fields={"explanation": [sentence]})
    return recording.record(
        casework.case_of(application),
        by=by,
        outcome=said.outcome,
        reasons=said.reasons,
        explanation=said.explanation,
        version=said.version,
        needs_second=bool(why_two),
    )


def _certify(application: Application, decision: Decision, by: User, move: str, event: str) -> Certificate:
    now, overturned = clock.now(), application.decision
    application.move(move, decision=decision, decided_at=now, touched_at=now)
    bans.lift(overturned, by=by)
    certificate = certificates.issue(application=application, decision=decision, by=by)
    _record(event, application, by, certificate=certificate.serial)
    notices.about_application(event, application, serial=certificate.serial, valid_to=certificate.valid_to)
    return certificate


def _held(application: Application) -> Decision:
    held = recording.held_decision(casework.case_of(application))
    if held is None:
        raise Conflict(_("Nothing waits for a second person here."))
    return held


def _require_appeal(application: Application, by: User) -> None:
    if application.state != ApplicationState.APPEALED:
        raise Conflict(_("There is no appeal to decide."))
    if reason := policies.refuse_reviewing(application, by):
        raise NotAllowed(reason)


def _record(event: str, application: Application, by: User, **data: object) -> None:
    trail.record(event, by=by, on=application, chain=application.chain, data=data)
