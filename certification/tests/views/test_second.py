"""The second person's page, the page of an appeal, and what each must not see."""

import re

from django.test import Client

from certification.models import Application, Check, CheckKind
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal.audit.models import AuditEvent
from portal.jobs import runner
from portal.people.models import User
from portal.reviews.tests.factories import case_url
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter

AGREED = {"acknowledged": "on"}

WHY = "The second page was not looked at, please do."


def url(application: Application, verb: str = "") -> str:
    case = make.fresh(application).case
    return case_url(case, verb, product="certification")


def second(enter: Enter, creator: User) -> tuple[Client, Application]:
    application = make.application("second_review", "cn-medicine", applicant=creator)
    return enter(make.claim(application)[0]), application


def test_the_second_person_sees_the_proposal_and_confirms(enter: Enter, creator: User) -> None:
    reviewer_client, application = second(enter, creator)
    page = reviewer_client.get(url(application))
    assert "Second approval required" in page_text(page)
    assert "Approve" in page_text(page)
    assert reviewer_client.post(url(application, "confirm/"), filled_form(page, "confirm/") | AGREED).status_code == 302
    assert make.fresh(application).state == State.APPROVED


def test_sending_back_needs_words_and_hides_the_decision_from_the_third(enter: Enter, creator: User) -> None:
    reviewer_client, application = second(enter, creator)
    sent = filled_form(reviewer_client.get(url(application)), "confirm/")
    assert reviewer_client.post(url(application, "send-back/"), sent).status_code == 422
    assert reviewer_client.post(url(application, "send-back/"), sent | {"note": WHY}).status_code == 302
    third = enter(make.claim(application, make.reviewer())[0])
    text = page_text(third.get(url(application)))
    assert WHY in text
    assert "Second approval required" not in text
    assert "A reviewer decided" not in text


def test_the_first_reviewer_cannot_be_the_second(enter: Enter, creator: User) -> None:
    application = make.application("in_review", "cn-medicine", applicant=creator)
    senior = make.senior()
    make.approve(application, senior)
    reviewer_client = enter(senior)
    case = make.fresh(application).case
    assert case is not None
    sent = {"version": case.version, "acknowledged": "on"}
    answer = reviewer_client.post(url(application, "confirm/"), sent)
    assert answer.status_code == 409
    assert "This case is not assigned to you." in page_text(answer)
    assert make.fresh(application).state == State.SECOND_REVIEW


def test_an_appeal_is_read_with_its_files_and_granted(enter: Enter, creator: User) -> None:
    application = make.application("appealed", "cn-crafts", applicant=creator)
    person = make.claim(application)[0]
    make.look_up_all(make.fresh(application), person)
    reviewer_client = enter(person)
    page = reviewer_client.get(url(application))
    text = page_text(page)
    assert "You have overlooked my second paper." in text
    assert "Submitted with the appeal" in text
    assert make.ENOUGH in text
    sent = filled_form(page, "approve/") | {
        "accepted": [str(pk) for pk in make.accepted(application)],
        "explanation": WHY,
    }
    assert reviewer_client.post(url(application, "approve/"), sent).status_code == 302
    assert make.fresh(application).state == State.APPROVED


def test_an_appeal_is_dismissed_with_reasons(enter: Enter, creator: User) -> None:
    application = make.application("appealed", "cn-crafts", applicant=creator)
    reviewer_client = enter(make.claim(application)[0])
    sent = filled_form(reviewer_client.get(url(application)), "reject/") | {"explanation": WHY}
    assert reviewer_client.post(url(application, "reject/"), sent).status_code == 422
    answer = reviewer_client.post(url(application, "reject/"), sent | {"reasons": ["appeal-dismissed"]})
    assert answer.status_code == 302
    assert make.fresh(application).state == State.REJECTED_FINAL
    text = page_text(enter(creator).get(application.get_absolute_url()))
    assert "Decision on your appeal" in text
    assert WHY in text


