"""Step 2: numbers with their form, dates, what is kept and what never leaves."""

from datetime import timedelta

import pytest
from django.test import Client

from certification.models import Application
from certification.tests import factories as make
from portal import clock
from portal.people.models import User
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter

GOOD = "13301200910123456"


def url(draft: Application) -> str:
    return f"/certification/applications/{draft.number}/evidence/"


def test_a_number_is_kept_encrypted_and_shown_masked(desk: Client, draft: Application) -> None:
    sent = filled_form(desk.get(url(draft))) | {"cn-lawyer-number": GOOD, "next": "1"}
    assert desk.post(url(draft), sent)["Location"].endswith("/check/")
    credential = draft.credentials.get()
    assert credential.identifier_masked == "••••••••••••••456"
    page = desk.get(url(draft)).content.decode()
    assert GOOD not in page
    assert GOOD not in credential.identifier_sealed


@pytest.mark.parametrize("wrong", ["123", "ABC" * 5, "1" * 61, "<script>", "'; DROP TABLE", "１２３"])
def test_a_number_of_the_wrong_form_is_told_beside_the_field(desk: Client, draft: Application, wrong: str) -> None:
    before = draft.credentials.get().fingerprint
    answer = desk.post(url(draft), filled_form(desk.get(url(draft))) | {"cn-lawyer-number": wrong})
    assert answer.status_code == 422
    assert "id_cn-lawyer-number_error" in answer.content.decode()
    assert draft.credentials.get().fingerprint == before


def test_a_number_that_is_printed_so_can_be_declared_all_the_same(desk: Client, draft: Application) -> None:
    answer = desk.post(url(draft), filled_form(desk.get(url(draft))) | {"cn-lawyer-number": "123456789"})
    assert "the number printed on my document" in page_text(answer)
    sent = filled_form(answer) | {"cn-lawyer-as_printed": "on"}
    assert desk.post(url(draft), sent).status_code == 302
    assert draft.credentials.get().identifier_masked.endswith("789")


def test_a_wrong_check_digit_is_noticed_while_typing(desk: Client, creator: User) -> None:
    draft = make.draft("us-medicine", creator)
    answer = desk.post(url(draft), filled_form(desk.get(url(draft))) | {"us-npi-number": "1234567890"})
    assert answer.status_code == 422
    assert "The check digit is wrong" in page_text(answer)


def test_dates_must_make_sense(desk: Client, draft: Application) -> None:
    sent = filled_form(desk.get(url(draft)))
    today = clock.today()
    for issued, expires in (
        (today + timedelta(days=9), ""),
        (today, today - timedelta(days=9)),
        ("0001-01-01", ""),
        ("nonsense", ""),
        ("", "9999-12-31"),
    ):
        dates = {"cn-lawyer-issued_on": str(issued), "cn-lawyer-expires_on": str(expires)}
        assert desk.post(url(draft), sent | dates).status_code == 422, dates


def test_good_ones_are_saved_though_another_is_wrong(desk: Client, creator: User) -> None:
    draft = make.draft("us-medicine", creator)
    sent = filled_form(desk.get(url(draft))) | {
        "us-npi-number": "1234567890",
        "us-medical-licence-issuer": "Ohio board",
    }
    answer = desk.post(url(draft), sent)
    assert answer.status_code == 422
    assert draft.credentials.get(type__code="us-medical-licence").issuer == "Ohio board"
    from certification import specimens

    number = specimens.specimen_npi(make._random)
    assert desk.post(url(draft), filled_form(answer) | {"us-npi-number": number}).status_code == 302


def test_two_windows_do_not_overwrite_each_others_number(desk: Client, draft: Application) -> None:
    old, new = (filled_form(desk.get(url(draft))) for _ in range(2))
    desk.post(url(draft), new | {"cn-lawyer-number": GOOD})
    answer = desk.post(url(draft), old | {"cn-lawyer-number": "13301200910999999"})
    assert answer.status_code == 422
    assert draft.credentials.get().identifier_masked.endswith("456")
    assert desk.post(url(draft), filled_form(answer)).status_code == 302
    assert draft.credentials.get().identifier_masked.endswith("999")


def test_one_of_a_choice_can_be_taken_out_again(desk: Client, creator: User) -> None:
    draft = make.draft("cn-farming", creator)
    desk.post(url(draft), {"undeclare": "practice-record"})
    assert set(draft.credentials.values_list("type__code", flat=True)) == {"practice-work"}


def test_it_is_saved_by_itself(desk: Client, draft: Application) -> None:
    sent = filled_form(desk.get(url(draft))) | {"cn-lawyer-number": GOOD}
    answer = desk.post(url(draft), sent, headers={"HX-Request": "true"})
    assert "Draft saved" in answer.content.decode()
    again = desk.post(url(draft), sent | {"cn-lawyer-issuer": "Zhejiang"}, headers={"HX-Request": "true"})
    assert "Draft saved" in again.content.decode()


def test_an_agent_sees_that_it_is_declared_and_nothing_of_it(enter: Enter, agent: User, draft: Application) -> None:
    answer = enter(agent).get(url(draft))
    assert "Only the applicant can add documents and numbers." in page_text(answer)
    assert "•" not in page_text(answer)
    before = draft.credentials.get().fingerprint
    enter(agent).post(url(draft), {"cn-lawyer-number": GOOD})
    assert draft.credentials.get().fingerprint == before


def test_another_persons_is_not_there(enter: Enter, stranger: User, draft: Application) -> None:
    assert enter(stranger).get(url(draft)).status_code == 404
