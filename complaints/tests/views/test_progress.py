"""How a complaint stands, completing it, taking it back."""

import pytest
from django.test import Client

from complaints import notices
from complaints.actions import intake
from complaints.models import Complaint
from complaints.policies import missing
from complaints.states import ComplaintState as State
from complaints.states import Side
from complaints.tests import engine
from complaints.tests import factories as make
from complaints.views.state_texts import side_state_label
from portal.errors import Invalid
from portal.media import parts, refusals
from portal.media.models import MediaFile
from portal.people.actions import people
from portal.people.models import User
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize("state", make.PATHS)
def test_every_state_explains_itself(desk: Client, author: User, state: State) -> None:
    made = make.complaint(state, by=author)
    answer = desk.get(made.get_absolute_url(), follow=True)
    assert answer.status_code == 200
    if state != State.DRAFT:
        assert str(side_state_label(made, Side.COMPLAINANT)) in page_text(answer)
        assert "Received" in page_text(answer)
        assert "They uploaded my film again." in page_text(answer)


def test_a_draft_goes_on_where_it_was_left(desk: Client, author: User) -> None:
    made = make.draft(author, text="")
    assert desk.get(made.get_absolute_url())["Location"].endswith("/notice/")


def test_comparing_is_shown_step_by_step_and_asks_for_its_piece_only(desk: Client, author: User) -> None:
    made = make.complaint(State.RECEIVED, by=author)
    piece = desk.get(made.get_absolute_url(), headers=HTMX).content.decode()
    assert "<main" not in piece
    assert 'hx-trigger="every 5s"' in piece
    assert "Fingerprints made" in piece
    for part in ("state-badge", "timeline"):
        assert f'id="{part}" hx-swap-oob="true"' in piece


def test_when_the_comparison_is_over_the_whole_page_is_shown_at_once(desk: Client, author: User) -> None:
    made = make.complaint(State.RECEIVED, by=author)
    make.run_jobs()
    answer = desk.get(made.get_absolute_url(), headers=HTMX)
    assert (answer["HX-Retarget"], answer["HX-Reselect"]) == ("main", "main")
    assert "every 5s" not in answer.content.decode()
    text = page_text(answer)
    for sentence in (str(side_state_label(make.fresh(made), Side.COMPLAINANT)), "The two works were compared"):
        assert sentence in text


def test_the_page_is_named_by_the_number_of_the_complaint(desk: Client, author: User) -> None:
    made = make.complaint(State.NOTIFIED, by=author)
    page = desk.get(made.get_absolute_url()).content.decode()
    assert f"<h1>{made.number}</h1>" in page
    assert f"<title>{made.number}" in page
    assert made.copy is not None
    assert f'<p class="lead">{made.copy.title}</p>' in page


def test_what_matches_is_drawn_and_stands_in_a_table(desk: Client, author: User) -> None:
    made = make.complaint(State.NOTIFIED, by=author)
    page = desk.get(made.get_absolute_url())
    assert "about 100 % of the shorter video" in page_text(page)
    assert "People decide." in page_text(page)
    assert "0:01–0:09" in page_text(page)
    assert page.content.decode().count('<polygon class="segment-') == 1


def test_no_match_is_told_without_a_decision(desk: Client, author: User) -> None:
    other = make.post(make.account(), engine.sample_video("city"))
    made = make.draft(author, copy=other)
    make.submit(made)
    make.run_jobs()
    text = page_text(desk.get(made.get_absolute_url()))
    assert "found no matching segments" in text
    assert "That alone decides nothing" in text


