"""Who decided, confirmed or doubted anything about a certificate gets nothing about it again; a suspension ends by two."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from certification.actions import inquiries
from certification.models import Application, Certificate, Inquiry
from certification.states import CertificateState
from certification.tests import factories as make
from portal import clock
from portal.errors import NotAllowed
from portal.jobs import runner
from portal.people.models import User
from portal.people.roles import Role
from portal.reviews import policies as reviews
from portal.reviews.actions import cases, queue
from portal.reviews.models import Decision, ReviewCase, ReviewerSkill
from portal.testing.reading import page_text
from portal.testing.shared import Enter

pytestmark = pytest.mark.django_db


def deciders(application: Application) -> list[User]:
    """Everybody who decided or confirmed anything in the application's case."""
    rows = Decision.objects.filter(case=make.fresh(application).case)
    return [person for row in rows for person in (row.by, row.second_by) if person is not None]


def assert_kept_out(case: ReviewCase | None, *people: User) -> None:
    """None of the people gets the case, were they all seniors: neither by the queue nor by hand."""
    assert case is not None
    case.refresh_from_db()
    ReviewerSkill.objects.update(level=2)
    for person in people:
        person.role = Role.SENIOR_REVIEWER
        person.save()
        assert "raised a concern about this before" in str(reviews.refuse_taking(case, person, clock.now()))
        assert queue.claim_next_case(by=person) is None
        with pytest.raises(NotAllowed):
            cases.take_case(case, by=person)


@pytest.fixture
def certified() -> tuple[Certificate, list[User]]:
    """A certificate that two people approved, and these two."""
    application = make.application("approved", "cn-medicine")
    people = deciders(application)
    assert len(people) == 2
    return application.certificate, people


def test_those_who_approved_get_no_doubt_about_it(certified: tuple[Certificate, list[User]]) -> None:
    certificate, approvers = certified
    inquiry = make.doubt(certificate)
    assert_kept_out(inquiry.case, *approvers, make.doubter(inquiry))


def test_each_further_step_is_for_new_people(certified: tuple[Certificate, list[User]]) -> None:
    certificate, people = certified
    inquiry = make.revoke(certificate)
    rows = Decision.objects.exclude(case=certificate.application.case)
    people += [person for row in rows for person in (row.by, row.second_by) if person is not None]
    assert len({person.pk for person in (*people, make.doubter(inquiry))}) == 6
    certificate.refresh_from_db()
    inquiries.appeal_revocation(certificate=certificate, by=certificate.holder, text="The register was corrected.")
    assert_kept_out(inquiry.answer_case, *people, make.doubter(inquiry))


def test_who_suspended_or_doubted_does_not_review_the_renewal() -> None:
    certificate = make.certificate()
    inquiry = make.suspend(certificate)
    assert inquiry.suspension is not None
    assert inquiry.raised_by is not None
    inquiries.answer_suspension(inquiry=inquiry, by=certificate.holder, text="The register is wrong about me.")
    make.clear(inquiry)
    certificate.refresh_from_db()
    with clock.freeze_time(certificate.valid_to - timedelta(days=30)):
        renewal = make.draft(applicant=certificate.holder, renews=certificate)
        make.submit(renewal)
        make.run_jobs()
        assert_kept_out(make.fresh(renewal).case, inquiry.suspension.by, make.doubter(inquiry))


def test_the_database_refuses_it_too(certified: tuple[Certificate, list[User]]) -> None:
    certificate, (approver, _second) = certified
    inquiry = make.doubt(certificate)
    values = {"case_version": 1, "stage": "first", "outcome": "no_doubt", "adverse": False, "state": "final"}
    with pytest.raises(DatabaseError, match="acted on a case before"), transaction.atomic():
        Decision.objects.create(case=inquiry.case, by=approver, **values)


def test_a_suspension_is_lifted_by_two_people() -> None:
    certificate = make.certificate()
    inquiry = make.suspend(certificate)
    inquiries.answer_suspension(inquiry=inquiry, by=certificate.holder, text="The register is wrong about me.")
    inquiry.refresh_from_db()
    assert inquiry.answer_case is not None
    first, case = make.claim(inquiry.answer_case)
    inquiries.propose_clearance(inquiry=inquiry, by=first, version=case.version)
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.SUSPENDED
    assert_kept_out(case, first)
    second, case = make.claim(case)
    inquiries.confirm_inquiry_decision(inquiry=inquiry, by=second, version=case.version, acknowledged=True)
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.ACTIVE
    assert Inquiry.objects.get().ended_at is not None


def test_the_page_of_a_doubt_shows_what_the_certificate_rests_on(
    enter: Enter, certified: tuple[Certificate, list[User]]
) -> None:
    certificate, _approvers = certified
    inquiry = make.doubt(certificate)
    reviewer, case = make.claim(inquiry.case)
    page = enter(reviewer).get(f"/reviews/{case.number}/work/")
    text = page_text(page)
    assert "Earlier decisions" in text
    assert "Found." in text  # the look-up into the register
    document = certificate.application.documents.current().first()
    assert document is not None
    assert f"viewer-{document.file_id}" in page.content.decode()
    runner.run_due_jobs(["evidence.mark"])
    picture = enter(reviewer).get(f"/evidence/{document.file_id}/pages/1/")
    assert picture.status_code == 200
    assert document.file.accesses.filter(by=reviewer).exists()
