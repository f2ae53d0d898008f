"""What each side sees of the other's evidence and files: once it was handed in, without contact data, each look logged."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from complaints import notices
from complaints.actions import appeals, drafts
from complaints.models import Complaint
from complaints.policies import disclosure, parties
from complaints.policies.terms import FILES_KEPT
from complaints.states import ComplaintState as State
from complaints.states import Side
from complaints.tests import deciding as do
from complaints.tests import factories as make
from complaints.views.party_context import FILE_URLS
from portal.errors import Invalid
from portal.evidence import access
from portal.evidence.actions import files
from portal.evidence.models import EvidenceAccess, EvidenceFile, MarkedCopy
from portal.jobs import runner
from portal.people.models import User
from portal.reviews.actions import queue
from portal.reviews.clocks import APPEAL_WINDOW
from portal.reviews.models import ReasonCode
from portal.testing.reading import page_text
from portal.testing.shared import Enter

pytestmark = pytest.mark.django_db
NOTE = "The project file. Ask demo.author@example.org, 555-0100, or 1 Demo Street."


@pytest.fixture
def made(author: User) -> Complaint:
    """A complaint with a document of its author's, of which the other side has been told."""
    complaint = make.draft(by=author, text="Write to demo.author@example.org.")
    add(complaint, Side.COMPLAINANT, NOTE)
    for step in make.NOTIFIED:
        step(make.fresh(complaint))
    make.draw_papers()
    return make.fresh(complaint)


@pytest.fixture
def guest(made: Complaint) -> Client:
    """A browser that came by the respondent's link."""
    client = Client()
    client.get("/" + notices.case_file_link(made, Side.RESPONDENT).split("/", 3)[3])
    return client


def add(complaint: Complaint, side: str, note: str = "My earlier original.") -> EvidenceFile:
    by = complaint.complainant if side == Side.COMPLAINANT else do.respondent(complaint)
    file = make.paper(by)
    drafts.add_exhibit(complaint=complaint, by=by, side=side, level=1, note=note, file=file)
    return file


def answered(complaint: Complaint) -> EvidenceFile:
    """The respondent answers, with a document; it is drawn."""
    file = add(complaint, Side.RESPONDENT)
    contact = {**make.CONTACT, "name": "Demo Respondent", "email": "me@example.net", "phone": "+44 20 7946 0000"}
    make.answer(complaint, "I did it before. Call +44 (20) 7946-0000.", contact=contact)
    make.draw_papers()
    return file


def url(complaint: Complaint, side: str, file: EvidenceFile, *page: int) -> str:
    return reverse(FILE_URLS[side][len(page)], args=[complaint.number, file.pk, *page])


def test_the_respondent_sees_the_evidence_without_contact_data(guest: Client, made: Complaint) -> None:
    file = EvidenceFile.objects.get(owner=made.complainant)
    text = page_text(guest.get(made.answer_url))
    assert "Evidence of the other side" in text
    assert "The project file." in text
    for private in ("demo.author@example.org", "555-0100", "1 Demo Street"):
        assert private not in text
    page = guest.get(url(made, Side.RESPONDENT, file))
    assert page.status_code == 200
    picture = guest.get(url(made, Side.RESPONDENT, file, 1))
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")
    look = EvidenceAccess.objects.get(file=file)
    assert (look.by, look.page, look.why) == (made.respondent, 1, f"complaint {made.number}, respondent")
    original = guest.get(reverse("evidence:original", args=[file.pk]))
    assert (original.status_code, original["Location"].partition("?")[0]) == (302, reverse("account_login"))


def test_the_complainant_sees_the_answers_evidence_not_before_it_is_sent(desk: Client, made: Complaint) -> None:
    file = add(made, Side.RESPONDENT)
    make.draw_papers()
    assert access.refuse_look(made.complainant, file)
    for address in (url(made, Side.COMPLAINANT, file), url(made, Side.COMPLAINANT, file, 1)):
        assert desk.get(address).status_code == 404
    assert "My earlier original" not in page_text(desk.get(made.get_absolute_url()))
    other = answered(made)
    assert access.refuse_look(made.complainant, other) is None
    text = page_text(desk.get(made.get_absolute_url()))
    assert text.count("My earlier original.") == 2
    assert "I did it before." in text
    assert "7946" not in text
    assert desk.get(url(made, Side.COMPLAINANT, other)).status_code == 200
    assert desk.get(url(made, Side.COMPLAINANT, other, 1)).status_code == 200
    assert EvidenceAccess.objects.filter(file=other, by=made.complainant).count() == 1


