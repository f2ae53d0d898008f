"""The reviewer's case page: what they see, opens, decides, and what is kept when something is wrong."""

from typing import Any

import pytest
from django.test import Client

from complaints import events
from complaints.models import Comparison, Complaint, Exhibit, MatchSegment
from complaints.states import ComplaintState as State
from complaints.states import Outcome, Side
from complaints.tests import deciding as do
from complaints.tests import factories as make
from portal import clock
from portal.audit.models import AuditEvent
from portal.media.models import MediaLook
from portal.people.models import User
from portal.people.roles import Role
from portal.reviews.clocks import LEASE
from portal.reviews.models import Decision, ReviewCase
from portal.reviews.tests.factories import case_url
from portal.testing.fake_platform import FakePlatform
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter

AGREED = {"acknowledged": "on"}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moving")]
TEXTS = {
    "explanation": do.FINDINGS,
    "to_complainant": do.TO_COMPLAINANT,
    "to_respondent": do.TO_RESPONDENT,
}


@pytest.fixture
def matter() -> Complaint:
    return do.in_review()


@pytest.fixture
def reviewer(matter: Complaint) -> User:
    return do.claim(matter)[0]


@pytest.fixture
def bench(enter: Enter, reviewer: User) -> Client:
    return enter(reviewer)


HTMX = {"HX-Request": "true"}


def url(matter: Complaint, rest: str = "") -> str:
    return case_url(do.case(matter), rest, product="complaints")


def sent(bench: Client, matter: Complaint, verb: str, **more: Any) -> dict[str, Any]:
    """What the browser would send from a panel that was filled in."""
    form = filled_form(bench.get(url(matter)), f"decide/{verb}/")
    reasons = {"uphold": "copy-whole", "partly": "copy-some-parts", "dismiss": "own-earlier"}
    remedies = [] if verb == "dismiss" else ["warn", "remove"]
    return {**form, **TEXTS, "reasons": [reasons[verb]], "remedies": remedies, **more}


def test_the_holder_sees_both_videos_and_both_sides(bench: Client, matter: Complaint) -> None:
    answer = bench.get(url(matter))
    text, page = page_text(answer), answer.content.decode()
    for name in ("a", "b"):
        assert f'src="{url(matter, f"video/{name}/")}"' in page
    assert 'preload="none"' in page
    for part in (
        "They uploaded my film again.",
        "I filmed this myself, before.",
        "Same imagery, and it moves the same way",
        "It does not say who made it",
        "the part of the shorter video that matches",
        "evidence, not proof",
        "Earlier publication here",
        "0 upheld, 0 not upheld",
        "The two videos were compared",
    ):
        assert part in text
    assert make.CONTACT["address"] not in text


def test_playing_is_for_the_holder_and_is_logged(
    bench: Client, matter: Complaint, reviewer: User, enter: Enter, stranger: User
) -> None:
    for name in ("a", "b"):
        answer = bench.get(url(matter, f"video/{name}/"), headers={"Range": "bytes=0-3"})
        assert answer.status_code == 206
        assert b"".join(answer) == b"film"
    assert {look.by for look in MediaLook.objects.all()} == {reviewer}
    assert bench.get(url(matter, "video/c/")).status_code == 404
    assert enter(make.reviewer()).get(url(matter, "video/a/")).status_code == 404
    assert enter(stranger).get(url(matter, "video/a/")).status_code == 403


def test_contact_details_are_shown_once_and_noted(bench: Client, matter: Complaint, enter: Enter) -> None:
    shown = page_text(bench.post(url(matter, "contact/complainant/")))
    assert make.CONTACT["email"] in shown
    assert AuditEvent.objects.filter(event=events.CONTACT_READ).count() == 1
    assert make.CONTACT["email"] not in page_text(bench.get(url(matter)))
    assert "none was given" in page_text(bench.post(url(matter, "contact/respondent/")))
    assert enter(make.reviewer()).post(url(matter, "contact/complainant/")).status_code == 403
    assert bench.post(url(matter, "contact/nobody/")).status_code == 302


