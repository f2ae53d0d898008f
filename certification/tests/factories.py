"""People, applications and certificates for tests, brought to a state by walking the real steps."""

import itertools
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from certification import policies, specimens
from certification.actions import applications, decisions, drafts, inquiries
from certification.models import (
    ApplicantCategory,
    Application,
    Certificate,
    Check,
    CheckKind,
    CheckMethod,
    CheckResult,
    Credential,
    CredentialType,
    Inquiry,
    KeyArea,
    RegistryKind,
)
from certification.reference import loading
from certification.states import ApplicationState as State
from portal import clock
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile
from portal.jobs.runner import run_due_jobs
from portal.people.models import Agency, User
from portal.people.roles import Role
from portal.reviews.actions import queue
from portal.reviews.models import ReviewCase, ReviewerSkill

_numbers = itertools.count(1)
_random = random.Random(20260101)  # noqa: S311 -- numbers for tests
ENOUGH = "Because the papers say so, word for word."


def reference() -> None:
    """Areas, papers, requirements, reasons and calendars."""
    if not KeyArea.objects.exists():
        loading.load_reference_data()


def person(role: str = Role.CREATOR, **fields: Any) -> User:
    """Somebody with a role."""
    number = next(_numbers)
    name = fields.pop("display_name", f"Person {number}")
    return User.objects.create_user(f"somebody{number}@example.org", display_name=name, role=role, **fields)


def agency() -> Agency:
    """An agency."""
    number = next(_numbers)
    return Agency.objects.create(code=f"bureau-{number}", name=f"Bureau {number}")


def reviewer(role: str = Role.REVIEWER, **fields: Any) -> User:
    """A reviewer of every area."""
    user = person(role, **fields)
    codes = KeyArea.objects.values_list("code", flat=True)
    level = 2 if role == Role.SENIOR_REVIEWER else 1
    ReviewerSkill.objects.bulk_create(ReviewerSkill(user=user, skill=code, level=level) for code in codes)
    return user


def senior(**fields: Any) -> User:
    """A senior reviewer of every area."""
    return reviewer(Role.SENIOR_REVIEWER, **fields)


def paper(owner: User, text: str = "") -> EvidenceFile:
    """A stored file, different every time."""
    upload = specimens.specimen_document("Certificate", text or f"No. {next(_numbers)}")
    return files.store_file(upload, by=owner, purpose=policies.DOCUMENT_PURPOSE)


def register_url(kind: CredentialType) -> str:
    """An address of the register of a credential type."""
    return kind.registry_url or "https://example.org/"


def register_page(owner: User) -> EvidenceFile:
    """A picture of a register's page, one for each reviewer."""
    upload = specimens.specimen_document("Register", "A page of a register")
    return files.store_file(upload, by=owner, purpose=policies.PAGE_PURPOSE)


def number(code: str, identity: str) -> str:
    """A number of the right form for a credential type."""
    makers: dict[str, Callable[[], str]] = {
        "cn-identity": lambda: identity,
        "cn-doctor-qualification": lambda: specimens.specimen_doctor_number(_random, identity),
        "cn-doctor-practising": lambda: specimens.specimen_digits(_random, 15),
        "cn-employment": lambda: specimens.specimen_social_credit_code(_random),
        "cn-lawyer": lambda: specimens.specimen_digits(_random, 17),
        "cn-teacher": lambda: specimens.specimen_digits(_random, 17),
        "us-npi": lambda: specimens.specimen_npi(_random),
        "us-medical-licence": lambda: "MD" + specimens.specimen_digits(_random, 6),
    }
    return makers[code]() if code in makers else ""


PLANS: dict[str, tuple[str, list[str]]] = {
    "cn-farming": ("practitioner", ["practice-work", "practice-record"]),
    "cn-crafts": ("practitioner", ["practice-work", "practice-record"]),
    "cn-law": ("lawyer", ["cn-lawyer"]),
    "cn-education": ("teacher", ["cn-teacher"]),
    "cn-medicine": (
        "doctor",
        ["cn-identity", "cn-doctor-qualification", "cn-doctor-practising", "cn-employment"],
    ),
    "us-medicine": ("doctor", ["us-npi", "us-medical-licence"]),
}