def open_all(reviewer_client: Client, application: Application) -> None:
    """The person looks at every page of every document, on copies that are made for them when they open the case."""
    case = make.fresh(application).case
    assert case is not None
    assert reviewer_client.get(f"/reviews/{case.number}/work/").status_code == 200
    runner.run_due_jobs(["evidence.mark"])
    for document in application.documents.current().select_related("file"):
        for number in range(1, document.file.page_count + 1):
            assert reviewer_client.get(f"/evidence/{document.file_id}/pages/{number}/").status_code == 200


def test_confirming_unread_documents_has_to_be_said(enter: Enter, creator: User) -> None:
    reviewer_client, application = second(enter, creator)
    page = reviewer_client.get(url(application))
    assert "You have not opened all of these yet" in page_text(page)
    sent = filled_form(page, "confirm/") | {"note": WHY}
    refused = reviewer_client.post(url(application, "confirm/"), sent)
    assert refused.status_code == 422
    assert WHY in page_text(refused)
    assert make.fresh(application).state == State.SECOND_REVIEW
    assert reviewer_client.post(url(application, "confirm/"), sent | AGREED).status_code == 302
    event = AuditEvent.objects.get(event="reviews.decision.confirmed")
    assert len(event.data["unopened"]) == application.documents.current().count()


def test_who_has_opened_everything_need_say_nothing(enter: Enter, creator: User) -> None:
    reviewer_client, application = second(enter, creator)
    page = reviewer_client.get(url(application))
    open_all(reviewer_client, application)
    look = reviewer_client.get(url(application).replace("/work/", "/second-look/"), headers={"HX-Request": "true"})
    assert "not opened all" not in look.content.decode()
    assert reviewer_client.post(url(application, "confirm/"), filled_form(page, "confirm/")).status_code == 302
    assert make.fresh(application).state == State.APPROVED


def test_a_failed_check_stands_on_the_cards_and_has_to_be_acknowledged(enter: Enter, creator: User) -> None:
    application = make.application("in_review", "cn-medicine", applicant=creator)
    document = application.documents.current().first()
    assert document is not None
    Check.objects.create(
        application=application,
        document=document,
        round=application.round,
        kind=CheckKind.DOCUMENT_DUPLICATE,
        method="registry",
        input="x",
        result="fail",
        finding="file.elsewhere",
        data={"count": 2},
    )
    make.approve(application, explanation=make.ENOUGH)
    senior = make.claim(application)[0]
    reviewer_client = enter(senior)
    queue = reviewer_client.get("/reviews/?tab=mine").context
    for row in (*queue["in_hand"], *queue["rows"]):
        assert "Failed: Same file on another account" in row["reasons"]
    page = reviewer_client.get(url(application))
    card = page.content.decode().partition('id="second"')[2].partition("<details")[0]
    assert "Other accounts uploaded the same file: 2." in card
    open_all(reviewer_client, application)
    sent = filled_form(page, "confirm/")
    assert reviewer_client.post(url(application, "confirm/"), sent).status_code == 422
    assert reviewer_client.post(url(application, "confirm/"), sent | AGREED).status_code == 302
    event = AuditEvent.objects.get(event="reviews.decision.confirmed")
    assert event.data["warnings"] == [f"fail:document_duplicate::{document.pk}"]


def test_no_key_alone_confirms_or_sends_back(enter: Enter, creator: User) -> None:
    reviewer_client, application = second(enter, creator)
    page = reviewer_client.get(url(application)).content.decode()
    for form in re.findall(r'<form[^>]*action="[^"]*(?:confirm|send-back)/".*?</form>', page, re.DOTALL):
        assert "data-key" not in form
    assert page.count('<summary data-key="a">') == 1


def test_the_second_look_is_only_for_the_holder(enter: Enter, creator: User) -> None:
    _client, application = second(enter, creator)
    address = url(application).replace("/work/", "/second-look/")
    answer = enter(make.senior()).get(address, headers={"HX-Request": "true"})
    assert answer.status_code == 302
