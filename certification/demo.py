"""Demo content: a few people's applications in different states, made by the same steps that real people take.

Everybody here says that they are a demo, every document says SPECIMEN, and every look into a register says
that nobody looked. Each entry is one transaction: it is there whole or not at all.
"""

import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files import File
from django.db import transaction

from certification import policies, specimens
from certification.actions import applications, certificates, decisions, drafts, inquiries
from certification.models import ApplicantCategory, Application, Credential, CredentialType, KeyArea, RegistryKind
from certification.reference import loading
from certification.states import ApplicationState
from portal import clock
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile
from portal.jobs import runner
from portal.people.actions import people
from portal.people.demo import DEMO_DOMAIN, demo_person
from portal.people.models import User
from portal.reviews import policies as reviews
from portal.reviews.actions import cases
from portal.reviews.models import ReviewCase, ReviewerSkill

DEMO_REVIEWERS = ("reviewer", "reviewer-b", "reviewer-c", "senior", "senior-b", "senior-c")
_JOBS = ("evidence.render", "certification.begin_checks", "certification.check")
_DEMO_NOTE = "Demo data: the papers are specimens, and nobody has checked anything."
_random = random.Random(42)  # noqa: S311 -- numbers of specimens


def leave_draft(application: Application) -> None:
    """The draft stays a draft."""


def walk_to_queue(application: Application) -> None:
    """Submitted and checked; waiting in the queue."""
    applications.submit_application(application=application, by=application.applicant, consent=True)
    _run_jobs()


def walk_to_question(application: Application) -> None:
    """A reviewer has asked for more."""
    walk_to_queue(application)
    case, reviewer = _claim_case(application)
    text = "Demo: please add a picture on which the place can be seen."
    applications.request_information(
        application=_reload_application(application), by=reviewer, text=text, items=[], version=case.version
    )


def walk_to_proposal(application: Application) -> None:
    """A reviewer has approved; a second person is waited for, if the area asks for one."""
    walk_to_queue(application)
    case, reviewer = _claim_case(application)
    application = _reload_application(application)
    for credential in application.credentials.exclude(type__registry=RegistryKind.NONE).select_related("type"):
        credential.application = application
        url = credential.type.registry_url
        decisions.record_registry_check(credential=credential, by=reviewer, result="pass", url=url, seen=_DEMO_NOTE)
    accepted = list(application.credentials.values_list("pk", flat=True))
    decisions.approve_application(
        application=application, by=reviewer, version=case.version, accepted=accepted, explanation=_DEMO_NOTE
    )


def walk_to_certificate(application: Application) -> None:
    """Approved, by two people where the area asks for them; the certificate is issued."""
    walk_to_proposal(application)
    if _reload_application(application).state == ApplicationState.SECOND_REVIEW:
        case, second = _claim_case(application)
        decisions.confirm_approval(
            application=_reload_application(application), by=second, version=case.version, acknowledged=True
        )


def walk_to_rejection(application: Application) -> None:
    """Rejected, with reasons; an appeal is open."""
    walk_to_queue(application)
    case, reviewer = _claim_case(application)
    decisions.reject_application(
        application=_reload_application(application),
        by=reviewer,
        version=case.version,
        reasons=["not-shown"],
        explanation=_DEMO_NOTE,
    )


def walk_to_appeal(application: Application) -> None:
    """Rejected and appealed."""
    walk_to_rejection(application)
    application = _reload_application(application)
    documents = [_store_specimen(application.applicant, "Second paper", "It shows what was missing")]
    text = "Demo: I add the paper that was missing the first time."
    decisions.appeal_rejection(application=application, by=application.applicant, text=text, documents=documents)
    _run_jobs()


def walk_to_suspension(application: Application) -> None:
    """Certified, then suspended; the holder can answer. Eighty days after the application."""
    walk_to_certificate(application)
    with _days_later(80):
        inquiry = inquiries.raise_doubt(
            certificate=_reload_application(application).certificate,
            by=demo_person("lead"),
            grounds=f"Demo: a new look. {_DEMO_NOTE}",
        )
        reviewer = _claim(inquiry.case)
        reasons = ["doubt-workplace"]
        version = inquiry.case.version
        inquiries.suspend_certificate(
            inquiry=inquiry, by=reviewer, version=version, reasons=reasons, explanation=_DEMO_NOTE
        )