def test_ones_own_documents_are_seen_without_a_note(desk: Client, made: Complaint) -> None:
    file = EvidenceFile.objects.get(owner=made.complainant)
    text = page_text(desk.get(made.get_absolute_url()))
    assert NOTE in text
    assert desk.get(url(made, Side.COMPLAINANT, file, 1)).status_code == 200
    assert not EvidenceAccess.objects.exists()


def test_reviewers_see_marked_pages_and_the_sides_see_them_as_they_are(
    desk: Client, enter: Enter, made: Complaint
) -> None:
    other, file = answered(made), EvidenceFile.objects.get(owner=made.complainant)
    holder, case, _complaint = do.claim(made)
    reader = enter(holder)
    pages = [reverse("evidence:page", args=[one.pk, 1]) for one in (file, other)]
    assert [reader.get(page).status_code for page in pages] == [404, 404]
    assert page_text(reader.get(f"/reviews/{case.number}/work/")).count("being prepared") == 2
    runner.run_due_jobs(["evidence.mark"])
    plain = [files.page_content(one.pages.get()) for one in (file, other)]
    shown = [reader.get(page) for page in pages]
    assert [answer.status_code for answer in shown] == [200, 200]
    assert all(answer.content not in plain for answer in shown)
    assert set(MarkedCopy.objects.values_list("viewer", "case")) == {(holder.pk, made.number)}
    looks = EvidenceAccess.objects.filter(by=holder).values_list("file", "page", "why")
    assert set(looks) == {(one.pk, 1, made.number) for one in (file, other)}
    viewers = [reader.get(reverse("evidence:viewer", args=[one.pk])) for one in (file, other)]
    assert all("being prepared" not in page_text(answer) for answer in viewers)
    assert reader.get(reverse("evidence:original", args=[file.pk])).status_code == 404
    # The complainant: their own and the other side's, by either address, as they are.
    for one, content in zip((file, other), plain, strict=True):
        assert desk.get(url(made, Side.COMPLAINANT, one, 1)).content == content
        assert desk.get(reverse("evidence:page", args=[one.pk, 1])).content == content
    assert EvidenceAccess.objects.filter(by=made.complainant, file=file).count() == 0
    assert EvidenceAccess.objects.filter(by=made.complainant, file=other).count() == 2
    assert not MarkedCopy.objects.exclude(viewer=holder).exists()


def test_whoever_gives_the_case_back_sees_no_copy_any_more(enter: Enter, made: Complaint) -> None:
    answered(made)
    file = EvidenceFile.objects.get(owner=made.complainant)
    holder, case, _complaint = do.claim(made)
    reader, page = enter(holder), reverse("evidence:page", args=[file.pk, 1])
    reader.get(f"/reviews/{case.number}/work/")
    runner.run_due_jobs(["evidence.mark"])
    assert reader.get(page).status_code == 200
    queue.release_case(case, by=holder, why="Not for me.")
    assert reader.get(page).status_code == 404


def test_a_file_for_reviewers_only_is_named_with_the_reason(
    desk: Client, guest: Client, enter: Enter, made: Complaint
) -> None:
    by, file = do.respondent(made), make.paper(do.respondent(made))
    why = "It names my clients. Ask me@example.net."
    kept = {"side": Side.RESPONDENT, "level": 1, "note": "My contract.", "file": file, "reviewers_only": why}
    drafts.add_exhibit(complaint=made, by=by, **kept)  # type: ignore[arg-type]
    make.answer(made, "I did it before.")
    make.draw_papers()
    other = page_text(desk.get(made.get_absolute_url()))
    for part in ("My contract.", "Only reviewers can see this file", "It names my clients."):
        assert part in other
    assert "me@example.net" not in other
    assert desk.get(url(made, Side.COMPLAINANT, file)).status_code == 404
    assert desk.get(url(made, Side.COMPLAINANT, file, 1)).status_code == 404
    assert access.refuse_look(made.complainant, file)
    own = page_text(guest.get(made.answer_url))
    assert "The other side cannot see this file" in own
    assert why in own
    assert guest.get(url(made, Side.RESPONDENT, file, 1)).status_code == 200
    holder, case, _complaint = do.claim(made)
    page = page_text(enter(holder).get(f"/reviews/{case.number}/work/"))
    assert "The other side cannot see this file" in page
    assert why in page