def test_other_staff_see_where_it_stands_only(bench: Client, matter: Complaint, enter: Enter) -> None:
    for role in (Role.REVIEWER, Role.SENIOR_REVIEWER, Role.AREA_LEAD):
        answer = enter(make.person(role)).get(url(matter), follow=True)
        assert "They uploaded my film again." not in page_text(answer)
    assert enter(matter.complainant).get(url(matter)).status_code == 403
    with clock.freeze_time(clock.now() + LEASE * 2):
        assert "They uploaded my film again." not in page_text(bench.get(url(matter), follow=True))


def test_a_case_that_is_not_there(bench: Client) -> None:
    for number in ("C-999999", "C-1", "x", "C-" + "9" * 40, "C-00000१"):
        assert bench.get(f"/reviews/{number}/work/").status_code == 404


def test_a_remedy_that_cannot_be_chosen_says_why(bench: Client, matter: Complaint, platform: FakePlatform) -> None:
    platform.open_account(matter.account_id, "gone", state="closed")
    fragment = bench.get(url(matter, "platform/"), headers=HTMX).content.decode()
    assert 'id="platform-refusals-uphold"' in fragment
    assert fragment.count("The account is closed or gone already.") == 6  # three remedies in two panels
    answer = bench.post(url(matter, "decide/uphold/"), sent(bench, matter, "uphold", remedies=["remove", "restrict"]))
    assert answer.status_code == 422
    assert make.fresh(matter).state == State.IN_REVIEW


def test_a_platform_that_does_not_answer_spoils_no_page(
    bench: Client, matter: Complaint, platform: FakePlatform
) -> None:
    platform.fail(10)
    assert "follows in a moment" in page_text(bench.get(url(matter)))
    assert "does not answer at the moment" in page_text(bench.get(url(matter, "platform/")))
    assert "does not answer at the moment" in bench.get(url(matter, "platform/"), headers=HTMX).content.decode()


def test_the_case_page_itself_asks_no_platform(bench: Client, matter: Complaint, platform: FakePlatform) -> None:
    platform.calls.clear()
    assert bench.get(url(matter)).status_code == 200
    assert platform.calls == []
    assert "Followers" in page_text(bench.get(url(matter, "platform/")))
    assert platform.calls == ["account", "account"]


@pytest.mark.parametrize("verb", ["uphold", "partly", "dismiss"])
def test_deciding(bench: Client, matter: Complaint, verb: str) -> None:
    form = sent(bench, matter, verb)
    assert bench.post(url(matter, f"decide/{verb}/"), form).status_code == 302
    outcomes = {"uphold": Outcome.UPHELD, "partly": Outcome.PARTLY, "dismiss": Outcome.DISMISSED}
    assert make.fresh(matter).result == outcomes[verb]
    assert bench.post(url(matter, f"decide/{verb}/"), form).status_code == 409
    assert Decision.objects.count() == 1


def test_wrong_input_keeps_everything_typed(bench: Client, matter: Complaint) -> None:
    form = sent(bench, matter, "uphold", to_respondent="No.", reasons=[], remedies=["restrict"])
    answer = bench.post(url(matter, "decide/uphold/"), form)
    assert answer.status_code == 422
    text, page = page_text(answer), answer.content.decode()
    assert "Choose at least one reason." in text
    assert "Please write at least 20 characters." in text
    assert "Choose at least one of: warn the account, remove the copy." in text
    for typed in (do.FINDINGS, do.TO_COMPLAINANT, ">\nNo.</textarea>"):
        assert typed in page
    assert 'value="restrict" checked' in page
    assert make.fresh(matter).state == State.IN_REVIEW


