"""A certificate for its holder: renewing, giving up, answering a suspension, appealing a revocation."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from certification.actions import certificates, inquiries
from certification.models import Application, Certificate, Inquiry
from certification.tests import factories as make
from portal import clock
from portal.people.models import User
from portal.people.tests.linking import prove
from portal.reviews.models import Appeal
from portal.testing.fake_platform import FakePlatform
from portal.testing.reading import page_text
from portal.testing.shared import Enter

ANSWER = "The register was wrong about me and has been put right."


def url(certificate: Certificate, step: str = "") -> str:
    return f"/certification/certificates/{certificate.serial}/{step}"


def test_it_says_from_when_it_can_be_renewed(desk: Client, creator: User) -> None:
    text = page_text(desk.get(url(make.certificate(applicant=creator))))
    assert "Your certificate is valid." in text
    assert "You can renew from" in text


def test_renewing_opens_one_application_however_often_it_is_clicked(enter: Enter, creator: User) -> None:
    certificate = make.certificate(applicant=creator)
    with clock.freeze_time(certificate.valid_to - timedelta(days=30)):
        desk = enter(creator)
        assert "You can renew this certificate now." in page_text(desk.get(url(certificate)))
        first, second = (desk.post(url(certificate, "renew/"))["Location"] for _ in range(2))
        assert first == second
        for page in (url(certificate), "/certification/"):
            text = page_text(desk.get(page))
            assert "Continue renewal" in text
            assert "Renew " not in text
        Application.objects.filter(renews=certificate).update(state="withdrawn")
        assert "Renew " in page_text(desk.get("/certification/"))
    assert Application.objects.filter(renews=certificate).count() == 1


def test_renewing_too_early_is_refused_with_the_date(desk: Client, creator: User) -> None:
    certificate = make.certificate(applicant=creator)
    answer = desk.post(url(certificate, "renew/"))
    assert answer.status_code == 403
    assert "You can renew from" in page_text(answer)
    assert desk.get(url(certificate, "renew/"))["Location"] == url(certificate)


def test_a_renewal_that_waits_for_its_time_is_never_called_valid(enter: Enter, creator: User) -> None:
    old = make.certificate("cn-law", applicant=creator)
    with clock.freeze_time(old.valid_to - timedelta(days=30)):
        renewal = make.draft("cn-law", creator, renews=old)
        make.submit(renewal)
        make.run_jobs()
        make.approve_wholly(renewal)
        new, desk = make.fresh(renewal).certificate, enter(creator)
        public, own = (page_text(desk.get(address)) for address in (new.get_absolute_url(), url(new)))
        listed = page_text(desk.get("/certification/"))
    assert "This certificate is not valid yet: it is valid from" in public
    assert "will be in the public register from then." in own
    for text in (public, own):
        assert "Not valid yet" in text
        assert "This certificate is valid" not in text
    assert listed.count("Not valid yet") == 1
    with clock.freeze_time(new.valid_from):
        assert "This certificate is valid." in page_text(enter(creator).get(new.get_absolute_url()))


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (make.suspend, "Your certificate is suspended"),
        (make.revoke, "Your certificate was revoked"),
        (
            lambda row: certificates.surrender_certificate(certificate=row, by=row.holder),
            "You surrendered the certificate.",
        ),
    ],
)
def test_every_end_explains_itself(
    desk: Client, creator: User, end: Callable[[Certificate], object], said: str
) -> None:
    certificate = make.certificate("cn-law", applicant=creator)
    end(certificate)
    assert said in page_text(desk.get(url(certificate)))
    assert said in page_text(desk.get(certificate.application.get_absolute_url()))


def test_giving_it_up_asks_first(desk: Client, creator: User) -> None:
    certificate = make.certificate(applicant=creator)
    assert "Surrender this certificate?" in page_text(desk.get(url(certificate, "give-up/")))
    for _ in range(2):
        assert desk.post(url(certificate, "give-up/"))["Location"] == url(certificate)
    certificate.refresh_from_db()
    assert certificate.state == "surrendered"


def test_a_suspension_is_explained_and_answered(desk: Client, creator: User) -> None:
    certificate = make.certificate(applicant=creator)
    make.suspend(certificate)
    text = page_text(desk.get(url(certificate)))
    assert "Your certificate is suspended" in text
    assert make.ENOUGH in text
    assert desk.post(url(certificate, "answer/"), {"text": "no"}).status_code == 422
    for _ in range(2):
        assert desk.post(url(certificate, "answer/"), {"text": ANSWER})["Location"] == url(certificate)
    inquiry = Inquiry.objects.get()
    inquiry.files.add(make.paper(creator))
    assert inquiry.answer == ANSWER
    text = page_text(desk.get(url(certificate)))
    assert ANSWER in text
    assert inquiry.files.get().name in text


def test_a_revocation_can_be_appealed(desk: Client, creator: User) -> None:
    certificate = make.certificate(applicant=creator)
    make.revoke(certificate)
    assert "You can appeal" in page_text(desk.get(url(certificate))) or "you can appeal" in page_text(
        desk.get(url(certificate))
    )
    for _ in range(2):
        assert desk.post(url(certificate, "appeal/"), {"text": ANSWER}).status_code == 302
    appeal = Appeal.objects.get()
    appeal.files.add(make.paper(creator))
    assert appeal.text == ANSWER
    text = page_text(desk.get(url(certificate)))
    assert ANSWER in text
    assert appeal.files.get().name in text


def test_it_is_not_there_for_others(enter: Enter, stranger: User, creator: User, agent: User) -> None:
    certificate = make.certificate(applicant=creator)
    for person in (stranger, agent):
        client = enter(person)
        for step in ("", "renew/", "give-up/", "answer/", "appeal/"):
            assert client.get(url(certificate, step)).status_code == 404
            assert client.post(url(certificate, step), {"text": ANSWER}).status_code == 404


def test_it_says_which_accounts_carry_the_label(desk: Client, creator: User, platform: FakePlatform) -> None:
    certificate = make.certificate(applicant=creator)
    page = desk.get(url(certificate))
    assert "You have no linked platform account." in page_text(page)
    assert "/accounts/links/new/" in page.content.decode()
    platform.open_account("7", "Ana")
    prove(creator, platform)
    text = page_text(desk.get(url(certificate)))
    assert "These accounts show the label" in text
    assert "@Ana Fake platform" in text
    make.suspend(certificate)
    assert "do not show the label" in page_text(desk.get(url(certificate)))


class TestSuspension:
    """What the page of a suspended certificate says of the answer that is awaited."""

    def test_a_suspended_renewal_leads_to_the_answer_about_the_one_it_renews(self, enter: Enter, creator: User) -> None:
        old = make.certificate("cn-law", applicant=creator)
        with clock.freeze_time(old.valid_to - timedelta(days=20)):
            renewal = make.draft("cn-law", creator, renews=old)
            make.submit(renewal)
            make.run_jobs()
            make.approve_wholly(renewal)
            new = make.fresh(renewal).certificate
            inquiry = make.suspend(old)
            desk = enter(creator)
            page = desk.get(url(new))
            assert "Please answer by" in page_text(page)
            assert f"about your certificate {old.serial}" in page_text(page)
            assert f'href="{url(old, "answer/")}"' in page.content.decode()
            assert "reading your answer" not in page_text(page)
            assert desk.post(url(old, "answer/"), {"text": ANSWER}).status_code == 302
            for certificate in (old, new):
                assert "Another reviewer is reading your answer" in page_text(desk.get(url(certificate)))
            make.clear(inquiry)
            assert "Your certificate is valid from" in page_text(desk.get(url(new)))

    def test_it_is_said_that_no_answer_came_in_time(self, enter: Enter, creator: User) -> None:
        certificate = make.certificate(applicant=creator)
        inquiry = make.suspend(certificate)
        assert inquiry.answer_due_at is not None
        with clock.freeze_time(inquiry.answer_due_at + timedelta(hours=1)):
            inquiries.open_overdue_answer_cases()
            text = page_text(enter(creator).get(url(certificate)))
        assert "No answer was received by" in text
        assert "reading your answer" not in text
