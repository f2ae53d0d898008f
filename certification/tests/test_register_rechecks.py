"""Certificates looked up again: planned, asked, and what fails is put before a person who suspends; an answer clears."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certification.actions import decisions, inquiries, register_rechecks, reports, rules
from certification.models import (
    Certificate,
    CredentialType,
    Inquiry,
    QueryReason,
    RecheckCause,
    RegisterQuery,
    RegisterRecheck,
    RegisterVersion,
    RegistryKind,
)
from certification.registers import RegisterSilent
from certification.registers.faults import refuse_faulty_registers
from certification.registers.imported import ImportedRegister
from certification.states import CertificateState
from certification.tests import factories as make
from certification.tests.test_register_queries import by_file, enter_in_register
from portal import clock
from portal.errors import NotAllowed
from portal.reviews.tests.factories import case_url
from portal.testing.reading import page_text
from portal.testing.shared import Enter

pytestmark = pytest.mark.django_db
EVERY = 30


@pytest.fixture
def certified() -> Certificate:
    """A lawyer's certificate, which the imported register confirmed."""
    make.reference()
    by_file(clock.today())
    CredentialType.objects.filter(code="cn-lawyer").update(recheck_every=EVERY)
    application = make.draft("cn-law")
    enter_in_register(application)
    make.submit(application)
    make.run_jobs()
    make.approve_wholly(application)
    return make.fresh(application).certificate


def later(certificate: Certificate, days: int = EVERY + 1, **facts: Any) -> None:
    """So many days later the register is imported anew with these facts, and the work of that day is done."""
    by_file(clock.today())
    enter_in_register(certificate.application, **facts)
    register_rechecks.plan_rechecks()
    register_rechecks.recheck_due_credentials()
    make.run_jobs()


def test_what_the_register_still_confirms_stays_and_is_planned_again(certified: Certificate) -> None:
    register_rechecks.plan_rechecks()
    assert register_rechecks.recheck_due_credentials() == 0
    with clock.freeze_time(clock.now() + timedelta(days=EVERY + 1)):
        later(certified)
        row = RegisterRecheck.objects.get()
        assert row.due_at > clock.now() + timedelta(days=EVERY - 1)
        register_rechecks.plan_rechecks()
        assert RegisterRecheck.objects.get().due_at == row.due_at
    assert RegisterQuery.objects.filter(reason=QueryReason.RECHECK).count() == 1
    assert not Inquiry.objects.exists()


def test_a_failed_re_check_brings_a_person_who_suspends_and_an_answer_clears(
    certified: Certificate, enter: Enter
) -> None:
    with clock.freeze_time(clock.now() + timedelta(days=EVERY + 1)):
        later(certified, state="ended", ended_on=clock.today())
        inquiry = Inquiry.objects.get()
        assert (inquiry.triggers.get().cause, inquiry.raised_by) == (RecheckCause.REGISTER, None)
        certified.refresh_from_db()
        assert certified.state == CertificateState.ACTIVE  # machines check, people decide
        assert "fail:registry" in inquiry.case.reasons
        assert inquiry.case.due_at < clock.now() + timedelta(days=5)
        reviewer, case = make.claim(inquiry.case)
        text = page_text(enter(reviewer).get(case_url(case, product="certification")))
        assert "was looked up in the register again" in text
        assert "it has not been in force since" in text
        inquiries.suspend_certificate(
            inquiry=inquiry, by=reviewer, version=case.version, reasons=["doubt-register"], explanation=make.ENOUGH
        )
        certified.refresh_from_db()
        inquiry.refresh_from_db()
        assert certified.state == CertificateState.SUSPENDED
        assert inquiry.answer_due_at == clock.now() + timedelta(days=14)
        later(certified, state="ended", ended_on=clock.today())
        assert Inquiry.objects.count() == 1  # nothing is asked about a suspended certificate
        inquiries.answer_suspension(inquiry=inquiry, by=certified.holder, text="It was renewed on the same day.")
        inquiry.refresh_from_db()
        make.clear(inquiry)
        certified.refresh_from_db()
        assert certified.state == CertificateState.ACTIVE