@pytest.mark.parametrize("partial", [False, True])
def test_the_reviewer_sees_what_each_side_will_read(bench: Client, matter: Complaint, partial: bool) -> None:
    form = sent(bench, matter, "uphold", preview="1")
    answer = bench.post(url(matter, "decide/uphold/"), form, headers={"HX-Request": "true"} if partial else {})
    page = answer.content.decode()
    assert "The whole video was published again without permission." in page
    assert page.count(f"<blockquote>{do.FINDINGS}</blockquote>") == 2
    for text in (do.TO_COMPLAINANT, do.TO_RESPONDENT):
        assert page.count(f"<blockquote>{text}</blockquote>") == 1
    assert ("<main" in page) is not partial
    assert make.fresh(matter).state == State.IN_REVIEW


def test_an_old_form_is_refused_and_keeps_the_words(bench: Client, matter: Complaint) -> None:
    form = sent(bench, matter, "uphold")
    ReviewCase.objects.filter(pk=do.case(matter).pk).update(version=do.case(matter).version + 1)
    answer = bench.post(url(matter, "decide/uphold/"), form)
    assert answer.status_code == 409
    assert do.TO_RESPONDENT in page_text(answer)
    again = {**filled_form(answer, "decide/uphold/"), "reasons": ["copy-whole"], "remedies": ["warn"]}
    assert bench.post(url(matter, "decide/uphold/"), again).status_code == 302


def test_words_written_for_a_lost_case_are_shown_once_more(bench: Client, matter: Complaint) -> None:
    form = sent(bench, matter, "uphold")
    with clock.freeze_time(clock.now() + LEASE * 2):
        answer = bench.post(url(matter, "decide/uphold/"), form)
    assert answer.status_code == 409
    for text in TEXTS.values():
        assert text in page_text(answer)
    assert make.fresh(matter).state == State.IN_REVIEW


def test_addresses_of_forms_lead_back_to_the_page(bench: Client, matter: Complaint) -> None:
    for rest in ("decide/uphold/", "decide/admit/", "confirm/", "send-back/", "contact/complainant/"):
        assert bench.get(url(matter, rest)).headers["Location"] == url(matter)
    assert bench.post(url(matter, "decide/burn/")).status_code == 409


def second(enter: Enter, complaint: Complaint) -> Client:
    return enter(do.claim(complaint)[0])


def test_the_second_person_reads_the_held_decision_in_full(enter: Enter, matter: Complaint) -> None:
    do.decide(matter, remedies=("warn", "restitution"))
    desk = second(enter, matter)
    page = desk.get(url(matter))
    text = page_text(page)
    for part in (
        "This waits for your approval",
        do.FINDINGS,
        do.TO_COMPLAINANT,
        do.TO_RESPONDENT,
        "Return the followers",
    ):
        assert part in text
    assert 'id="decision"' not in page.content.decode()
    assert desk.post(url(matter, "confirm/"), filled_form(page, "confirm/") | AGREED).status_code == 302
    assert make.fresh(matter).result == Outcome.UPHELD


def test_sending_back_needs_words_and_hides_the_verdict(enter: Enter, matter: Complaint) -> None:
    do.decide(matter, remedies=("warn", "restitution"))
    desk = second(enter, matter)
    form = filled_form(desk.get(url(matter)), "confirm/")
    assert desk.post(url(matter, "send-back/"), form).status_code == 422
    note = "Please look again at the second half of the film."
    assert desk.post(url(matter, "send-back/"), {**form, "note": note}).status_code == 302
    text = page_text(second(enter, matter).get(url(matter)))
    assert note in text
    assert do.TO_RESPONDENT not in text


def test_an_appeal_is_read_with_the_decision_and_reversed(enter: Enter, matter: Complaint) -> None:
    do.decide(matter)
    do.appeal(matter)
    desk = second(enter, matter)
    page = desk.get(url(matter))
    text = page_text(page)
    for part in ("You have overlooked my licence.", "The appeal: Respondent", do.TO_RESPONDENT, "Warn the account"):
        assert part in text
    form = {**filled_form(page, "decide/reverse/"), **TEXTS, "reasons": ["decision-wrong"]}
    assert desk.post(url(matter, "decide/reverse/"), form).status_code == 302
    assert make.fresh(matter).state == State.REVERSED


