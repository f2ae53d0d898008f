"""No licence number and no identity number leaves its two places: the sealed column, and the page on which it is asked for.

One application is walked through real pages with numbers that stand nowhere else. Then every address is asked by every
role, and what was answered, logged, mailed or stored is searched for them.
"""

import base64
import json
import logging
import random
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from certification import specimens
from certification.models import Application
from certification.tests import factories as make
from portal import clock
from portal.engines import papers
from portal.jobs import runner
from portal.people.form_drafts import save_form_draft
from portal.reviews.models import ReviewCase
from portal.testing import sample_documents
from portal.testing.reading import filled_form
from portal.testing.transactions import rolled_back
from portal.tests import role_walk as walk
from portal.tests.role_table import ROWS

pytestmark = [pytest.mark.slow, pytest.mark.django_db]  # thousands of pages

_chance = random.Random(20261129)  # noqa: S311 -- numbers for a test
IDENTITY = specimens.specimen_identity_number(_chance)
NUMBERS = {
    "cn-identity": IDENTITY,
    "cn-doctor-qualification": specimens.specimen_doctor_number(_chance, IDENTITY),
    "cn-doctor-practising": specimens.specimen_digits(_chance, 15),
    "cn-employment": specimens.specimen_social_credit_code(_chance),
}
MISTYPED = IDENTITY[:-1] + ("1" if IDENTITY[-1] != "1" else "2")
# Pages that show a number to the person whose it is, or to who holds the case and pressed the button.
ALLOWED = {
    ("certification:evidence", "creator"),  # what was typed and refused, or read on their own paper
    ("certification:check", "creator"),  # what was read on their own paper
    ("certification:review_number", "holder"),  # every look is logged
}
_FILES = {
    "cn-doctor-qualification-qualification-uploads": "Qualification",
    "cn-doctor-practising-licence-uploads": "Licence",
    "cn-employment-employment-uploads": "Employment",
}


class Seen(NamedTuple):
    """One answer: the name of the page, who asked, the address, and everything that was said."""

    name: str
    role: str
    address: str
    said: bytes


class Told(NamedTuple):
    """All answers, lines of the logs and mails; the text of every row by table; what sessions hold, decoded."""

    answers: list[Seen]
    log: str
    mails: str
    tables: dict[str, bytes]
    sessions: str
    number: str


def needles() -> dict[str, bytes]:
    """Every form in which one of the numbers could be found."""
    found: dict[str, bytes] = {}
    for number in (*NUMBERS.values(), MISTYPED):
        for text in (number, number.lower(), quote(number), f"{number[:6]} {number[6:14]} {number[14:]}"):
            found[text] = text.encode()
        found[f"base64 of {number}"] = base64.b64encode(number.encode()).rstrip(b"=")[:-1]
    return found


def numbers_in(said: bytes) -> list[str]:
    return [name for name, needle in needles().items() if needle in said]


class _Lines(logging.Handler):
    """Keeps every record, with what was logged beside its message."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {vars(record)}")


@pytest.fixture(scope="module")
def told(world: walk.World, django_db_blocker: DjangoDbBlocker) -> Iterator[Told]:
    """What the walk has left everywhere."""
    answers: list[Seen] = []
    lines, root = _Lines(), logging.getLogger()
    before = root.level
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), rolled_back():
        patch.setattr(papers, "read_page", _read_page)
        mail.outbox = []
        root.addHandler(lines)
        root.setLevel(logging.DEBUG)
        try:
            application = _apply(world, answers)
            _review(world, application, answers)
            _ask_everybody(world, answers)
        finally:
            root.removeHandler(lines)
            root.setLevel(before)
        mails = "\n".join(f"{one.subject} {one.body} {one.to} {one.extra_headers}" for one in mail.outbox)
        sessions = [session.get_decoded() for session in Session.objects.all()]
        said = json.dumps(sessions, default=str)
        yield Told(answers, "\n".join(lines.lines), mails, _tables(), said, application.number)


def _tables() -> dict[str, bytes]:
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found[table] = "\n".join(row[0] for row in cursor.fetchall()).encode()
    return found


def test_numbers_stand_on_allowed_pages_only(told: Told) -> None:
    shown = {(seen.name, seen.role) for seen in told.answers if numbers_in(seen.said)}
    assert shown <= ALLOWED
    assert ("certification:review_number", "holder") in shown, "the test does not see what is shown"
    assert ("certification:evidence", "creator") in shown
    assert {seen.role for seen in told.answers} == set(walk.ROLES)


def test_numbers_stand_in_no_address(told: Told) -> None:
    assert [seen.address for seen in told.answers if numbers_in(seen.address.encode())] == []


def test_numbers_stand_in_no_log(told: Told) -> None:
    assert told.number in told.log, "the logs were not kept"
    assert numbers_in(told.log.encode()) == []


def test_numbers_stand_in_no_mail(told: Told) -> None:
    assert told.number in told.mails, "no mail about the application was sent"
    assert numbers_in(told.mails.encode()) == []


def test_numbers_stand_in_no_table(told: Told) -> None:
    """Also not in those of jobs, drafts of forms, readings and messages, each of which has rows."""
    for table in ("jobs_job", "people_formdraft", "certification_readfield", "certification_check", "django_session"):
        assert told.tables[table], table
    assert {table: numbers_in(text) for table, text in told.tables.items() if numbers_in(text)} == {}


def test_numbers_stand_in_no_session(told: Told) -> None:
    assert "sealed" in told.sessions, "nothing that was typed while signed out is kept"
    assert numbers_in(told.sessions.encode()) == []


def _read_page(_data: bytes, **_bounds: Any) -> papers.PageReading:
    """What a machine would read: both numbers that stand on a doctor's paper."""
    box = ((10, 10), (200, 10), (200, 40), (10, 40))
    kinds = (
        (papers.FieldKind.NUMBER, NUMBERS["cn-doctor-qualification"]),
        (papers.FieldKind.IDENTITY, IDENTITY),
    )
    fields = tuple(papers.Field(kind, value, box, 0.99, certain=True) for kind, value in kinds)
    return papers.PageReading(900, 640, (), fields)


