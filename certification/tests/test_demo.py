"""What a new site starts with, and what a demo shows."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from certification import demo, public, readings
from certification.actions import batch_dry_runs, register_rechecks
from certification.demo import inspected, official_register, register
from certification.demo.applications import DEMO_APPLICATIONS, DemoApplication, create_demo_application
from certification.models import (
    Abolition,
    ApplicantCategory,
    Application,
    Batch,
    Certificate,
    CertificateReport,
    Check,
    CheckKind,
    CheckMethod,
    CredentialType,
    Inquiry,
    Inspection,
    KeyArea,
    PaperReading,
    Profession,
    ReadKind,
    RecheckCause,
    RecheckTrigger,
    RegisterRecheck,
    RegisterVersion,
    Requirement,
    RuleDraft,
)
from certification.reference import loading
from certification.states import ApplicationState, CertificateState
from portal import clock
from portal.engines import papers
from portal.engines.papers import child
from portal.jobs import runner
from portal.people import changes
from portal.people import demo as people
from portal.reviews.models import Calendar, ReasonCode
from portal.sandbox.models import Account

pytestmark = pytest.mark.django_db


def test_loading_twice_adds_nothing_and_keeps_what_was_edited(lock_inversions: list[str]) -> None:
    for table in (Requirement, CredentialType, KeyArea, ApplicantCategory, Profession, ReasonCode, Calendar):
        table.objects.all().delete()
    lock_inversions.clear()  # a test may delete rows in any order
    added = loading.load_reference_data()
    assert added.pop("intervals of credential types") == 0  # new types have theirs from the start
    assert all(added.values())
    KeyArea.objects.filter(code="cn-farming").update(names={"en": "Agriculture"})
    assert not any(loading.load_reference_data().values())
    assert KeyArea.objects.get(code="cn-farming").name == "Agriculture"


def test_loading_again_adds_the_days_off_of_later_years_only() -> None:
    loading.load_reference_data()
    days = Calendar.objects.get(code="us").days
    assert not Calendar.objects.get(code="us").working_days().is_working_day(date(2027, 12, 31))
    days.filter(day__gt=date(2027, 12, 24)).delete()
    days.filter(day=date(2026, 10, 12)).delete()
    loading.load_reference_data()
    again = Calendar.objects.get(code="us").working_days()
    assert again.is_working_day(date(2026, 10, 12))
    assert not again.is_working_day(date(2027, 12, 31))
    assert not again.is_working_day(date(2028, 7, 4))


def test_every_row_of_the_reference_is_sound() -> None:
    loading.load_reference_data()
    for row in [*CredentialType.objects.all(), *Requirement.objects.select_related("category")]:
        row.clean()


def test_every_open_area_can_be_applied_for() -> None:
    loading.load_reference_data()
    without = KeyArea.objects.open().filter(requirements=None)
    assert list(without) == []


def test_practice_labels_never_speak_of_a_licence() -> None:
    loading.load_reference_data()
    for row in Requirement.objects.filter(category__practice_only=True):
        assert row.labels["en"].startswith("Practice verified")
        assert row.labels["zh-hans"].startswith("从业经验已核实")


def test_the_demo_shows_every_state_in_which_one_can_rest_and_stays_as_it_is() -> None:
    people.seed()
    account = Account.objects.create(handle="demo-carpenter", name="Demo Carpenter", bio="Chairs.")
    demo.seed()
    states = dict(Application.objects.values_list("number", "state"))
    # Two applications rest while their documents are being read; what is abolished has not ended yet.
    assert set(states.values()) == set(ApplicationState) - {ApplicationState.SUBMITTED}
    assert set(Certificate.objects.values_list("state", flat=True)) == set(CertificateState) - {CertificateState.LAPSED}
    assert [row.public_name for row in public.search_register("小明").certificates] == ["王小明（演示）"]
    inspected.inspect_certificates()
    check_what_is_done_about_certificates()
    demo.seed()
    inspected.inspect_certificates()
    assert dict(Application.objects.values_list("number", "state")) == states
    check_what_is_done_about_certificates()
    account.refresh_from_db()
    assert "doctor" in account.bio


def check_what_is_done_about_certificates() -> None:
    """By staff, the public and platforms: each once."""
    answered = Inquiry.objects.get(answered_at__isnull=False, ended_at=None)
    assert answered.certificate.state == CertificateState.SUSPENDED
    assert answered.answer_case is not None
    abolition = Abolition.objects.get()
    assert abolition.announced_at is not None
    assert Certificate.objects.get(abolition=abolition).valid_to == abolition.takes_effect_at
    report = CertificateReport.objects.get()
    assert report.inquiry is not None
    assert (report.by, report.inquiry.ended_at) == (None, None)
    profile = RecheckTrigger.objects.get(cause=RecheckCause.PROFILE_PROFESSION)
    assert profile.facts["after"] == ["doctor"]
    assert profile.certificate.category.code == "practitioner"
    batch = Batch.objects.get()
    assert batch.is_waiting
    dry_run = batch_dry_runs.foresee_batch(batch, None)
    # The drawn inspection may refuse a second one.
    assert dry_run.left in {1, 2}
    assert dry_run.suspended + dry_run.left == len(dry_run.items) == 3
    draft = RuleDraft.objects.get()
    assert draft.is_waiting
    assert draft.change is not None
    assert changes.possible_approvers(draft.change).exists()
    assert not Inspection.objects.filter(asked_at=None, ended_at=None).exists()
    assert RecheckTrigger.objects.filter(cause=RecheckCause.INSPECTION_MISSED).count() == 1


def test_specimens_of_open_applications_are_read_once_workers_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "read_page", child.read_page)  # the real one
    people.seed()
    loading.load_reference_data()
    demo._give_reviewer_skills()
    for who in ("creator", "creator-b"):
        create_demo_application(next(row for row in DEMO_APPLICATIONS if row.who == who))
    assert not PaperReading.objects.exists()  # a first start reads nothing
    runner.run_due_jobs(("certification.read_papers",))
    draft = Application.objects.get(state=ApplicationState.DRAFT)
    (offer,) = readings.open_offers(draft)
    assert (offer.kind, offer.agreement, offer.read) == (ReadKind.ISSUED_ON, readings.Agreement.DIFFERS, "2019-07-02")
    waiting = Application.objects.exclude(pk=draft.pk).get()
    credential, rows = waiting.credentials.get(), readings.fields_by_credential(waiting)
    compared = {row.kind: row for row in readings.compare_credential(credential, rows[credential.pk], ())}
    same = {kind for kind, row in compared.items() if row.agreement == readings.Agreement.SAME}
    assert same == {ReadKind.NAME, ReadKind.NUMBER, ReadKind.ISSUER}
    assert compared[ReadKind.ISSUED_ON].read == "2021-03-15"
    with clock.freeze_time(clock.now() + timedelta(minutes=1)):
        runner.run_due_jobs(("certification.check",))
    waiting.refresh_from_db()
    assert waiting.state == ApplicationState.IN_REVIEW
    assert waiting.case is not None
    assert f"fail:{CheckKind.DOCUMENT_COMPARED}" in waiting.case.reasons


def test_registers_that_people_look_up_are_looked_up_again_in_the_demo() -> None:
    people.seed()
    loading.load_reference_data()
    demo._give_reviewer_skills()
    create_demo_application(next(row for row in DEMO_APPLICATIONS if row.who == "teacher"))
    register_rechecks.plan_rechecks()
    assert register_rechecks.recheck_due_credentials() == 0
    row = RegisterRecheck.objects.get()
    assert row.due_at > clock.now()
    assert Inquiry.objects.get().ended_at is not None


def test_the_register_is_planned_for_every_area_and_over_many_months() -> None:
    loading.load_reference_data()
    entries = register.register_entries()
    assert {entry.area for entry in entries} == set(KeyArea.objects.open().values_list("code", flat=True))
    assert 180 < len(entries) < 220
    assert len({entry.name for entry in entries}) == len(entries)
    assert all("demo" in entry.name or "演示" in entry.name for entry in entries)
    assert (min(entry.days_ago for entry in entries), max(entry.days_ago for entry in entries)) > (1, 300)


def test_an_entry_for_which_no_reviewer_is_left_keeps_nothing_of_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def create(entry: DemoApplication) -> None:
        tried.append(entry.who)
        if len(tried) == 1:
            raise RuntimeError(entry.who)

    monkeypatch.setattr(register, "create_demo_application", create)
    demo.fill()
    assert len(tried) == len(register.register_entries())


@pytest.mark.slow
def test_the_register_fills_by_real_steps_and_says_while_it_does(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.seed()
    loading.load_reference_data()
    demo._give_reviewer_skills()
    one_of_each = {entry.area: entry for entry in register.register_entries()}
    monkeypatch.setattr(register, "register_entries", lambda: list(one_of_each.values()))
    url = reverse("certification:register")
    assert "still being filled" not in client.get(url).content.decode()
    people.note_filling()
    assert "still being filled" in client.get(url).content.decode()
    demo.fill()
    assert "still being filled" not in client.get(url).content.decode()
    assert set(Certificate.objects.values_list("area__code", flat=True)) == set(one_of_each)
    for row in Certificate.objects.select_related("application"):
        entry = one_of_each[row.application.area.code]
        assert (clock.now() - row.valid_from).days == entry.days_ago
        assert row.application.case is not None
        assert row.application.case.decisions.exclude(by=None).exists()
    demo.fill()
    assert Certificate.objects.count() == len(one_of_each)


def test_the_demo_imports_a_register_that_confirms_one_doctor_and_not_the_other() -> None:
    people.seed()
    loading.load_reference_data()
    demo._give_reviewer_skills()
    official_register.import_demo_register()
    official_register.import_demo_register()
    assert RegisterVersion.objects.count() == 1
    for who in ("doctor-us", "internist"):
        entry = next(row for row in DEMO_APPLICATIONS if row.who == who)
        create_demo_application(entry)
    answers = Check.objects.filter(kind=CheckKind.REGISTRY, method=CheckMethod.REGISTRY).order_by("pk")
    assert list(answers.values_list("finding", flat=True)) == ["register.agrees", "register.other_name"]
    assert Certificate.objects.get().area.code == "us-medicine"