def test_a_suspension_is_not_lifted_on_a_look_of_long_ago(certified: Certificate) -> None:
    inquiry = make.suspend(certified)
    with clock.freeze_time(clock.now() + timedelta(days=40)):
        inquiries.open_overdue_answer_cases()
        inquiry.refresh_from_db()
        assert inquiry.answer_case is not None
        user, case = make.claim(inquiry.answer_case)
        with pytest.raises(NotAllowed, match="asked again"):
            inquiries.propose_clearance(inquiry=inquiry, by=user, version=case.version)


def test_what_people_decided_on_is_no_new_case_and_something_else_is(certified: Certificate) -> None:
    with clock.freeze_time(clock.now() + timedelta(days=EVERY + 1)):
        later(certified, name="Li Mingming")
        inquiry = Inquiry.objects.get()
        reviewer, case = make.claim(inquiry.case)
        inquiries.dismiss_doubt(
            inquiry=inquiry, by=reviewer, version=case.version, explanation="A new name by marriage."
        )
    with clock.freeze_time(clock.now() + timedelta(days=2 * (EVERY + 1))):
        later(certified, name="Li Mingming")
        assert Inquiry.objects.count() == 1
    with clock.freeze_time(clock.now() + timedelta(days=3 * (EVERY + 1))):
        later(certified, state="ended")
        assert Inquiry.objects.filter(ended_at=None).count() == 1


