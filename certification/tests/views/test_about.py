"""Step 1: saved as a whole, by itself, and never over what another window has saved."""

from django.test import Client

from certification.models import Application
from portal.people.models import User
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter

HTMX = {"HX-Request": "true"}


def url(draft: Application) -> str:
    return f"/certification/applications/{draft.number}/about/"


def test_saving_leads_to_the_next_step(desk: Client, draft: Application) -> None:
    sent = filled_form(desk.get(url(draft))) | {"public_name": "Lawyer Li", "next": "1"}
    assert desk.post(url(draft), sent)["Location"].endswith("/evidence/")
    draft.refresh_from_db()
    assert draft.public_name == "Lawyer Li"


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(desk: Client, draft: Application) -> None:
    sent = filled_form(desk.get(url(draft))) | {
        "public_name": "",
        "claims": "x" * 200,
        "statement": "Please <b>read</b>",
    }
    answer = desk.post(url(draft), sent)
    assert answer.status_code == 422
    assert "Please enter the name to be shown on the certificate." in page_text(answer)
    assert "Please &lt;b&gt;read&lt;/b&gt;" in answer.content.decode()
    assert "x" * 200 in answer.content.decode()
    draft.refresh_from_db()
    assert draft.statement == ""


def test_text_that_hides_or_turns_is_refused(desk: Client, draft: Application) -> None:
    sent = filled_form(desk.get(url(draft))) | {"public_name": "Dr\u202e evil", "claims": "a\x00b"}
    answer = desk.post(url(draft), sent)
    assert answer.status_code == 422


def test_a_page_that_saves_itself_is_not_its_own_rival(desk: Client, draft: Application) -> None:
    sent = filled_form(desk.get(url(draft)))
    first = desk.post(url(draft), sent | {"claims": "Contracts"}, headers=HTMX)
    assert "Draft saved" in first.content.decode()
    again = desk.post(url(draft), sent | {"claims": "Contracts and leases"}, headers=HTMX)
    assert "Draft saved" in again.content.decode()
    assert desk.post(url(draft), sent | {"claims": "Contracts, leases", "next": "1"}).status_code == 302
    draft.refresh_from_db()
    assert draft.claims == "Contracts, leases"


def test_what_can_be_read_is_saved_by_itself_though_something_else_is_wrong(desk: Client, draft: Application) -> None:
    sent = filled_form(desk.get(url(draft))) | {"public_name": "", "claims": "Leases"}
    answer = desk.post(url(draft), sent, headers=HTMX)
    assert "the rest is saved" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.claims == "Leases"
    assert draft.public_name


def test_two_windows_never_overwrite_each_other_unseen(desk: Client, draft: Application) -> None:
    old = filled_form(desk.get(url(draft)))
    new = filled_form(desk.get(url(draft)))
    desk.post(url(draft), new | {"claims": "Saved in the second window"})
    answer = desk.post(url(draft), old | {"claims": "Typed in the first", "next": "1"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Saved in the second window" in text
    assert "Typed in the first" in text
    draft.refresh_from_db()
    assert draft.claims == "Saved in the second window"
    assert desk.post(url(draft), filled_form(answer) | {"next": "1"}).status_code == 302
    draft.refresh_from_db()
    assert draft.claims == "Typed in the first"


def test_window_that_changed_something_else_overwrites_nothing(desk: Client, draft: Application) -> None:
    old = filled_form(desk.get(url(draft)))
    new = filled_form(desk.get(url(draft)))
    desk.post(url(draft), new | {"claims": "Saved in the second window"}, headers=HTMX)
    answer = desk.post(url(draft), old | {"affiliation": "Li & Partners"}, headers=HTMX)
    assert "Draft saved" in answer.content.decode()
    assert desk.post(url(draft), old | {"affiliation": "Li and Partners"}).status_code == 302
    draft.refresh_from_db()
    assert (draft.claims, draft.affiliation) == ("Saved in the second window", "Li and Partners")


def test_only_what_both_windows_changed_is_named(desk: Client, draft: Application) -> None:
    old = filled_form(desk.get(url(draft)))
    new = filled_form(desk.get(url(draft)))
    desk.post(url(draft), new | {"claims": "Second", "affiliation": "Elsewhere"})
    mine = old | {"claims": "First", "statement": "Typed here only"}
    assert "Changed in another window" in desk.post(url(draft), mine, headers=HTMX).content.decode()
    draft.refresh_from_db()
    assert (draft.claims, draft.statement) == ("Second", "Typed here only")
    answer = desk.post(url(draft), mine)
    assert answer.status_code == 422
    assert page_text(answer).count("in another window") == 2, "in the summary and at the field"
    assert filled_form(answer)["affiliation"] == "Elsewhere"
    assert desk.post(url(draft), filled_form(answer)).status_code == 302
    draft.refresh_from_db()
    assert (draft.claims, draft.affiliation) == ("First", "Elsewhere")


def test_an_agent_saving_meanwhile_is_seen_too(desk: Client, enter: Enter, agent: User, draft: Application) -> None:
    mine = filled_form(desk.get(url(draft)))
    desk.post(url(draft), mine | {"claims": "Mine"}, headers=HTMX)
    theirs = enter(agent)
    theirs.post(url(draft), filled_form(theirs.get(url(draft))) | {"claims": "Hers"})
    assert desk.post(url(draft), mine | {"claims": "Mine again"}).status_code == 422
    draft.refresh_from_db()
    assert draft.claims == "Hers"


def test_what_was_typed_into_an_ended_session_is_there_after_the_next_sign_in(
    desk: Client, draft: Application, creator: User
) -> None:
    sent = filled_form(desk.get(url(draft))) | {"claims": "Written for an hour"}
    del desk.cookies["sessionid"]
    answer = desk.post(url(draft), sent)
    assert answer["Location"].endswith(f"?next={url(draft)}")
    assert "Written for an hour" not in str(dict(desk.session.items()))
    desk.force_login(creator)
    back = desk.get(url(draft))
    assert "Written for an hour" in back.content.decode()
    assert "not saved yet" in page_text(back)
    assert desk.post(url(draft), filled_form(back) | {"next": "1"}).status_code == 302
    draft.refresh_from_db()
    assert draft.claims == "Written for an hour"
    assert "Written for an hour" not in desk.get("/certification/").content.decode()


def test_somebody_else_signing_in_there_reads_nothing(desk: Client, draft: Application, stranger: User) -> None:
    sent = filled_form(desk.get(url(draft))) | {"claims": "Private"}
    desk.cookies.clear()
    desk.post(url(draft), sent)
    desk.force_login(stranger)
    assert desk.get(url(draft)).status_code == 404


def test_another_persons_draft_is_not_there(enter: Enter, stranger: User, draft: Application) -> None:
    assert enter(stranger).get(url(draft)).status_code == 404
    assert enter(stranger).post(url(draft), {}).status_code == 404


def test_what_was_handed_in_is_shown_as_it_stands(desk: Client, draft: Application) -> None:
    from certification.tests import factories as make

    make.submit(draft)
    answer = desk.post(url(draft), {"public_name": "Too late"})
    assert answer["Location"] == f"/certification/applications/{draft.number}/"
    draft.refresh_from_db()
    assert draft.public_name != "Too late"
