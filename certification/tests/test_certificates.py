"""The life of a certificate: dates, expiry at its second, renewal, suspension, revocation, appeal."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from certification import policies, public
from certification.actions import certificates, drafts, expiry, inquiries
from certification.models import AreaBan, Certificate, HeldNumber, Inquiry, Requirement
from certification.states import ApplicationState, CertificateState
from certification.tests import factories as make
from portal import clock
from portal.audit import trail
from portal.errors import NotAllowed
from portal.notifications.models import Notification
from portal.reviews.actions import queue

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def told(certificate: Certificate, kind: str) -> int:
    return Notification.objects.filter(user=certificate.holder, kind=f"certification.{kind}").count()


def is_open(certificate: Certificate) -> bool:
    return public.check_gate(certificate.holder.public_id, certificate.area.code).open


def test_it_ends_with_the_earliest_of_requirement_type_and_paper() -> None:
    by_type = make.certificate("cn-law")
    assert by_type.valid_to - by_type.valid_from == timedelta(days=365)
    application = make.draft("us-medicine")
    ends = clock.today() + timedelta(days=100)
    make.declare(application, "us-medical-licence", "MD777777", expires_on=ends)
    make.submit(application)
    make.run_jobs()
    make.approve_wholly(application)
    certificate = make.fresh(application).certificate
    # The paper counts to the end of its last day, midnight in New York.
    assert certificate.valid_to.date() == ends + timedelta(days=1)
    assert certificate.valid_to.hour in (4, 5)


def test_it_expires_at_its_second_before_anything_has_run() -> None:
    certificate = make.certificate("cn-law")
    with clock.freeze_time(certificate.valid_to - SECOND):
        assert is_open(certificate)
        assert certificate.effective_state == CertificateState.ACTIVE
        assert expiry.expire_due_certificates() == 0
    with clock.freeze_time(certificate.valid_to):
        assert not is_open(certificate)
        assert certificate.effective_state == CertificateState.EXPIRED
        assert public.search_register(certificate.public_name).certificates == []
        assert expiry.expire_due_certificates() == 1
        assert expiry.expire_due_certificates() == 0
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.EXPIRED
    assert told(certificate, "expired") == 1
    assert not HeldNumber.objects.filter(standing=True).exists()


def test_reminders_come_at_60_30_7_and_1_days_once_each() -> None:
    certificate = make.certificate("cn-law")
    for days in (61, 60, 59, 30, 29, 8, 7, 6, 1):
        with clock.freeze_time(certificate.valid_to - timedelta(days=days) + SECOND):
            certificates.send_renewal_reminders()
            certificates.send_renewal_reminders()
    assert told(certificate, "renewal_due") == 4


def test_a_renewal_follows_without_a_gap_and_without_overlap() -> None:
    certificate = make.certificate("cn-law")
    with clock.freeze_time(certificate.valid_to - timedelta(days=61)):
        assert "from" in str(policies.refuse_renewal(certificate.holder, certificate))
    with clock.freeze_time(certificate.valid_to - timedelta(days=20)):
        renewal = make.draft("cn-law", certificate.holder, renews=certificate)
        assert renewal.claims == certificate.claims
        make.submit(renewal)
        make.run_jobs()
        make.approve_wholly(renewal)
        new = make.fresh(renewal).certificate
        assert new.valid_from == certificate.valid_to
        assert new.renews == certificate
        assert is_open(certificate)
        assert policies.refuse_renewal(certificate.holder, certificate) is not None
    with clock.freeze_time(certificate.valid_to):
        assert public.check_gate(certificate.holder.public_id, "cn-law").serial == new.serial
        expiry.expire_due_certificates()
        assert told(certificate, "expired") == 0
        assert HeldNumber.objects.filter(standing=True).count() == 1


def test_a_concern_that_outlives_the_certificate_is_about_its_renewal() -> None:
    certificate = make.certificate("cn-law")
    with clock.freeze_time(certificate.valid_to - timedelta(days=20)):
        renewal = make.draft("cn-law", certificate.holder, renews=certificate)
        make.submit(renewal)
        make.run_jobs()
        make.approve_wholly(renewal)
        inquiry = make.doubt(certificate)
    with clock.freeze_time(certificate.valid_to + timedelta(days=1)):
        expiry.expire_due_certificates()
        user, case = make.claim(inquiry.case)
        grounds = {"reasons": ["doubt-register"], "explanation": make.ENOUGH}
        inquiry = Inquiry.objects.get(pk=inquiry.pk)
        inquiries.suspend_certificate(inquiry=inquiry, by=user, version=case.version, **grounds)  # type: ignore[arg-type]
        new = make.fresh(renewal).certificate
        assert (new.state, inquiry.certificate) == (CertificateState.SUSPENDED, new)
        assert not is_open(certificate)


def test_a_reminder_says_how_long_is_left_not_which_reminder_it_is() -> None:
    certificate = make.certificate("cn-law")
    for left, words, chinese in ((20, "20\xa0days", "20\xa0天"), (1, "1\xa0day", "1\xa0天")):
        with clock.freeze_time(certificate.valid_to - timedelta(days=left) + SECOND):
            certificates.send_renewal_reminders()
        note = Notification.objects.filter(kind="certification.renewal_due").latest("pk")
        assert note.subjects["en"] == f"Your certificate for Law, China ends in {words}"
        assert chinese in note.subjects["zh-hans"]


@pytest.mark.parametrize("early", [timedelta(days=60), timedelta(days=20), timedelta(hours=1)])
def test_the_validity_of_a_renewal_counts_from_its_issue(early: timedelta) -> None:
    certificate = make.certificate("cn-law")
    with clock.freeze_time(certificate.valid_to - early):
        renewal = make.draft("cn-law", certificate.holder, renews=certificate)
        make.submit(renewal)
        make.run_jobs()
        make.approve_wholly(renewal)
        new = make.fresh(renewal).certificate
    assert new.issued_at == certificate.valid_to - early
    assert (new.valid_from, new.valid_to) == (certificate.valid_to, new.issued_at + timedelta(days=365))


def test_the_database_refuses_a_certificate_that_runs_too_long() -> None:
    certificate = make.certificate("cn-law")
    longest = certificate.issued_at + timedelta(days=certificate.requirement.max_validity)
    rows = Certificate.objects.filter(pk=certificate.pk)
    with pytest.raises(IntegrityError, match="longest_validity"), transaction.atomic():
        rows.update(valid_to=longest + SECOND)
    with pytest.raises(IntegrityError, match="longest_validity"), transaction.atomic():
        rows.update(issued_at=certificate.issued_at - timedelta(days=1))
    assert rows.update(valid_to=longest) == 1


def test_a_renewal_that_would_end_before_it_begins_is_not_approved() -> None:
    certificate = make.certificate("cn-law")
    with clock.freeze_time(certificate.valid_to - timedelta(days=50)):
        renewal = make.draft("cn-law", certificate.holder, renews=certificate)
        short = Requirement(
            area=renewal.area, category=certificate.category, in_force_from=clock.now(), max_validity=40
        )
        short.expression, short.labels = certificate.requirement.expression, certificate.requirement.labels
        short.save()
        make.submit(renewal)
        make.run_jobs()
        with pytest.raises(NotAllowed, match="would end before the old one"):
            make.approve_wholly(make.fresh(renewal))


def test_a_short_certificate_is_renewed_in_its_second_half() -> None:
    begun = clock.now()
    short = Certificate(valid_from=begun, valid_to=begun + timedelta(days=30))
    assert short.renewal_opens_at == begun + timedelta(days=15)


def test_a_late_renewal_begins_when_it_is_issued() -> None:
    certificate = make.certificate("cn-law")
    with clock.freeze_time(certificate.valid_to + timedelta(days=30)):
        expiry.expire_due_certificates()
        renewal = make.draft("cn-law", certificate.holder, renews=certificate)
        make.submit(renewal)
        make.run_jobs()
        make.approve_wholly(renewal)
        assert make.fresh(renewal).certificate.valid_from == clock.now()
    with clock.freeze_time(certificate.valid_to + timedelta(days=91)):
        assert policies.refuse_renewal(certificate.holder, certificate) is not None


def test_the_database_refuses_two_valid_ones_of_one_holder_in_one_area() -> None:
    certificate = make.certificate()
    twin = Certificate.objects.get(pk=certificate.pk)
    other = make.application(ApplicationState.DRAFT, "cn-crafts")
    twin.pk, twin.serial, twin.application = None, "CT-TWIN-TWIN-TWIN", other
    with pytest.raises(IntegrityError, match="certificate_no_overlap"), transaction.atomic():
        twin.save(force_insert=True)
    with pytest.raises(IntegrityError, match="ends_after_start"), transaction.atomic():
        Certificate.objects.filter(pk=certificate.pk).update(valid_to=F("valid_from"))


def test_who_is_certified_or_suspended_does_not_apply_again() -> None:
    certificate = make.certificate()
    with pytest.raises(NotAllowed, match="You are certified"):
        drafts.start_application(area=certificate.area, by=certificate.holder)
    make.suspend(certificate)
    with pytest.raises(NotAllowed, match="suspended"):
        drafts.start_application(area=certificate.area, by=certificate.holder)


def test_giving_up_ends_it_at_once() -> None:
    certificate = make.certificate("cn-law")
    with pytest.raises(NotAllowed):
        certificates.surrender_certificate(certificate=certificate, by=make.person())
    certificates.surrender_certificate(certificate=certificate, by=certificate.holder)
    assert not is_open(certificate)
    assert policies.refuse_start(certificate.holder, certificate.area) is None


def test_suspension_closes_the_gate_and_the_answer_is_read_by_somebody_else() -> None:
    certificate = make.certificate("cn-law")
    inquiry = make.suspend(certificate)
    assert not is_open(certificate)
    assert told(certificate, "suspended") == 1
    assert inquiry.suspension is not None
    papers = [make.paper(certificate.holder)]
    inquiries.answer_suspension(
        inquiry=inquiry, by=certificate.holder, text="I only moved to another house.", documents=papers
    )
    with pytest.raises(NotAllowed, match="already answered"):
        inquiries.answer_suspension(inquiry=inquiry, by=certificate.holder, text="Again.")
    suspender = inquiry.suspension.by
    assert suspender is not None
    assert queue.claim_next_case(by=suspender) is None
    assert queue.claim_next_case(by=make.doubter(inquiry)) is None
    make.clear(inquiry, reasons=["explained"])
    before = certificate.valid_to
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.ACTIVE
    assert certificate.valid_to == before
    assert is_open(certificate)
    assert trail.broken_links() == []


def test_one_open_inquiry_at_a_time_and_none_about_oneself() -> None:
    certificate = make.certificate()
    make.doubt(certificate)
    with pytest.raises(NotAllowed, match="already open"):
        make.doubt(certificate)
    assert policies.refuse_doubt(certificate, certificate.holder) is not None


def test_silence_for_fourteen_days_brings_an_answer_case_not_a_revocation() -> None:
    certificate = make.certificate()
    make.suspend(certificate)
    with clock.freeze_time(clock.now() + timedelta(days=13)):
        assert inquiries.open_overdue_answer_cases() == 0
    with clock.freeze_time(clock.now() + timedelta(days=14, seconds=1)):
        assert inquiries.open_overdue_answer_cases() == 1
        assert inquiries.open_overdue_answer_cases() == 0
        with pytest.raises(NotAllowed, match="time to answer has expired"):
            inquiries.answer_suspension(inquiry=Inquiry.objects.get(), by=certificate.holder, text="Too late?")
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.SUSPENDED


def test_revocation_takes_two_people_and_can_be_sent_back() -> None:
    certificate = make.certificate()
    inquiry = make.suspend(certificate)
    inquiries.answer_suspension(inquiry=inquiry, by=certificate.holder, text="No.")
    assert inquiry.answer_case is not None
    user, case = make.claim(inquiry.answer_case)
    inquiries.propose_revocation(
        inquiry=inquiry, by=user, version=case.version, reasons=["unfounded"], explanation=make.ENOUGH
    )
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.SUSPENDED
    assert queue.claim_next_case(by=user) is None
    second, case = make.claim(case)
    inquiries.send_back_inquiry_decision(
        inquiry=inquiry, by=second, version=case.version, note="The answer was not read."
    )
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.SUSPENDED
    make.clear(inquiry)
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.ACTIVE


@pytest.mark.parametrize(("reason", "banned"), [("unfounded", False), ("forged-paper", True)])
def test_a_revoked_certificate_and_its_numbers_are_gone(reason: str, banned: bool) -> None:
    certificate = make.certificate("cn-law")
    make.revoke(certificate, reason)
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.REVOKED
    assert not is_open(certificate)
    assert not HeldNumber.objects.filter(standing=True).exists()
    assert AreaBan.objects.exists() is banned
    assert told(certificate, "revoked") == 1


@pytest.mark.parametrize("late", [False, True])
def test_a_won_appeal_restores_to_the_day_it_always_had(late: bool) -> None:
    certificate = make.certificate("cn-law")
    make.revoke(certificate, "forged-paper")
    certificate.refresh_from_db()
    inquiries.appeal_revocation(
        certificate=certificate, by=certificate.holder, text="My licence is real, look again please."
    )
    revocation = certificate.adverse_decision
    assert revocation is not None
    moment = certificate.valid_to + SECOND if late else clock.now()
    with clock.freeze_time(moment):
        user, case = make.claim(revocation.case)
        inquiries.decide_revocation_appeal(
            certificate=certificate,
            by=user,
            version=case.version,
            granted=True,
            reasons=["revocation-wrong"],
            explanation=make.ENOUGH,
        )
        assert is_open(certificate) is not late
        expiry.expire_due_certificates()
        certificate.refresh_from_db()
        assert certificate.state == (CertificateState.EXPIRED if late else CertificateState.ACTIVE)
    assert AreaBan.objects.get().lifted_at is not None


def test_a_lost_appeal_leaves_it_revoked() -> None:
    certificate = make.certificate()
    make.revoke(certificate)
    certificate.refresh_from_db()
    revocation = certificate.adverse_decision
    assert revocation is not None
    with pytest.raises(NotAllowed, match="is closed"):
        inquiries.decide_revocation_appeal(
            certificate=certificate, by=make.senior(), version=1, granted=False, reasons=[], explanation=""
        )
    inquiries.appeal_revocation(
        certificate=certificate, by=certificate.holder, text="Please look at everything once more."
    )
    user, case = make.claim(revocation.case)
    inquiries.decide_revocation_appeal(
        certificate=certificate,
        by=user,
        version=case.version,
        granted=False,
        reasons=["revocation-right"],
        explanation=make.ENOUGH,
    )
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.REVOKED
    with pytest.raises(NotAllowed):
        inquiries.appeal_revocation(
            certificate=certificate, by=certificate.holder, text="And once more, please, thank you."
        )
