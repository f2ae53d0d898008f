"""The table of personal data: whole, true to its document, and with nothing left of it ten years after closing."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.backends.db import SessionStore
from django.db import models
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from certification.actions import drafts as application_drafts
from certification.actions import inquiries, reports
from certification.models import (
    Batch,
    BatchItem,
    Certificate,
    Check,
    CheckKind,
    Inquiry,
    Inspection,
    InspectionRound,
    KeyArea,
    PaperReading,
    ProfileClaim,
    ReadField,
    RecheckTrigger,
    RegisterQuery,
)
from certification.registers import Record, seal_values
from certification.states import ApplicationState
from certification.tests import factories as certify
from complaints.actions import authorisations, drafts, works
from complaints.models import (
    Complaint,
    CopyNotices,
    FollowerChoice,
    FollowerOptOut,
    GroundFinding,
    InvitationAnswer,
    LibraryMatch,
    PossibleCopy,
    Restitution,
    RestitutionControl,
    RestitutionGround,
    RestitutionPage,
    Work,
)
from complaints.reference import loading
from complaints.states import ComplaintState
from complaints.tests import deciding
from complaints.tests import factories as complain
from complaints.tests import restitutions as returning
from complaints.tests.conftest import use_fake_platform, use_quick_engine
from portal import clock, vault
from portal.audit.models import AuditEvent
from portal.connectors.sandbox.connector import SandboxPlatform
from portal.evidence.actions import marked_copies
from portal.evidence.models import EvidenceFile
from portal.jobs import queue, registry, runner
from portal.management.commands import privacy_table
from portal.notifications.messages import notify_person
from portal.outbound.models import Lookup
from portal.people import letters
from portal.people.actions import people, profile
from portal.people.form_drafts import save_form_draft
from portal.people.models import ChangeRequest, Intervention, LinkedAccount, Recovery, User
from portal.people.roles import Role
from portal.platforms import registry as registry_of_platforms
from portal.privacy.actions import exports
from portal.privacy.table import CLOCKS, PersonalData, personal_data, why_not_personal
from portal.reviews.actions import cases
from portal.reviews.actions import queue as review_queue
from portal.reviews.models import Claim
from portal.testing.shared import storages_in
from portal.testing.transactions import rolled_back
from portal.webhooks.models import Event
from portal.webhooks.tests import factories as webhooks
from portal.workflow import ERASED

ROWS = personal_data()
_TEXTS = (
    models.CharField,
    models.TextField,
    models.BinaryField,
    models.JSONField,
    models.FileField,
    models.GenericIPAddressField,
    ArrayField,
)
# What a case is about, by the portal's own numbers.
_KEY = re.compile(r"(certification|complaints)\.[a-z]+:\d+")
NAME = "Oleander Quince"  # of the one with the full history
_EMPTY: tuple[Any, ...] = ("", ERASED, None, [], {}, b"")


class TenYears(NamedTuple):
    """By row of the table: whether it held anything, and what is left; and everything that the audit trail says."""

    held: dict[str, bool]
    left: dict[str, list[Any]]
    trail: str


def text_columns() -> Iterator[str]:
    """Every column that can hold what somebody typed, sent or is called; codes of a list of choices cannot."""
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if isinstance(column, _TEXTS) and not column.choices and column.name != "state":
                yield f"{model._meta.label}.{column.name}"


def tabled_columns() -> set[str]:
    return {f"{row.model}.{name}" for row in ROWS for name in row.fields}


def test_every_column_of_text_is_in_the_table_or_holds_no_personal_data() -> None:
    missing = [name for name in text_columns() if name not in tabled_columns() and not why_not_personal(name)]
    assert missing == [], "say in the table of personal data what these are, and until when they are kept"


def test_nothing_is_in_the_table_and_called_impersonal_as_well() -> None:
    known = {f"{model._meta.label}.{field.name}" for model in apps.get_models() for field in model._meta.fields}
    assert tabled_columns() <= known
    assert [name for name in tabled_columns() if why_not_personal(name)] == []


def test_every_clock_is_run_by_jobs_that_exist() -> None:
    for time in CLOCKS:
        assert set(time.jobs) <= set(registry.periodics), time.code
    assert {row.clock for row in ROWS} == set(CLOCKS)


def test_everybody_gets_a_copy_or_is_told_why_not() -> None:
    assert [row for row in ROWS if (row.of is None) != bool(row.withheld)] == []


def test_the_document_is_the_table() -> None:
    assert privacy_table.TARGET.read_text() == privacy_table.privacy_document(), "run manage.py privacy_table"


@pytest.fixture(scope="module")
def ten_years(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TenYears]:
    """What is left ten years after everybody has left."""
    files = override_settings(STORAGES=storages_in(tmp_path_factory.mktemp("files")))
    with pytest.MonkeyPatch.context() as patch, files, django_db_blocker.unblock(), rolled_back():
        use_fake_platform(patch)
        use_quick_engine(patch)
        loading.load_complaint_reference()
        live(patch)
        before = {key(row): bool(remains(row)) for row in ROWS}
        leave()
        trail = json.dumps(
            list(AuditEvent.objects.values_list("event", "actor", "subject", "data")), ensure_ascii=False
        )
        yield TenYears(before, {key(row): remains(row) for row in ROWS}, trail)


@pytest.mark.django_db
def test_the_trail_names_people_by_public_id_only(ten_years: TenYears) -> None:
    for text in ("@example.org", "Demo ", "@visitor.invalid", '"account"', '"handle"'):
        assert text not in ten_years.trail


def key(row: PersonalData) -> str:
    return f"{row.model}:{row.fields[0]}"


def remains(row: PersonalData) -> list[Any]:
    """What is not empty in the columns of a row of the table."""
    found = [value for values in row.rows.values_list(*row.fields) for value in values]
    plain = [bytes(value) if isinstance(value, memoryview) else value for value in found]
    kept = [value for value in plain if value not in _EMPTY and not str(value).endswith("@gone.invalid")]
    return [value for value in kept if not _KEY.fullmatch(str(value))]


@pytest.mark.django_db
@pytest.mark.parametrize("row", ROWS, ids=key)
def test_ten_years_after_closing_nothing_is_left(row: PersonalData, ten_years: TenYears) -> None:
    assert ten_years.held[key(row)], "the story of this test does not fill this row"
    assert ten_years.left[key(row)] == []


def live(patch: pytest.MonkeyPatch) -> User:
    """Everything that people can leave behind: applications, a certificate, complaints, followers, works, messages."""
    admin = complain.person(Role.ADMIN)
    person = complain.author()
    person.display_name = NAME
    person.save()
    certify.reference()
    _draw_nobody()
    _certification(person)
    _complaints(person)
    sandbox = SandboxPlatform().connector()
    patch.setitem(registry_of_platforms._connectors, sandbox.code, sandbox)
    _followers()
    _account(person, admin)
    return person


def _draw_nobody() -> None:
    """Months whose lots are drawn already: an inspection that nobody answers or decides on would hold the data."""
    today = clock.today()
    passed = range(today.month - 1, today.month + 130)
    months = [date(today.year + count // 12, count % 12 + 1, 1) for count in passed]
    drawn = {"seed": "00", "population": 0, "drawn": 0, "flagged": 0}
    InspectionRound.objects.bulk_create(InspectionRound(month=month, **drawn) for month in months)


def _certification(person: User) -> None:
    certify.application(ApplicationState.REJECTED_FINAL, "cn-law", applicant=person)
    asked = certify.application(ApplicationState.INFO_REQUESTED, "cn-education", applicant=person)
    certify.withdraw(asked)
    certificate = certify.certificate("cn-medicine", applicant=person)
    _read_paper(person)
    _look_at_paper(person)
    _ask_register(person)
    certify.suspend(certificate)
    inquiry = certificate.inquiries.get()
    reports.report_certificate(certificate=certificate, text="The register does not know this name at all.", by=None)
    inquiries.answer_suspension(inquiry=inquiry, by=person, text="The register is wrong about me.")
    inquiry.refresh_from_db()
    certify.clear(inquiry)
    application_drafts.start_application(area=KeyArea.objects.get(code="cn-crafts"), by=person)
    _life_of_certificate(certificate, inquiry)
    _report_another(person)


def _report_another(person: User) -> None:
    """A report of theirs about a certificate of somebody else, which was unfounded."""
    certificate = certify.certificate("cn-law")
    reports.report_certificate(certificate=certificate, text="I studied with another one of this name.", by=person)
    inquiry = certificate.inquiries.get()
    user, case = certify.claim(inquiry.case)
    inquiries.dismiss_doubt(inquiry=inquiry, by=user, version=case.version, reasons=["doubt-unfounded"])


def _life_of_certificate(certificate: Certificate, inquiry: Inquiry) -> None:
    """A change reported, an inspection answered, a suspension with others, and a profile that was read."""
    now, of = clock.now(), {"certificate": certificate}
    RecheckTrigger.objects.create(
        inquiry=inquiry, cause="holder", occasion="story", facts={"what": "name"}, text="I am Demo Name now.", **of
    )
    drawn = InspectionRound.objects.order_by("month")[0]
    times = dict.fromkeys(("asked_at", "due_at", "answered_at", "ended_at"), now)
    Inspection.objects.create(round=drawn, cause="lot", answer="I work at the Demo clinic.", **times, **of)
    batch = Batch.objects.create(kind="suspensions", area=certificate.area, prepared_by=certify.person(Role.AREA_LEAD))
    BatchItem.objects.create(batch=batch, grounds="Demo was not in the register.", outcome="done", done_at=now, **of)
    link = LinkedAccount.objects.filter(person=certificate.holder).order_by("pk")[0]
    ProfileClaim.objects.create(link=link, professions=["doctor"])


def _read_paper(person: User) -> None:
    """A name that was read on one of their documents."""
    reading = PaperReading.objects.filter(file__owner=person).order_by("pk")[0]
    row = ReadField(reading=reading, page=1, position=0, kind="name", corners=[0] * 8, confidence=1, certain=True)
    row.value_sealed = vault.encrypt_text("Demo name", bound_to=row.bound_to)
    row.save()


def _look_at_paper(person: User) -> None:
    """A reviewer's copy of it."""
    file = EvidenceFile.objects.filter(owner=person, state="ready").order_by("stored_at")[0]
    marked_copies.request_copies([file], viewer=complain.person(Role.REVIEWER), case="C-000001")
    runner.run_due_jobs([marked_copies.MARK_JOB])


