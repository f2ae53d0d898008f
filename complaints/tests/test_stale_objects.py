"""Everything that writes into a complaint before it is decided, tried with an object that was read before somebody was first."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Model

from complaints.actions import appeals, drafts, intake
from complaints.models import Complaint, Exhibit, Statement, Work
from complaints.states import ComplaintState as State
from complaints.states import Side
from complaints.tests import deciding as do
from complaints.tests import factories as make
from portal.errors import Conflict, NotAllowed
from portal.evidence.models import EvidenceFile
from portal.media.models import MediaFile
from portal.people.models import User
from portal.reviews.models import Appeal

pytestmark = pytest.mark.django_db
Act = Callable[[], object]
Prepare = Callable[[Complaint], Act]
TABLES: tuple[type[Model], ...] = (Complaint, Work, Exhibit, Statement, Appeal, EvidenceFile, MediaFile)


def rows() -> dict[str, list[Any]]:
    """All that an action could leave behind."""
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in TABLES}


def refused(act: Act) -> None:
    """The action says that somebody was first, and nothing is written."""
    before = rows()
    with pytest.raises((Conflict, NotAllowed)) as refusal:
        act()
    assert str(refusal.value.message).endswith(".")
    assert rows() == before


def exhibit(complaint: Complaint, side: str = Side.COMPLAINANT, **more: Any) -> Exhibit:
    by = complaint.complainant if side == Side.COMPLAINANT else do.respondent(complaint)
    return drafts.add_exhibit(complaint=complaint, by=by, side=side, level=1, note="The project files.", **more)


def contact(complaint: Complaint) -> Act:
    return lambda: drafts.set_complainant_contact(
        complaint=complaint, by=complaint.complainant, contact={**make.CONTACT, "name": "Another"}
    )


def text(complaint: Complaint) -> Act:
    return lambda: drafts.save_draft(complaint=complaint, by=complaint.complainant, text="Something else.")


def copy_by_address(complaint: Complaint) -> Act:
    address = make.post(make.account())
    return lambda: drafts.name_copied_video(complaint=complaint, by=complaint.complainant, address=address)


def copy_by_recording(complaint: Complaint) -> Act:
    media, account = make.video(complaint.complainant), make.account()
    return lambda: drafts.name_copied_video(
        complaint=complaint, by=complaint.complainant, media=media, account=account.handle
    )


def both_found(complaint: Complaint) -> Act:
    copy = drafts.find_copied_post(address=make.post(make.account()))
    original = make.post_of(make.post(make.account_of(complaint.complainant)))
    return lambda: drafts.name_found_videos(
        complaint=complaint, by=complaint.complainant, copy=copy, original_on="fake", original=original
    )


def original_by_address(complaint: Complaint) -> Act:
    address = make.post(make.account_of(complaint.complainant))
    return lambda: drafts.name_original_video(complaint=complaint, by=complaint.complainant, address=address)


def original_by_file(complaint: Complaint) -> Act:
    media = make.video(complaint.complainant)
    return lambda: drafts.name_original_video(complaint=complaint, by=complaint.complainant, media=media, title="Mine")


def more_evidence(complaint: Complaint) -> Act:
    return lambda: exhibit(complaint)


def more_evidence_with_file(complaint: Complaint) -> Act:
    paper = make.paper(complaint.complainant)
    return lambda: exhibit(complaint, file=paper)


def less_evidence(complaint: Complaint) -> Act:
    row = Exhibit.objects.select_related("complaint", "file").filter(complaint=complaint).latest("pk")
    return lambda: drafts.drop_exhibit(exhibit=row, by=complaint.complainant)


def discard(complaint: Complaint) -> Act:
    return lambda: drafts.discard_draft(complaint=complaint, by=complaint.complainant)


def hand_in(complaint: Complaint) -> Act:
    return lambda: make.submit(complaint)


DRAFT: tuple[Prepare, ...] = (
    contact, text, copy_by_address, copy_by_recording, both_found, original_by_address, original_by_file,
    more_evidence, more_evidence_with_file, less_evidence, discard, hand_in,
)  # fmt: skip


@pytest.mark.parametrize("prepare", DRAFT)
def test_a_draft_that_was_handed_in_meanwhile(prepare: Prepare) -> None:
    complaint = make.draft()
    exhibit(complaint)
    act = prepare(make.fresh(complaint))
    make.submit(make.fresh(complaint))
    refused(act)


@pytest.mark.parametrize("prepare", DRAFT)
def test_a_draft_that_was_discarded_meanwhile(prepare: Prepare) -> None:
    complaint = make.draft()
    exhibit(complaint)
    act = prepare(make.fresh(complaint))
    drafts.discard_draft(complaint=make.fresh(complaint), by=complaint.complainant)
    with pytest.raises((Conflict, NotAllowed, Complaint.DoesNotExist)):
        act()
    assert not Exhibit.objects.exists()


def complete_by_address(complaint: Complaint) -> Act:
    address = make.post(make.fake().accounts[complaint.account_id])
    return lambda: intake.complete_complaint(complaint=complaint, by=complaint.complainant, copy_address=address)


def complete_by_recording(complaint: Complaint) -> Act:
    media = make.video(complaint.complainant)
    return lambda: intake.complete_complaint(complaint=complaint, by=complaint.complainant, copy_media=media)


INCOMPLETE: tuple[Prepare, ...] = (
    more_evidence, more_evidence_with_file, less_evidence, complete_by_address, complete_by_recording
)  # fmt: skip


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("prepare", INCOMPLETE)
def test_what_was_completed_meanwhile_even_if_something_is_missing_again(prepare: Prepare, *, again: bool) -> None:
    complaint = make.complaint(State.INCOMPLETE)
    exhibit(complaint)
    act = prepare(make.fresh(complaint))
    complete_by_address(make.fresh(complaint))()
    if again:
        make.lose_copy(make.fresh(complaint))
        make.run_jobs()
        assert make.fresh(complaint).state == State.INCOMPLETE
    refused(act)


def test_evidence_that_was_handed_in_stays_though_something_is_missing() -> None:
    complaint = make.draft()
    row = exhibit(complaint)
    make.submit(complaint)
    make.lose_copy(complaint)
    make.run_jobs()
    complaint = make.fresh(complaint)
    assert complaint.state == State.INCOMPLETE
    fresh = Exhibit.objects.select_related("complaint").get(pk=row.pk)
    refused(lambda: drafts.drop_exhibit(exhibit=fresh, by=complaint.complainant))


def respondents_evidence(complaint: Complaint) -> Act:
    return lambda: exhibit(complaint, Side.RESPONDENT)


def respondents_answer(complaint: Complaint) -> Act:
    paper = make.paper(do.respondent(complaint))
    shown = [{"level": 1, "note": "The project files."}]
    return lambda: make.answer(complaint, files=[paper], exhibits=shown)


@pytest.mark.parametrize("first", [make.let_wait_end, make.answer, make.withdraw])
@pytest.mark.parametrize("prepare", [respondents_evidence, respondents_answer])
def test_an_answer_that_comes_too_late(prepare: Prepare, first: Callable[[Complaint], object]) -> None:
    complaint = make.complaint(State.NOTIFIED, against=make.account(make.person()))
    act = prepare(make.fresh(complaint))
    first(make.fresh(complaint))
    refused(act)


def withdraw(complaint: Complaint) -> Act:
    return lambda: make.withdraw(complaint)


@pytest.mark.parametrize("prepare", [withdraw])
def test_a_complaint_that_was_decided_meanwhile(prepare: Prepare) -> None:
    complaint = do.in_review(against=make.account(make.person()))
    act = prepare(make.fresh(complaint))
    do.decide(complaint)
    refused(act)


def side_of(complaint: Complaint, side: str) -> User:
    return complaint.complainant if side == Side.COMPLAINANT else do.respondent(complaint)


def test_a_second_appeal_and_a_reply_after_the_decision() -> None:
    complaint = do.in_review(against=make.account(make.person()))
    do.decide(complaint, "partly")
    stale = make.fresh(complaint)
    said: dict[str, Any] = {"text": "You have overlooked my licence.", "files": [make.paper(do.respondent(complaint))]}
    do.appeal(complaint, Side.COMPLAINANT)
    appealed = make.fresh(complaint)
    respondent = side_of(complaint, Side.RESPONDENT)
    refused(lambda: appeals.appeal_complaint_decision(complaint=stale, by=respondent, side=Side.RESPONDENT, **said))
    do.affirm(complaint)
    refused(lambda: appeals.reply_to_appeal(complaint=appealed, by=respondent, side=Side.RESPONDENT, **said))