@pytest.mark.parametrize(("why", "file"), [("It is private.", False), ("x" * 301, True)])
def test_only_a_file_is_kept_from_the_other_side_and_with_a_short_reason(made: Complaint, why: str, file: bool) -> None:
    by = do.respondent(made)
    with pytest.raises(Invalid) as refused:
        drafts.add_exhibit(
            complaint=made,
            by=by,
            side=Side.RESPONDENT,
            level=5,
            note="A witness.",
            file=make.paper(by) if file else None,
            reviewers_only=why,
        )
    assert set(refused.value.fields) == {"reviewers_only"}


def test_files_of_an_appeal_are_shown_to_the_other_side(desk: Client, made: Complaint) -> None:
    answered(made)
    do.decide(made)
    by, file = do.respondent(made), make.paper(do.respondent(made))

    appeals.appeal_complaint_decision(
        complaint=make.fresh(made), by=by, side=Side.RESPONDENT, text="You have overlooked my licence.", files=[file]
    )
    make.draw_papers()
    assert file.name in page_text(desk.get(made.get_absolute_url()))
    assert desk.get(url(made, Side.COMPLAINANT, file, 1)).status_code == 200
    assert EvidenceAccess.objects.filter(file=file, by=made.complainant).exists()


def test_a_respondent_who_was_not_told_sees_nothing(author: User) -> None:
    complaint = make.draft(by=author)
    file = add(complaint, Side.COMPLAINANT)
    make.authorise(complaint)
    make.submit(complaint)
    make.run_jobs()
    complaint = make.fresh(complaint)
    assert complaint.state == State.SCREENING
    assert access.refuse_look(do.respondent(complaint), file)


def test_nobody_else_opens_a_document_by_the_addresses_of_a_complaint(
    enter: Enter, stranger: User, made: Complaint, desk: Client
) -> None:
    file, foreign = EvidenceFile.objects.get(owner=made.complainant), make.paper(stranger)
    assert enter(stranger).get(url(made, Side.COMPLAINANT, file)).status_code == 404
    assert desk.get(url(made, Side.COMPLAINANT, foreign)).status_code == 404
    assert desk.get(url(made, Side.RESPONDENT, file)).status_code == 404
    assert parties.refuse_evidence_access(stranger, file)


REDACTED: list[tuple[str, Callable[[str], bool]]] = [
    ("Write to a.b+c@mail.example.org, please.", lambda text: "@" not in text and text.startswith("Write to [")),
    ("Call +44 (20) 7946-0000.", lambda text: "7946" not in text),
    ("Call 5550100 or 555 01-00.", lambda text: "555" not in text),
    ("I live at 1  demo street, you know.", lambda text: "street" not in text.lower()),
    ("Demo Author filmed it on 2026-03-01 at 08:30, file 20260301083015.", lambda text: "[" not in text),
    ("The code is 123 456 789 012 345.", lambda text: "[" not in text),
]


@pytest.mark.parametrize(("text", "good"), REDACTED)
def test_contact_data_is_left_out_and_nothing_else(text: str, good: Callable[[str], bool]) -> None:
    assert good(disclosure.redact_contact(text, make.CONTACT))


def test_files_are_kept_longer_than_an_appeal_may_come() -> None:
    assert FILES_KEPT > APPEAL_WINDOW


def test_what_a_side_was_told_stays_though_the_reason_is_edited(desk: Client, made: Complaint) -> None:
    answered(made)
    do.decide(made)
    page = desk.get(made.get_absolute_url())
    changed: dict[str, Any] = {"en": "Quite another text.", "zh-hans": "别的文字。"}
    ReasonCode.objects.update(texts=changed, labels=changed)
    again = page_text(desk.get(made.get_absolute_url()))
    assert "Quite another text." not in again
    assert page_text(page) == again


def test_how_far_a_file_has_come_is_told_to_both_sides_only(guest: Client, made: Complaint, enter: Enter) -> None:
    file = EvidenceFile.objects.get(owner=made.complainant)
    mine = add(made, Side.RESPONDENT)
    theirs = reverse("evidence:status", args=[file.pk])
    own = reverse("evidence:status", args=[mine.pk])
    assert guest.get(theirs).status_code == guest.get(own).status_code == 200
    assert enter(made.complainant).get(theirs).status_code == 200
    assert Client().get(theirs).status_code == 404
    assert enter(make.person()).get(theirs).status_code == 404
    other = Client()
    elsewhere = make.complaint(State.NOTIFIED)
    other.get("/" + notices.case_file_link(elsewhere, Side.RESPONDENT).split("/", 3)[3])
    assert other.get(theirs).status_code == 404
    Complaint.objects.filter(pk=made.pk).update(nonce="another")
    assert guest.get(theirs).status_code == 404, "the link is worth nothing any more"
