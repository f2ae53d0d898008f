"""The reviewer's case page: what they see, notes, asks and decides."""

import pytest
from django.test import Client

from certification.actions import applications
from certification.models import Application, CheckKind
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal import clock
from portal.evidence.models import EvidenceAccess
from portal.people.models import User
from portal.people.roles import Role
from portal.reviews.clocks import LEASE
from portal.reviews.models import Decision, ReviewCase
from portal.reviews.tests.factories import case_url
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter

WHY = "The licence on page 1 belongs to somebody else."


@pytest.fixture
def matter(creator: User) -> Application:
    return make.application("in_review", "cn-law", applicant=creator)


@pytest.fixture
def reviewer(matter: Application) -> User:
    return make.claim(matter)[0]


@pytest.fixture
def bench(enter: Enter, reviewer: User) -> Client:
    return enter(reviewer)


def case_of(matter: Application) -> ReviewCase:
    case = make.fresh(matter).case
    assert case is not None
    return case


def url(matter: Application, verb: str = "") -> str:
    return case_url(case_of(matter), verb, product="certification")


def test_the_holder_sees_papers_declared_data_and_checks(bench: Client, matter: Application) -> None:
    answer = bench.get(url(matter))
    text = page_text(answer)
    document = matter.documents.get()
    assert f"/evidence/{document.file_id}/pages/1/" in answer.content.decode()
    assert "Lawyer's practising certificate" in text
    assert "not looked up yet" in text
    assert "Form of the number" in text
    assert "•" in text


def test_every_look_at_a_page_is_logged(bench: Client, matter: Application, reviewer: User) -> None:
    file = matter.documents.get().file
    assert bench.get(f"/evidence/{file.pk}/pages/1/").status_code == 200
    assert EvidenceAccess.objects.get(file=file).by == reviewer


def test_other_staff_see_where_it_stands_and_no_paper(
    enter: Enter, bench: Client, matter: Application, creator: User
) -> None:
    file = matter.documents.get().file
    for role in (Role.REVIEWER, Role.SENIOR_REVIEWER, Role.AREA_LEAD):
        client = enter(make.person(role))
        answer = client.get(url(matter), follow=True)
        assert creator.display_name not in page_text(answer)
        assert str(file.pk) not in answer.content.decode()
        assert client.get(f"/evidence/{file.pk}/pages/1/").status_code == 404
    assert enter(creator).get(url(matter)).status_code == 403


def test_when_the_lease_is_over_the_papers_are_closed(bench: Client, matter: Application) -> None:
    file = matter.documents.get().file
    with clock.freeze_time(clock.now() + LEASE * 2):
        assert str(file.pk) not in bench.get(url(matter), follow=True).content.decode()
        assert bench.get(f"/evidence/{file.pk}/pages/1/").status_code == 404


def test_a_case_that_is_not_there(bench: Client) -> None:
    for number in ("C-999999", "C-1", "x", "C-" + "9" * 40, "C-00000१"):
        assert bench.get(f"/reviews/{number}/work/").status_code == 404


def test_a_number_is_shown_in_full_once_and_noted(bench: Client, matter: Application) -> None:
    credential = matter.credentials.get()
    shown = page_text(bench.post(url(matter, f"number/{credential.pk}/")))
    number = applications.reveal_credential_number(credential=credential, by=matter.applicant)
    assert number in shown
    assert "A number was shown in full" in shown
    assert number not in page_text(bench.get(url(matter)))


def test_a_look_up_is_noted_with_what_was_seen(bench: Client, matter: Application, reviewer: User) -> None:
    pk = matter.credentials.get().pk
    sent = {f"look-{pk}-result": "pass", f"look-{pk}-url": "https://example.org/li", f"look-{pk}-seen": "Li, active"}
    assert bench.post(url(matter, f"look-up/{pk}/"), sent).status_code == 302
    row = matter.checks.get(kind=CheckKind.REGISTRY)
    assert (row.note, row.url, row.by) == ("Li, active", "https://example.org/li", reviewer)
    assert "Li, active" in page_text(bench.get(url(matter)))


def test_a_look_up_without_words_keeps_the_rest(bench: Client, matter: Application) -> None:
    pk = matter.credentials.get().pk
    sent = {f"look-{pk}-result": "pass", f"look-{pk}-url": "javascript:alert(1)", f"look-{pk}-seen": "Li, active"}
    answer = bench.post(url(matter, f"look-up/{pk}/"), sent)
    assert answer.status_code == 422
    assert "Li, active" in answer.content.decode()
    assert not matter.checks.filter(kind=CheckKind.REGISTRY).exists()


def test_what_a_paper_says_is_noted(bench: Client, matter: Application) -> None:
    pk = matter.documents.get().pk
    sent = {f"paper-{pk}-result": "inconclusive", f"paper-{pk}-seen": "The stamp cannot be read"}
    assert bench.post(url(matter, f"paper/{pk}/"), sent).status_code == 302
    assert matter.checks.get(kind=CheckKind.DOCUMENT_READ).note == "The stamp cannot be read"


