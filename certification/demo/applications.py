"""The applications of the demo: whose, where, as what, how long ago, how far. Every document says SPECIMEN.

Each is one transaction: it is there whole or not at all.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from certification import specimens
from certification.actions import drafts
from certification.demo import walks
from certification.models import ApplicantCategory, Application, Credential, CredentialType, KeyArea
from portal import clock
from portal.people.actions import people
from portal.people.demo import demo_person
from portal.people.models import User

# Those who fill the register and the queue are not people with whom one signs in, and nobody reads their e-mails.
_EMAIL = "{}.in-the-register@demo.invalid"

_PRACTICE = ("practice-work", "practice-record")
_US_DOCTOR = ("us-npi", "us-medical-licence")
_NURSE = ("cn-nurse-practising", "cn-employment")
_HALF_A_DOCTOR = ("cn-identity", "cn-doctor-qualification")
_DOCTOR = (*_HALF_A_DOCTOR, "cn-doctor-practising", "cn-employment")


# Types of credentials whose numbers are so many digits.
_DIGITS = {
    "cn-doctor-practising": 15,
    "cn-lawyer": 17,
    "cn-legal-qualification": 14,
    "cn-teacher": 17,
    "cn-nurse-practising": 12,
    "us-crd": 7,
    "uk-gmc": 7,
}


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
    # What the documents say otherwise than was declared, by label; they are read once workers run, the others never.
    printed: Mapping[str, str] | None = None
    walk: Callable[[Application], object] = walks.walk_to_certificate


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
        "lawyer", "陈静（演示）", "cn-law", "lawyer", ("cn-lawyer",), 90, "劳动法", walk=walks.walk_to_suspension
    ),
    DemoApplication(
        "tutor",
        "Tom Reed (demo)",
        "us-education",
        "teacher",
        ("us-teacher",),
        93,
        "Chemistry",
        walk=walks.walk_to_answer,
    ),
    DemoApplication(
        "clerk", "何文（演示）", "cn-law", "legal-background", ("cn-legal-qualification",), 150, "法律常识"
    ),
    DemoApplication("carpenter", "Liam Moor (demo)", "us-crafts", "practitioner", _PRACTICE, 70, "Chairs"),
    DemoApplication("binder", "Ruth Vale (demo)", "us-crafts", "practitioner", _PRACTICE, 55, "Bookbinding"),
    DemoApplication("nurse", "孙丽（演示）", "cn-medicine", "nurse", _NURSE, 2, "护理", walk=walks.walk_to_proposal),
    DemoApplication(
        "builder",
        "Dan Brown (demo)",
        "us-property",
        "practitioner",
        _PRACTICE,
        4,
        "Houses of wood",
        walk=walks.walk_to_question,
    ),
    DemoApplication(
        "carver",
        "吴刚（演示）",
        "cn-crafts",
        "practitioner",
        _PRACTICE,
        9,
        "木雕",
        document_age=150,
        walk=walks.walk_to_rejection,
    ),
    DemoApplication(
        "trader",
        "Eve Miller (demo)",
        "us-finance",
        "finance-professional",
        ("us-crd",),
        12,
        "Funds",
        walk=walks.walk_to_appeal,
    ),
    DemoApplication(
        "grower", "Frank Lee (demo)", "us-farming", "practitioner", _PRACTICE, 1, "Berries", walk=walks.walk_to_queue
    ),
    DemoApplication(
        "internist",
        "Nora Blake (demo)",
        "us-medicine",
        "doctor",
        _US_DOCTOR,
        1,
        "Internal medicine",
        printed={},
        walk=walks.walk_to_queue,
    ),
    DemoApplication(
        "baker", "Grace Hill (demo)", "us-crafts", "practitioner", _PRACTICE, 6, "Bread", walk=walks.walk_to_withdrawal
    ),
    DemoApplication(
        "gardener",
        "胡敏（演示）",
        "cn-farming",
        "practitioner",
        _PRACTICE,
        75,
        "花卉",
        walk=walks.walk_to_final_rejection,
    ),
    DemoApplication(
        "coach",
        "Henry Field (demo)",
        "us-education",
        "teacher",
        ("us-teacher",),
        120,
        "Reading",
        walk=walks.walk_to_surrender,
    ),
    DemoApplication(
        "consultant",
        "Ian Stone (demo)",
        "us-law",
        "lawyer",
        ("us-bar",),
        140,
        "Employment law",
        walk=walks.walk_to_revocation,
    ),
    DemoApplication(
        "weaver", "Jane Moss (demo)", "us-crafts", "practitioner", _PRACTICE, 50, "Weaving", walk=walks.walk_to_lapse
    ),
    DemoApplication(
        "creator-b",
        "",
        "cn-law",
        "lawyer",
        ("cn-lawyer",),
        1,
        "Contracts",
        printed={"Date of issue": "2021-03-15"},
        walk=walks.walk_to_queue,
    ),
    DemoApplication(
        "creator",
        "",
        "cn-medicine",
        "doctor",
        _HALF_A_DOCTOR,
        0,
        "Children's diseases",
        printed={"Date of issue": "2019-07-02"},
        walk=walks.leave_draft,
    ),
)


@transaction.atomic
def create_demo_application(entry: DemoApplication) -> None:
    """Make one application at its time and take it as far as it goes; nothing if the person has one in this area."""
    area = KeyArea.objects.select_related("jurisdiction", "calendar").get(code=entry.area)
    with clock.freeze_time(clock.now() - timedelta(days=entry.days_ago)):
        who = _demo_applicant(entry)
        if Application.objects.filter(applicant=who, area=area).exists():
            return
        application = drafts.start_application(area=area, by=who)
        texts = {"public_name": str(who), "claims": entry.claims, "affiliation": entry.affiliation}
        category = ApplicantCategory.objects.get(code=entry.category)
        drafts.save_application_draft(application=application, by=who, category=category, texts=texts)
        numbers = _Numbers(entry.who)
        for code in entry.codes:
            _declare(application, code, numbers, entry)
        if entry.printed is None:
            walks.leave_unread(application)
        entry.walk(application)
        walks.run_jobs()
        walks.look_up_again(application, entry.days_ago)


def demo_holder(who: str) -> User:
    """Who fills the register under this part's name. Raises User.DoesNotExist before they were made."""
    return User.objects.get(email=_EMAIL.format(who))


