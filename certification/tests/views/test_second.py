"""The second person's page, the page of an appeal, and what each must not see."""

from django.test import Client

from certification.models import Application
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal.people.models import User
from portal.reviews.tests.factories import case_url
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter

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
    assert bench.post(url(matter, "confirm/"), filled_form(page, "confirm/")).status_code == 302
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
