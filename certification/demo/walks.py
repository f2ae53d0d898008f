"""How far an application of the demo is taken: the steps of its applicant, of the automatic checks and of reviewers.

Every text says that it belongs to a demo, and every registry lookup that no register was asked.
"""

from datetime import timedelta

from certification import policies, specimens
from certification.actions import applications, certificates, decisions, inquiries, reading, rechecks
from certification.models import Application, Certificate, InfoRequest, Inquiry, RecheckCause, RegistryKind
from certification.states import ApplicationState, CertificateState
from portal import clock
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile
from portal.jobs import runner
from portal.people.demo import demo_person
from portal.people.models import User
from portal.reviews.demo_reviewers import claim_for_demo
from portal.reviews.models import ReviewCase

_RENDER = "evidence.render"
_CHECKS = ("certification.begin_checks", "certification.check", "certification.ask_register")
_DOUBT = "Demo inquiry. The stated workplace could not be confirmed; no real person or register was checked."
_DEMO_NOTE = "Demo decision. The documents are specimens; no real person or register was checked."


def leave_draft(application: Application) -> None:
    """The draft stays a draft."""


def walk_to_queue(application: Application) -> None:
    """Submitted and checked; waiting in the queue."""
    applications.submit_application(application=application, by=application.applicant, consent=True)
    run_jobs()


def walk_to_question(application: Application) -> None:
    """A reviewer has asked for more."""
    walk_to_queue(application)
    case, reviewer = _claim_case(application)
    text = "Demo request. Please add a photo that shows your place of work."
    applications.request_information(
        application=reload_application(application), by=reviewer, text=text, items=[], version=case.version
    )


def walk_to_proposal(application: Application) -> None:
    """A reviewer has approved; a second person is waited for, if the area asks for one."""
    walk_to_queue(application)
    case, reviewer = _claim_case(application)
    application = reload_application(application)
    _look_up_by_hand(application, reviewer)
    accepted = list(application.credentials.values_list("pk", flat=True))
    decisions.approve_application(
        application=application, by=reviewer, version=case.version, accepted=accepted, explanation=_DEMO_NOTE
    )


def walk_to_certificate(application: Application) -> None:
    """Approved, by two people where the area asks for them; the certificate is issued."""
    walk_to_proposal(application)
    if reload_application(application).state == ApplicationState.SECOND_REVIEW:
        case, second = _claim_case(application)
        decisions.confirm_approval(
            application=reload_application(application), by=second, version=case.version, acknowledged=True
        )