def _note(answers: list[Seen], name: str, role: str, answer: Any) -> None:
    said = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = " ".join(f"{key}: {value}" for key, value in answer.headers.items())
    address = f"{answer.wsgi_request.get_full_path()} {answer.headers.get('Location', '')}"
    answers.append(Seen(name, role, address, said + headers.encode()))


def _apply(world: walk.World, answers: list[Seen]) -> Application:
    """A doctor applies, page by page; first with a mistyped number, once signed out."""
    client = walk.client_of(world, "creator")
    start = reverse("certification:application_start", args=["cn-medicine"])
    form = client.get(start).content.decode()
    doctor = form.partition('name="category" value="')[2].partition('"')[0]
    about = client.post(start, {"category": doctor})["Location"]
    application = Application.objects.get(area__code="cn-medicine", applicant=world.people["creator"])
    sent = filled_form(client.get(about)) | {"public_name": "Dr. Zhuang", "next": "1"}
    client.post(about, sent)
    evidence = reverse("certification:evidence", args=[application.number])
    typed = {f"{code}-number": number for code, number in NUMBERS.items()}
    wrong = {**typed, "cn-identity-number": MISTYPED}
    _note(answers, "certification:evidence", "creator", client.post(evidence, {**wrong, "next": "1"}))
    save_form_draft(application.applicant_id, evidence, [("number", IDENTITY)])
    signed_out, page = Client(raise_request_exception=False), filled_form(client.get(evidence))
    _note(answers, "certification:evidence", "anonymous", signed_out.post(evidence, {**page, **typed, "next": "1"}))
    _note(answers, "account_login", "anonymous", signed_out.get(reverse("account_login"), {"next": evidence}))
    today = clock.today().isoformat()
    files = {
        name: SimpleUploadedFile(f"{title}.pdf", sample_documents.make_pdf(title)) for name, title in _FILES.items()
    }
    dates = {"cn-employment-employment-dated_on": today}
    shown = filled_form(client.get(evidence))
    sent = shown | typed | dates | files | {"next": "1"}
    _note(answers, "certification:evidence", "creator", client.post(evidence, sent))
    runner.run_due_jobs(limit=1000)
    _note(answers, "certification:evidence", "creator", client.get(evidence))
    check = reverse("certification:check", args=[application.number])
    _note(answers, "certification:check", "creator", client.get(check))
    _note(answers, "certification:check", "creator", client.post(check, {"consent": "on"}))
    runner.run_due_jobs(limit=1000)
    application.refresh_from_db()
    assert application.state == "in_review"
    return application


def _review(world: walk.World, application: Application, answers: list[Seen]) -> None:
    """The holder opens the case, every number, and notes what a register says."""
    world.people["holder"], _case = make.claim(make.fresh(application))
    case = ReviewCase.objects.get(application=application)
    client = walk.client_of(world, "holder")
    page = reverse("reviews:case_page", args=[case.number])
    _note(answers, "reviews:case_page", "holder", client.get(page))
    runner.run_due_jobs(limit=1000)
    _note(answers, "reviews:case_page", "holder", client.get(page))
    for credential in application.credentials.order_by("pk"):
        reveal = reverse("certification:review_number", args=[case.number, credential.pk])
        _note(answers, "certification:review_number", "holder", client.post(reveal))
    first = application.documents.order_by("pk")[0]
    world.args |= {
        "number": [application.number],
        "case": [case.number],
        "case verb": [case.number, "approve"],
        "case credential": [case.number, application.credentials.order_by("pk")[0].pk],
        "case document": [case.number, first.pk],
        "file": [first.file_id],
        "file page": [first.file_id, 1],
    }


def _ask_everybody(world: walk.World, answers: list[Seen]) -> None:
    """Every address of the role table and of the admin as every role, with the doctor's application in it."""
    lines = [line.split() for line in ROWS.strip().splitlines() if not line.startswith("#")]
    for role in walk.ROLES:
        client = walk.client_of(world, role)
        for name, wanted in dict.fromkeys((name, wanted) for name, wanted, method, *_ in lines if method == "GET"):
            args = [] if wanted == "-" else world.args[wanted.replace("_", " ")]
            _note(answers, name, role, walk.ask(client, "get", reverse(name, args=args)))
        if role == "admin":
            for name, args in _admin_addresses():
                _note(answers, f"admin:{name}", role, walk.ask(client, "get", reverse(f"admin:{name}", args=args)))


def _admin_addresses() -> Iterator[tuple[str, list[Any]]]:
    for prefix, model in walk.admin_pages().items():
        yield f"{prefix}_changelist", []
        for pk in model.objects.order_by("-pk").values_list("pk", flat=True)[:5]:
            yield f"{prefix}_change", [pk]
