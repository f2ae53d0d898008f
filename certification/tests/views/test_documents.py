"""Evidence step: files one by one; a good one stays when another is bad, and nobody else's page is ever shown."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from certification import policies
from certification.actions import drafts
from certification.models import Application, CredentialType
from certification.tests import factories as make
from portal import clock
from portal.people.models import User
from portal.testing import sample_documents
from portal.testing.reading import filled_form, page_text
from portal.testing.shared import Enter

SLOT = "cn-lawyer-licence-uploads"


def url(draft: Application) -> str:
    return f"/certification/applications/{draft.number}/evidence/"


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def test_a_pdf_and_a_photo_are_added(desk: Client, draft: Application) -> None:
    before = draft.documents.count()
    files = [
        upload("licence.pdf", sample_documents.make_pdf("Licence 1")),
        upload("photo.jpg", sample_documents.photo_with_place()),
    ]
    assert desk.post(url(draft), {SLOT: files, "next": "1"})["Location"].endswith("/check/")
    assert draft.documents.count() == before + 2
    text = page_text(desk.get(url(draft)))
    assert "licence.pdf" in text
    assert "in preparation" in text
    make.run_jobs()
    assert "photo.jpg" in page_text(desk.get(url(draft)))


def test_the_good_one_stays_when_the_other_is_bad(desk: Client, draft: Application) -> None:
    before = draft.documents.count()
    files = [upload("good.pdf", sample_documents.make_pdf("Good")), upload("bad.pdf", b"MZ not a paper")]
    answer = desk.post(url(draft), {SLOT: files, "next": "1"})
    assert answer.status_code == 422
    text = page_text(answer)
    assert "bad.pdf:" in text
    assert "good.pdf" in text
    assert draft.documents.count() == before + 1


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.pdf", b""),
        ("cut.pdf", sample_documents.make_pdf("Cut")[:200]),
        ("page.html", b"<script>alert(1)</script>"),
    ],
)
def test_a_bad_file_is_refused_with_one_sentence(desk: Client, draft: Application, name: str, data: bytes) -> None:
    before = draft.documents.count()
    answer = desk.post(url(draft), {SLOT: [upload(name, data)]})
    assert answer.status_code == 422
    assert f"{name}:" in page_text(answer)
    assert draft.documents.count() == before


def test_sending_the_same_file_twice_adds_it_once(desk: Client, draft: Application) -> None:
    before = draft.documents.count()
    data = sample_documents.make_pdf("Twice")
    for _ in range(2):
        desk.post(url(draft), {SLOT: [upload("twice.pdf", data)]})
    assert draft.documents.count() == before + 1


def test_a_file_can_be_taken_out_and_a_second_click_does_no_harm(desk: Client, draft: Application) -> None:
    pk = draft.documents.get().pk
    for _ in range(2):
        assert desk.post(url(draft), {"remove": str(pk)}).status_code == 302
    assert not draft.documents.exists()


def test_anothers_file_cannot_be_taken_out(desk: Client, draft: Application, stranger: User) -> None:
    other = make.draft("cn-crafts", stranger).documents.first()
    assert other is not None
    for pk in (str(other.pk), "9" * 30, "-1", "x", "1.5"):
        desk.post(url(draft), {"remove": pk})
    other.refresh_from_db()


def test_a_paper_with_a_date_asks_for_it(desk: Client, creator: User) -> None:
    draft = make.draft("cn-medicine", creator)
    answer = desk.post(url(draft), {"cn-employment-employment-dated_on": "2026-13-45"})
    assert answer.status_code == 422
    assert desk.post(url(draft), {"cn-employment-employment-dated_on": "2026-10-01"}).status_code == 302
    assert str(draft.documents.get(kind="employment").dated_on) == "2026-10-01"


def test_the_list_asks_for_itself_until_the_pages_are_there(
    desk: Client, enter: Enter, stranger: User, draft: Application
) -> None:
    file = draft.documents.get().file
    piece = f"/certification/papers/{file.pk}/"
    assert "every 3s" in desk.get(piece).content.decode()
    make.run_jobs()
    assert "every 3s" not in desk.get(piece).content.decode()
    assert enter(stranger).get(piece).status_code == 404


def test_agents_see_that_papers_are_there_and_no_name_or_page(enter: Enter, agent: User, draft: Application) -> None:
    make.run_jobs()
    file = draft.documents.get().file
    client = enter(agent)
    for step in ("evidence", "check"):
        page = client.get(f"/certification/applications/{draft.number}/{step}/").content.decode()
        assert file.name not in page
        assert str(file.pk) not in page
    assert client.get(f"/evidence/{file.pk}/pages/1/").status_code == 404
    assert client.get(f"/evidence/{file.pk}/original/").status_code == 404
    before = draft.documents.count()
    client.post(url(draft), {SLOT: [upload("agent.pdf", sample_documents.make_pdf("Agent"))]})
    assert draft.documents.count() == before


WORK, RECORD, VOUCHER = "practice-work", "practice-record", "practice-voucher"


def practical_draft(creator: User) -> Application:
    """A draft in crafts with nothing in it but the name."""
    made = make.draft("cn-crafts", creator)
    made.documents.all().delete()
    made.credentials.all().delete()
    return made


def picture(name: str) -> SimpleUploadedFile:
    return upload(name, sample_documents.make_pdf(name))


def test_practical_areas_give_photo_date_and_record_on_one_page(desk: Client, creator: User) -> None:
    draft = practical_draft(creator)
    page = desk.get(url(draft))
    assert "(optional)" not in page_text(page).split("One of these is enough")[0]
    sent = filled_form(page) | {
        f"{WORK}-practice-uploads": [picture("work.pdf")],
        f"{WORK}-practice-dated_on": str(clock.today()),
        f"{RECORD}-practice-uploads": [picture("invoice.pdf")],
        f"{RECORD}-issuer": "Buyer",
        "next": "1",
    }
    assert desk.post(url(draft), sent)["Location"].endswith("/check/")
    assert policies.application_gaps(draft) == []
    assert set(draft.credentials.values_list("type__code", "issuer")) == {(WORK, ""), (RECORD, "Buyer")}
    assert desk.post(url(draft).replace("evidence", "check"), {"consent": "on"})["Location"] == draft.get_absolute_url()


def test_what_is_missing_is_said_in_the_step_where_it_can_be_given(desk: Client, creator: User) -> None:
    draft = practical_draft(creator)
    sent = filled_form(desk.get(url(draft))) | {f"{WORK}-practice-uploads": [picture("work.pdf")]}
    answer = desk.post(url(draft), sent | {"next": "1"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert f'href="#id_{WORK}-practice-dated_on"' in text
    assert f'href="#id_{RECORD}-practice-uploads"' in text
    assert f'href="#id_{VOUCHER}-authorisation-uploads"' not in text
    assert "work.pdf" in text, "the file is kept"
    assert draft.documents.filter(credential__type__code=WORK).count() == 1


def test_document_without_its_date_is_refused_where_it_is_given_and_before_submission(
    desk: Client, draft: Application, creator: User
) -> None:
    draft = practical_draft(creator)
    sent = filled_form(desk.get(url(draft))) | {f"{WORK}-practice-uploads": [picture("work.pdf")]}
    assert "Please enter the date." in page_text(desk.post(url(draft), sent))
    assert any("please enter the date" in gap for gap in policies.application_gaps(draft))
    tomorrow = str(clock.today() + timedelta(days=9))
    answer = desk.post(url(draft), filled_form(desk.get(url(draft))) | {f"{WORK}-practice-dated_on": tomorrow})
    assert "This date is in the future." in page_text(answer)


def test_choice_that_is_given_up_leaves_nothing_to_ask_for(desk: Client, creator: User) -> None:
    draft = practical_draft(creator)
    sent = filled_form(desk.get(url(draft))) | {f"{VOUCHER}-authorisation-uploads": [picture("letter.pdf")]}
    desk.post(url(draft), sent | {f"{VOUCHER}-authorisation-dated_on": str(clock.today())})
    pk = draft.documents.get().pk
    desk.post(url(draft), filled_form(desk.get(url(draft))) | {"remove": str(pk)})
    assert not draft.credentials.exists()


def test_what_another_category_asked_for_can_be_taken_out(desk: Client, draft: Application) -> None:
    other = CredentialType.objects.get(code="cn-legal-qualification")
    drafts.declare_credential(application=draft, by=draft.applicant, kind=other)
    assert "No longer required for this application" in page_text(desk.get(url(draft)))
    desk.post(url(draft), {"undeclare": other.code})
    assert policies.application_gaps(draft) == []


def choice_with_letter(desk: Client, creator: User) -> Application:
    """A draft with a choice of which one was declared by its file alone."""
    draft = practical_draft(creator)
    sent = filled_form(desk.get(url(draft))) | {f"{VOUCHER}-authorisation-uploads": [picture("letter.pdf")]}
    desk.post(url(draft), sent | {f"{VOUCHER}-authorisation-dated_on": str(clock.today())})
    return draft


def test_what_is_taken_out_takes_its_files_along(desk: Client, creator: User) -> None:
    draft = choice_with_letter(desk, creator)
    desk.post(url(draft), {"undeclare": VOUCHER})
    assert not draft.credentials.exists()
    assert not draft.documents.exists()


def test_a_file_that_came_in_another_window_keeps_its_credential(
    desk: Client, creator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = choice_with_letter(desk, creator)
    document = draft.documents.get()
    looked = iter([True])
    real = drafts.is_empty_credential
    monkeypatch.setattr(drafts, "is_empty_credential", lambda credential: next(looked, None) or real(credential))
    desk.post(url(draft), filled_form(desk.get(url(draft))), headers={"HX-Request": "true"})
    document.refresh_from_db()
    assert document.credential == draft.credentials.get()


def test_a_file_for_what_was_taken_out_meanwhile_is_refused_beside_the_form(
    desk: Client, creator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = choice_with_letter(desk, creator)
    real = drafts.attach_document

    def late(**sent: Any) -> object:
        drafts.remove_credential(credential=draft.credentials.get(), by=creator)
        return real(**sent)

    monkeypatch.setattr(drafts, "attach_document", late)
    sent = filled_form(desk.get(url(draft))) | {f"{VOUCHER}-authorisation-uploads": [picture("second.pdf")]}
    answer = desk.post(url(draft), sent)
    assert answer.status_code == 422
    assert "This was removed in another window" in page_text(answer)


def test_going_back_saves_and_never_locks_in(desk: Client, draft: Application) -> None:
    sent = filled_form(desk.get(url(draft))) | {"cn-lawyer-issuer": "Zhejiang", "back": "1"}
    assert desk.post(url(draft), sent)["Location"].endswith("/about/")
    assert draft.credentials.get().issuer == "Zhejiang"
    answer = desk.post(url(draft), sent | {"cn-lawyer-number": "1"})
    assert answer.status_code == 422
    assert "Go back without saving" in page_text(answer)


def test_renewal_asks_for_evidence_on_the_same_page(desk: Client, creator: User) -> None:
    certificate = make.certificate("cn-crafts", applicant=creator)
    with clock.freeze_time(certificate.valid_to - timedelta(days=9)):
        desk.force_login(creator)
        desk.post(f"/certification/certificates/{certificate.serial}/renew/")
        renewal = Application.objects.get(renews=certificate)
        page = desk.get(url(renewal)).content.decode()
    assert f'name="{WORK}-practice-uploads"' in page
    assert f'name="{RECORD}-practice-uploads"' in page


def test_a_date_of_another_tab_stays_and_an_own_change_counts(desk: Client, creator: User) -> None:
    draft = practical_draft(creator)
    name, day = f"{WORK}-practice-dated_on", clock.today()
    old = filled_form(desk.get(url(draft)))
    photo = {f"{WORK}-practice-uploads": [picture("work.pdf")], name: str(day)}
    desk.post(url(draft), filled_form(desk.get(url(draft))) | photo)
    desk.post(url(draft), old | {f"{RECORD}-issuer": "Buyer"})
    dated = draft.documents.get(kind="practice")
    assert dated.dated_on == day
    earlier, again = str(day - timedelta(days=1)), str(day - timedelta(days=2))
    page = filled_form(desk.get(url(draft)))
    for value in (earlier, again):  # the page saves itself, and saves once more
        desk.post(url(draft), page | {name: value}, headers={"HX-Request": "true"})
        dated.refresh_from_db()
        assert str(dated.dated_on) == value


def test_a_date_that_was_changed_in_both_tabs_is_asked_about(desk: Client, creator: User) -> None:
    draft = practical_draft(creator)
    name, day = f"{WORK}-practice-dated_on", clock.today()
    photo = {f"{WORK}-practice-uploads": [picture("work.pdf")], name: str(day)}
    desk.post(url(draft), filled_form(desk.get(url(draft))) | photo)
    one, other = filled_form(desk.get(url(draft))), filled_form(desk.get(url(draft)))
    desk.post(url(draft), one | {name: str(day - timedelta(days=1))})
    answer = desk.post(url(draft), other | {name: str(day - timedelta(days=2))})
    assert "was saved in another window" in page_text(answer)
    assert draft.documents.get(kind="practice").dated_on == day - timedelta(days=1)
    desk.post(url(draft), filled_form(answer))
    assert draft.documents.get(kind="practice").dated_on == day - timedelta(days=2)