def test_a_dismissal_is_reversed_with_remedies(enter: Enter, matter: Complaint) -> None:
    do.decide(matter, Outcome.DISMISSED, ())
    do.appeal(matter, "complainant")
    desk = second(enter, matter)
    form = {**filled_form(desk.get(url(matter)), "decide/reverse/"), **TEXTS, "reasons": ["new-evidence"]}
    assert desk.post(url(matter, "decide/reverse/"), form).status_code == 422
    assert desk.post(url(matter, "decide/reverse/"), {**form, "remedies": ["warn"]}).status_code == 302
    assert do.states(matter) == {"warn": "applying"}


@pytest.mark.parametrize(("verb", "state"), [("admit", State.NOTIFIED), ("refuse", State.DISMISSED)])
def test_screening(enter: Enter, verb: str, state: str) -> None:
    complaint = make.complaint(State.SCREENING)
    user, case, complaint = do.claim(complaint)
    desk, page_url = enter(user), case_url(case, product="complaints")
    page = desk.get(page_url)
    assert "on the author's list of authorised accounts" in page_text(page)
    assert "To the respondent" not in page_text(page)
    form = {**filled_form(page, f"decide/{verb}/"), "explanation": do.FINDINGS, "to_complainant": do.TO_COMPLAINANT}
    form |= {"reasons": ["copy-authorised"]}
    assert desk.post(case_url(case, f"decide/{verb}/", product="complaints"), form).status_code == 302
    assert make.fresh(complaint).state == state


def test_an_appeal_against_a_refusal_is_affirmed(enter: Enter) -> None:
    complaint = make.complaint(State.SCREENING)
    do.refuse(complaint)
    do.appeal(complaint, "complainant")
    user, case, complaint = do.claim(complaint)
    desk, page_url = enter(user), case_url(case, product="complaints")
    form = {
        **filled_form(desk.get(page_url), "decide/affirm/"),
        "explanation": do.FINDINGS,
        "reasons": ["refusal-right"],
    }
    form |= {"to_complainant": do.TO_COMPLAINANT}
    assert desk.post(case_url(case, "decide/affirm/", product="complaints"), form).status_code == 302
    assert make.fresh(complaint).state == State.AFFIRMED


def test_every_stretch_and_every_exhibit_is_shown(bench: Client, matter: Complaint) -> None:
    comparison = Comparison.objects.get(complaint=matter)
    for number in range(20):
        times = {"a_start": number, "a_end": number + 1, "b_start": number + 1, "b_end": number + 2}
        MatchSegment.objects.create(comparison=comparison, grade=comparison.grade, **times)
    for side, by in ((Side.COMPLAINANT, matter.complainant), (Side.RESPONDENT, do.respondent(matter))):
        for number in range(10):
            level = 1 + number % 5
            Exhibit.objects.create(complaint=matter, by=by, side=side, level=level, note=f"No. {number}")
    Exhibit.objects.update(file=make.paper(matter.complainant))
    text = page_text(bench.get(url(matter)))
    assert "21 matching stretches" in text
    assert text.count("No. 9") == 2


def test_hostile_texts_stay_texts(enter: Enter) -> None:
    complaint = do.in_review(text="<script>alert(1)</script> it is mine")
    page = enter(do.claim(complaint)[0]).get(url(complaint)).content.decode()
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_who_does_not_hold_the_case_gets_no_preview(bench: Client, matter: Complaint, enter: Enter) -> None:
    form = sent(bench, matter, "uphold")
    other = enter(make.reviewer())
    for headers in (HTMX, {}):
        answer = other.post(url(matter, "decide/uphold/"), {**form, "preview": "1"}, headers=headers)
        assert answer.status_code == 409
        assert "What they will read" not in answer.content.decode()