_PRACTICE = ("practice-work", "practice-record")
_US_DOCTOR = ("us-npi", "us-medical-licence")
_NURSE = ("cn-nurse-practising", "cn-employment")
_HALF_A_DOCTOR = ("cn-identity", "cn-doctor-qualification")
_DOCTOR = (*_HALF_A_DOCTOR, "cn-doctor-practising", "cn-employment")


@dataclass(frozen=True)
class DemoApplication:
    """One application: whose (a demo person's part, or a new name), where, as what, how long ago, how far."""

    who: str
    name: str
    area: str
    category: str
    codes: Sequence[str]
    days_ago: int
    claims: str = ""
    affiliation: str = ""
    document_age: int = 20
    walk: Callable[[Application], object] = walk_to_certificate


# Certificates first, then applications in other states.
DEMO_APPLICATIONS = (
    DemoApplication("farmer", "李梅（演示）", "cn-farming", "practitioner", _PRACTICE, 300, "苹果种植", "陕西洛川"),
    DemoApplication("doctor", "王小明（演示）", "cn-medicine", "doctor", _DOCTOR, 60, "儿科", "示例市第一医院"),
    DemoApplication("driver", "张伟（演示）", "cn-cars", "practitioner", _PRACTICE, 100, "卡车驾驶与维修"),
    DemoApplication("teacher", "赵晓兰（演示）", "cn-education", "teacher", ("cn-teacher",), 330, "初中数学"),
    DemoApplication("doctor-us", "Anna Schmidt (demo)", "us-medicine", "doctor", _US_DOCTOR, 25, "Family medicine"),
    DemoApplication("potter", "Carol Jones (demo)", "us-crafts", "practitioner", _PRACTICE, 10, "Pottery"),
    DemoApplication("broker", "周强（演示）", "cn-finance", "finance-professional", ("cn-securities",), 200, "基金"),
    DemoApplication(
        "lawyer", "陈静（演示）", "cn-law", "lawyer", ("cn-lawyer",), 90, "劳动法", walk=walk_to_suspension
    ),
    DemoApplication("nurse", "孙丽（演示）", "cn-medicine", "nurse", _NURSE, 2, "护理", walk=walk_to_proposal),
    DemoApplication(
        "builder",
        "Dan Brown (demo)",
        "us-property",
        "practitioner",
        _PRACTICE,
        4,
        "Houses of wood",
        walk=walk_to_question,
    ),
    DemoApplication(
        "carver",
        "吴刚（演示）",
        "cn-crafts",
        "practitioner",
        _PRACTICE,
        9,
        "木雕",
        document_age=400,
        walk=walk_to_rejection,
    ),
    DemoApplication(
        "trader",
        "Eve Miller (demo)",
        "us-finance",
        "finance-professional",
        ("us-crd",),
        12,
        "Funds",
        walk=walk_to_appeal,
    ),
    DemoApplication(
        "grower", "Frank Lee (demo)", "us-farming", "practitioner", _PRACTICE, 1, "Berries", walk=walk_to_queue
    ),
    DemoApplication("creator-b", "", "cn-law", "lawyer", ("cn-lawyer",), 1, "Contracts", walk=walk_to_queue),
    DemoApplication("creator", "", "cn-medicine", "doctor", _HALF_A_DOCTOR, 0, "Children's diseases", walk=leave_draft),
)


def seed() -> None:
    """Reference data, reviewers' areas, and the applications that are not there yet."""
    loading.load_reference_data()
    _give_reviewer_skills()
    for entry in DEMO_APPLICATIONS:
        _create_demo_application(entry)
    certificates.expire_due_certificates()


def _give_reviewer_skills() -> None:
    codes = list(KeyArea.objects.values_list("code", flat=True))
    for name in DEMO_REVIEWERS:
        skills = [ReviewerSkill(user=demo_person(name), skill=code) for code in codes]
        ReviewerSkill.objects.bulk_create(skills, ignore_conflicts=True)