def _ask_register(person: User) -> None:
    """What a register said of one of their credentials."""
    check = Check.objects.filter(credential__application__applicant=person, kind=CheckKind.REGISTRY).order_by("pk")[0]
    asked = {"credential": check.credential, "reason": "application", "round": 0, "check_row": check}
    query = RegisterQuery.objects.create(answered_at=check.at, **asked)
    query.values_sealed = seal_values(query, Record("1", name="Demo name"))
    query.save(update_fields=["values_sealed"])


def _complaints(person: User) -> None:
    complaint = complain.draft(person)
    work = works.register_work(by=person, title="Kiln", media=complain.video(person), published_source="My site")
    type(work).objects.filter(pk=work.pk).update(description="How the kiln was built")
    drafts.name_original_video(complaint=complaint, by=person, work=work)
    exhibit = {
        "side": "complainant",
        "level": 5,
        "note": "A witness",
        "url": "https://example.org/",
        "file": complain.paper(person),
    }
    drafts.add_exhibit(complaint=complaint, by=person, **exhibit)  # type: ignore[arg-type]
    for step in complain.PATHS[ComplaintState.IN_REVIEW]:
        step(complaint)
        complaint = complain.fresh(complaint)
    deciding.decide(complaint, "dismissed", ())
    complain.draft(person)
    other = complain.account()
    authorisations.authorise_account(by=person, platform="fake", account=other.handle, note="By contract")
    vase = works.register_work(by=person, title="Vase", media=complain.video(person))
    complain.run_jobs()
    match = LibraryMatch.objects.order_by("pk")[0]
    assert complaint.copy is not None
    PossibleCopy.objects.create(work=vase, post=complaint.copy, match=match, dismissed_at=clock.now())
    CopyNotices.objects.create(user=person, told_at=clock.now())


