"""Several workers and people at once, on real connections."""

import pytest

from certification.actions import applications, decisions
from certification.models import Application, Certificate
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal.errors import DomainError
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