def _demo_applicant(entry: DemoApplication) -> User:
    if not entry.name:
        return demo_person(entry.who)
    email = _EMAIL.format(entry.who)
    there = User.objects.filter(email=email).first()
    return there or people.add_person(email, verified=True, display_name=entry.name)


def _declare(application: Application, code: str, numbers: "_Numbers", entry: DemoApplication) -> None:
    kind, who = CredentialType.objects.get(code=code), application.applicant
    facts = {
        "name_on_document": str(who),
        "issuer": kind.issuer or "Demo",
        "issued_on": clock.today() - timedelta(days=800),
        "expires_on": clock.today() + timedelta(days=700) if kind.needs_expiry else None,
    }
    number = numbers.number_of(kind.code)
    credential = drafts.declare_credential(application=application, by=who, kind=kind, number=number, facts=facts)
    for needed in kind.evidence_kinds:
        _attach(credential, needed, number, entry)


def _attach(credential: Credential, kind: str, number: str, entry: DemoApplication) -> None:
    who = credential.application.applicant
    dated = clock.today() - timedelta(days=entry.document_age)
    drafts.attach_document(
        application=credential.application,
        by=who,
        kind=kind,
        file=walks.store_specimen(who, *_print(credential, number, str(dated), entry.printed or {})),
        credential=credential,
        dated_on=dated,
    )


def _print(credential: Credential, number: str, dated: str, otherwise: Mapping[str, str]) -> list[str]:
    """Title and lines of a document. Its font has no Chinese characters: what has some is left out."""
    facts = {
        "Name": credential.name_on_document,
        "Certificate No.": number,
        "Issuing authority": credential.issuer,
        "Date of issue": str(credential.issued_on) if credential.type.has_number else "",
        "Valid until": str(credential.expires_on or ""),
        "Printed on": dated,
    }
    lines = [f"{label}: {text}" for label, text in {**facts, **otherwise}.items() if text and text.isascii()]
    return [credential.type.names[settings.LANGUAGE_CODE], *lines, credential.application.applicant.public_id]


def demo_number(who: str, code: str) -> str:
    """The number that a person of the demo declares first."""
    return _Numbers(who).number_of(code)


class _Numbers:
    """Numbers of right form that belong to nobody; the same ones for the same person, whenever the demo is made."""

    def __init__(self, who: str) -> None:
        self._source = source = random.Random(who)  # noqa: S311 -- numbers of specimens
        self._identity = identity = specimens.specimen_identity_number(source)
        self._makers: dict[str, Callable[[], str]] = {
            "cn-identity": lambda: identity,
            "cn-doctor-qualification": lambda: specimens.specimen_doctor_number(source, identity),
            "cn-employment": lambda: specimens.specimen_social_credit_code(source),
            "us-npi": lambda: specimens.specimen_npi(source),
            "us-medical-licence": lambda: "MD" + self._digits(6),
            "us-bar": lambda: "BAR" + self._digits(7),
            "us-teacher": lambda: "T" + self._digits(8),
            "cn-securities": lambda: "S" + self._digits(13),
        }

    def number_of(self, code: str) -> str:
        """A number for a type of credential; "" where it has none."""
        if code in self._makers:
            return self._makers[code]()
        return self._digits(_DIGITS[code]) if code in _DIGITS else ""

    def _digits(self, count: int) -> str:
        return specimens.specimen_digits(self._source, count)