def _followers() -> None:
    """A restitution that is over, with its ledger."""
    row = returning.held(returning.stage())
    RestitutionPage.objects.create(
        restitution=row,
        number=1,
        moved=[1],
        already=[2],
        invited=[5],
        excluded={"gone": [3]},
        restore_data="x",
        missing=[4],
    )
    FollowerChoice.objects.create(restitution=row, follower_id=1)
    InvitationAnswer.objects.create(restitution=row, follower_id=5, accepted=True, outcome="declined")
    FollowerOptOut.objects.create(platform="fake", follower_id=5, opted_out=False, applied_at=clock.now())
    ground = RestitutionGround.objects.create(restitution=row, work_id="w7")
    GroundFinding.objects.create(ground=ground, complaint=row.remedy.complaint, work_id="w7")
    Work.objects.filter(title="Copy").update(url="https://example.org/copy")
    Restitution.objects.filter(pk=row.pk).update(disputed_work_ids=["7"])
    cases.close_open_case(row.remedy.decision.case, by=None)
    Complaint.objects.filter(pk=row.remedy.complaint_id).update(case=row.remedy.decision.case)
    row.move("begin", begun_at=clock.now())
    by = row.remedy.decision.by
    RestitutionControl.objects.create(restitution=row, kind="pause", reason="A reason.", by=by)
    Restitution.objects.filter(pk=row.pk).update(control_reason="A reason.")
    row.move("finish", ended_at=clock.now(), undo_until=clock.now() + timedelta(days=30))


