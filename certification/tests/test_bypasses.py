"""Ways around a restriction that must not lead anywhere: renewals, newer applications, a withdrawal at the right time."""

from datetime import timedelta

import pytest

from certification import policies, public
from certification.actions import applications, decisions, inquiries
from certification.models import Application, AreaBan, Certificate, InfoRequest, Inquiry
from certification.states import ApplicationState as State
from certification.states import CertificateState
from certification.tests import factories as make
from portal import clock
from portal.errors import DomainError
from portal.evidence import access
from portal.evidence.actions import retention
from portal.notifications.models import Notification
from portal.reviews.models import Decision

pytestmark = pytest.mark.django_db


def is_certified(certificate: Certificate, after: timedelta = timedelta(0)) -> bool:
    """Whether its holder counts as certified, now or `after` this certificate's last second."""
    at = certificate.valid_to + after if after else clock.now()
    return public.check_gate(certificate.holder.public_id, certificate.area.code, at).code == "certified"


def renewal_in_review(certificate: Certificate) -> Application:
    """A renewal that waits for a reviewer."""
    renewal = make.draft("cn-farming", certificate.holder, renews=certificate)
    make.submit(renewal)
    make.run_jobs()
    return make.fresh(renewal)


def test_who_withdrew_is_not_reminded_and_holds_up_no_lapse() -> None:
    application = make.application(State.INFO_REQUESTED)
    make.withdraw(application)
    assert not InfoRequest.objects.filter(answered_at=None, closed_at=None).exists()
    with clock.freeze_time(clock.now() + timedelta(days=8)):
        assert applications.send_answer_reminders() == 0
    assert not Notification.objects.filter(user=application.applicant, key__contains="remind").exists()


def test_a_renewal_does_not_outlive_the_revocation_of_what_it_renews() -> None:
    certificate = make.certificate()
    with clock.freeze_time(certificate.valid_to - timedelta(days=20)):
        make.approve_wholly(renewal_in_review(certificate))
        later = timedelta(days=1)
        assert is_certified(certificate, later)
        inquiry = make.suspend(certificate)
        assert not is_certified(certificate, later)
        inquiries.answer_suspension(inquiry=inquiry, by=certificate.holder, text="The register is wrong about me.")
        make.clear(inquiry)
        assert is_certified(certificate, later)
        make.revoke(Certificate.objects.get(pk=certificate.pk))
        assert not is_certified(certificate, later)
        assert set(Certificate.objects.values_list("state", flat=True)) == {CertificateState.REVOKED}
        restore(Certificate.objects.get(pk=certificate.pk))
        assert is_certified(certificate)
        assert is_certified(certificate, later)


def restore(certificate: Certificate) -> None:
    """The holder's appeal against the revocation is right."""
    inquiries.appeal_revocation(
        certificate=certificate, by=certificate.holder, text="You have overlooked my second paper."
    )
    decision = certificate.adverse_decision
    assert decision is not None
    user, case = make.claim(decision.case)
    inquiries.decide_revocation_appeal(
        certificate=certificate, by=user, version=case.version, granted=True, reasons=[], explanation=make.ENOUGH
    )


def test_nobody_is_certified_by_a_renewal_while_suspended_or_banned() -> None:
    certificate = make.certificate()
    with clock.freeze_time(certificate.valid_to - timedelta(days=20)):
        renewal = renewal_in_review(certificate)
        inquiry = make.suspend(certificate)
        with clock.freeze_time(certificate.valid_to + timedelta(days=1)):
            assert "suspended" in str(refusal_of(renewal))
        inquiries.answer_suspension(inquiry=inquiry, by=certificate.holder, text="The register is wrong about me.")
        revoke(inquiry)
        ban = AreaBan.objects.get()
        assert "closed" in str(refusal_of(renewal))
        with pytest.raises(DomainError):
            make.approve(renewal)
        ban.refresh_from_db()
        assert ban.lifted_at is None


def refusal_of(application: Application) -> object:
    """Why the application may not be approved with all its papers accepted."""
    user = make.reviewer()
    application.credentials.update(accepted_by=user, accepted_at=clock.now())
    refusal = policies.refuse_certifying(make.fresh(application))
    application.credentials.update(accepted_by=None, accepted_at=None)
    return refusal


def revoke(inquiry: Inquiry) -> None:
    """Two people revoke, for forged papers."""
    user, case = make.claim(Inquiry.objects.get(pk=inquiry.pk).answer_case)  # type: ignore[arg-type]
    inquiry = Inquiry.objects.get(pk=inquiry.pk)
    inquiries.propose_revocation(
        inquiry=inquiry, by=user, version=case.version, reasons=["forged-paper"], explanation=make.ENOUGH
    )
    second, case = make.claim(case)
    inquiries.confirm_inquiry_decision(inquiry=inquiry, by=second, version=case.version, acknowledged=True)


def test_an_appeal_against_forged_papers_lifts_its_own_ban_alone() -> None:
    application = make.application(State.IN_REVIEW)
    make.reject(application, "forged")
    own = AreaBan.objects.get()
    elsewhere = other_ban(application)
    make.appeal(make.fresh(application))
    assert "closed" in str(refusal_of(application))
    elsewhere.delete()
    user, case = make.claim(application)
    made = make.fresh(application)
    papers = make.accepted(made)
    decisions.grant_rejection_appeal(
        application=made, by=user, version=case.version, accepted=papers, explanation=make.ENOUGH
    )
    own.refresh_from_db()
    assert own.lifted_at is not None


def other_ban(application: Application) -> AreaBan:
    """Another case's ban on the same person and area."""
    other = make.application(State.REJECTED, "cn-crafts")
    decision = Decision.objects.get(case=other.case)
    now = clock.now()
    values = {"person": application.applicant, "area": application.area, "decision": decision}
    return AreaBan.objects.create(**values, starts_at=now, ends_at=now + timedelta(days=9))


def test_who_decides_on_the_appeal_against_a_revocation_sees_its_files() -> None:
    inquiry = make.revoke(make.certificate())
    certificate = inquiry.certificate
    file = make.paper(certificate.holder)
    text = "You have overlooked my second paper."
    inquiries.appeal_revocation(certificate=certificate, by=certificate.holder, text=text, documents=[file])
    assert inquiry.answer_case is not None
    user, case = make.claim(inquiry.answer_case)
    assert access.refuse_look(user, file) is None
    assert access.refuse_look(make.senior(), file) is not None
    retention.schedule_purge([file], at=clock.now())
    assert retention.purge_due_files() == 0
    inquiries.decide_revocation_appeal(
        certificate=certificate,
        by=user,
        version=case.version,
        granted=False,
        reasons=[reason_for_dismissal()],
        explanation=make.ENOUGH,
    )
    assert access.refuse_look(user, file) is not None
    file.refresh_from_db()
    assert file.purge_at is not None


def reason_for_dismissal() -> str:
    """A reason that a dismissed appeal about a certificate may give."""
    from portal.reviews.models import ReasonCode

    row = ReasonCode.objects.filter(kind="certification.certificate", outcome="appeal_dismissed").first()
    assert row is not None
    return row.code


def test_papers_are_kept_as_long_as_an_appeal_may_come() -> None:
    application = make.application(State.REJECTED)
    files = [row.file for row in application.documents.all()]
    retention.schedule_purge(files, at=clock.now())
    assert retention.purge_due_files() == 0
    with clock.freeze_time(clock.now() + timedelta(days=190)):
        assert retention.purge_due_files() == len(files)