def look_up_again(application: Application, age: int) -> None:
    """What has become due in `age` days since: the last look into registers that people look up, if the certificate stood then."""
    certificate = Certificate.objects.filter(application=application).first()
    by_hand = application.credentials.filter(type__registry=RegistryKind.MANUAL, type__recheck_every__lte=age)
    credential = by_hand.select_related("type").order_by("type__recheck_every", "pk").first()
    if certificate is None or credential is None:
        return
    every = credential.type.recheck_every or age
    with clock.freeze_time(clock.now() + timedelta(days=age // every * every)):
        if certificate.effective_state != CertificateState.ACTIVE:
            return
        occasion = f"{RecheckCause.LOOK_UP.value}:{credential.pk}:{clock.today()}"
        trigger = rechecks.trigger_recheck(certificate, RecheckCause.LOOK_UP, occasion=occasion, credential=credential)
        assert trigger is not None  # noqa: S101 -- the certificate is valid
        reviewer = claim_for_demo(trigger.inquiry.case)
        _look_up_by_hand(reload_application(application), reviewer)
        version = ReviewCase.objects.get(pk=trigger.inquiry.case_id).version
        inquiries.dismiss_doubt(inquiry=trigger.inquiry, by=reviewer, version=version, explanation=_DEMO_NOTE)


def _look_up_by_hand(application: Application, reviewer: User) -> None:
    by_hand = application.credentials.filter(type__registry=RegistryKind.MANUAL)
    for credential in by_hand.select_related("type"):
        credential.application = application
        url = credential.type.registry_url or "https://example.org/"
        decisions.record_registry_check(
            credential=credential,
            by=reviewer,
            result="pass",
            url=url,
            seen=_DEMO_NOTE,
            page=store_register_page(reviewer),
        )


def walk_to_rejection(application: Application) -> None:
    """Rejected, with reasons; an appeal is open."""
    walk_to_queue(application)
    case, reviewer = _claim_case(application)
    decisions.reject_application(
        application=reload_application(application),
        by=reviewer,
        version=case.version,
        reasons=["not-shown"],
        explanation=_DEMO_NOTE,
    )


def walk_to_appeal(application: Application) -> None:
    """Rejected and appealed."""
    walk_to_rejection(application)
    application = reload_application(application)
    documents = [store_specimen(application.applicant, "Additional document", "Added with the appeal")]
    text = "Demo appeal. I have added the document that was missing from my application."
    decisions.appeal_rejection(application=application, by=application.applicant, text=text, documents=documents)
    run_jobs()


def walk_to_suspension(application: Application) -> None:
    """Certified, then suspended; the holder can answer. Eighty days after the application."""
    walk_to_certificate(application)
    with clock.freeze_time(clock.now() + timedelta(days=80)):
        inquiry = inquiries.raise_doubt(
            certificate=reload_application(application).certificate,
            by=demo_person("lead"),
            grounds=_DOUBT,
        )
        reviewer = claim_for_demo(inquiry.case)
        reasons = ["doubt-workplace"]
        version = inquiry.case.version
        inquiries.suspend_certificate(
            inquiry=inquiry, by=reviewer, version=version, reasons=reasons, explanation=_DEMO_NOTE
        )


def walk_to_answer(application: Application) -> None:
    """Suspended, and answered by the holder ten days later; the answer waits for somebody to decide."""
    walk_to_suspension(application)
    inquiry = Inquiry.objects.get(certificate__application=application)
    with clock.freeze_time(clock.now() + timedelta(days=90)):
        text = "Demo answer. I have moved to another school; the document that I have added shows it."
        documents = [store_specimen(application.applicant, "Proof of employment", f"Name: {application.applicant}")]
        inquiries.answer_suspension(inquiry=inquiry, by=application.applicant, text=text, documents=documents)
        run_jobs()


def walk_to_revocation(application: Application) -> None:
    """Suspended, answered by the holder a week later, and revoked by two people; an appeal is open."""
    walk_to_suspension(application)
    inquiry = Inquiry.objects.get(certificate__application=application)
    with clock.freeze_time(clock.now() + timedelta(days=87)):
        text = "Demo answer. I no longer work there and have no newer document."
        inquiries.answer_suspension(inquiry=inquiry, by=application.applicant, text=text)
        case = _require_case(inquiry.answer_case)
        reviewer = claim_for_demo(case)
        case.refresh_from_db()
        reasons, version = ["unfounded"], case.version
        inquiries.propose_revocation(
            inquiry=inquiry, by=reviewer, version=version, reasons=reasons, explanation=_DEMO_NOTE
        )
        second = claim_for_demo(case)
        case.refresh_from_db()
        inquiries.confirm_inquiry_decision(inquiry=inquiry, by=second, version=case.version, acknowledged=True)


def walk_to_lapse(application: Application) -> None:
    """Asked for more, and closed after 14 days without an answer."""
    walk_to_question(application)
    request = InfoRequest.objects.select_related("application__applicant", "application__area").get(
        application=application
    )
    with clock.freeze_time(request.due_at):
        applications.lapse_application(request=request)


def walk_to_withdrawal(application: Application) -> None:
    """Withdrawn by the applicant while it waited."""
    walk_to_queue(application)
    applications.withdraw_application(application=reload_application(application), by=application.applicant)


def walk_to_final_rejection(application: Application) -> None:
    """Rejected, appealed, and rejected for good by somebody else."""
    walk_to_appeal(application)
    case, senior = _claim_case(application)
    decisions.dismiss_rejection_appeal(
        application=reload_application(application),
        by=senior,
        version=case.version,
        reasons=["appeal-dismissed"],
        explanation=_DEMO_NOTE,
    )


def walk_to_surrender(application: Application) -> None:
    """Certified, and surrendered by the holder twenty days later."""
    walk_to_certificate(application)
    with clock.freeze_time(clock.now() + timedelta(days=20)):
        certificate = reload_application(application).certificate
        certificates.surrender_certificate(certificate=certificate, by=application.applicant)


def store_specimen(who: User, title: str, *lines: str) -> EvidenceFile:
    """Store a picture of an invented document as a file of theirs."""
    upload = specimens.specimen_document(title, *lines)
    return files.store_file(upload, by=who, purpose=policies.DOCUMENT_PURPOSE)


def store_register_page(reviewer: User) -> EvidenceFile:
    """A picture that says of itself that no register was asked; one for each reviewer."""
    upload = specimens.specimen_document("Register", "Demo: no real register was asked", name="register.png")
    return files.store_file(upload, by=reviewer, purpose=policies.PAGE_PURPOSE)


def run_jobs() -> None:
    """What runs automatically, in this process; e-mails, and what takes seconds, are left to the workers."""
    runner.run_due_jobs((_RENDER,))
    runner.run_due_jobs(_CHECKS)


def leave_unread(application: Application) -> None:
    """Have the specimens drawn and not read, which would take seconds each: their checks by reading stay open for the reviewer."""
    runner.run_due_jobs((_RENDER,))
    for file in EvidenceFile.objects.filter(documents__application=application, paper_reading=None):
        reading.give_up_reading({"file": str(file.pk)})


def reload_application(application: Application) -> Application:
    """The application as it is now, with what the actions look at."""
    rows = Application.objects.select_related("applicant", "area__jurisdiction", "area__calendar", "case", "category")
    return rows.get(pk=application.pk)


def _claim_case(application: Application) -> tuple[ReviewCase, User]:
    """Have the first eligible demo reviewer claim the case."""
    case = _require_case(reload_application(application).case)
    return case, claim_for_demo(case)


def _require_case(case: ReviewCase | None) -> ReviewCase:
    assert case is not None  # noqa: S101 -- every walk comes here with an open case
    return case
