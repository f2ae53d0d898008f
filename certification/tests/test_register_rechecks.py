"""Certificates looked up again: planned, asked, and what fails is put before a person who suspends; an answer clears."""

from datetime import timedelta
from typing import Any

import pytest

from certification.actions import decisions, inquiries, register_rechecks, reports
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


def test_a_register_that_stays_silent_is_looked_up_by_a_person_after_a_week(certified: Certificate) -> None:
    start = clock.now() + timedelta(days=EVERY + 1)
    RegisterVersion.objects.update(state="replaced")
    for day in range(10):
        with clock.freeze_time(start + timedelta(days=day, minutes=day)):
            assert Inquiry.objects.exists() == (day > 7)
            register_rechecks.plan_rechecks()
            register_rechecks.recheck_due_credentials()
            make.run_jobs()
    assert Inquiry.objects.get().triggers.get().cause == RecheckCause.LOOK_UP


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