def test_a_register_that_stays_silent_is_looked_up_by_a_person_after_a_week(
    certified: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stay_silent(_register: ImportedRegister, _number: str) -> None:
        raise RegisterSilent("register.no_answer")

    start = clock.now() + timedelta(days=EVERY + 1)
    RegisterVersion.objects.update(dated_on=start.date())
    monkeypatch.setattr(ImportedRegister, "ask", stay_silent)
    for day in range(10):
        with clock.freeze_time(start + timedelta(days=day, minutes=day)):
            assert Inquiry.objects.exists() == (day > 7)
            register_rechecks.plan_rechecks()
            register_rechecks.recheck_due_credentials()
            make.run_jobs()
    assert Inquiry.objects.get().triggers.get().cause == RecheckCause.LOOK_UP


class TestFaultyRegister:
    """A register that an operator has to see to is one alarm, and no case for each certificate."""

    @pytest.mark.parametrize(
        ("spoil", "fault"),
        [
            ({"state": "replaced"}, "no file was imported"),
            ({"dated_on": date(2020, 1, 1)}, "the file of 2020-01-01 is too old"),
        ],
        ids=["missing", "old"],
    )
    def test_no_case_is_opened_and_it_is_asked_once_it_can_be(
        self, certified: Certificate, client: Client, spoil: dict[str, Any], fault: str
    ) -> None:
        start = clock.now() + timedelta(days=EVERY + 1)
        RegisterVersion.objects.update(**spoil)
        for day in range(10):
            with clock.freeze_time(start + timedelta(days=day, minutes=day)):
                register_rechecks.plan_rechecks()
                assert register_rechecks.recheck_due_credentials() == 0
                make.run_jobs()
        assert not Inquiry.objects.exists()
        assert client.get("/healthz/").json()["checks"]["official_registers"] == f"law: {fault}"
        with clock.freeze_time(start + timedelta(days=11)):
            later(certified)
            assert RegisterQuery.objects.filter(reason=QueryReason.RECHECK).count() == 1
            assert refuse_faulty_registers() is None

    def test_a_register_that_is_not_in_the_settings_is_named(self, certified: Certificate) -> None:
        CredentialType.objects.filter(code="cn-lawyer").update(registry=RegistryKind.HTTP, register_code="nowhere")
        assert refuse_faulty_registers() == "nowhere: REGISTERS has no entry with this code"
        with clock.freeze_time(clock.now() + timedelta(days=EVERY + 1)):
            register_rechecks.plan_rechecks()
            assert register_rechecks.recheck_due_credentials() == 0

    def test_a_fault_that_is_noticed_only_when_asked_is_no_silence(self, certified: Certificate) -> None:
        start = clock.now() + timedelta(days=EVERY + 1)
        RegisterVersion.objects.update(dated_on=start.date())
        with clock.freeze_time(start):
            register_rechecks.plan_rechecks()
            RegisterRecheck.objects.update(silent_since=start - timedelta(days=20))
            assert register_rechecks.recheck_due_credentials() == 1
            RegisterVersion.objects.update(state="replaced")
            make.run_jobs()
            assert RegisterRecheck.objects.get().silent_since is None
        assert not Inquiry.objects.exists()


def test_a_register_without_an_interface_is_looked_up_by_a_person_before_they_decide() -> None:
    make.reference()
    CredentialType.objects.filter(code="cn-lawyer").update(recheck_every=EVERY)
    certificate = make.certificate("cn-law")
    with clock.freeze_time(clock.now() + timedelta(days=EVERY + 1)):
        register_rechecks.plan_rechecks()
        assert register_rechecks.recheck_due_credentials() == 1
        assert register_rechecks.recheck_due_credentials() == 0
        inquiry = Inquiry.objects.get(certificate=certificate)
        assert inquiry.triggers.get().cause == RecheckCause.LOOK_UP
        reviewer, case = make.claim(inquiry.case)
        with pytest.raises(NotAllowed, match="look it up"):
            inquiries.dismiss_doubt(inquiry=inquiry, by=reviewer, version=case.version)
        credential = certificate.application.credentials.select_related("type", "application").get()
        decisions.record_registry_check(
            credential=credential,
            by=reviewer,
            result="pass",
            url=make.register_url(credential.type),
            seen="Still there.",
            page=make.register_page(reviewer),
        )
        inquiries.dismiss_doubt(inquiry=inquiry, by=reviewer, version=case.version)
        register_rechecks.plan_rechecks()
        assert register_rechecks.recheck_due_credentials() == 0


def test_the_end_that_a_person_saw_in_a_register_makes_the_next_look_due() -> None:
    make.reference()
    CredentialType.objects.filter(code="cn-lawyer").update(recheck_every=EVERY)
    certificate = make.certificate("cn-law")
    with clock.freeze_time(clock.now() + timedelta(days=EVERY + 1)):
        register_rechecks.plan_rechecks()
        register_rechecks.recheck_due_credentials()
        reviewer, case = make.claim(Inquiry.objects.get(certificate=certificate).case)
        credential = certificate.application.credentials.select_related("type", "application").get()
        until = clock.today() + timedelta(days=5)
        decisions.record_registry_check(
            credential=credential,
            by=reviewer,
            result="pass",
            url=make.register_url(credential.type),
            seen="Still there.",
            page=make.register_page(reviewer),
            registered_until=until,
        )
        inquiries.dismiss_doubt(inquiry=case.inquiry, by=reviewer, version=case.version)
        due_at = RegisterRecheck.objects.get().due_at
        assert due_at.date() == until + timedelta(days=1)
        register_rechecks.plan_rechecks()
        assert RegisterRecheck.objects.get().due_at == due_at
        assert register_rechecks.recheck_due_credentials() == 0
    with clock.freeze_time(due_at):
        assert register_rechecks.recheck_due_credentials() == 1


def test_a_register_is_asked_during_an_inquiry_and_what_it_says_makes_the_case_urgent(certified: Certificate) -> None:
    with clock.freeze_time(clock.now() + timedelta(days=EVERY)):
        reports.report_certificate(certificate=certified, text="Is this person still a lawyer?", by=None)
        inquiry = Inquiry.objects.get()
    with clock.freeze_time(clock.now() + timedelta(days=EVERY + 1)):
        later(certified, state="ended", ended_on=clock.today())
        assert inquiry.triggers.get(cause=RecheckCause.REGISTER).check_result is not None
        inquiry.case.refresh_from_db()
        assert "fail:registry" in inquiry.case.reasons
        assert inquiry.case.due_at < clock.now() + timedelta(days=5)
    assert Inquiry.objects.count() == 1


def test_a_look_up_by_a_person_joins_an_open_inquiry_once() -> None:
    make.reference()
    CredentialType.objects.filter(code="cn-lawyer").update(recheck_every=EVERY)
    certificate = make.certificate("cn-law")
    inquiry = make.doubt(certificate)
    for days in (1, 2, 3):
        with clock.freeze_time(clock.now() + timedelta(days=EVERY + days)):
            register_rechecks.plan_rechecks()
            assert register_rechecks.recheck_due_credentials() == (days == 1)
    assert inquiry.triggers.get().cause == RecheckCause.LOOK_UP


def test_the_plan_follows_intervals_and_certificates(certified: Certificate) -> None:
    register_rechecks.plan_rechecks()
    before = RegisterRecheck.objects.get().due_at
    CredentialType.objects.filter(code="cn-lawyer").update(recheck_every=EVERY - 10)
    register_rechecks.plan_rechecks()
    assert RegisterRecheck.objects.get().due_at == before - timedelta(days=10)
    CredentialType.objects.filter(code="cn-lawyer").update(registry=RegistryKind.NONE)
    register_rechecks.plan_rechecks()
    assert not RegisterRecheck.objects.exists()


def test_a_new_interval_spreads_what_it_finds_overdue(certified: Certificate) -> None:
    CredentialType.objects.filter(code="cn-lawyer").update(recheck_every=None)
    with clock.freeze_time(clock.now() + timedelta(days=300)):
        assert rules.introduce_intervals({"cn-lawyer": 180, "cn-identity": 180}) == 1
        register_rechecks.plan_rechecks()
        row = RegisterRecheck.objects.get()
        assert row.due_at == clock.now() + timedelta(hours=certified.pk % (24 * 180))
        kind = CredentialType.objects.get(code="cn-lawyer")
        assert (kind.recheck_every, kind.version) == (180, 2)
        assert kind.versions.get().before["recheck_every"] is None
        CredentialType.objects.filter(code="cn-lawyer").update(recheck_every=None)
        assert rules.introduce_intervals({"cn-lawyer": 180}) == 0  # staff took it away


def test_every_register_that_can_be_asked_again_has_an_interval() -> None:
    make.reference()
    without = CredentialType.objects.exclude(registry=RegistryKind.NONE).filter(recheck_every=None)
    assert set(without.values_list("code", flat=True)) == {"cn-legal-qualification", "cn-degree", "orcid"}
    assert not CredentialType.objects.filter(registry=RegistryKind.NONE, recheck_every__isnull=False).exists()
    assert CredentialType.objects.get(code="cn-securities").recheck_every == 30


def test_the_pages_of_areas_and_certificates_say_how_often_the_register_is_asked_again(client: Client) -> None:
    make.reference()
    certificate = make.certificate("cn-law")
    said = "The register is asked again every 180 days"
    assert f"{said}: Lawyer's practising certificate" in page_text(
        client.get(reverse("certification:area", args=["cn-law"]))
    )
    assert f"{said} while the certificate is valid." in page_text(client.get(certificate.get_absolute_url()))
    assert "asked again" not in page_text(client.get(reverse("certification:area", args=["cn-farming"])))


def test_the_end_that_the_register_told_is_looked_at_when_it_comes(certified: Certificate) -> None:
    CredentialType.objects.filter(code="cn-lawyer").update(recheck_every=200)
    ends = clock.today() + timedelta(days=60)
    with clock.freeze_time(clock.now() + timedelta(days=EVERY + 1)):
        RegisterRecheck.objects.create(credential=certified.application.credentials.get(), due_at=clock.now())
        by_file(clock.today())
        enter_in_register(certified.application, expires_on=ends)
        register_rechecks.recheck_due_credentials()
        make.run_jobs()
        register_rechecks.plan_rechecks()
        assert RegisterRecheck.objects.get().due_at.date() == ends + timedelta(days=1)
    with clock.freeze_time(clock.now() + timedelta(days=62)):
        later(certified, expires_on=ends)
        assert Inquiry.objects.get().triggers.get().check_result.finding == "register.over"  # type: ignore[union-attr]


def test_a_document_that_has_expired_brings_a_person_once(certified: Certificate) -> None:
    credential = certified.application.credentials.get()
    assert register_rechecks.open_cases_of_expired_papers() == 0
    type(credential).objects.filter(pk=credential.pk).update(
        issued_on=clock.today() - timedelta(days=400), expires_on=clock.today() - timedelta(days=2)
    )
    assert register_rechecks.open_cases_of_expired_papers() == 1
    inquiry = Inquiry.objects.get()
    assert inquiry.triggers.get().cause == RecheckCause.DOCUMENT
    assert "has reached its end date" in inquiry.triggers.get().sentence
    assert register_rechecks.open_cases_of_expired_papers() == 0
