"""A doubt about a certificate on the reviewers' side: raised, looked into, suspended, revoked by two or cleared."""

from django.test import Client

from certification.models import Certificate, Inquiry
from certification.tests import factories as make
from portal.people.models import User
from portal.reviews.models import ReviewCase
from portal.reviews.tests.factories import case_url
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter

AGREED = {"acknowledged": "on"}

GROUNDS = "The register shows another name since yesterday."


def url(case: ReviewCase | None, verb: str = "") -> str:
    assert case is not None
    return case_url(case, verb, product="certification")


def hold(enter: Enter, case: ReviewCase | None) -> Client:
    assert case is not None
    return enter(make.claim(case)[0])


def state(certificate: Certificate) -> str:
    certificate.refresh_from_db()
    return certificate.state


def test_a_reviewer_raises_a_doubt_from_the_public_page(enter: Enter, creator: User) -> None:
    certificate = make.certificate(applicant=creator)
    reviewer_client = enter(make.reviewer())
    assert "Raise a concern" in page_text(reviewer_client.get(certificate.get_absolute_url()))
    doubt = f"/certification/certificates/{certificate.serial}/doubt/"
    assert reviewer_client.post(doubt, {"grounds": ""}).status_code == 422
    for _ in range(2):
        assert reviewer_client.post(doubt, {"grounds": GROUNDS})["Location"] == certificate.get_absolute_url()
    assert Inquiry.objects.get().grounds == GROUNDS
    assert state(certificate) == "active"
    assert enter(creator).get(doubt).status_code == 403


def test_an_unfounded_doubt_changes_nothing(enter: Enter) -> None:
    inquiry = make.doubt(make.certificate())
    reviewer_client = hold(enter, inquiry.case)
    page = reviewer_client.get(url(inquiry.case))
    assert "The register shows another name." in page_text(page)
    assert reviewer_client.post(url(inquiry.case, "approve/"), filled_form(page, "approve/")).status_code == 302
    assert state(inquiry.certificate) == "active"


def test_suspending_needs_reasons(enter: Enter) -> None:
    inquiry = make.doubt(make.certificate())
    reviewer_client = hold(enter, inquiry.case)
    sent = filled_form(reviewer_client.get(url(inquiry.case)), "reject/") | {"explanation": make.ENOUGH}
    assert reviewer_client.post(url(inquiry.case, "reject/"), sent).status_code == 422
    assert reviewer_client.post(url(inquiry.case, "reject/"), sent | {"reasons": ["doubt-register"]}).status_code == 302
    assert state(inquiry.certificate) == "suspended"


def test_revoking_takes_two_people(enter: Enter) -> None:
    from certification.actions import inquiries

    inquiry = make.suspend(make.certificate())
    inquiries.answer_suspension(inquiry=inquiry, by=inquiry.certificate.holder, text="The register is wrong about me.")
    inquiry.refresh_from_db()
    reviewer_client = hold(enter, inquiry.answer_case)
    page = reviewer_client.get(url(inquiry.answer_case))
    assert "The register is wrong about me." in page_text(page)
    sent = filled_form(page, "reject/") | {"reasons": ["unfounded"], "explanation": make.ENOUGH}
    assert reviewer_client.post(url(inquiry.answer_case, "reject/"), sent).status_code == 302
    assert state(inquiry.certificate) == "suspended"
    second = hold(enter, inquiry.answer_case)
    page = second.get(url(inquiry.answer_case))
    assert "Second approval required" in page_text(page)
    assert second.post(url(inquiry.answer_case, "confirm/"), filled_form(page, "confirm/") | AGREED).status_code == 302
    assert state(inquiry.certificate) == "revoked"


def test_what_is_cleared_up_is_valid_again(enter: Enter) -> None:
    from certification.actions import inquiries

    inquiry = make.suspend(make.certificate())
    inquiries.answer_suspension(inquiry=inquiry, by=inquiry.certificate.holder, text="The register is wrong about me.")
    inquiry.refresh_from_db()
    reviewer_client = hold(enter, inquiry.answer_case)
    sent = filled_form(reviewer_client.get(url(inquiry.answer_case)), "approve/")
    assert reviewer_client.post(url(inquiry.answer_case, "approve/"), sent).status_code == 302
    assert state(inquiry.certificate) == "suspended"
    second = hold(enter, inquiry.answer_case)
    sent = filled_form(second.get(url(inquiry.answer_case)), "confirm/") | AGREED
    assert second.post(url(inquiry.answer_case, "confirm/"), sent).status_code == 302
    assert state(inquiry.certificate) == "active"


def test_the_holder_sees_their_own_answer_with_its_files(enter: Enter) -> None:
    from certification.actions import inquiries

    inquiry = make.suspend(make.certificate())
    holder, text = inquiry.certificate.holder, "The register is wrong about me."
    page = inquiry.certificate.holder_url
    assert "Your answer" not in page_text(enter(holder).get(page))
    file = make.paper(holder)
    inquiries.answer_suspension(inquiry=inquiry, by=holder, text=text, documents=[file])
    shown = enter(holder).get(page)
    assert "Your answer" in page_text(shown)
    assert text in page_text(shown)
    assert file.name in page_text(shown)


def test_an_appeal_against_a_revocation_restores(enter: Enter) -> None:
    from certification.actions import inquiries

    inquiry = make.revoke(make.certificate())
    certificate = inquiry.certificate
    certificate.refresh_from_db()
    inquiries.appeal_revocation(
        certificate=certificate, by=certificate.holder, text="The register has been corrected meanwhile."
    )
    reviewer_client = hold(enter, inquiry.answer_case)
    page = reviewer_client.get(url(inquiry.answer_case))
    assert "The register has been corrected meanwhile." in page_text(page)
    sent = filled_form(page, "approve/") | {"explanation": make.ENOUGH}
    assert reviewer_client.post(url(inquiry.answer_case, "approve/"), sent).status_code == 302
    assert state(certificate) == "active"
