"""The second person's page, the page of an appeal, and what each must not see."""

import re

from django.test import Client

from certification.models import Application, Check, CheckKind
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal.audit.models import AuditEvent
from portal.people.models import User
from portal.reviews.tests.factories import case_url
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter

AGREED = {"acknowledged": "on"}

WHY = "The second page was not looked at, please do."


def url(matter: Application, verb: str = "") -> str:
    case = make.fresh(matter).case
    return case_url(case, verb, product="certification")


def second(enter: Enter, creator: User) -> tuple[Client, Application]:
    matter = make.application("second_review", "cn-medicine", applicant=creator)
    return enter(make.claim(matter)[0]), matter


def test_the_second_person_sees_the_proposal_and_confirms(enter: Enter, creator: User) -> None:
    bench, matter = second(enter, creator)
    page = bench.get(url(matter))
    assert "This waits for your approval" in page_text(page)
    assert "Approve" in page_text(page)
    assert bench.post(url(matter, "confirm/"), filled_form(page, "confirm/") | AGREED).status_code == 302
    assert make.fresh(matter).state == State.APPROVED


def test_sending_back_needs_words_and_hides_the_verdict_from_the_third(enter: Enter, creator: User) -> None:
    bench, matter = second(enter, creator)
    sent = filled_form(bench.get(url(matter)), "confirm/")
    assert bench.post(url(matter, "send-back/"), sent).status_code == 422
    assert bench.post(url(matter, "send-back/"), sent | {"note": WHY}).status_code == 302
    third = enter(make.claim(matter, make.reviewer())[0])
    text = page_text(third.get(url(matter)))
    assert WHY in text
    assert "This waits for your approval" not in text
    assert "A reviewer decided" not in text


def test_the_first_reviewer_cannot_be_the_second(enter: Enter, creator: User) -> None:
    matter = make.application("in_review", "cn-medicine", applicant=creator)
    senior = make.senior()
    make.approve(matter, senior)
    bench = enter(senior)
    assert bench.post(url(matter, "confirm/"), {"version": 1}).status_code in {403, 409}
    assert make.fresh(matter).state == State.SECOND_REVIEW


def test_an_appeal_is_read_with_its_files_and_granted(enter: Enter, creator: User) -> None:
    matter = make.application("appealed", "cn-crafts", applicant=creator)
    person = make.claim(matter)[0]
    make.look_up_all(make.fresh(matter), person)
    bench = enter(person)
    page = bench.get(url(matter))
    text = page_text(page)
    assert "You have overlooked my second paper." in text
    assert "Sent with the appeal" in text
    assert make.ENOUGH in text
    sent = filled_form(page, "approve/") | {"accepted": [str(pk) for pk in make.accepted(matter)], "explanation": WHY}
    assert bench.post(url(matter, "approve/"), sent).status_code == 302
    assert make.fresh(matter).state == State.APPROVED


def test_an_appeal_is_dismissed_with_reasons(enter: Enter, creator: User) -> None:
    matter = make.application("appealed", "cn-crafts", applicant=creator)
    bench = enter(make.claim(matter)[0])
    sent = filled_form(bench.get(url(matter)), "reject/") | {"explanation": WHY}
    assert bench.post(url(matter, "reject/"), sent).status_code == 422
    answer = bench.post(url(matter, "reject/"), sent | {"reasons": ["appeal-dismissed"]})
    assert answer.status_code == 302
    assert make.fresh(matter).state == State.REJECTED_FINAL
    text = page_text(enter(creator).get(matter.get_absolute_url()))
    assert "Decision on your appeal" in text
    assert WHY in text


def open_all(bench: Client, matter: Application) -> None:
    """The person looks at every page of every document."""
    for document in matter.documents.current().select_related("file"):
        for number in range(1, document.file.page_count + 1):
            assert bench.get(f"/evidence/{document.file_id}/pages/{number}/").status_code == 200


def test_confirming_unread_documents_has_to_be_said(enter: Enter, creator: User) -> None:
    bench, matter = second(enter, creator)
    page = bench.get(url(matter))
    assert "You have not opened all of this yet" in page_text(page)
    sent = filled_form(page, "confirm/") | {"note": WHY}
    refused = bench.post(url(matter, "confirm/"), sent)
    assert refused.status_code == 422
    assert WHY in page_text(refused)
    assert make.fresh(matter).state == State.SECOND_REVIEW
    assert bench.post(url(matter, "confirm/"), sent | AGREED).status_code == 302
    event = AuditEvent.objects.get(event="reviews.decision.confirmed")
    assert len(event.data["unopened"]) == matter.documents.current().count()


def test_who_has_opened_everything_need_say_nothing(enter: Enter, creator: User) -> None:
    bench, matter = second(enter, creator)
    page = bench.get(url(matter))
    open_all(bench, matter)
    look = bench.get(url(matter).replace("/work/", "/second-look/"), headers={"HX-Request": "true"})
    assert "not opened all" not in look.content.decode()
    assert bench.post(url(matter, "confirm/"), filled_form(page, "confirm/")).status_code == 302
    assert make.fresh(matter).state == State.APPROVED


def test_a_failed_check_stands_on_the_cards_and_has_to_be_acknowledged(enter: Enter, creator: User) -> None:
    matter = make.application("in_review", "cn-medicine", applicant=creator)
    document = matter.documents.current().first()
    assert document is not None
    Check.objects.create(
        application=matter,
        document=document,
        round=matter.round,
        kind=CheckKind.DOCUMENT_DUPLICATE,
        method="registry",
        input="x",
        result="fail",
        finding="file.elsewhere",
        data={"count": 2},
    )
    make.approve(matter, explanation=make.ENOUGH)
    senior = make.claim(matter)[0]
    bench = enter(senior)
    queue = bench.get("/reviews/?tab=mine").context
    for row in (*queue["in_hand"], *queue["rows"]):
        assert "Failed: Same file on another account" in row["reasons"]
    page = bench.get(url(matter))
    card = page.content.decode().partition('id="second"')[2].partition("<details")[0]
    assert "The same file was uploaded by other accounts too: 2." in card
    open_all(bench, matter)
    sent = filled_form(page, "confirm/")
    assert bench.post(url(matter, "confirm/"), sent).status_code == 422
    assert bench.post(url(matter, "confirm/"), sent | AGREED).status_code == 302
    event = AuditEvent.objects.get(event="reviews.decision.confirmed")
    assert event.data["warnings"] == [f"fail:document_duplicate::{document.pk}"]


def test_no_key_alone_confirms_or_sends_back(enter: Enter, creator: User) -> None:
    bench, matter = second(enter, creator)
    page = bench.get(url(matter)).content.decode()
    for form in re.findall(r'<form[^>]*action="[^"]*(?:confirm|send-back)/".*?</form>', page, re.DOTALL):
        assert "data-key" not in form
    assert page.count('<summary data-key="a">') == 1


def test_the_second_look_is_only_for_the_holder(enter: Enter, creator: User) -> None:
    _bench, matter = second(enter, creator)
    address = url(matter).replace("/work/", "/second-look/")
    answer = enter(make.senior()).get(address, headers={"HX-Request": "true"})
    assert answer.status_code == 302
