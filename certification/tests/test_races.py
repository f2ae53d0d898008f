"""Several workers and people at once, on real connections."""

from collections.abc import Callable
from functools import partial

import pytest

from certification.actions import applications, casework, decisions, drafts
from certification.models import Application, Certificate, Credential
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal.errors import DomainError, Invalid
from portal.jobs import runner
from portal.jobs.models import Job
from portal.notifications.models import Notification
from portal.reviews.models import ReviewCase
from portal.testing.concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_checks_that_end_together_open_one_case() -> None:
    for _round in range(3):
        application = make.application(State.VERIFYING)
        runner.run_due_jobs(["evidence.render"])
        jobs = list(Job.objects.filter(kind="certification.check", state="queued").values_list("pk", flat=True))
        at_once(
            *[lambda pk=pk: runner.run_job(pk) for pk in jobs], *[lambda pk=pk: runner.run_job(pk) for pk in jobs[:2]]
        )
        assert make.fresh(application).state == State.IN_REVIEW
    assert ReviewCase.objects.count() == 3


def test_handing_in_from_two_tabs_counts_once() -> None:
    application = make.draft()
    tabs = [make.fresh(application) for _tab in range(4)]
    answers = at_once(*[lambda tab=tab: make.submit(tab) for tab in tabs])
    assert sum(isinstance(answer, DomainError) for answer in answers) == 3
    assert Notification.objects.filter(kind="certification.submitted").count() == 1


def test_withdrawing_while_it_is_approved_ends_in_one_of_both() -> None:
    application = make.application(State.IN_REVIEW)
    user, case = make.claim(application)
    mine, theirs = make.fresh(application), make.fresh(application)
    accepted = make.accepted(application)
    answers = at_once(
        lambda: applications.withdraw_application(application=mine, by=mine.applicant),
        lambda: decisions.approve_application(application=theirs, by=user, version=case.version, accepted=accepted),
    )
    state = Application.objects.get().state
    assert sum(isinstance(answer, DomainError) for answer in answers) == 1
    assert state in (State.WITHDRAWN, State.APPROVED)
    assert Certificate.objects.count() == (state == State.APPROVED)


def test_confirming_twice_issues_one_certificate() -> None:
    application = make.application(State.SECOND_REVIEW, "cn-medicine")
    user, case = make.claim(application)
    forms = [make.fresh(application) for _form in range(3)]
    at_once(
        *[
            lambda form=form: decisions.confirm_approval(
                application=form, by=user, version=case.version, acknowledged=True
            )
            for form in forms
        ]
    )
    assert Certificate.objects.count() == 1
    assert make.fresh(application).state == State.APPROVED


def test_withdrawing_meets_every_other_action_without_a_deadlock() -> None:
    """Each of them locks the application before its case; the other order was a deadlock and an error of the server."""
    ask = partial(applications.request_information, text="In which year did you finish the course?", items=[])
    reject = partial(decisions.reject_application, reasons=["not-shown"], explanation=make.ENOUGH)
    acts: list[Callable[..., object]] = [ask, reject] * 3
    for act in acts:
        application = make.application(State.IN_REVIEW)
        user, case = make.claim(application)
        theirs = partial(act, application=make.fresh(application), by=user, version=case.version)
        at_once(withdrawing(application), theirs)
        assert make.fresh(application).state in (State.WITHDRAWN, State.INFO_REQUESTED, State.REJECTED)


def test_withdrawing_meets_the_end_of_checks_and_the_lapse_without_a_deadlock() -> None:
    for _round in range(3):
        application = make.application(State.INFO_REQUESTED)
        lapse = partial(applications.lapse_application, request=application.info_requests.get())
        at_once(withdrawing(application), lapse)
        assert make.fresh(application).state in (State.WITHDRAWN, State.LAPSED)
    for _round in range(3):
        application = make.application(State.INFO_REQUESTED)
        applications.answer_information_request(
            application=make.fresh(application), by=application.applicant, text="2019."
        )
        check = partial(runner.run_due_jobs, ["certification.begin_checks", "certification.check"])
        at_once(withdrawing(application), check)
        assert make.fresh(application).state == State.WITHDRAWN


def withdrawing(application: Application) -> Callable[[], object]:
    """What the applicant does, with the row as they saw it last."""
    mine = make.fresh(application)
    return partial(applications.withdraw_application, application=mine, by=mine.applicant)


def test_what_is_handed_in_is_whole_although_something_is_taken_out_meanwhile() -> None:
    for _round in range(3):
        application = make.draft()
        tab = make.fresh(application)
        credential = Credential.objects.select_related("application__applicant").filter(application=application).first()
        assert credential is not None
        answers = at_once(
            partial(make.submit, tab),
            partial(drafts.remove_credential, credential=credential, by=tab.applicant),
        )
        assert sum(isinstance(answer, DomainError) for answer in answers) == 1
        now = make.fresh(application)
        kept = Credential.objects.filter(pk=credential.pk).exists()
        assert (now.state == State.DRAFT) is not kept


def test_what_is_missing_is_looked_for_once_nothing_more_can_be_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    application = make.draft()
    credential = Credential.objects.select_related("application__applicant").filter(application=application).first()
    lock = casework.lock_application

    def slow_lock(row: Application) -> None:
        """Somebody else's transaction ends while this one waits for the row."""
        assert credential is not None
        drafts.remove_credential(credential=credential, by=row.applicant)
        lock(row)

    monkeypatch.setattr(casework, "lock_application", slow_lock)
    with pytest.raises(Invalid):
        make.submit(make.fresh(application))
    assert make.fresh(application).state == State.DRAFT