def draft(area: str = "cn-farming", applicant: User | None = None, **fields: Any) -> Application:
    """A draft with everything in it, ready to be handed in."""
    reference()
    row = KeyArea.objects.select_related("jurisdiction", "calendar").get(code=area)
    by = applicant or person()
    category, codes = PLANS[area]
    application = drafts.start_application(area=row, by=by, **fields)
    texts = {"public_name": by.display_name, "claims": "Everything about it", "affiliation": "Somewhere"}
    drafts.save_application_draft(
        application=application, by=by, category=ApplicantCategory.objects.get(code=category), texts=texts
    )
    identity = specimens.specimen_identity_number(_random)
    for code in codes:
        declare(application, code, number(code, identity))
    return application


def declare(application: Application, code: str, text: str, **facts: Any) -> Credential:
    """Declare a credential with its papers."""
    kind, by = CredentialType.objects.get(code=code), application.applicant
    values: dict[str, Any] = {"name_on_document": "Li Ming"}
    if kind.needs_expiry:
        values["expires_on"] = clock.today() + timedelta(days=200)
    credential = drafts.declare_credential(
        application=application, by=by, kind=kind, number=text, facts={**values, **facts}
    )
    for wanted in kind.evidence_kinds:
        drafts.attach_document(
            application=application,
            by=by,
            kind=wanted,
            file=paper(by),
            credential=credential,
            dated_on=clock.today() - timedelta(days=20),
        )
    return credential


def application(state: str = State.DRAFT, area: str = "cn-farming", **fields: Any) -> Application:
    """An application in a state, reached as people reach it."""
    made = draft(area, **fields)
    for step in _PATHS[State(state)]:
        step(made)
        made = fresh(made)
    assert made.state == state
    return made


def fresh(made: Application) -> Application:
    """As the database has it."""
    rows = Application.objects.select_related("applicant", "area__jurisdiction", "area__calendar", "case", "decision")
    return rows.get(pk=made.pk)


def submit(made: Application) -> None:
    """Hand in."""
    applications.submit_application(application=made, by=made.applicant, consent=True)


def run_jobs() -> None:
    """Everything that is due, in this process."""
    run_due_jobs()


def claim(made: Application | ReviewCase, by: User | None = None) -> tuple[User, ReviewCase]:
    """A reviewer holds the case; its version is what their form would carry."""
    case = made if isinstance(made, ReviewCase) else fresh(made).case
    assert case is not None
    case.refresh_from_db()
    user = by or (senior() if case.level > 1 else reviewer())
    held = queue.claim_next_case(by=user, skills=[case.skill])
    assert held is not None
    assert held.pk == case.pk, "another case was first; use one area per test"
    return user, held


def register_agrees(credential: Credential) -> None:
    """The register has answered without a person that the number is right."""
    Check.objects.create(
        application=credential.application,
        credential=credential,
        round=credential.application.round,
        kind=CheckKind.REGISTRY,
        method=CheckMethod.REGISTRY,
        input=credential.identifier_masked,
        result=CheckResult.PASSED,
        finding="registry.found",
        at=clock.now(),
    )


def look_up_all(made: Application, by: User) -> None:
    """Note a good answer of every register."""
    for credential in made.credentials.select_related("type", "application__case", "application__applicant"):
        if credential.type.registry != RegistryKind.NONE:
            decisions.record_registry_check(
                credential=credential,
                by=by,
                result="pass",
                url=register_url(credential.type),
                seen="Found.",
                page=register_page(by),
            )


def look_up_stale(made: Application, by: User) -> None:
    """Look all registers up again, where an answer is too old to decide on."""
    if policies.refuse_stale_registers(made):
        look_up_all(made, by)


def accepted(made: Application) -> list[int]:
    """The ids of all credentials."""
    return list(made.credentials.values_list("pk", flat=True))


def approve(made: Application, by: User | None = None, **said: Any) -> User:
    """A reviewer claims, looks everything up and approves."""
    user, case = claim(made, by)
    made = fresh(made)
    look_up_all(made, user)
    decisions.approve_application(application=made, by=user, version=case.version, accepted=accepted(made), **said)
    return user


def confirm(made: Application) -> User:
    """A second person agrees."""
    user, case = claim(made)
    decisions.confirm_approval(application=fresh(made), by=user, version=case.version, acknowledged=True)
    return user


def approve_wholly(made: Application) -> None:
    """Approve, with a second person where the area asks for one."""
    approve(made)
    if fresh(made).state == State.SECOND_REVIEW:
        confirm(made)


def ask(made: Application) -> User:
    """A reviewer asks for more."""
    user, case = claim(made)
    applications.request_information(
        application=fresh(made), by=user, text="Please say more about it.", items=[], version=case.version
    )
    return user


