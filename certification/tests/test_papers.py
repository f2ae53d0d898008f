"""Who sees papers, and how long they are kept."""

from datetime import timedelta

import pytest

from certification import policies
from certification.actions import document_retention, drafts, inquiries
from certification.models import Application, Certificate
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal import clock
from portal.evidence.actions import retention
from portal.evidence.models import EvidenceFile
from portal.people.models import Mandate
from portal.people.roles import Role
from portal.reviews.clocks import APPEAL_WINDOW

pytestmark = pytest.mark.django_db


def first_file(application: Application) -> EvidenceFile:
    document = application.documents.select_related("file").earliest("pk")
    return document.file


def kept_days(application: Application) -> set[int]:
    now = clock.now()
    return {
        (file.purge_at - now).days if file.purge_at else -1
        for file in document_retention.files_of_application(application)
    }


@pytest.mark.parametrize("role", [role for role in Role if role != Role.AGENT])
def test_nobody_sees_papers_by_role_alone(role: str) -> None:
    application = make.application(State.IN_REVIEW)
    assert policies.refuse_file_access(make.person(role), first_file(application)) is not None


def test_the_reviewer_sees_them_while_they_hold_the_case_and_no_longer() -> None:
    application = make.application(State.IN_REVIEW)
    file = first_file(application)
    reviewer, _case = make.claim(application)
    assert policies.refuse_file_access(reviewer, file) is None
    with clock.freeze_time(clock.now() + timedelta(minutes=31)):
        assert policies.refuse_file_access(reviewer, file) is not None


def test_an_agent_with_a_mandate_never_sees_them() -> None:
    application = make.application(State.IN_REVIEW)
    agency = make.agency()
    Mandate.objects.create(creator=application.applicant, agency=agency, ends_at=clock.now() + timedelta(days=1))
    agent = make.person(Role.AGENT, agency=agency)
    assert policies.refuse_following(application, agent) is None
    assert policies.refuse_file_access(agent, first_file(application)) is not None


def test_who_decides_an_appeal_sees_its_files() -> None:
    application = make.application(State.APPEALED)
    user, _case = make.claim(application)
    for file in document_retention.files_of_application(application):
        assert policies.refuse_file_access(user, file) is None
    assert len(document_retention.files_of_application(application)) == application.documents.count() + 1


def test_who_hears_an_inquiry_sees_the_answer_and_what_the_certificate_rests_on() -> None:
    certificate = make.certificate()
    inquiry = make.suspend(certificate)
    answered = make.paper(certificate.holder)
    inquiries.answer_suspension(inquiry=inquiry, by=certificate.holder, text="Here is proof.", documents=[answered])
    assert inquiry.answer_case is not None
    user, _case = make.claim(inquiry.answer_case)
    assert policies.refuse_file_access(user, answered) is None
    assert policies.refuse_file_access(user, first_file(certificate.application)) is None
    assert policies.refuse_file_access(make.senior(), answered) is not None


@pytest.mark.parametrize(
    ("state", "days"),
    [(State.WITHDRAWN, {30}), (State.APPROVED, {730 + 30}), (State.REJECTED_FINAL, {30})],
)
def test_papers_go_after_the_case(state: State, days: set[int]) -> None:
    application = make.application(state)
    rounded = {day + 1 for day in kept_days(application)}
    assert rounded == days


def test_lapsed_papers_go_too_and_rejected_ones_wait_for_the_appeal() -> None:
    assert kept_days(make.application(State.LAPSED)) == {44}
    assert {day + 1 for day in kept_days(make.application(State.REJECTED, "cn-crafts"))} == {APPEAL_WINDOW.days + 30}


def test_a_file_in_use_elsewhere_is_not_purged() -> None:
    application = make.application(State.WITHDRAWN)
    file = first_file(application)
    again = make.draft("cn-crafts", application.applicant)
    drafts.attach_document(application=again, by=application.applicant, kind="practice", file=file)
    with clock.freeze_time(clock.now() + timedelta(days=31)):
        drafts.save_application_draft(application=again, by=application.applicant, texts={"claims": "Still here"})
        retention.purge_due_files()
        file.refresh_from_db()
        assert file.purged_at is None
        others = EvidenceFile.objects.filter(documents__application=application).exclude(pk=file.pk)
        assert all(other.purged_at for other in others)


@pytest.mark.parametrize("reason", ["unfounded"])
def test_papers_of_a_revoked_certificate_wait_for_the_appeal(reason: str) -> None:
    certificate = make.certificate()
    make.revoke(certificate, reason)
    assert {day + 1 for day in kept_days(Certificate.objects.get().application)} == {APPEAL_WINDOW.days + 30}
