"""Demo content: a few people's matters in different states, made by the same steps that real people take.

Everybody here says that she is a demo, every paper says SPECIMEN, and every look into a register says
that nobody looked. Each matter is one transaction: it is there whole or not at all.
"""

import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files import File
from django.db import transaction

from certification import policies, specimens
from certification.actions import applications, certificates, decisions, drafts, inquiries
from certification.models import ApplicantCategory, Application, Credential, CredentialType, KeyArea, RegistryKind
from certification.reference import loading
from certification.states import ApplicationState
from portal import clock
from portal.accounts.actions import people
from portal.accounts.demo import DOMAIN, person
from portal.accounts.models import User
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.reviews import policies as reviews
from portal.reviews.actions import cases
from portal.reviews.models import ReviewCase, ReviewerSkill

REVIEWERS = ("reviewer", "reviewer-b", "senior", "senior-b")
_JOBS = ("evidence.render", "certification.begin_checks", "certification.check")
_SAID = "Demo data: the papers are specimens, and nobody has checked anything."
_random = random.Random(42)  # noqa: S311 -- numbers of specimens


@dataclass(frozen=True)
class Matter:
    """One application: whose (a demo person's part, or a new name), where, as what, how long ago, how far."""

    who: str
    name: str
    area: str
    category: str
    codes: Sequence[str]
    days_ago: int
    walk: "Callable[[Application], object]"
    claims: str = ""
    affiliation: str = ""
    paper_age: int = 20


def seed() -> None:
    """Reference data, reviewers' areas, and the matters that are not there yet."""
    loading.load()
    _give_areas()
    for matter in matters():
        _make(matter)
    certificates.expire_due()


def matters() -> list[Matter]:
    """What the demo shows."""
    practice = ("practice-work", "practice-record")
    doctor = ("cn-identity", "cn-doctor-qualification", "cn-doctor-practising", "cn-employment")
    half = ("cn-identity", "cn-doctor-qualification")
    return [
        Matter("farmer", "李梅（演示）", "cn-farming", "practitioner", practice, 300, approve, "苹果种植", "陕西洛川"),
        Matter("doctor", "王小明（演示）", "cn-medicine", "doctor", doctor, 60, approve, "儿科", "示例市第一医院"),
        Matter("driver", "张伟（演示）", "cn-cars", "practitioner", practice, 100, approve, "卡车驾驶与维修"),
        Matter("teacher", "赵晓兰（演示）", "cn-education", "teacher", ("cn-teacher",), 330, approve, "初中数学"),
        Matter("doctor-us", "Anna Schmidt (demo)", "us-medicine", "doctor", _US_DOCTOR, 25, approve, "Family medicine"),
        Matter("potter", "Carol Jones (demo)", "us-crafts", "practitioner", practice, 10, approve, "Pottery"),
        Matter(
            "broker", "周强（演示）", "cn-finance", "finance-professional", ("cn-securities",), 200, approve, "基金"
        ),
        Matter("lawyer", "陈静（演示）", "cn-law", "lawyer", ("cn-lawyer",), 90, suspend, "劳动法"),
        Matter("nurse", "孙丽（演示）", "cn-medicine", "nurse", _NURSE, 2, propose, "护理"),
        Matter("builder", "Dan Brown (demo)", "us-property", "practitioner", practice, 4, ask, "Houses of wood"),
        Matter("carver", "吴刚（演示）", "cn-crafts", "practitioner", practice, 9, reject, "木雕", paper_age=400),
        Matter("trader", "Eve Miller (demo)", "us-finance", "finance-professional", ("us-crd",), 12, appeal, "Funds"),
        Matter("grower", "Frank Lee (demo)", "us-farming", "practitioner", practice, 1, hand_in, "Berries"),
        Matter("creator-b", "", "cn-law", "lawyer", ("cn-lawyer",), 1, hand_in, "Contracts"),
        Matter("creator", "", "cn-medicine", "doctor", half, 0, leave, "Children's diseases"),
    ]


_US_DOCTOR = ("us-npi", "us-medical-licence")
_NURSE = ("cn-nurse-practising", "cn-employment")


def leave(application: Application) -> None:
    """The draft stays a draft."""


def hand_in(application: Application) -> None:
    """Handed in and checked by machine; it waits in the queue."""
    applications.submit(application=application, by=application.applicant, consent=True)
    _run_jobs()


def ask(application: Application) -> None:
    """A reviewer has asked for more."""
    hand_in(application)
    case, reviewer = _claim(application)
    text = "Demo: please add a picture on which the place can be seen."
    applications.ask(application=_fresh(application), by=reviewer, text=text, items=[], version=case.version)


def propose(application: Application) -> None:
    """A reviewer has approved; a second person is waited for, if the area asks for one."""
    hand_in(application)
    case, reviewer = _claim(application)
    application = _fresh(application)
    for credential in application.credentials.exclude(type__registry=RegistryKind.NONE).select_related("type"):
        credential.application = application
        url = credential.type.registry_url
        decisions.look_up(credential=credential, by=reviewer, result="pass", url=url, seen=_SAID)
    accepted = list(application.credentials.values_list("pk", flat=True))
    decisions.approve(application=application, by=reviewer, version=case.version, accepted=accepted, explanation=_SAID)


def approve(application: Application) -> None:
    """Approved, by two people where the area asks for them; the certificate is issued."""
    propose(application)
    if _fresh(application).state == ApplicationState.SECOND_REVIEW:
        case, second = _claim(application)
        decisions.confirm(application=_fresh(application), by=second, version=case.version)


def reject(application: Application) -> None:
    """Rejected, with reasons; an appeal is open."""
    hand_in(application)
    case, reviewer = _claim(application)
    decisions.reject(
        application=_fresh(application), by=reviewer, version=case.version, reasons=["not-shown"], explanation=_SAID
    )