def reject(made: Application, *reasons: str) -> User:
    """A reviewer rejects."""
    user, case = claim(made)
    given = reasons or ("not-shown",)
    decisions.reject_application(
        application=fresh(made), by=user, version=case.version, reasons=given, explanation=ENOUGH
    )
    return user


def appeal(made: Application) -> None:
    """The applicant appeals, with a file."""
    papers = [paper(made.applicant)]
    decisions.appeal_rejection(
        application=made, by=made.applicant, text="You have overlooked my second paper.", documents=papers
    )


def dismiss_appeal(made: Application) -> None:
    """A senior reviewer dismisses the appeal."""
    user, case = claim(made)
    decisions.dismiss_rejection_appeal(
        application=fresh(made), by=user, version=case.version, reasons=["appeal-dismissed"], explanation=ENOUGH
    )


def withdraw(made: Application) -> None:
    """The applicant takes it back."""
    applications.withdraw_application(application=made, by=made.applicant)


def let_lapse(made: Application) -> None:
    """Nobody answers for 14 days."""
    with clock.freeze_time(clock.now() + policies.ANSWER_PERIOD + timedelta(seconds=1)):
        applications.lapse_overdue_applications()


def begin_checks(made: Application) -> None:
    """Only the first job runs."""
    run_due_jobs(["certification.begin_checks"])


def check(made: Application) -> None:
    """All jobs run."""
    run_due_jobs()


_REVIEWED: list[Callable[[Application], object]] = [submit, check]
_PATHS: dict[State, list[Callable[[Application], object]]] = {
    State.DRAFT: [],
    State.SUBMITTED: [submit],
    State.VERIFYING: [submit, begin_checks],
    State.IN_REVIEW: _REVIEWED,
    State.INFO_REQUESTED: [*_REVIEWED, ask],
    State.SECOND_REVIEW: [*_REVIEWED, approve],
    State.APPROVED: [*_REVIEWED, approve_wholly],
    State.REJECTED: [*_REVIEWED, reject],
    State.APPEALED: [*_REVIEWED, reject, appeal],
    State.REJECTED_FINAL: [*_REVIEWED, reject, appeal, dismiss_appeal],
    State.WITHDRAWN: [submit, withdraw],
    State.LAPSED: [*_REVIEWED, ask, let_lapse],
}


def certificate(area: str = "cn-farming", **fields: Any) -> Certificate:
    """A valid certificate."""
    return application(State.APPROVED, area, **fields).certificate


def doubt(made: Certificate, by: User | None = None) -> Inquiry:
    """An inquiry that has been raised."""
    return inquiries.raise_doubt(certificate=made, by=by or senior(), grounds="The register shows another name.")


def doubter(inquiry: Inquiry) -> User:
    """Who raised it."""
    assert inquiry.raised_by is not None
    return inquiry.raised_by


def suspend(made: Certificate) -> Inquiry:
    """A suspended certificate's inquiry."""
    inquiry = doubt(made)
    user, case = claim(inquiry.case)
    inquiries.suspend_certificate(
        inquiry=inquiry, by=user, version=case.version, reasons=["doubt-register"], explanation=ENOUGH
    )
    return Inquiry.objects.get(pk=inquiry.pk)


def clear(inquiry: Inquiry, **said: Any) -> None:
    """Two people find the doubts of a suspension cleared up."""
    inquiry = Inquiry.objects.get(pk=inquiry.pk)
    user, case = claim(inquiry.answer_case)  # type: ignore[arg-type]
    look_up_stale(inquiry.certificate.application, user)
    inquiries.propose_clearance(inquiry=inquiry, by=user, version=case.version, **said)
    second, case = claim(case)
    inquiries.confirm_inquiry_decision(inquiry=inquiry, by=second, version=case.version, acknowledged=True)


def revoke(made: Certificate, *reasons: str) -> Inquiry:
    """A revoked certificate's inquiry: answered, proposed, confirmed."""
    inquiry = suspend(made)
    inquiries.answer_suspension(inquiry=inquiry, by=made.holder, text="The register is wrong about me.")
    user, case = claim(inquiry.answer_case)  # type: ignore[arg-type]
    given = reasons or ("unfounded",)
    inquiries.propose_revocation(inquiry=inquiry, by=user, version=case.version, reasons=given, explanation=ENOUGH)
    second, case = claim(case)
    inquiries.confirm_inquiry_decision(inquiry=inquiry, by=second, version=case.version, acknowledged=True)
    return Inquiry.objects.get(pk=inquiry.pk)