def _account(person: User, admin: User) -> None:
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    Authenticator.objects.create(user=person, type="totp", data={"secret": "s"})
    session = SessionStore()
    session["typed"] = "A text"
    session.create()
    UserSession.objects.create(
        user=person, session_key=session.session_key, ip="127.0.0.1", user_agent="A browser", data={"a": 1}
    )
    Recovery.objects.create(person=person, note="My phone was stolen.")
    Intervention.objects.create(person=person, what="x", reason="They asked for it.", by=admin)
    change = ChangeRequest(
        kind="x", title="Ana", person=person, reason="They asked.", asked_by=admin, after={"email": "ana"}
    )
    ChangeRequest.objects.bulk_create([change])
    change.move("withdraw", closed_at=clock.now(), closed_by=admin, closing_note="Not now.")
    letters.write_letter_to(person, "people/email/invitation")
    notify_person(person, "notifications.welcome", key="welcome", context=lambda: {"who": "Ana"}, url="/somewhere/")
    save_form_draft(person.pk, "/an/appeal/", [("text", "I was there.")])
    people.find_or_add_guest("never@example.org", "Never Came", "en")
    people.find_or_add_visitor("fake", "99", "Demo Holder", "en")
    Lookup.objects.create(key="k", question="accounts.account", arguments=["fake", "ana"], answer={"handle": "ana"})
    event = Event.objects.create(
        type="complaint.submitted", platform="fake", ordering_key="complaint:1", occurred_at=clock.now(), body="{}"
    )
    endpoint = webhooks.endpoint("https://example.org/hooks", platform="fake")
    endpoint.deliveries.create(event=event, ordering_key=event.ordering_key)
    Claim.objects.update(note="They are a friend of mine.")
    exports.request_export(person=person)
    runner.run_due_jobs([exports.EXPORT_JOB])


def leave() -> None:
    """Everybody closes their account, and time passes while the periodic jobs run."""
    for person in User.objects.filter(is_active=True).exclude(email__endswith=".invalid").exclude(role=Role.ADMIN):
        profile.close_account(person=person)
    User.objects.filter(role=Role.ADMIN).update(is_active=False, purge_at=clock.now())
    began = clock.now()
    for days in (1, 8, 31, 32, 100, 200, 201, 400, 401, 800, 2100, 2101, 2300, 2301, 3000, 3650, 3651, 3652):
        with clock.freeze_time(began + timedelta(days=days)):
            run_everything()


def run_everything() -> None:
    queue.run_tick()
    runner.run_due_jobs(limit=3000)
    review_queue.expire_leases()
