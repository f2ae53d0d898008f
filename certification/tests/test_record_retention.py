"""The end of an application's record: names, numbers and texts go five years after its certificate has ended."""

from datetime import datetime, timedelta

import pytest

from certification.actions import expiry, inquiries, inspections, record_retention
from certification.models import Application, Certificate, Check, Credential, HeldNumber
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal import clock
from portal.notifications.models import Notification
from portal.people import departures
from portal.people.actions import profile
from portal.reviews.clocks import RECORD_KEPT
from portal.reviews.models import Decision
from portal.reviews.states import CaseState

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def test_a_certificate_keeps_its_record_for_five_years_after_its_end() -> None:
    certificate = make.certificate("cn-medicine")
    with clock.freeze_time(certificate.valid_to):
        expiry.expire_due_certificates()
    with clock.freeze_time(certificate.valid_to + RECORD_KEPT - SECOND):
        assert record_retention.purge_application_records() == 0
    with clock.freeze_time(certificate.valid_to + RECORD_KEPT):
        assert record_retention.purge_application_records() == 1
        assert record_retention.purge_application_records() == 0
    application = Application.objects.get(pk=certificate.application_id)
    assert (application.state, application.public_name, application.statement) == (State.APPROVED, "", "")
    assert Certificate.objects.get(pk=certificate.pk).public_name == "[…]"
    assert not HeldNumber.objects.exists()
    for credential in Credential.objects.filter(application=application):
        assert credential.identifier_sealed + credential.fingerprint + credential.name_on_document == ""
    assert set(Check.objects.filter(application=application).values_list("note", "url")) == {("", "")}


def test_what_a_decision_said_goes_with_the_record_and_what_it_was_stays() -> None:
    application = make.application(State.REJECTED_FINAL, "cn-law")
    with clock.freeze_time(clock.now() + RECORD_KEPT + timedelta(days=1)):
        assert record_retention.purge_application_records() == 1
    decisions = Decision.objects.filter(case__application=application)
    assert {(row.explanation, row.adverse, bool(row.reasons)) for row in decisions} == {("[…]", True, True)}


@pytest.mark.parametrize("state", [State.IN_REVIEW, State.APPEALED])
def test_an_open_case_has_no_end(state: State) -> None:
    application = make.application(state, "cn-law")
    with clock.freeze_time(clock.now() + 2 * RECORD_KEPT):
        assert record_retention.purge_application_records() == 0
    (hold,) = departures.holds_of(application.applicant)
    assert (hold.until, hold.url) == (None, application.get_absolute_url())


def test_a_certificate_in_force_holds_its_holder_s_name() -> None:
    certificate = make.certificate()
    (hold,) = departures.holds_of(certificate.holder)
    assert hold.until == certificate.valid_to


def test_a_hold_offers_to_surrender_only_what_can_be_surrendered() -> None:
    certificate = make.certificate("cn-law")
    holder = certificate.holder

    def said() -> list[tuple[str, datetime | None]]:
        return [(str(hold.what), hold.until) for hold in departures.holds_of(holder)]

    assert "You can surrender it." in said()[0][0]
    inquiry = make.doubt(certificate)
    ((what, until),) = said()
    assert "cannot be surrendered until that is decided" in what
    assert until is None
    assert not departures.endings_of(holder)
    user, case = make.claim(inquiry.case)
    inquiries.dismiss_doubt(inquiry=inquiry, by=user, version=case.version, reasons=["doubt-unfounded"])
    assert said() == [(said()[0][0], certificate.valid_to)]
    assert "You can surrender it." in said()[0][0]
    inspections.draw_inspections()
    ((what, until),) = said()
    assert "is being inspected. It cannot be surrendered" in what
    assert until is None


def test_a_doubt_about_one_period_is_said_of_the_renewal_too_which_is_not_listed_yet() -> None:
    certificate = make.certificate("cn-law")
    with clock.freeze_time(certificate.valid_to - timedelta(days=20)):
        renewal = make.certificate("cn-law", applicant=certificate.holder, renews=certificate)
        said = {hold.url: str(hold.what) for hold in departures.holds_of(certificate.holder)}
        assert "will be listed in the register" in said[renewal.holder_url]
        assert "is listed in the register" in said[certificate.holder_url]
        make.doubt(certificate)
        said = {hold.url: str(hold.what) for hold in departures.holds_of(certificate.holder)}
        assert all("cannot be surrendered" in what for what in said.values())
        assert len(said) == 2


def test_closing_an_account_withdraws_the_undecided_application_and_tells() -> None:
    application = make.application(State.IN_REVIEW, "cn-law")
    person = application.applicant
    appealed = make.application(State.APPEALED, "cn-medicine", applicant=person)
    profile.close_account(person=person)
    application.refresh_from_db()
    appealed.refresh_from_db()
    assert (application.state, appealed.state) == (State.WITHDRAWN, State.APPEALED)
    assert application.case is not None
    assert application.case.state == CaseState.CLOSED
    assert Notification.objects.filter(user=person, kind="certification.withdrawn").exists()