def test_videos_have_still_pictures_for_both_sides(
    desk: Client, client: Client, enter: Enter, author: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make.complaint(State.NOTIFIED, by=author)
    assert "poster=" not in desk.get(made.get_absolute_url()).content.decode()
    # A video that was handed in is frozen: no statement can give it a picture.
    monkeypatch.setattr(MediaFile, "poster", property(lambda _: "picture", lambda _, _value: None))
    monkeypatch.setattr(parts, "read_poster", lambda file: file.poster.encode())
    client.get(notices.case_file_link(made, Side.RESPONDENT))
    for browser, page in ((desk, made.get_absolute_url()), (client, made.answer_url)):
        for side in ("original", "copy"):
            assert f'poster="{page}poster/{side}/"' in browser.get(page).content.decode()
            answer = browser.get(f"{page}poster/{side}/")
            assert (answer.content, answer["Content-Type"]) == (b"picture", "image/jpeg")
        assert enter(stranger).get(f"{page}poster/copy/").status_code == 404


def test_both_videos_play_by_ranges(desk: Client, enter: Enter, author: User, stranger: User) -> None:
    made = make.complaint(State.NOTIFIED, by=author)
    for side in ("original", "copy"):
        answer = desk.get(f"{made.get_absolute_url()}video/{side}/", headers={"Range": "bytes=0-3"})
        assert answer.status_code == 206
        assert answer.getvalue() == b"film"
    assert desk.get(f"{made.get_absolute_url()}video/third/").status_code == 404
    assert enter(stranger).get(f"{made.get_absolute_url()}video/copy/").status_code == 404


def test_the_other_sides_answer_is_read_without_their_contact(desk: Client, author: User) -> None:
    made = make.complaint(State.IN_REVIEW, by=author, against=make.account(region="us"))
    page = desk.get(made.get_absolute_url())
    assert "I filmed this myself, before." in page_text(page)
    for private in ("555 0100", "1 Demo Street"):
        assert private not in page.content.decode()


def test_strangers_and_the_other_side_find_nothing(enter: Enter, author: User, stranger: User) -> None:
    holder = make.author()
    made = make.complaint(State.IN_REVIEW, by=author, against=make.account_of(holder))
    for person in (stranger, holder):
        client = enter(person)
        for step in (
            "",
            "copy/",
            "original/",
            "notice/",
            "check/",
            "discard/",
            "complete/",
            "withdraw/",
            "appeal/",
            "reply/",
        ):
            assert client.get(made.get_absolute_url() + step).status_code == 404
            assert client.post(made.get_absolute_url() + step, {}).status_code == 404
    assert enter(author).get("/complaints/OC-000000/").status_code == 404


def test_withdrawing_asks_first(desk: Client, author: User) -> None:
    made = make.complaint(State.NOTIFIED, by=author)
    assert "Withdraw this complaint?" in page_text(desk.get(f"{made.get_absolute_url()}withdraw/"))
    for _ in range(2):
        assert desk.post(f"{made.get_absolute_url()}withdraw/")["Location"] == made.get_absolute_url()
    assert make.fresh(made).state == State.WITHDRAWN


def test_what_is_missing_is_told_and_can_be_brought(desk: Client, author: User) -> None:
    made = make.complaint(State.INCOMPLETE, by=author)
    url = f"{made.get_absolute_url()}complete/"
    assert "is no longer available on the platform" in page_text(desk.get(made.get_absolute_url()))
    page = desk.get(url)
    assert "Please add it by" in page_text(page)
    assert "copy_address" in filled_form(page)
    assert "original_address" not in filled_form(page)
    wrong = desk.post(url, {"copy_address": "", "text": "I wrote something"})
    assert wrong.status_code == 422
    assert "I wrote something" in wrong.content.decode()
    recording = make.video(author)
    for _ in range(2):
        assert desk.post(url, {"copy_media-kept": str(recording.pk)})["Location"] == made.get_absolute_url()
    assert make.fresh(made).state == State.RECEIVED


def test_an_address_on_another_account_is_refused_at_its_field(desk: Client, author: User) -> None:
    made = make.complaint(State.INCOMPLETE, by=author)
    answer = desk.post(f"{made.get_absolute_url()}complete/", {"copy_address": make.post(make.account())})
    assert answer.status_code == 422
    assert "This work is on another account." in page_text(answer)


def test_nothing_can_be_completed_or_appealed_that_is_not_open(desk: Client, author: User) -> None:
    made = make.complaint(State.NOTIFIED, by=author)
    for step in ("complete/", "appeal/", "reply/"):
        assert desk.post(made.get_absolute_url() + step, {"text": "x" * 40})["Location"] == made.get_absolute_url()


def test_pages_speak_chinese(desk: Client, author: User) -> None:
    made = make.complaint(State.IN_REVIEW, by=author)
    desk.post("/language/", {"language": "zh-hans", "next": "/complaints/"})
    for url in ("/complaints/", made.get_absolute_url(), "/complaints/works/", "/complaints/authorisations/"):
        assert 'lang="zh-hans"' in desk.get(url).content.decode()


def test_a_video_that_the_machine_refuses_can_go_to_people_as_it_is(desk: Client, author: User) -> None:
    other = make.account()
    made = make.draft(author, copy=make.post(other, b"broken"), against=other)
    make.submit(made)
    make.run_jobs()
    assert make.fresh(made).missing == ["copy_refused:unknown_type"]
    url = f"{made.get_absolute_url()}complete/"
    assert "uncompared" not in filled_form(desk.get(url))
    both = desk.post(url, {"uncompared": "on", "copy_address": make.post(other)})
    assert both.status_code == 422
    assert "Choose one option only." in page_text(both)
    assert desk.post(url, {"uncompared": "on"})["Location"] == made.get_absolute_url()
    assert "without the automatic comparison" in page_text(desk.get(made.get_absolute_url()))
    after = make.fresh(made)
    assert (after.state, "not_compared" in after.flags, after.missing) == (State.NOTIFIED, True, [])


def test_a_video_that_is_gone_is_nothing_to_look_at(desk: Client, author: User) -> None:
    made = make.complaint(State.INCOMPLETE, by=author)
    assert "uncompared" not in desk.get(f"{made.get_absolute_url()}complete/").content.decode()
    with pytest.raises(Invalid) as wrong:
        intake.complete_complaint(complaint=made, by=author, uncompared=True)
    assert list(wrong.value.fields) == ["uncompared"]


@pytest.mark.parametrize("code", refusals.SENTENCES)
def test_every_reason_for_refusing_a_video_is_kept_whole(code: str) -> None:
    kept = missing.refused_code(missing.ORIGINAL, code)
    assert str(refusals.SENTENCES[code]) in str(missing.missing_sentence(kept))
    longest = Complaint._meta.get_field("missing").base_field.max_length
    assert longest is not None
    assert len(kept) <= longest


@pytest.fixture
def visit(client: Client) -> tuple[Client, Complaint]:
    """A browser that came by the link of a complainant of whom only an account is known."""
    account = make.account()
    made = make.draft(people.find_or_add_visitor("fake", account.id, account.name, "en"), original=make.post(account))
    make.submit(made)
    make.lose_copy(made)
    make.run_jobs()
    answer = client.get("/" + notices.case_file_link(made, Side.COMPLAINANT).split("/", 3)[3])
    assert answer["Location"] == made.get_absolute_url()
    return client, make.fresh(made)


def test_a_visitor_reads_and_completes_their_complaint_by_their_link(visit: tuple[Client, Complaint]) -> None:
    client, made = visit
    assert made.state == State.INCOMPLETE
    assert "Add what is missing" in page_text(client.get(made.get_absolute_url()))
    url = f"{made.get_absolute_url()}complete/"
    page = client.get(url)
    assert "data-video-upload" not in page.content.decode(), "sending in pieces asks for a session of theirs"
    again = make.post(make.fake().accounts[made.account_id])
    assert client.post(url, {**filled_form(page), "copy_address": "nowhere"}).status_code == 422
    assert client.post(url, {**filled_form(page), "copy_address": again})["Location"] == made.get_absolute_url()
    assert make.fresh(made).state == State.RECEIVED
    assert client.post(f"{made.get_absolute_url()}withdraw/")["Location"] == made.get_absolute_url()
    assert make.fresh(made).state == State.WITHDRAWN


def test_their_link_opens_that_complaint_and_their_side_alone(visit: tuple[Client, Complaint], author: User) -> None:
    client, made = visit
    other = make.complaint(State.NOTIFIED, by=author)
    assert "/login/" in client.get(other.get_absolute_url())["Location"]
    assert client.get(made.answer_url).status_code == 403
    Complaint.objects.filter(pk=made.pk).update(complainant_nonce="another")
    assert "/login/" in client.get(made.get_absolute_url())["Location"]
