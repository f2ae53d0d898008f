"""Reports of certificates without an account: a bounded number of cases, nothing lost, and each reporter is told what happens."""

from datetime import timedelta
from functools import partial

import pytest
from django.test import Client

from certification.actions import inquiries, rechecks, record_retention, reports
from certification.actions.reports import Place
from certification.models import Certificate, CertificateReport, Inquiry
from certification.tests import factories as make
from portal import clock
from portal.people import departures
from portal.people.models import User
from portal.privacy.table import personal_data
from portal.reviews.clocks import RECORD_KEPT, queue_rank
from portal.reviews.models import ReviewCase
from portal.reviews.tests.factories import case_url
from portal.testing.concurrency import at_once
from portal.testing.reading import page_text
from portal.testing.shared import Enter
from portal.workflow import ERASED

pytestmark = pytest.mark.django_db
SAYS = "The register of lawyers has nobody with this name; see its page of today."


def report(certificate: Certificate, by: User | None = None, text: str = SAYS) -> Place:
    return reports.report_certificate(certificate=certificate, text=text, by=by).place


def case_of(certificate: Certificate) -> ReviewCase:
    return certificate.inquiries.get(ended_at=None).case


def dismiss(certificate: Certificate) -> None:
    inquiry = certificate.inquiries.get(ended_at=None)
    user, case = make.claim(inquiry.case)
    inquiries.dismiss_doubt(inquiry=inquiry, by=user, version=case.version, reasons=["doubt-unfounded"])


def test_an_anonymous_report_waits_behind_doubts_and_is_moved_ahead_by_a_better_reason() -> None:
    certificate = make.certificate("cn-law")
    assert report(certificate) == Place.CASE
    case = case_of(certificate)
    assert case.priority == 0
    assert report(certificate) == Place.CASE
    case.refresh_from_db()
    assert case.priority == 0
    assert report(certificate, make.person()) == Place.CASE
    case.refresh_from_db()
    assert (case.priority, case.rank_at) == (2, queue_rank(case.entered_at, 2))


def test_a_recheck_that_joins_moves_the_case_ahead_too() -> None:
    certificate = make.certificate("cn-law")
    report(certificate)
    text = "I work for another firm of lawyers since May."
    rechecks.report_change(certificate=certificate, by=certificate.holder, what="employer", text=text)
    assert case_of(certificate).priority == 2


def test_a_signed_in_report_opens_a_case_of_the_usual_priority() -> None:
    certificate = make.certificate("cn-law")
    report(certificate, make.person())
    assert case_of(certificate).priority == 2


def test_more_reports_than_are_announced_are_added_and_leave_the_reviewers_form_alone(
    monkeypatch: pytest.MonkeyPatch, enter: Enter
) -> None:
    monkeypatch.setattr(reports, "MOST_REPORTS", 2)
    certificate = make.certificate("cn-law")
    texts = [f"Report number {number} says that the name is wrong." for number in range(4)]
    assert [report(certificate, text=text) for text in texts] == [Place.CASE, Place.CASE, Place.ADDED, Place.ADDED]
    user, case = make.claim(case_of(certificate))
    version = case.version
    assert report(certificate, text="One more that says the same of it.") == Place.ADDED
    case.refresh_from_db()
    assert case.version == version
    assert certificate.inquiries.get().reports.count() == 5
    page = page_text(enter(user).get(case_url(case, product="certification")))
    assert all(text in page for text in texts)
    assert "3 more reports" in page
    monkeypatch.setattr("certification.views.reviewer_context._MORE_REPORTS", 1)
    page = page_text(enter(user).get(case_url(case, product="certification")))
    assert "2 further reports about this certificate are stored." in page


