"""The reviewer's case page: what they see, opens, decides, and what is kept when something is wrong."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from complaints import events
from complaints.models import Comparison, Complaint, Exhibit, MatchSegment
from complaints.states import ComplaintState as State
from complaints.states import Outcome, Side
from complaints.tests import deciding as do
from complaints.tests import engine
from complaints.tests import factories as make
from portal import clock
from portal.audit.models import AuditEvent
from portal.jobs import runner
from portal.media.models import MediaLook
from portal.outbound import lookups
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
def complaint() -> Complaint:
    return do.in_review()


@pytest.fixture
def reviewer(complaint: Complaint) -> User:
    return do.claim(complaint)[0]


@pytest.fixture
def reviewer_client(enter: Enter, reviewer: User) -> Client:
    return enter(reviewer)


HTMX = {"HX-Request": "true"}


def url(complaint: Complaint, rest: str = "") -> str:
    return case_url(do.case(complaint), rest, product="complaints")


def sent(reviewer_client: Client, complaint: Complaint, verb: str, **more: Any) -> dict[str, Any]:
    """What the browser would send from a panel that was filled in."""
    form = filled_form(reviewer_client.get(url(complaint)), f"decide/{verb}/")
    reasons = {"uphold": "copy-whole", "partly": "copy-some-parts", "dismiss": "own-earlier"}
    remedies = [] if verb == "dismiss" else ["warn", "remove"]
    return {**form, **TEXTS, "reasons": [reasons[verb]], "remedies": remedies, **more}


def test_the_holder_sees_both_videos_and_both_sides(reviewer_client: Client, complaint: Complaint) -> None:
    answer = reviewer_client.get(url(complaint))
    text, page = page_text(answer), answer.content.decode()
    for name in ("a", "b"):
        assert f'src="{url(complaint, f"video/{name}/")}"' in page
    assert 'preload="none"' in page
    for part in (
        "They uploaded my film again.",
        "I filmed this myself, before.",
        "Same imagery and same movement",
        "It does not show who made it",
        "the part of the shorter video that matches",
        "evidence, not proof",
        "Earlier publication on this platform",
        "0 upheld, 0 not upheld",
        "The two works were compared",
    ):
        assert part in text
    assert make.CONTACT["address"] not in text


def test_playing_is_for_the_holder_and_is_logged(
    reviewer_client: Client, complaint: Complaint, reviewer: User, enter: Enter, stranger: User
) -> None:
    for name in ("a", "b"):
        answer = reviewer_client.get(url(complaint, f"video/{name}/"), headers={"Range": "bytes=0-3"})
        assert answer.status_code == 206
        assert b"".join(answer) == b"film"
    assert {look.by for look in MediaLook.objects.all()} == {reviewer}
    assert reviewer_client.get(url(complaint, "video/c/")).status_code == 404
    assert enter(make.reviewer()).get(url(complaint, "video/a/")).status_code == 404
    assert enter(stranger).get(url(complaint, "video/a/")).status_code == 403


def test_contact_details_are_shown_once_and_noted(reviewer_client: Client, complaint: Complaint, enter: Enter) -> None:
    shown = page_text(reviewer_client.post(url(complaint, "contact/complainant/")))
    assert make.CONTACT["email"] in shown
    assert AuditEvent.objects.filter(event=events.CONTACT_READ).count() == 1
    assert make.CONTACT["email"] not in page_text(reviewer_client.get(url(complaint)))
    assert "none were given" in page_text(reviewer_client.post(url(complaint, "contact/respondent/")))
    assert enter(make.reviewer()).post(url(complaint, "contact/complainant/")).status_code == 403
    assert reviewer_client.post(url(complaint, "contact/nobody/")).status_code == 302


def test_other_staff_see_where_it_stands_only(reviewer_client: Client, complaint: Complaint, enter: Enter) -> None:
    for role in (Role.REVIEWER, Role.SENIOR_REVIEWER, Role.AREA_LEAD):
        answer = enter(make.person(role)).get(url(complaint), follow=True)
        assert "They uploaded my film again." not in page_text(answer)
    assert enter(complaint.complainant).get(url(complaint)).status_code == 403
    with clock.freeze_time(clock.now() + LEASE * 2):
        assert "They uploaded my film again." not in page_text(reviewer_client.get(url(complaint), follow=True))


def test_a_case_that_is_not_there(reviewer_client: Client) -> None:
    for number in ("C-999999", "C-1", "x", "C-" + "9" * 40, "C-00000१"):
        assert reviewer_client.get(f"/reviews/{number}/work/").status_code == 404


def test_a_remedy_that_cannot_be_chosen_says_why(
    reviewer_client: Client, complaint: Complaint, platform: FakePlatform
) -> None:
    platform.open_account(complaint.account_id, "gone", state="closed")
    fragment = reviewer_client.get(url(complaint, "platform/"), headers=HTMX).content.decode()
    assert 'id="platform-refusals-uphold"' in fragment
    assert fragment.count("The account is already closed or no longer exists.") == 6  # three remedies in two panels
    answer = reviewer_client.post(
        url(complaint, "decide/uphold/"), sent(reviewer_client, complaint, "uphold", remedies=["remove", "restrict"])
    )
    assert answer.status_code == 422
    assert make.fresh(complaint).state == State.IN_REVIEW


def test_a_platform_that_does_not_answer_spoils_no_page(
    reviewer_client: Client, complaint: Complaint, platform: FakePlatform
) -> None:
    platform.fail(10)
    assert "will appear in a moment" in page_text(reviewer_client.get(url(complaint)))
    assert "not responding" in page_text(reviewer_client.get(url(complaint, "platform/")))
    assert "not responding" in reviewer_client.get(url(complaint, "platform/"), headers=HTMX).content.decode()


def test_the_case_page_itself_asks_no_platform(
    reviewer_client: Client, complaint: Complaint, platform: FakePlatform
) -> None:
    platform.calls.clear()
    assert reviewer_client.get(url(complaint)).status_code == 200
    assert platform.calls == []
    assert "Followers" in page_text(reviewer_client.get(url(complaint, "platform/")))
    assert platform.calls == ["account", "account"]


@pytest.mark.parametrize("verb", ["uphold", "partly", "dismiss"])
def test_deciding(reviewer_client: Client, complaint: Complaint, verb: str) -> None:
    form = sent(reviewer_client, complaint, verb)
    assert reviewer_client.post(url(complaint, f"decide/{verb}/"), form).status_code == 302
    outcomes = {"uphold": Outcome.UPHELD, "partly": Outcome.PARTLY, "dismiss": Outcome.DISMISSED}
    assert make.fresh(complaint).result == outcomes[verb]
    assert reviewer_client.post(url(complaint, f"decide/{verb}/"), form).status_code == 409
    assert Decision.objects.count() == 1


def test_wrong_input_keeps_everything_typed(reviewer_client: Client, complaint: Complaint) -> None:
    form = sent(reviewer_client, complaint, "uphold", to_respondent="No.", reasons=[], remedies=["restrict"])
    answer = reviewer_client.post(url(complaint, "decide/uphold/"), form)
    assert answer.status_code == 422
    text, page = page_text(answer), answer.content.decode()
    assert "Choose at least one reason." in text
    assert "Please write at least 20 characters." in text
    assert "Choose at least one of: warn the account, remove the copy." in text
    for typed in (do.FINDINGS, do.TO_COMPLAINANT, ">\nNo.</textarea>"):
        assert typed in page
    assert 'value="restrict" checked' in page
    assert make.fresh(complaint).state == State.IN_REVIEW


@pytest.mark.parametrize("partial", [False, True])
def test_the_reviewer_sees_what_each_side_will_read(
    reviewer_client: Client, complaint: Complaint, partial: bool
) -> None:
    form = sent(reviewer_client, complaint, "uphold", preview="1")
    answer = reviewer_client.post(
        url(complaint, "decide/uphold/"), form, headers={"HX-Request": "true"} if partial else {}
    )
    page = answer.content.decode()
    assert "The whole work was published again without permission." in page
    assert page.count(f"<blockquote>{do.FINDINGS}</blockquote>") == 2
    for text in (do.TO_COMPLAINANT, do.TO_RESPONDENT):
        assert page.count(f"<blockquote>{text}</blockquote>") == 1
    assert ("<main" in page) is not partial
    assert make.fresh(complaint).state == State.IN_REVIEW


def test_an_old_form_is_refused_and_keeps_the_words(reviewer_client: Client, complaint: Complaint) -> None:
    form = sent(reviewer_client, complaint, "uphold")
    ReviewCase.objects.filter(pk=do.case(complaint).pk).update(version=do.case(complaint).version + 1)
    answer = reviewer_client.post(url(complaint, "decide/uphold/"), form)
    assert answer.status_code == 409
    assert do.TO_RESPONDENT in page_text(answer)
    again = {**filled_form(answer, "decide/uphold/"), "reasons": ["copy-whole"], "remedies": ["warn"]}
    assert reviewer_client.post(url(complaint, "decide/uphold/"), again).status_code == 302


def test_words_written_for_a_lost_case_are_shown_once_more(reviewer_client: Client, complaint: Complaint) -> None:
    form = sent(reviewer_client, complaint, "uphold")
    with clock.freeze_time(clock.now() + LEASE * 2):
        answer = reviewer_client.post(url(complaint, "decide/uphold/"), form)
    assert answer.status_code == 409
    for text in TEXTS.values():
        assert text in page_text(answer)
    assert make.fresh(complaint).state == State.IN_REVIEW


def test_addresses_of_forms_lead_back_to_the_page(reviewer_client: Client, complaint: Complaint) -> None:
    for rest in ("decide/uphold/", "decide/admit/", "confirm/", "send-back/", "contact/complainant/"):
        assert reviewer_client.get(url(complaint, rest)).headers["Location"] == url(complaint)
    assert reviewer_client.post(url(complaint, "decide/burn/")).status_code == 409


def second(enter: Enter, complaint: Complaint) -> Client:
    return enter(do.claim(complaint)[0])


def test_the_second_person_reads_the_held_decision_in_full(enter: Enter, complaint: Complaint) -> None:
    do.decide(complaint, remedies=("warn", "restitution"))
    reviewer_client = second(enter, complaint)
    page = reviewer_client.get(url(complaint))
    text = page_text(page)
    for part in (
        "Second approval required",
        do.FINDINGS,
        do.TO_COMPLAINANT,
        do.TO_RESPONDENT,
        "Return the followers",
    ):
        assert part in text
    assert 'id="decision"' not in page.content.decode()
    assert reviewer_client.post(url(complaint, "confirm/"), filled_form(page, "confirm/") | AGREED).status_code == 302
    assert make.fresh(complaint).result == Outcome.UPHELD


def test_sending_back_needs_words_and_hides_the_decision(enter: Enter, complaint: Complaint) -> None:
    do.decide(complaint, remedies=("warn", "restitution"))
    reviewer_client = second(enter, complaint)
    form = filled_form(reviewer_client.get(url(complaint)), "confirm/")
    assert reviewer_client.post(url(complaint, "send-back/"), form).status_code == 422
    note = "Please look again at the second half of the film."
    assert reviewer_client.post(url(complaint, "send-back/"), {**form, "note": note}).status_code == 302
    text = page_text(second(enter, complaint).get(url(complaint)))
    assert note in text
    assert do.TO_RESPONDENT not in text


def test_an_appeal_is_read_with_the_decision_and_reversed(enter: Enter, complaint: Complaint) -> None:
    do.decide(complaint)
    do.appeal(complaint)
    reviewer_client = second(enter, complaint)
    page = reviewer_client.get(url(complaint))
    text = page_text(page)
    for part in ("You have overlooked my licence.", "The appeal: Respondent", do.TO_RESPONDENT, "Warn the account"):
        assert part in text
    form = {**filled_form(page, "decide/reverse/"), **TEXTS, "reasons": ["decision-wrong"]}
    assert reviewer_client.post(url(complaint, "decide/reverse/"), form).status_code == 302
    assert make.fresh(complaint).state == State.REVERSED


def test_a_dismissal_is_reversed_with_remedies(enter: Enter, complaint: Complaint) -> None:
    do.decide(complaint, Outcome.DISMISSED, ())
    do.appeal(complaint, "complainant")
    reviewer_client = second(enter, complaint)
    form = {**filled_form(reviewer_client.get(url(complaint)), "decide/reverse/"), **TEXTS, "reasons": ["new-evidence"]}
    assert reviewer_client.post(url(complaint, "decide/reverse/"), form).status_code == 422
    assert reviewer_client.post(url(complaint, "decide/reverse/"), {**form, "remedies": ["warn"]}).status_code == 302
    assert do.states(complaint) == {"warn": "applying"}


@pytest.mark.parametrize(("verb", "state"), [("admit", State.NOTIFIED), ("refuse", State.DISMISSED)])
def test_screening(enter: Enter, verb: str, state: str) -> None:
    complaint = make.complaint(State.SCREENING)
    user, case, complaint = do.claim(complaint)
    reviewer_client, page_url = enter(user), case_url(case, product="complaints")
    page = reviewer_client.get(page_url)
    assert "on the author's list of authorised accounts" in page_text(page)
    assert "To the respondent" not in page_text(page)
    form = {**filled_form(page, f"decide/{verb}/"), "explanation": do.FINDINGS, "to_complainant": do.TO_COMPLAINANT}
    form |= {"reasons": ["copy-authorised"]}
    assert reviewer_client.post(case_url(case, f"decide/{verb}/", product="complaints"), form).status_code == 302
    assert make.fresh(complaint).state == state


def test_an_appeal_against_a_refusal_is_affirmed(enter: Enter) -> None:
    complaint = make.complaint(State.SCREENING)
    do.refuse(complaint)
    do.appeal(complaint, "complainant")
    user, case, complaint = do.claim(complaint)
    reviewer_client, page_url = enter(user), case_url(case, product="complaints")
    form = {
        **filled_form(reviewer_client.get(page_url), "decide/affirm/"),
        "explanation": do.FINDINGS,
        "reasons": ["refusal-right"],
    }
    form |= {"to_complainant": do.TO_COMPLAINANT}
    assert reviewer_client.post(case_url(case, "decide/affirm/", product="complaints"), form).status_code == 302
    assert make.fresh(complaint).state == State.AFFIRMED


def test_every_stretch_and_every_exhibit_is_shown(reviewer_client: Client, complaint: Complaint) -> None:
    comparison = Comparison.objects.get(complaint=complaint)
    for number in range(20):
        times = {"a_start": number, "a_end": number + 1, "b_start": number + 1, "b_end": number + 2}
        MatchSegment.objects.create(comparison=comparison, grade=comparison.grade, **times)
    for side, by in ((Side.COMPLAINANT, complaint.complainant), (Side.RESPONDENT, do.respondent(complaint))):
        for number in range(10):
            level = 1 + number % 5
            Exhibit.objects.create(complaint=complaint, by=by, side=side, level=level, note=f"No. {number}")
    Exhibit.objects.update(file=make.paper(complaint.complainant))
    text = page_text(reviewer_client.get(url(complaint)))
    assert "21 matching segments" in text
    assert text.count("No. 9") == 2


def test_what_somebody_else_complained_about_can_be_opened(enter: Enter) -> None:
    first = do.in_review()
    _first_reviewer, other, _first = do.claim(first)
    second = make.draft(copy=do.copy_of(first).url)
    make.submit(second)
    make.run_jobs()
    user, held, _second = do.claim(second)
    page = enter(user).get(case_url(held, product="complaints")).content.decode()
    shown = reverse("reviews:case", args=[other.number])
    assert "Someone else complained about the same alleged copy" in page
    assert f'href="{shown}"' in page
    assert enter(user).get(shown).status_code == 200


def test_videos_that_do_not_match_play_together(enter: Enter) -> None:
    made = make.draft(copy=make.post(make.account(), engine.sample_video("city")))
    for step in (make.submit, make.compare, make.answer):
        step(make.fresh(made))
    page = enter(do.claim(made)[0]).get(url(made)).content.decode()
    assert 'data-act="play"' in page
    assert "Mirror the alleged copy" in page
    assert 'data-act="on"' not in page


def test_hostile_texts_stay_texts(enter: Enter) -> None:
    complaint = do.in_review(text="<script>alert(1)</script> it is mine")
    page = enter(do.claim(complaint)[0]).get(url(complaint)).content.decode()
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_who_does_not_hold_the_case_gets_no_preview(
    reviewer_client: Client, complaint: Complaint, enter: Enter
) -> None:
    form = sent(reviewer_client, complaint, "uphold")
    other = enter(make.reviewer())
    for headers in (HTMX, {}):
        answer = other.post(url(complaint, "decide/uphold/"), {**form, "preview": "1"}, headers=headers)
        assert answer.status_code == 409
        assert "Preview notice" not in answer.content.decode()


def test_the_page_comes_back_for_what_a_job_was_told(
    reviewer_client: Client, complaint: Complaint, platform: FakePlatform, slow_platforms: None
) -> None:
    platform.calls.clear()
    fragment = reviewer_client.get(url(complaint, "platform/"), headers=HTMX).content.decode()
    assert "asking the platform about both accounts" in fragment
    assert f'hx-get="{url(complaint, "platform/")}"' in fragment
    assert "0 upheld, 0 not upheld" in fragment
    whole = page_text(reviewer_client.get(url(complaint, "platform/")))
    assert "being queried; reload the page" in whole
    assert "not responding" not in whole
    assert platform.calls == []
    runner.run_due_jobs([lookups.LOOK_UP])
    answered = reviewer_client.get(url(complaint, "platform/"), headers=HTMX).content.decode()
    assert ("Followers" in answered, "hx-get" in answered) == (True, False)


def test_only_a_decision_that_needs_the_account_waits_for_the_platform(
    reviewer_client: Client, complaint: Complaint, platform: FakePlatform, slow_platforms: None
) -> None:
    form = sent(reviewer_client, complaint, "uphold", remedies=["warn", "restitution"])
    platform.calls.clear()
    waiting = reviewer_client.post(url(complaint, "decide/uphold/"), form)
    assert waiting.status_code == 422
    text = waiting.content.decode()
    for part in ("Almost done: the platform is being queried.", 'data-asked="yes"', do.TO_COMPLAINANT):
        assert part in text
    assert not Decision.objects.exists()
    runner.run_due_jobs([lookups.LOOK_UP])
    assert reviewer_client.post(url(complaint, "decide/uphold/"), form).status_code == 302
    assert Decision.objects.get().state == "held"
    assert platform.calls == ["account"]


def test_a_decision_that_needs_no_account_waits_for_nobody(
    reviewer_client: Client, complaint: Complaint, platform: FakePlatform, slow_platforms: None
) -> None:
    form = sent(reviewer_client, complaint, "uphold")
    platform.calls.clear()
    assert reviewer_client.post(url(complaint, "decide/uphold/"), form).status_code == 302
    assert platform.calls == []