@transaction.atomic
def _create_demo_application(entry: DemoApplication) -> None:
    area = KeyArea.objects.select_related("jurisdiction", "calendar").get(code=entry.area)
    with clock.freeze_time(clock.now() - timedelta(days=entry.days_ago)):
        who = _demo_applicant(entry)
        if Application.objects.filter(applicant=who, area=area).exists():
            return
        application = drafts.start_application(area=area, by=who)
        texts = {"public_name": str(who), "claims": entry.claims, "affiliation": entry.affiliation}
        category = ApplicantCategory.objects.get(code=entry.category)
        drafts.save_application_draft(application=application, by=who, category=category, texts=texts)
        identity = specimens.specimen_identity_number(_random)
        for code in entry.codes:
            _declare(application, code, identity, entry.document_age)
        entry.walk(application)
        _run_jobs()


def _demo_applicant(entry: DemoApplication) -> User:
    if not entry.name:
        return demo_person(entry.who)
    email = f"{entry.who}.in-the-register@{DEMO_DOMAIN}"
    there = User.objects.filter(email=email).first()
    # Not one of the people with whom one signs in: they fill the register and the queue.
    return there or people.add_person(email, verified=True, display_name=entry.name)


def _declare(application: Application, code: str, identity: str, document_age: int) -> None:
    kind, who = CredentialType.objects.get(code=code), application.applicant
    facts = {
        "name_on_document": str(who),
        "issuer": kind.issuer or "Demo",
        "issued_on": clock.today() - timedelta(days=800),
        "expires_on": clock.today() + timedelta(days=700) if kind.needs_expiry else None,
    }
    number = _number(kind, identity)
    credential = drafts.declare_credential(application=application, by=who, kind=kind, number=number, facts=facts)
    for needed in kind.evidence_kinds:
        _attach(credential, needed, number, document_age)


def _attach(credential: Credential, kind: str, number: str, document_age: int) -> None:
    who = credential.application.applicant
    dated = clock.today() - timedelta(days=document_age)
    title, lines = (
        credential.type.names[settings.LANGUAGE_CODE],
        [f"No. {number}" if number else "", f"Date: {dated}", who.public_id],
    )
    drafts.attach_document(
        application=credential.application,
        by=who,
        kind=kind,
        file=_store_specimen(who, title, *lines),
        credential=credential,
        dated_on=dated,
    )


def _number(kind: CredentialType, identity: str) -> str:
    makers: dict[str, Callable[[], str]] = {
        "cn-identity": lambda: identity,
        "cn-doctor-qualification": lambda: specimens.specimen_doctor_number(_random, identity),
        "cn-employment": lambda: specimens.specimen_social_credit_code(_random),
        "us-npi": lambda: specimens.specimen_npi(_random),
        "cn-doctor-practising": lambda: specimens.specimen_digits(_random, 15),
        "cn-lawyer": lambda: specimens.specimen_digits(_random, 17),
        "cn-teacher": lambda: specimens.specimen_digits(_random, 17),
        "cn-securities": lambda: "S" + specimens.specimen_digits(_random, 13),
        "cn-nurse-practising": lambda: specimens.specimen_digits(_random, 12),
        "us-crd": lambda: specimens.specimen_digits(_random, 7),
        "us-medical-licence": lambda: "MD" + specimens.specimen_digits(_random, 6),
    }
    return makers[kind.code]() if kind.code in makers else ""


def _store_specimen(who: User, title: str, *lines: str) -> EvidenceFile:
    upload: File[bytes] = specimens.specimen_document(title, *lines)
    return files.store_file(upload, by=who, purpose=policies.DOCUMENT_PURPOSE)


def _claim_case(application: Application) -> tuple[ReviewCase, User]:
    """Have the first eligible demo reviewer claim the case."""
    case = _reload_application(application).case
    assert case is not None  # noqa: S101 -- it has been through the checks
    return case, _claim(case)


def _claim(case: ReviewCase) -> User:
    for name in DEMO_REVIEWERS:
        reviewer = demo_person(name)
        if reviews.refuse_taking(case, reviewer, clock.now()) is None:
            cases.take_case(case, by=reviewer)
            return reviewer
    message = f"no demo reviewer could take {case}"
    raise RuntimeError(message)


def _run_jobs() -> None:
    """The machine's part, in this process; mails are left to the workers."""
    runner.run_due_jobs(_JOBS)


def _reload_application(application: Application) -> Application:
    rows = Application.objects.select_related("applicant", "area__jurisdiction", "area__calendar", "case", "category")
    return rows.get(pk=application.pk)


def _days_later(days: int) -> AbstractContextManager[None]:
    moment: datetime = clock.now() + timedelta(days=days)
    return clock.freeze_time(moment)