def test_of_one_certificate_a_bounded_number_of_cases_is_opened_and_the_rest_is_kept(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make.certificate("cn-law")
    for _ in range(reports.CASES_OF_CERTIFICATE):
        assert report(certificate) == Place.CASE
        dismiss(certificate)
    address = f"{certificate.get_absolute_url()}report/"
    said = page_text(client.post(address, {"text": SAYS}, follow=True))
    assert "Your report is stored, but is not in the queue yet" in said
    assert "looked into reports about this certificate recently" in said
    kept = CertificateReport.objects.get(inquiry=None)
    assert (kept.text, kept.certificate) == (SAYS, certificate)
    assert reports.place_kept_reports() == 0
    # Somebody who signs in opens a case at once, to which the kept one comes.
    assert report(certificate, make.person()) == Place.CASE
    assert reports.place_kept_reports() == 1
    kept.refresh_from_db()
    assert kept.inquiry == certificate.inquiries.get(ended_at=None)
    assert kept.opened_at is None


def test_what_is_kept_opens_a_case_when_the_month_is_over() -> None:
    certificate = make.certificate("cn-law")
    for _ in range(reports.CASES_OF_CERTIFICATE):
        report(certificate)
        dismiss(certificate)
    for _ in range(3):
        assert report(certificate) == Place.KEPT_RECENT
    with clock.freeze_time(clock.now() + timedelta(days=31)):
        assert reports.place_kept_reports() == 3
        inquiry = certificate.inquiries.get(ended_at=None)
        assert (inquiry.case.priority, inquiry.reports.count()) == (0, 3)
        assert reports.place_kept_reports() == 0


def test_within_a_day_a_bounded_number_of_cases_is_opened_and_the_oldest_kept_report_is_next(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "CASES_A_DAY", 2)
    rows = [make.certificate("cn-law") for _ in range(4)]
    assert [report(row) for row in rows] == [Place.CASE, Place.CASE, Place.KEPT_TODAY, Place.KEPT_TODAY]
    assert report(rows[0]) == Place.CASE  # a case that is open takes any number
    said = page_text(client.post(f"{rows[3].get_absolute_url()}report/", {"text": SAYS}, follow=True))
    assert "too many reports without an account have arrived today" in said
    assert report(rows[3], make.person()) == Place.CASE
    assert CertificateReport.objects.count() == 7
    assert reports.place_kept_reports() == 2  # those about the last one; the third has to wait
    assert not rows[2].inquiries.exists()
    with clock.freeze_time(clock.now() + timedelta(days=1, seconds=1)):
        assert reports.place_kept_reports() == 1
        assert rows[2].inquiries.get().reports.count() == 1
    assert not CertificateReport.objects.filter(inquiry=None).exists()


def test_kept_reports_of_an_ended_certificate_open_nothing_and_go_with_its_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reports, "CASES_A_DAY", 0)
    certificate = make.certificate("cn-law")
    assert report(certificate) == Place.KEPT_TODAY
    with clock.freeze_time(certificate.valid_to + RECORD_KEPT + timedelta(days=1)):
        assert reports.place_kept_reports() == 0
        Certificate.objects.filter(pk=certificate.pk).update(state="expired")
        assert record_retention.purge_application_records() == 1
    assert CertificateReport.objects.get().text == "[…]"


def test_a_reporter_gets_a_copy_and_the_text_is_erased_once_the_inquiry_has_ended() -> None:
    certificate, person = make.certificate("cn-law"), make.person()
    own = "I know the lawyer of this name, who is somebody else."
    report(certificate, person, own)
    report(certificate)
    (row,) = (row for row in personal_data() if row.model == "certification.CertificateReport")
    assert [found.text for found in row.rows_of(person)] == [own]
    (hold,) = departures.holds_of_erasure(person)
    assert certificate.serial in str(hold.what)
    departures.erase_records(person)
    assert [found.text for found in row.rows_of(person)] == [own]
    dismiss(certificate)
    assert departures.holds_of_erasure(person) == []
    departures.erase_records(person)
    assert list(CertificateReport.objects.values_list("text", flat=True)) == [ERASED, SAYS]


@pytest.mark.django_db(transaction=True)
def test_two_reports_at_once_open_no_more_cases_than_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "CASES_A_DAY", 1)
    rows = [make.certificate("cn-law") for _ in range(2)]
    places = at_once(*(partial(report, row) for row in rows))
    assert sorted(places, key=str) == [Place.CASE, Place.KEPT_TODAY]
    assert Inquiry.objects.count() == 1
    assert CertificateReport.objects.count() == 2
