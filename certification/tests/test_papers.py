"""Who sees papers, and how long they are kept."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client

from certification import policies
from certification.actions import certificates, document_retention, drafts, inquiries
from certification.models import Application, Certificate, PageHash, PaperReading, ReadField
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal import clock, vault
from portal.evidence.actions import retention
from portal.evidence.models import EvidenceFile
from portal.people.models import Mandate
from portal.people.roles import Role
from portal.reviews.clocks import APPEAL_WINDOW
from portal.testing.reading import page_text

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


def test_purged_documents_leave_hashes_results_and_what_the_certificate_says(client: Client) -> None:
    certificate = make.certificate("cn-law")
    files = document_retention.files_of_application(certificate.application)
    reading = PaperReading.objects.get_or_create(file=files[0])[0]
    row = ReadField(reading=reading, page=1, position=99, kind="name", corners=[0] * 8, confidence=1, certain=True)
    row.value_sealed = vault.encrypt_text("Li Ming", bound_to=row.bound_to)
    row.save()
    PageHash.objects.get_or_create(file=files[0], page=9, word_0=1, word_1=2, word_2=3, word_3=4)
    certificates.surrender_certificate(certificate=certificate, by=certificate.holder)
    checks = list(certificate.application.checks.order_by("pk").values("kind", "result", "finding", "input"))
    page = certificate_text(client, certificate)
    with clock.freeze_time(clock.now() + timedelta(days=29)):
        assert retention.purge_due_files() == 0
    with clock.freeze_time(clock.now() + timedelta(days=31)):
        assert [retention.purge_due_files(), retention.purge_due_files()] == [len(files), 0]
        assert certificate_text(client, certificate) == page
    kept = EvidenceFile.objects.filter(pk__in=[file.pk for file in files])
    assert {file.sha256 for file in kept} == {file.sha256 for file in files}
    assert {bytes(file.wrapped_key) for file in kept} == {b""}
    assert not ReadField.objects.filter(reading__file__in=files).exists()
    assert PageHash.objects.filter(file=files[0], page=9).exists()
    assert list(certificate.application.checks.order_by("pk").values("kind", "result", "finding", "input")) == checks


def certificate_text(client: Client, certificate: Certificate) -> str:
    """What the public page says, without how long ago things were."""
    text = page_text(client.get(certificate.get_absolute_url()))
    return re.sub(r"As of .*? UTC|\(.*?\)", "", text)


def test_a_purge_that_died_half_way_is_gone_on_with() -> None:
    application = make.application(State.WITHDRAWN, "cn-law")
    files = document_retention.files_of_application(application)

    def die(_file: EvidenceFile) -> None:
        raise RuntimeError

    with clock.freeze_time(clock.now() + timedelta(days=31)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(retention.evidence_retention, "derived", [die])
            with pytest.raises(RuntimeError):
                purge_in_savepoint()
        assert not EvidenceFile.objects.exclude(purged_at=None).exists()
        assert retention.purge_due_files() == len(files)


def purge_in_savepoint() -> None:
    with transaction.atomic():
        retention.purge_due_files()


def test_an_appeal_that_was_decided_ends_the_right_to_keep_documents() -> None:
    application = make.application(State.REJECTED_FINAL, "cn-law")
    with clock.freeze_time(clock.now() + timedelta(days=31)):
        assert retention.purge_due_files() > 0
        assert not EvidenceFile.objects.kept().filter(documents__application=application).exists()


def test_files_kept_by_an_earlier_rule_come_under_the_present_one() -> None:
    withdrawn, rejected = make.application(State.WITHDRAWN, "cn-law"), make.application(State.REJECTED, "cn-crafts")
    ended, standing = make.certificate("cn-education"), make.certificate("cn-farming")
    certificates.surrender_certificate(certificate=ended, by=ended.holder)
    applications = [withdrawn, rejected, ended.application, standing.application]
    before = [kept_days(application) for application in applications]
    later = clock.now() + timedelta(days=1000)
    EvidenceFile.objects.update(purge_at=later)
    assert document_retention.shorten_retention() == 4
    assert [kept_days(application) for application in applications] == before
    assert document_retention.shorten_retention() == 0
