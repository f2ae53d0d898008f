"""From handing in to the queue: receipt, frozen evidence, checks under duplicates and faults, questions and answers."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile

from certification import checks, policies
from certification.actions import applications, checking, drafts
from certification.models import Application, Check, CheckKind, CheckResult, InfoRequest
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.notifications.models import Notification
from portal.reviews.models import ReviewCase

pytestmark = pytest.mark.django_db


def told(application: Application) -> list[str]:
    rows = Notification.objects.filter(user=application.applicant).order_by("pk")
    return [row.kind.removeprefix("certification.") for row in rows]


def test_handing_in_freezes_the_evidence_and_sends_a_receipt_at_once() -> None:
    application = make.application(State.SUBMITTED)
    assert all(document.file.frozen_at for document in application.documents.select_related("file"))
    assert told(application) == ["submitted"]
    assert application.requirement is not None
    assert application.consent_version == policies.CONSENT_VERSION


def test_what_is_missing_is_named() -> None:
    application = make.draft("us-medicine")
    assert policies.application_gaps(application) == []
    drafts.remove_credential(credential=application.credentials.get(type__code="us-npi"), by=application.applicant)
    document = application.documents.get()
    drafts.detach_document(document=document, by=application.applicant)
    gaps = policies.application_gaps(application)
    assert any("National Provider Identifier" in sentence for sentence in gaps)
    assert any("Licence or practising certificate" in sentence for sentence in gaps)
    with pytest.raises(Invalid):
        make.submit(application)


def test_without_consent_nothing_is_handed_in() -> None:
    application = make.draft()
    with pytest.raises(Invalid, match="agree"):
        applications.submit_application(application=application, by=application.applicant, consent=False)


def test_handing_in_twice_counts_once() -> None:
    application = make.draft()
    second_tab = make.fresh(application)
    make.submit(application)
    with pytest.raises(Conflict):
        make.submit(second_tab)
    assert told(application) == ["submitted"]
    assert Job.objects.filter(kind=checking.BEGIN_CHECKS_JOB).count() == 1


def test_checks_say_what_how_on_what_and_lead_to_the_queue() -> None:
    application = make.application(State.IN_REVIEW, "cn-medicine")
    rows = {(row.kind, row.credential and row.credential.type.code): row for row in application.checks.latest_results()}
    assert rows[CheckKind.IDENTIFIER_CHECKSUM, "cn-identity"].finding == "checksum.region"
    assert rows[CheckKind.IDENTIFIER_EMBEDDED, "cn-doctor-qualification"].finding == "embedded.same"
    assert rows[CheckKind.IDENTIFIER_CHECKSUM, "cn-employment"].result == CheckResult.PASSED
    for row in rows.values():
        assert row.sentence.endswith(".")
        assert row.input
    assert application.case is not None
    # The machine read nothing on these specimens, which leaves its checks open for a person.
    read_by_machine = {CheckKind.DOCUMENT_COMPARED, CheckKind.DOCUMENT_LOOKALIKE}
    assert set(application.case.reasons) == {"two_people", *(f"inconclusive:{kind}" for kind in read_by_machine)}
    assert application.case.skill == "cn-medicine"


def test_the_case_names_nobody() -> None:
    application = make.application(State.IN_REVIEW)
    assert application.case is not None
    assert application.applicant.display_name not in application.case.title


def test_the_due_date_counts_working_days_of_the_area() -> None:
    with clock.freeze_time(clock.now().replace(month=9, day=29, hour=2)):
        application = make.application(State.IN_REVIEW)
    assert application.case is not None
    # 1 to 7 October are days off in China; Saturday the 10th is worked.
    assert f"{application.case.due_at:%m-%d}" == "10-12"


def test_a_failed_check_opens_a_case_and_rejects_nobody() -> None:
    application = make.draft("us-medicine")
    make.declare(application, "us-npi", "1993999999")
    make.submit(application)
    make.run_jobs()
    application = make.fresh(application)
    assert application.state == State.IN_REVIEW
    assert application.case is not None
    assert "fail:identifier_checksum" in application.case.reasons
    assert policies.second_approval_reasons(application)


def test_every_job_twice_and_late_changes_nothing() -> None:
    application = make.application(State.IN_REVIEW)
    before = list(application.checks.values_list("pk", flat=True))
    for job in Job.objects.filter(kind__startswith="certification."):
        assert runner.run_job(job.pk) is False
        Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED)
        runner.run_job(job.pk)
    assert list(application.checks.values_list("pk", flat=True)) == before
    assert ReviewCase.objects.count() == 1
    assert make.fresh(application).state == State.IN_REVIEW


def test_a_check_that_always_fails_is_inconclusive_after_three_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_file: EvidenceFile) -> Any:
        raise OSError("the disk is gone")

    monkeypatch.setattr("portal.evidence.actions.files.duplicates_of_file", broken)
    application = make.application(State.SUBMITTED)
    for minutes in range(4):
        with clock.freeze_time(clock.now() + timedelta(minutes=minutes)):
            make.run_jobs()
    application = make.fresh(application)
    assert application.state == State.IN_REVIEW
    rows = application.checks.filter(kind=CheckKind.DOCUMENT_DUPLICATE)
    assert {(row.result, row.finding) for row in rows} == {(CheckResult.INCONCLUSIVE, "gave_up")}
    assert application.case is not None
    assert "inconclusive:document_duplicate" in application.case.reasons


def test_a_file_that_is_still_being_prepared_is_waited_for_a_quarter_of_an_hour() -> None:
    application = make.application(State.VERIFYING)
    Job.objects.filter(kind="evidence.render").update(state=JobState.FAILED)
    start = clock.now()
    for minutes in range(0, 20, 2):
        with clock.freeze_time(start + timedelta(minutes=minutes)):
            make.run_jobs()
    assert make.fresh(application).state == State.VERIFYING
    EvidenceFile.objects.filter(documents__application=application).update(state="ready", page_count=1)
    with clock.freeze_time(start + timedelta(minutes=21)):
        make.run_jobs()
    assert make.fresh(application).state == State.IN_REVIEW
    rows = application.checks.filter(kind=CheckKind.DOCUMENT_OPENS)
    assert {row.finding for row in rows} == {"file.opens"}


def test_a_file_that_never_gets_ready_is_inconclusive() -> None:
    application = make.application(State.VERIFYING)
    Job.objects.filter(kind="evidence.render").update(state=JobState.FAILED)
    for job in Job.objects.filter(kind=checking.CHECK_JOB):
        Job.objects.filter(pk=job.pk).update(payload={**job.payload, "idle": 18})
    make.run_jobs()
    rows = make.fresh(application).checks.filter(kind=CheckKind.DOCUMENT_OPENS)
    assert {(row.result, row.finding) for row in rows} == {(CheckResult.INCONCLUSIVE, "file.not_ready")}
    assert checking.enqueue_late_checks() == 0
    EvidenceFile.objects.filter(documents__application=application).update(state="refused", refusal="render_failed")
    assert checking.enqueue_late_checks() == application.checks.filter(finding="file.not_ready").count()
    make.run_jobs()
    latest = [row for row in application.checks.latest_results() if row.kind == CheckKind.DOCUMENT_OPENS]
    assert {(row.result, row.finding) for row in latest} == {(CheckResult.FAILED, "file.refused")}


def test_a_lost_worker_between_last_check_and_queue_is_made_good() -> None:
    application = make.application(State.VERIFYING)
    for key in application.planned_checks:
        _rule, target = checks.resolve_planned_check(application, key, clock.now())
        kind = key.split(":")[0]
        Check.objects.create(
            application=application,
            credential=target.credential,
            document=target.document,
            round=1,
            kind=kind,
            method="computed",
            input="x",
            result=CheckResult.PASSED,
            finding="names.single",
        )
    with clock.freeze_time(clock.now() + timedelta(minutes=20)):
        checking.finish_stuck_checks()
        checking.finish_stuck_checks()
    assert make.fresh(application).state == State.IN_REVIEW
    assert ReviewCase.objects.count() == 1


def test_checks_that_never_began_begin_later() -> None:
    application = make.application(State.SUBMITTED)
    Job.objects.filter(kind=checking.BEGIN_CHECKS_JOB).delete()
    with clock.freeze_time(clock.now() + timedelta(minutes=20)):
        checking.finish_stuck_checks()
        make.run_jobs()
    assert make.fresh(application).state == State.IN_REVIEW


def test_an_application_that_moved_on_keeps_the_sweep_from_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (make.application(State.SUBMITTED, area) for area in ("cn-farming", "cn-crafts"))
    Job.objects.filter(kind=checking.BEGIN_CHECKS_JOB).delete()
    begin = checking.begin_checks

    def begin_too_late(*, application: Application) -> None:
        if application.pk == first.pk:
            applications.withdraw_application(application=make.fresh(first), by=first.applicant)
        begin(application=application)

    monkeypatch.setattr(checking, "begin_checks", begin_too_late)
    with clock.freeze_time(clock.now() + timedelta(minutes=20)):
        checking.finish_stuck_checks()
    assert [make.fresh(row).state for row in (first, second)] == [State.WITHDRAWN, State.VERIFYING]


def test_a_file_that_cannot_be_read_goes_back_by_itself_and_only_it_is_checked_again() -> None:
    application = make.draft()
    make.run_jobs()
    bad = application.documents.earliest("pk")
    make.submit(application)
    EvidenceFile.objects.filter(pk=bad.file_id).update(state="refused", refusal="broken")
    make.run_jobs()
    application = make.fresh(application)
    assert application.state == State.INFO_REQUESTED
    request = applications.open_information_request(application)
    assert [item["document"] for item in request.items] == [bad.pk]
    assert request.by is None
    with pytest.raises(Invalid, match="replace"):
        applications.answer_information_request(application=application, by=application.applicant)
    good = drafts.attach_document(
        application=application,
        by=application.applicant,
        kind=bad.kind,
        file=make.paper(application.applicant),
        credential=bad.credential,
        dated_on=clock.today(),
        replaces=bad,
    )
    applications.answer_information_request(application=application, by=application.applicant)
    make.run_jobs()
    application = make.fresh(application)
    assert application.state == State.IN_REVIEW
    again = application.checks.filter(round=2)
    assert {row.document_id for row in again if row.document_id} == {good.pk}
    assert not {row.credential_id for row in again if row.credential_id}


def test_the_same_file_and_number_on_another_account_are_flagged() -> None:
    first = make.application(State.IN_REVIEW, "cn-law")
    number = applications.reveal_credential_number(credential=first.credentials.get(), by=first.applicant)
    second = make.draft("cn-law")
    make.declare(second, "cn-lawyer", number)
    document = first.documents.current().earliest("pk")
    same = ContentFile(files.file_content(document.file), name="the same.png")
    file = files.store_file(same, by=second.applicant, purpose=policies.DOCUMENT_PURPOSE)
    again = drafts.attach_document(application=second, by=second.applicant, kind=document.kind, file=file)
    make.submit(second)
    make.run_jobs()
    row = second.checks.get(kind=CheckKind.IDENTIFIER_DUPLICATE)
    assert (row.result, row.finding) == (CheckResult.FAILED, "number.declared_elsewhere")
    row = second.checks.get(kind=CheckKind.DOCUMENT_DUPLICATE, document=again)
    assert (row.result, row.finding, row.data) == (CheckResult.FAILED, "file.elsewhere", {"count": 1})
    case = make.fresh(second).case
    assert case is not None
    assert {"fail:identifier_duplicate", "fail:document_duplicate"} <= set(case.reasons)
    assert make.fresh(second).state == State.IN_REVIEW


def test_asking_stops_the_clock_and_the_answer_starts_it() -> None:
    application = make.application(State.INFO_REQUESTED)
    assert application.case is not None
    due_before = application.case.due_at
    assert application.case.state == "paused"
    with clock.freeze_time(clock.now() + timedelta(days=7)):
        applications.answer_information_request(application=application, by=application.applicant, text="Here it is.")
        make.run_jobs()
    application = make.fresh(application)
    assert application.state == State.IN_REVIEW
    assert application.case is not None
    assert application.case.state == "waiting"
    assert application.case.due_at - due_before >= timedelta(days=6)
    assert told(application)[:2] == ["submitted", "asked"]


def test_answer_without_text_and_without_anything_new_is_refused() -> None:
    application = make.application(State.INFO_REQUESTED)
    with pytest.raises(Invalid) as refused:
        applications.answer_information_request(application=application, by=application.applicant, text="  ")
    assert "Please write an answer" in str(refused.value.fields["text"][0])
    application = make.fresh(application)
    assert application.state == State.INFO_REQUESTED
    drafts.attach_document(
        application=application,
        by=application.applicant,
        kind=application.documents.earliest("pk").kind,
        file=make.paper(application.applicant),
        credential=application.credentials.earliest("pk"),
        dated_on=clock.today(),
    )
    applications.answer_information_request(application=application, by=application.applicant)
    assert make.fresh(application).state != State.INFO_REQUESTED


def test_at_most_two_questions() -> None:
    application = make.application(State.INFO_REQUESTED)
    for _time in range(2):
        applications.answer_information_request(application=application, by=application.applicant, text="Yes.")
        make.run_jobs()
        application = make.fresh(application)
        if _time == 0:
            make.ask(application)
            application = make.fresh(application)
    with pytest.raises(NotAllowed, match="asked twice"):
        make.ask(application)


def test_an_old_form_does_not_ask() -> None:
    application = make.application(State.IN_REVIEW)
    reviewer, case = make.claim(application)
    application = make.fresh(application)
    with pytest.raises(Conflict):
        applications.request_information(
            application=application,
            by=reviewer,
            text="In which year was that, please?",
            items=[],
            version=case.version - 1,
        )
    assert not InfoRequest.objects.exists()
    assert make.fresh(application).state == State.IN_REVIEW


def test_reminders_come_once_each_and_then_it_lapses() -> None:
    application = make.application(State.INFO_REQUESTED)
    start = clock.now()
    for day in range(15):
        with clock.freeze_time(start + timedelta(days=day, hours=1)):
            applications.send_answer_reminders()
            applications.send_answer_reminders()
            applications.lapse_overdue_applications()
    assert told(application) == ["submitted", "asked", "ask_reminder", "ask_reminder", "lapsed"]
    application = make.fresh(application)
    assert application.state == State.LAPSED
    assert application.case is not None
    assert application.case.state == "closed"
    assert drafts.start_application(area=application.area, by=application.applicant).state == State.DRAFT


def test_an_answer_that_comes_with_the_clock_wins_or_loses_whole() -> None:
    application = make.application(State.INFO_REQUESTED)
    request = applications.open_information_request(application)
    stale = InfoRequest.objects.select_related("application__applicant", "application__area").get(pk=request.pk)
    applications.answer_information_request(application=application, by=application.applicant, text="Just in time.")
    assert applications.lapse_application(request=stale) is False
    assert make.fresh(application).state == State.VERIFYING


@pytest.mark.parametrize(
    "state", [State.DRAFT, State.SUBMITTED, State.VERIFYING, State.IN_REVIEW, State.INFO_REQUESTED]
)
def test_withdrawing_is_possible_until_the_decision(state: State) -> None:
    application = make.application(state)
    make.withdraw(application)
    make.run_jobs()
    application = make.fresh(application)
    assert application.state == State.WITHDRAWN
    assert application.case is None or application.case.state == "closed"
    assert trail.broken_links() == []


def test_withdrawing_before_the_second_person_voids_the_first_word() -> None:
    application = make.application(State.SECOND_REVIEW, "cn-medicine")
    make.withdraw(application)
    assert application.decision is not None
    application.decision.refresh_from_db()
    assert application.decision.state == "void"


@pytest.mark.parametrize("state", [State.APPROVED, State.REJECTED, State.APPEALED])
def test_nobody_withdraws_what_was_decided(state: State) -> None:
    application = make.application(state)
    with pytest.raises(NotAllowed):
        make.withdraw(application)
