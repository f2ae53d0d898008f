"""A ban follows the licence number and the documents, not the account: a new one does not open the area again."""

from datetime import timedelta

import pytest

from certification.actions import decisions, drafts
from certification.models import Application, AreaBan, Check, CheckKind, Credential
from certification.readings import declared_number
from certification.states import ApplicationState as State
from certification.tests import factories as make
from certification.tests.test_bypasses import refusal_of
from portal import clock
from portal.evidence.models import EvidenceFile

pytestmark = pytest.mark.django_db
AREA = "cn-law"


def excluded(area: str = AREA) -> Credential:
    """A credential of somebody who was revoked for forged documents."""
    inquiry = make.revoke(make.certificate(area), "forged-paper")
    return inquiry.certificate.application.credentials.get(type__code="cn-lawyer")


def with_number(number: str, area: str = AREA) -> Application:
    """An application of another account with a number, in review."""
    application = make.draft(area)
    kind = application.credentials.get(type__code="cn-lawyer").type
    drafts.declare_credential(application=application, by=application.applicant, kind=kind, number=number)
    make.submit(application)
    make.run_jobs()
    return make.fresh(application)


def finding(application: Application) -> tuple[str, str]:
    """What the check of the history says."""
    check = Check.objects.get(application=application, kind=CheckKind.HISTORY)
    return check.result, check.finding


def test_the_number_of_an_excluded_person_is_not_approved_for_another_account() -> None:
    number = declared_number(excluded())
    application = with_number(number)
    assert finding(application) == ("fail", "history.forged_number")
    assert "closed until" in str(refusal_of(application))
    with clock.freeze_time(AreaBan.objects.get().ends_at + timedelta(days=1)):
        make.approve(application, explanation=make.ENOUGH)
        # A failed check needs a second person, who sees it.
        assert make.fresh(application).state == State.SECOND_REVIEW


def test_a_lifted_ban_and_another_number_say_nothing() -> None:
    number = declared_number(excluded())
    assert finding(with_number(number[:-1] + str(9 - int(number[-1])))) == ("pass", "history.clean")
    AreaBan.objects.update(lifted_at=clock.now())
    assert finding(with_number(number)) == ("pass", "history.clean")


def test_whoever_the_number_belongs_to_is_certified_by_senior_reviewers_on_appeal() -> None:
    application = with_number(declared_number(excluded()))
    make.reject(application)
    make.appeal(make.fresh(application))
    user, case = make.claim(application)
    made = make.fresh(application)
    make.look_up_all(made, user)
    decisions.grant_rejection_appeal(
        application=made, by=user, version=case.version, accepted=make.accepted(made), explanation=make.ENOUGH
    )
    make.confirm(application)
    assert make.fresh(application).state == State.APPROVED


def test_the_file_of_an_excluded_person_is_recognised() -> None:
    theirs = excluded()
    file = theirs.documents.current()[0].file
    application = make.draft(AREA)
    mine = application.credentials.get(type__code="cn-lawyer").documents.current()[0].file
    EvidenceFile.objects.filter(pk=mine.pk).update(sha256=file.sha256)
    make.submit(application)
    make.run_jobs()
    assert finding(application) == ("fail", "history.forged_number")


def test_an_employer_is_shared_by_its_staff() -> None:
    inquiry = make.revoke(make.certificate("cn-medicine"), "forged-paper")
    employer = inquiry.certificate.application.credentials.get(type__code="cn-employment")
    application = make.draft("cn-medicine")
    drafts.declare_credential(
        application=application, by=application.applicant, kind=employer.type, number=declared_number(employer)
    )
    make.submit(application)
    make.run_jobs()
    assert finding(application) == ("pass", "history.clean")
