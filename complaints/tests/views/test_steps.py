"""The four steps of a draft, with wrong input, double clicks and two windows."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from complaints.actions import works
from complaints.models import Complaint, Work
from complaints.states import ComplaintState as State
from complaints.tests import engine
from complaints.tests import factories as make
from portal.jobs import runner
from portal.outbound import lookups
from portal.people.models import User
from portal.testing import sample_documents
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def url(made: Complaint, step: str) -> str:
    return f"/complaints/{made.number}/{step}/"


def copy_of(made: Complaint) -> Work:
    copy = make.fresh(made).copy
    assert copy is not None
    return copy


def original_of(made: Complaint) -> Work:
    original = make.fresh(made).original
    assert original is not None
    return original


@pytest.fixture
def draft(author: User) -> Complaint:
    """A whole draft against an account in the European Union."""
    return make.draft(author)


def test_two_clicks_begin_one_draft(desk: Client, author: User) -> None:
    assert "What you need" in page_text(desk.get("/complaints/new/"))
    first, second = desk.post("/complaints/new/")["Location"], desk.post("/complaints/new/")["Location"]
    assert first == second
    assert first.endswith("/copy/")
    assert Complaint.objects.get().complainant == author


def test_who_may_not_complain_is_not_let_in(client: Client, enter: Enter) -> None:
    assert client.get("/complaints/new/")["Location"].endswith("?next=/complaints/new/")
    assert enter(make.reviewer()).post("/complaints/new/").status_code == 403
    assert not Complaint.objects.exists()


def test_an_address_shows_at_once_what_is_there_and_which_rules_apply(desk: Client, author: User) -> None:
    desk.post("/complaints/new/")
    made = Complaint.objects.get()
    address = make.post(make.account(region="us", handle="copyist"), title="My best kiln")
    piece = desk.post(url(made, "copy"), {"address": address}, headers=HTMX)
    for sentence in ("My best kiln", "@copyist", "in the United States", "penalty of perjury"):
        assert sentence in piece.content.decode()
    assert "<main" not in piece.content.decode()
    made.refresh_from_db()
    assert made.regime_code == "us_dmca"
    changed = filled_form(desk.get(url(made, "copy"))) | {"regime": "terms", "next": "1"}
    assert desk.post(url(made, "copy"), changed)["Location"] == url(made, "original")
    made.refresh_from_db()
    assert made.regime_code == "terms"


def test_an_address_is_looked_up_while_the_page_is_shown(desk: Client, author: User, slow_platforms: None) -> None:
    desk.post("/complaints/new/")
    made = Complaint.objects.get()
    sent = {"address": make.post(make.account(region="us", handle="copyist"), title="My best kiln")}
    for _question in ("the post", "its account"):
        piece = desk.post(url(made, "copy"), sent, headers=HTMX).content.decode()
        assert "We are looking it up" in piece
        assert "field-error" not in piece
        page = desk.post(url(made, "copy"), sent)
        assert page.status_code == 422
        text = page.content.decode()
        for part in ("Almost done", "We are asking", sent["address"], 'data-asked="yes"', "data-waits"):
            assert part in text
        assert 'aria-invalid="true"' not in text
        runner.run_due_jobs([lookups.LOOK_UP])
    assert "My best kiln" in desk.post(url(made, "copy"), sent, headers=HTMX).content.decode()
    made.refresh_from_db()
    assert made.account_handle == "copyist"


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Please give the address of the copy"),
        ({"address": "https://elsewhere.example/1"}, "does not belong to a connected platform"),
        ({"address": "https://fake.example/works/none"}, "This work was not found"),
        ({"address": "hello"}, "This is not an address. Copy the whole address"),
        ({"address": "x" * 600}, "500"),
        ({"address": "a\x00b"}, "Null characters"),
        ({"address": "https://fake.example/\u202eevil"}, "Please use visible characters"),
        ({"address": "https://fake.example/works/none", "regime": "moon"}, "Select a valid choice"),
    ],
)
def test_a_wrong_address_is_told_at_its_field(desk: Client, sent: dict[str, str], sentence: str) -> None:
    desk.post("/complaints/new/")
    made = Complaint.objects.get()
    for headers in ({}, HTMX):
        answer = desk.post(url(made, "copy"), sent, headers=headers)
        assert answer.status_code == (200 if headers else 422)
        assert sentence in answer.content.decode()
    made.refresh_from_db()
    assert made.copy is None


def test_what_was_found_before_is_not_shown_under_a_wrong_address(desk: Client, draft: Complaint) -> None:
    assert "We found this" in page_text(desk.get(url(draft, "copy")))
    for sent in ("hello", "https://fake.example/works/none"):
        piece = desk.post(url(draft, "copy"), {"address": sent}, headers=HTMX).content.decode()
        assert "field-error" in piece
        assert "We found this" not in piece
    assert "We found this" in page_text(desk.get(url(draft, "copy")))


def test_a_tab_in_which_nothing_was_touched_names_no_copy_again(desk: Client, draft: Complaint) -> None:
    old = filled_form(desk.get(url(draft, "copy")))
    named = make.post(make.account(region="eu", handle="another"), title="Another copy")
    desk.post(url(draft, "copy"), filled_form(desk.get(url(draft, "copy"))) | {"address": named}, headers=HTMX)
    piece = desk.post(url(draft, "copy"), old, headers=HTMX)
    assert "Another copy" in piece.content.decode()
    mark = filled_form(piece)["shown_mark"] if "<form" in piece.content.decode() else old["shown_mark"]
    assert desk.post(url(draft, "copy"), old | {"shown_mark": mark, "next": "1"})["Location"] == url(draft, "original")
    assert copy_of(draft).title == "Another copy"
    desk.post(url(draft, "copy"), filled_form(desk.get(url(draft, "copy"))) | {"address": old["address"]})
    assert copy_of(draft).url == old["address"], "who types the first one again means it"


def test_an_address_that_is_typed_again_on_the_same_page_counts(desk: Client, draft: Complaint) -> None:
    page = filled_form(desk.get(url(draft, "copy")))
    named = make.post(make.account(region="eu", handle="another"), title="Another copy")
    piece = desk.post(url(draft, "copy"), page | {"address": named}, headers=HTMX).content.decode()
    mark = piece.partition('name="shown_mark" value="')[2].partition('"')[0]
    assert mark != page["shown_mark"]
    desk.post(url(draft, "copy"), page | {"shown_mark": mark}, headers=HTMX)
    assert copy_of(draft).url == page["address"]


def test_a_tab_in_which_nothing_was_touched_names_no_original_again(
    desk: Client, draft: Complaint, author: User
) -> None:
    other = make.post(make.account_of(author), title="The other work")
    old = filled_form(desk.get(url(draft, "original")))
    assert old["address"] not in ("", other)
    assert desk.post(url(draft, "original"), old | {"address": other, "next": "1"}).status_code == 302
    assert desk.post(url(draft, "original"), old | {"next": "1"}).status_code == 302
    assert original_of(draft).title == "The other work"
    now = filled_form(desk.get(url(draft, "original")))
    assert desk.post(url(draft, "original"), now | {"address": old["address"], "next": "1"}).status_code == 302
    assert original_of(draft).url == old["address"]


def test_ones_own_account_is_no_copy(desk: Client, author: User) -> None:
    desk.post("/complaints/new/")
    made = Complaint.objects.get()
    answer = desk.post(url(made, "copy"), {"address": make.post(make.account_of(author))})
    assert "This account is yours." in page_text(answer)


def test_a_recording_does_where_the_copy_is_gone(desk: Client, author: User) -> None:
    desk.post("/complaints/new/")
    made = Complaint.objects.get()
    film = SimpleUploadedFile("seen.mp4", engine.sample_video("potter", "seen"))
    answer = desk.post(url(made, "copy"), {"video": film, "next": "1"})
    assert answer.status_code == 422
    assert "Please say which account published it." in page_text(answer)
    assert "seen.mp4" in page_text(answer)
    handle = make.account(handle="gone").handle
    assert desk.post(url(made, "copy"), filled_form(answer) | {"account": f"@{handle}", "next": "1"}).status_code == 302
    made.refresh_from_db()
    assert made.account_handle == "gone"


def test_the_original_is_a_work_a_post_or_a_file(desk: Client, author: User, draft: Complaint) -> None:
    work = works.register_work(by=author, title="Registered", media=make.video(author))
    own = make.post(make.account_of(author), title="Posted")
    film = SimpleUploadedFile("own.mp4", engine.sample_video("potter", "own"))
    upload: dict[str, object] = {"way": "upload", "title": "Sent", "video": film, "published_at": "2026-01-02"}
    ways: list[tuple[dict[str, object], str]] = [
        ({"way": "work", "work": work.pk}, "Registered"),
        ({"way": "address", "address": own}, "Posted"),
        (upload, "Sent"),
    ]
    for sent, title in ways:
        assert desk.post(url(draft, "original"), {**sent, "next": "1"})["Location"] == url(draft, "notice")
        draft.refresh_from_db()
        assert draft.original is not None
        assert draft.original.title == title
        assert f"Selected: {title}" in page_text(desk.get(url(draft, "original")))


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Please choose one of these."),
        ({"way": "address"}, "Please enter the address of your post."),
        ({"way": "upload"}, "Please choose the file."),
        ({"way": "upload", "title": "T", "published_at": "2999-01-01"}, "This date is in the future."),
        ({"way": "upload", "title": "T", "published_at": "yesterday"}, "Enter a valid date."),
        ({"way": "theft"}, "Select a valid choice"),
    ],
)
def test_a_way_that_lacks_something_says_what(
    desk: Client, draft: Complaint, sent: dict[str, str], sentence: str
) -> None:
    answer = desk.post(url(draft, "original"), sent)
    assert answer.status_code == 422
    assert sentence in page_text(answer)


def test_somebody_elses_work_or_video_is_no_choice(desk: Client, draft: Complaint, stranger: User) -> None:
    theirs = works.register_work(by=stranger, title="Theirs", media=make.video(stranger))
    assert desk.post(url(draft, "original"), {"way": "work", "work": theirs.pk}).status_code == 422
    sent = {"way": "upload", "title": "T", "video-kept": str(theirs.media_id)}
    assert desk.post(url(draft, "original"), sent).status_code == 422


def test_what_is_typed_saves_itself(desk: Client, draft: Complaint) -> None:
    sent = filled_form(desk.get(url(draft, "notice"))) | {"text": "First", "email": "not a web address"}
    assert "the rest is saved" in desk.post(url(draft, "notice"), sent, headers=HTMX).content.decode()
    again = desk.post(url(draft, "notice"), sent | {"text": "Second", "email": "me@example.org"}, headers=HTMX)
    assert "Draft saved" in again.content.decode()
    draft.refresh_from_db()
    assert draft.text == "Second"
    page = desk.get(url(draft, "notice")).content.decode()
    assert "me@example.org" in page


def test_window_that_changed_something_else_overwrites_nothing(desk: Client, draft: Complaint) -> None:
    old, new = (filled_form(desk.get(url(draft, "notice"))) for _window in range(2))
    desk.post(url(draft, "notice"), new | {"text": "Saved in the second window"})
    answer = desk.post(url(draft, "notice"), old | {"email": "zhuang@example.org"})
    assert "in another window" not in answer.content.decode()
    draft.refresh_from_db()
    assert draft.text == "Saved in the second window"
    assert filled_form(desk.get(url(draft, "notice")))["email"] == "zhuang@example.org"


def test_two_windows_never_overwrite_each_other_unseen(desk: Client, draft: Complaint) -> None:
    old, new = filled_form(desk.get(url(draft, "notice"))), filled_form(desk.get(url(draft, "notice")))
    desk.post(url(draft, "notice"), new | {"text": "Saved in the second window"})
    answer = desk.post(url(draft, "notice"), old | {"text": "Typed in the first", "next": "1"})
    assert answer.status_code == 422
    assert "Saved in the second window" in answer.content.decode()
    assert "Typed in the first" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.text == "Saved in the second window"


def test_contact_is_asked_for_as_the_rules_say(desk: Client, author: User) -> None:
    for region, names in (("eu", {"name", "email"}), ("us", {"name", "email", "address", "phone"})):
        made = make.draft(author, against=make.account(region=region))
        assert names == set(filled_form(desk.get(url(made, "notice")))) & {"name", "email", "address", "phone"}
        made.delete()


def test_evidence_is_added_and_taken_out(desk: Client, draft: Complaint) -> None:
    base = filled_form(desk.get(url(draft, "notice")))
    photo = SimpleUploadedFile("cut.jpg", sample_documents.make_photo(size=(40, 30)))
    piece = {"exhibit-level": "1", "exhibit-note": "My project", "exhibit-file": photo, "add": "1"}
    assert desk.post(url(draft, "notice"), base | piece)["Location"] == url(draft, "notice")
    page = desk.get(url(draft, "notice"))
    for sentence in ("Camera originals or project files", "My project", "cut.jpg"):
        assert sentence in page_text(page)
    exhibit = draft.exhibits.get()
    desk.post(url(draft, "notice"), filled_form(page) | {"drop": str(exhibit.pk)})
    assert not draft.exhibits.exists()
    assert desk.post(url(draft, "notice"), filled_form(page) | {"drop": str(exhibit.pk)}).status_code == 302


@pytest.mark.parametrize(
    ("piece", "sentence"),
    [
        ({"exhibit-note": "Something"}, "Please choose the type of evidence."),
        ({"exhibit-level": "1"}, "Please describe in a few words what is visible there."),
        ({"exhibit-level": "1", "exhibit-note": "N", "exhibit-url": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"exhibit-level": "9", "exhibit-note": "N"}, "Select a valid choice"),
    ],
)
def test_a_wrong_piece_keeps_what_was_typed(
    desk: Client, draft: Complaint, piece: dict[str, str], sentence: str
) -> None:
    sent = filled_form(desk.get(url(draft, "notice"))) | piece | {"text": "A long story", "add": "1"}
    answer = desk.post(url(draft, "notice"), sent)
    assert answer.status_code == 422
    assert sentence in page_text(answer)
    assert "A long story" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.text == "A long story"


def test_what_is_wrong_elsewhere_is_not_lost_when_a_piece_is_added(desk: Client, draft: Complaint) -> None:
    sent = filled_form(desk.get(url(draft, "notice"))) | {
        "email": "nonsense",
        "exhibit-level": "5",
        "exhibit-note": "N",
    }
    answer = desk.post(url(draft, "notice"), sent | {"add": "1"})
    assert answer.status_code == 422
    assert "nonsense" in answer.content.decode()
    assert draft.exhibits.count() == 1
    desk.post(url(draft, "notice"), filled_form(answer) | {"email": "me@example.org"})
    assert draft.exhibits.count() == 1


def test_sending_needs_every_statement_and_happens_once(desk: Client, draft: Complaint) -> None:
    page = desk.get(url(draft, "check"))
    for sentence in ("They uploaded my film again.", "good faith", "Next steps", "Demo Author"):
        assert sentence in page_text(page)
    answer = desk.post(url(draft, "check"), {"tick-right": "on"})
    assert answer.status_code == 422
    assert "The complaint cannot be sent without this statement." in page_text(answer)
    for _ in range(2):
        sent = desk.post(url(draft, "check"), {"tick-right": "on", "tick-bona_fide": "on"})
        assert sent["Location"] == draft.get_absolute_url()
    made = make.fresh(draft)
    assert made.state == State.RECEIVED
    assert set(made.ticks) == {"right", "bona_fide"}


def test_a_notice_under_united_states_law_is_signed(desk: Client, author: User) -> None:
    made = make.draft(author, against=make.account(region="us"))
    ticks = {f"tick-{tick.code}": "on" for tick in made.regime.ticks}
    for signature, sentence in (
        ("", "Please type your full name."),
        ("Somebody", "Please sign by typing your full name"),
    ):
        answer = desk.post(url(made, "check"), ticks | {"signature": signature})
        assert answer.status_code == 422
        assert sentence in page_text(answer)
    assert desk.post(url(made, "check"), ticks | {"signature": "Demo Author"}).status_code == 302
    assert make.fresh(made).signature == "Demo Author"


def test_what_is_missing_is_told_before_sending(desk: Client, author: User) -> None:
    made = make.draft(author, text="")
    page = desk.get(url(made, "check"))
    assert "Still missing" in page_text(page)
    assert "Submit complaint" not in page_text(page)
    desk.post(url(made, "check"), {"tick-right": "on", "tick-bona_fide": "on"})
    assert make.fresh(made).state == State.DRAFT


def test_deleting_a_draft_asks_first(desk: Client, draft: Complaint) -> None:
    assert "Delete this draft?" in page_text(desk.get(url(draft, "discard")))
    assert desk.post(url(draft, "discard"))["Location"] == "/complaints/"
    assert not Complaint.objects.exists()
    assert desk.post(url(draft, "discard")).status_code == 404


def test_what_was_sent_cannot_be_changed_by_an_old_window(desk: Client, draft: Complaint) -> None:
    make.submit(draft)
    for step in ("copy", "original", "notice", "check", "discard"):
        assert desk.post(url(draft, step), {"text": "Too late"})["Location"] == draft.get_absolute_url()
    assert make.fresh(draft).text == "They uploaded my film again."


def test_what_was_typed_into_an_ended_session_comes_back(desk: Client, author: User, draft: Complaint) -> None:
    sent = filled_form(desk.get(url(draft, "notice"))) | {"text": "Written for an hour"}
    del desk.cookies["sessionid"]
    desk.post(url(draft, "notice"), sent)
    desk.force_login(author)
    assert "Written for an hour" in desk.get(url(draft, "notice")).content.decode()


def test_a_guest_walks_all_steps(enter: Enter) -> None:
    guest = make.guest()
    client = enter(guest)
    client.post("/complaints/new/")
    made = Complaint.objects.get()
    client.post(url(made, "copy"), {"address": make.post(make.account())})
    film = SimpleUploadedFile("own.mp4", engine.sample_video("potter", "own"))
    client.post(url(made, "original"), {"way": "upload", "title": "Mine", "video": film})
    client.post(
        url(made, "notice"), filled_form(client.get(url(made, "notice"))) | {"text": "They took it.", "next": "1"}
    )
    assert client.post(url(made, "check"), {"tick-right": "on", "tick-bona_fide": "on"}).status_code == 302
    assert make.fresh(made).state == State.RECEIVED


def test_the_last_step_shows_itself_anew_until_evidence_is_opened(desk: Client, draft: Complaint) -> None:
    photo = SimpleUploadedFile("p.jpg", sample_documents.make_photo())
    piece = {"exhibit-level": "1", "exhibit-note": "My project", "exhibit-file": photo, "add": "1"}
    desk.post(url(draft, "notice"), filled_form(desk.get(url(draft, "notice"))) | piece)
    waiting = desk.get(url(draft, "check")).content.decode()
    assert "is still being processed" in waiting
    assert 'hx-trigger="every 3s"' in waiting
    runner.run_due_jobs(["evidence.render"])
    opened = desk.get(url(draft, "check")).content.decode()
    assert "every 3s" not in opened
    assert "is still being processed" not in opened