def test_approving_needs_the_register_first(bench: Client, matter: Application) -> None:
    pk = matter.credentials.get().pk
    sent = filled_form(bench.get(url(matter)), "approve/") | {"accepted": [str(pk)]}
    answer = bench.post(url(matter, "approve/"), sent)
    assert answer.status_code == 422
    assert "nobody has looked it up in the register" in page_text(answer)
    assert make.fresh(matter).state == State.IN_REVIEW


def test_approving_makes_the_certificate(bench: Client, matter: Application, reviewer: User) -> None:
    make.look_up_all(make.fresh(matter), reviewer)
    sent = filled_form(bench.get(url(matter)), "approve/") | {"accepted": [str(matter.credentials.get().pk)]}
    assert bench.post(url(matter, "approve/"), sent).status_code == 302
    assert make.fresh(matter).state == State.APPROVED
    assert bench.post(url(matter, "approve/"), sent, follow=True).status_code == 409
    assert Decision.objects.count() == 1


def test_rejecting_needs_reasons_and_words_and_keeps_what_was_typed(bench: Client, matter: Application) -> None:
    sent = filled_form(bench.get(url(matter)), "reject/") | {"explanation": "No."}
    answer = bench.post(url(matter, "reject/"), sent)
    assert answer.status_code == 422
    assert "Choose at least one reason." in page_text(answer)
    assert ">\nNo.</textarea>" in answer.content.decode()


def test_the_reviewer_sees_what_the_person_will_read(bench: Client, matter: Application) -> None:
    sent = filled_form(bench.get(url(matter)), "reject/") | {
        "reasons": ["not-shown"],
        "explanation": WHY,
        "preview": "1",
    }
    text = page_text(bench.post(url(matter, "reject/"), sent))
    assert "Your papers do not show what the requirement asks for." in text
    assert make.fresh(matter).state == State.IN_REVIEW


def test_rejecting_tells_the_applicant_why(bench: Client, enter: Enter, matter: Application, creator: User) -> None:
    sent = filled_form(bench.get(url(matter)), "reject/") | {"reasons": ["not-shown"], "explanation": WHY}
    assert bench.post(url(matter, "reject/"), sent).status_code == 302
    text = page_text(enter(creator).get(matter.get_absolute_url()))
    assert WHY in text
    assert "Your papers do not show what the requirement asks for." in text
    assert "Appeal" in text


def test_an_old_form_is_refused_and_keeps_the_words(bench: Client, matter: Application) -> None:
    sent = filled_form(bench.get(url(matter)), "reject/") | {"reasons": ["not-shown"], "explanation": WHY}
    ReviewCase.objects.filter(pk=case_of(matter).pk).update(version=case_of(matter).version + 1)
    answer = bench.post(url(matter, "reject/"), sent)
    assert answer.status_code == 409
    assert WHY in page_text(answer)
    assert make.fresh(matter).state == State.IN_REVIEW
    again = filled_form(answer, "reject/") | {"reasons": ["not-shown"]}
    assert bench.post(url(matter, "reject/"), again).status_code == 302


def test_words_written_for_a_case_that_went_elsewhere_are_shown_once_more(bench: Client, matter: Application) -> None:
    sent = filled_form(bench.get(url(matter)), "reject/") | {"reasons": ["not-shown"], "explanation": WHY}
    with clock.freeze_time(clock.now() + LEASE * 2):
        answer = bench.post(url(matter, "reject/"), sent)
    assert answer.status_code == 409
    assert WHY in page_text(answer)
    assert make.fresh(matter).state == State.IN_REVIEW


def test_asking_rests_the_case(bench: Client, matter: Application) -> None:
    sent = filled_form(bench.get(url(matter)), "ask/") | {
        "text": "Please send page 2 of it.",
        "items": "page 2\n\nthe stamp",
    }
    assert bench.post(url(matter, "ask/"), sent).status_code == 302
    row = make.fresh(matter).info_requests.get()
    assert row.items == [{"text": "page 2"}, {"text": "the stamp"}]
    assert make.fresh(matter).state == State.INFO_REQUESTED


def test_asking_for_too_much_is_refused(bench: Client, matter: Application) -> None:
    sent = filled_form(bench.get(url(matter)), "ask/")
    for bad in (
        {"text": ""},
        {"text": "?" + " " * 40},
        {"text": "Page 2?"},
        {"text": "x" * 5000},
        {"text": "Please send page 2 of it.", "items": "a\n" * 11},
        {"text": "Please send page 2 of it.", "version": "x"},
    ):
        assert bench.post(url(matter, "ask/"), sent | bad).status_code in {409, 422}
    assert make.fresh(matter).state == State.IN_REVIEW


def test_opening_an_address_of_a_form_leads_back_to_the_page(bench: Client, matter: Application) -> None:
    pk = matter.credentials.get().pk
    for verb in (
        "ask/",
        "approve/",
        "reject/",
        "confirm/",
        "send-back/",
        f"look-up/{pk}/",
        f"number/{pk}/",
        "paper/1/",
    ):
        assert bench.get(url(matter, verb))["Location"] == url(matter)


def test_a_creator_cannot_decide(enter: Enter, bench: Client, matter: Application, creator: User) -> None:
    for verb in ("ask/", "approve/", "reject/", "confirm/"):
        assert enter(creator).post(url(matter, verb), {}).status_code == 403