def appeal(application: Application) -> None:
    """Rejected and appealed."""
    reject(application)
    application = _fresh(application)
    papers = [_store(application.applicant, "Second paper", "It shows what was missing")]
    text = "Demo: I add the paper that was missing the first time."
    decisions.appeal(application=application, by=application.applicant, text=text, papers=papers)
    _run_jobs()


def suspend(application: Application) -> None:
    """Certified, then suspended; the holder can answer. Eighty days after the application."""
    approve(application)
    with _days_later(80):
        reviewer = person("reviewer")
        inquiry = inquiries.raise_doubt(
            certificate=_fresh(application).certificate, by=reviewer, grounds=f"Demo: a new look. {_SAID}", take=True
        )
        inquiry.case.refresh_from_db()
        reasons = ["doubt-workplace"]
        version = inquiry.case.version
        inquiries.suspend(inquiry=inquiry, by=reviewer, version=version, reasons=reasons, explanation=_SAID)


def _give_areas() -> None:
    codes = list(KeyArea.objects.values_list("code", flat=True))
    for name in REVIEWERS:
        skills = [ReviewerSkill(user=person(name), skill=code) for code in codes]
        ReviewerSkill.objects.bulk_create(skills, ignore_conflicts=True)


@transaction.atomic
def _make(matter: Matter) -> None:
    area = KeyArea.objects.select_related("jurisdiction", "calendar").get(code=matter.area)
    with clock.at(clock.now() - timedelta(days=matter.days_ago)):
        who = _who(matter)
        if Application.objects.filter(applicant=who, area=area).exists():
            return
        application = drafts.start(area=area, by=who)
        texts = {"public_name": str(who), "claims": matter.claims, "affiliation": matter.affiliation}
        category = ApplicantCategory.objects.get(code=matter.category)
        drafts.save(application=application, by=who, category=category, texts=texts)
        identity = specimens.identity(_random)
        for code in matter.codes:
            _declare(application, code, identity, matter.paper_age)
        matter.walk(application)
        _run_jobs()


def _who(matter: Matter) -> User:
    if not matter.name:
        return person(matter.who)
    email = f"{matter.who}.in-the-register@{DOMAIN}"
    there = User.objects.filter(email=email).first()
    # Not one of the people with whom one signs in: they fill the register and the queue.
    return there or people.add(email, verified=True, display_name=matter.name)


def _declare(application: Application, code: str, identity: str, paper_age: int) -> None:
    kind, who = CredentialType.objects.get(code=code), application.applicant
    facts = {
        "name_on_document": str(who),
        "issuer": kind.issuer or "Demo",
        "issued_on": clock.today() - timedelta(days=800),
        "expires_on": clock.today() + timedelta(days=700) if kind.needs_expiry else None,
    }
    number = _number(kind, identity)
    credential = drafts.declare(application=application, by=who, kind=kind, number=number, facts=facts)
    for wanted in kind.evidence_kinds:
        _attach(credential, wanted, number, paper_age)


def _attach(credential: Credential, kind: str, number: str, paper_age: int) -> None:
    who = credential.application.applicant
    dated = clock.today() - timedelta(days=paper_age)
    title, lines = credential.type.name_en, [f"No. {number}" if number else "", f"Date: {dated}", who.public_id]
    drafts.attach(
        application=credential.application,
        by=who,
        kind=kind,
        file=_store(who, title, *lines),
        credential=credential,
        dated_on=dated,
    )


def _number(kind: CredentialType, identity: str) -> str:
    makers: dict[str, Callable[[], str]] = {
        "cn-identity": lambda: identity,
        "cn-doctor-qualification": lambda: specimens.doctor(_random, identity),
        "cn-employment": lambda: specimens.social_credit(_random),
        "us-npi": lambda: specimens.npi(_random),
        "cn-doctor-practising": lambda: specimens.digits(_random, 15),
        "cn-lawyer": lambda: specimens.digits(_random, 17),
        "cn-teacher": lambda: specimens.digits(_random, 17),
        "cn-securities": lambda: "S" + specimens.digits(_random, 13),
        "cn-nurse-practising": lambda: specimens.digits(_random, 12),
        "us-crd": lambda: specimens.digits(_random, 7),
        "us-medical-licence": lambda: "MD" + specimens.digits(_random, 6),
    }
    return makers[kind.code]() if kind.code in makers else ""


def _store(who: User, title: str, *lines: str) -> EvidenceFile:
    upload: File[bytes] = specimens.paper(title, *lines)
    return files.store(upload, by=who, purpose=policies.PAPER_PURPOSE)


def _claim(application: Application) -> tuple[ReviewCase, User]:
    """The case in the hands of the first demo reviewer who may have it."""
    case = _fresh(application).case
    assert case is not None  # noqa: S101 -- it has been through the checks
    for name in REVIEWERS:
        reviewer = person(name)
        if reviews.refuse_taking(case, reviewer, clock.now()) is None:
            cases.take(case, by=reviewer)
            return case, reviewer
    message = f"no demo reviewer could take {case}"
    raise RuntimeError(message)


def _run_jobs() -> None:
    """The machine's part, in this process; mails are left to the workers."""
    while job := Job.objects.filter(kind__in=_JOBS, state=JobState.QUEUED, run_after__lte=clock.now()).first():
        runner.run(job.pk)


def _fresh(application: Application) -> Application:
    rows = Application.objects.select_related("applicant", "area__jurisdiction", "area__calendar", "case", "category")
    return rows.get(pk=application.pk)


def _days_later(days: int) -> AbstractContextManager[None]:
    moment: datetime = clock.now() + timedelta(days=days)
    return clock.at(moment)
