"""Handing in, completing, taking back, running out of time: once each, with a receipt, and what was brought is sealed."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils.formats import date_format

from complaints.actions import comparing, drafts, intake
from complaints.models import Complaint, Exhibit, Statement
from complaints.policies.terms import COMPLETE_TIME, FILES_KEPT
from complaints.states import ComplaintState as State
from complaints.states import Side
from complaints.tests import engine
from complaints.tests import factories as make
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed
from portal.jobs.models import Job
from portal.notifications.models import Notification
from portal.people import departures
from portal.people.actions import profile
from portal.platforms import PlatformError

pytestmark = pytest.mark.django_db


def told(complaint: Complaint) -> list[str]:
    """The messages that the complainant got, in order."""
    rows = Notification.objects.filter(user=complaint.complainant).order_by("pk")
    return [row.kind.removeprefix("complaints.") for row in rows]


def handed_in(complaint: Complaint, **said: Any) -> None:
    whole = {"ticks": make.ticks(complaint), "signature": make.CONTACT["name"]}
    intake.submit_complaint(complaint=complaint, by=complaint.complainant, **(whole | said))


def test_handing_in_answers_at_once_with_the_number() -> None:
    complaint = make.complaint(State.RECEIVED)
    assert told(complaint) == ["received"]
    note = Notification.objects.get()
    assert complaint.number in note.subject
    assert note.url == complaint.get_absolute_url()
    assert Job.objects.filter(kind=comparing.PREPARE).count() == 1
    assert [row.event.rpartition(".")[2] for row in trail.events_of(complaint.chain)] == ["started", "submitted"]


def test_what_was_brought_is_sealed_and_what_was_said_is_kept() -> None:
    guest = make.guest()
    complaint = drafts.start_draft(by=guest)
    film, recording = make.video(guest), make.video(guest)
    drafts.name_original_video(complaint=complaint, by=guest, media=film, title="My kiln")
    drafts.name_copied_video(complaint=complaint, by=guest, media=recording, account=make.account().id)
    drafts.save_draft(complaint=complaint, by=guest, text="Mine.")
    paper = make.paper(guest)
    piece: dict[str, Any] = {"side": Side.COMPLAINANT, "level": Exhibit.Level.ORIGINALS, "note": "Raw files"}
    drafts.add_exhibit(complaint=complaint, by=guest, file=paper, **piece)
    make.submit(complaint)
    for file in (film, recording, paper):
        file.refresh_from_db()
        assert file.frozen_at is not None
        assert file.purge_at is None
    said = complaint.statements.get()
    assert (said.kind, said.side, said.text) == (Statement.Kind.NOTICE, Side.COMPLAINANT, "Mine.")
    assert said.ticks == sorted(make.ticks(complaint))
    assert drafts.complainant_contact(make.fresh(complaint))["email"] == guest.email


def test_the_respondent_is_the_holder_of_the_account_or_a_visitor_known_by_it() -> None:
    holder = make.person()
    mine = make.complaint(State.RECEIVED, against=make.account(holder))
    assert mine.respondent == holder
    unknown = make.complaint(State.RECEIVED)
    assert unknown.respondent is not None
    assert unknown.respondent.is_visitor
    assert unknown.respondent.display_name == unknown.account_handle


@pytest.mark.parametrize(
    ("region", "said", "fields"),
    [
        ("eu", {"ticks": []}, {"ticks"}),
        ("eu", {"ticks": ["right"]}, {"ticks"}),
        ("us", {"signature": ""}, {"signature"}),
        ("us", {"signature": "Somebody Else"}, {"signature"}),
        ("us", {"signature": "", "ticks": ["perjury"]}, {"signature", "ticks"}),
    ],
)
def test_what_a_regime_asks_for_is_asked_for(region: str, said: dict[str, Any], fields: set[str]) -> None:
    complaint = make.draft(against=make.account(region=region))
    with pytest.raises(Invalid) as refusal:
        handed_in(complaint, **said)
    assert set(refusal.value.fields) == fields
    assert make.fresh(complaint).state == State.DRAFT
    assert told(complaint) == []


def test_the_name_signs_in_any_case_of_letters_where_the_law_asks_for_a_signature() -> None:
    american = make.draft(against=make.account(region="us"))
    handed_in(american, signature=" demo  author ")
    assert make.fresh(american).signature == "demo  author"
    handed_in(make.draft(), signature="")


def test_an_empty_draft_names_everything_that_is_missing() -> None:
    author = make.author()
    complaint = drafts.start_draft(by=author)
    with pytest.raises(Invalid) as refusal:
        intake.submit_complaint(complaint=complaint, by=author, ticks=[])
    assert set(refusal.value.fields) == {"copy", "original", "text", "ticks"}
    assert all(len(sentences) == 1 for sentences in refusal.value.fields.values())


def test_a_video_that_cannot_be_opened_is_found_before_handing_in() -> None:
    guest = make.guest()
    complaint = drafts.start_draft(by=guest)
    drafts.name_original_video(complaint=complaint, by=guest, media=make.video(guest, b"broken"), title="My kiln")
    drafts.name_copied_video(complaint=complaint, by=guest, address=make.post(make.account()))
    drafts.save_draft(complaint=complaint, by=guest, text="Mine.")
    make.run_jobs()
    complaint = make.fresh(complaint)
    with pytest.raises(Invalid) as refusal:
        make.submit(complaint)
    assert "not a supported file" in str(refusal.value.fields["original"][0])


def test_handing_in_twice_counts_once() -> None:
    complaint = make.draft()
    second_tab = make.fresh(complaint)
    make.submit(complaint)
    with pytest.raises(Conflict):
        make.submit(second_tab)
    assert told(complaint) == ["received"]
    assert complaint.statements.count() == 1


def test_nobody_else_hands_in_completes_or_withdraws() -> None:
    stranger = make.person()
    draft, incomplete = make.draft(), make.complaint(State.INCOMPLETE)
    with pytest.raises(NotAllowed):
        intake.submit_complaint(complaint=draft, by=stranger, ticks=make.ticks(draft))
    with pytest.raises(NotAllowed):
        intake.complete_complaint(complaint=incomplete, by=stranger)
    with pytest.raises(NotAllowed):
        intake.withdraw_complaint(complaint=incomplete, by=stranger)


def test_an_incomplete_complaint_says_what_is_missing_and_until_when() -> None:
    complaint = make.complaint(State.INCOMPLETE)
    assert complaint.missing == ["copy_gone"]
    assert complaint.complete_by is not None
    assert told(complaint) == ["received", "incomplete"]
    note = Notification.objects.get(kind="complaints.incomplete")
    assert "upload it" in note.body
    assert date_format(complaint.complete_by, "DATE_FORMAT") in note.body


def test_a_recording_completes_it_and_a_new_round_begins() -> None:
    complaint = make.complaint(State.INCOMPLETE)
    by, post = complaint.complainant, complaint.copy
    assert post is not None
    recording = make.video(by)
    intake.complete_complaint(complaint=complaint, by=by, text="I had saved it.", copy_media=recording)
    assert (complaint.state, complaint.round, complaint.missing) == (State.RECEIVED, 2, [])
    assert complaint.copy is not None
    assert (complaint.copy.media, complaint.copy.external_id) == (recording, post.external_id)
    assert complaint.copy != post
    make.run_jobs()
    complaint = make.fresh(complaint)
    assert complaint.state == State.NOTIFIED
    assert complaint.comparisons.get().round == 2
    assert told(complaint) == ["received", "incomplete", "completed", "other_side_told"]


@pytest.mark.parametrize("bring", ["nothing", "the original", "another account", "a stranger's video"])
def test_what_does_not_complete_it_is_refused_at_its_field(bring: str) -> None:
    complaint = make.complaint(State.INCOMPLETE)
    by = complaint.complainant
    said, field = {
        "nothing": ({}, "copy_media"),
        "the original": ({"original_media": make.video(by)}, "copy_media"),
        "another account": ({"copy_address": make.post(make.account())}, "copy_address"),
        "a stranger's video": ({"copy_media": make.video(make.person())}, "copy_media"),
    }[bring]
    with pytest.raises(Invalid) as refusal:
        intake.complete_complaint(complaint=complaint, by=by, **said)  # type: ignore[arg-type]
    assert field in refusal.value.fields
    assert make.fresh(complaint).state == State.INCOMPLETE


def test_another_address_on_the_same_account_completes_it() -> None:
    complaint = make.complaint(State.INCOMPLETE)
    account = make.fake().accounts[complaint.account_id]
    intake.complete_complaint(complaint=complaint, by=complaint.complainant, copy_address=make.post(account))
    make.run_jobs()
    assert make.fresh(complaint).state == State.NOTIFIED


def test_an_original_that_cannot_be_opened_is_replaced_by_the_video_itself() -> None:
    author = make.author()
    complaint = make.draft(author, original=make.post(make.account_of(author), b"broken"))
    make.submit(complaint)
    make.run_jobs()
    complaint = make.fresh(complaint)
    assert complaint.missing == ["original_refused:unknown_type"]
    title = complaint.original.title  # type: ignore[union-attr]
    film = make.video(author, engine.sample_video("potter", "master"))
    intake.complete_complaint(complaint=complaint, by=author, original_media=film)
    make.run_jobs()
    complaint = make.fresh(complaint)
    assert complaint.state == State.NOTIFIED
    assert complaint.original is not None
    assert (complaint.original.owner, complaint.original.title) == (author, title)


def test_after_a_silence_of_the_platform_nothing_need_be_brought(monkeypatch: pytest.MonkeyPatch) -> None:
    complaint = make.complaint(State.RECEIVED)

    def silent(_work: str) -> Any:
        raise PlatformError("no answer")

    monkeypatch.setattr(make.fake(), "open_media", silent)
    start = clock.now()
    for minutes in range(0, 60, 6):
        with clock.freeze_time(start + timedelta(minutes=minutes)):
            make.run_jobs()
    complaint = make.fresh(complaint)
    assert (complaint.state, complaint.missing) == (State.INCOMPLETE, ["platform_silent"])
    assert "try again" in Notification.objects.get(kind="complaints.incomplete").body
    monkeypatch.undo()


def test_trying_again_after_a_silence() -> None:
    complaint = make.complaint(State.RECEIVED)
    row = Complaint.objects.get(pk=complaint.pk)
    comparing.give_up_preparing({"complaint": row.pk, "round": 1})
    Job.objects.filter(kind=comparing.PREPARE).delete()
    complaint = make.fresh(complaint)
    assert complaint.missing == ["platform_silent"]
    intake.complete_complaint(complaint=complaint, by=complaint.complainant)
    make.run_jobs()
    assert make.fresh(complaint).state == State.NOTIFIED


def test_nothing_is_completed_that_is_not_incomplete() -> None:
    complaint = make.complaint(State.NOTIFIED)
    with pytest.raises(NotAllowed):
        intake.complete_complaint(complaint=complaint, by=complaint.complainant)


def test_it_lapses_after_ten_days_and_not_before() -> None:
    complaint = make.complaint(State.INCOMPLETE)
    assert complaint.complete_by is not None
    with clock.freeze_time(complaint.complete_by - timedelta(minutes=1)):
        assert intake.lapse_overdue_complaints() == 0
    with clock.freeze_time(complaint.complete_by):
        assert intake.lapse_overdue_complaints() == 1
        assert intake.lapse_overdue_complaints() == 0
    complaint = make.fresh(complaint)
    assert complaint.state == State.LAPSED
    assert complaint.complete_by is not None
    assert told(complaint)[-1] == "lapsed"
    assert complaint.submitted_at is not None
    assert abs(complaint.complete_by - complaint.submitted_at - COMPLETE_TIME) < timedelta(hours=1)


@pytest.mark.parametrize("state", [State.RECEIVED, State.INCOMPLETE, State.SCREENING, State.NOTIFIED, State.IN_REVIEW])
def test_it_is_withdrawn_from_every_state_before_a_decision(state: State) -> None:
    complaint = make.complaint(state)
    intake.withdraw_complaint(complaint=complaint, by=complaint.complainant)
    complaint = make.fresh(complaint)
    assert complaint.state == State.WITHDRAWN
    assert told(complaint)[-1] == "withdrawn"
    for case in (complaint.case, complaint.screening):
        assert case is None or case.state == "closed"
    make.run_jobs()
    assert make.fresh(complaint).state == State.WITHDRAWN
    heard = [message.key for message in make.fake().messages[complaint.account_id].values()]
    assert any("withdrawn" in key for key in heard) is (state in (State.NOTIFIED, State.IN_REVIEW))


def test_a_draft_is_not_withdrawn_but_deleted() -> None:
    complaint = make.draft()
    with pytest.raises(NotAllowed):
        intake.withdraw_complaint(complaint=complaint, by=complaint.complainant)


def test_what_was_brought_goes_when_nobody_can_object_any_more() -> None:
    complaint = make.complaint(State.NOTIFIED)
    assert complaint.copy is not None
    intake.withdraw_complaint(complaint=complaint, by=complaint.complainant)
    media = make.fresh(complaint).copy.media  # type: ignore[union-attr]
    assert media is not None
    assert media.purge_at is not None
    assert abs(media.purge_at - clock.now() - FILES_KEPT) < timedelta(minutes=1)


def test_closing_an_account_withdraws_own_complaints_and_tells_both_sides() -> None:
    complaint = make.complaint(State.NOTIFIED)
    Complaint.objects.filter(pk=complaint.pk).update(respondent=make.person())
    profile.close_account(person=complaint.complainant)
    complaint.refresh_from_db()
    assert complaint.state == State.WITHDRAWN
    kinds = set(Notification.objects.filter(kind__startswith="complaints.withdrawn").values_list("kind", flat=True))
    assert kinds == {"complaints.withdrawn", "complaints.withdrawn_other"}


def test_a_complaint_goes_on_when_the_respondent_closes_their_account() -> None:
    respondent = make.person()
    complaint = make.complaint(State.NOTIFIED)
    Complaint.objects.filter(pk=complaint.pk).update(respondent=respondent)
    profile.close_account(person=respondent)
    complaint.refresh_from_db()
    assert complaint.state == State.NOTIFIED
    assert [hold.until for hold in departures.holds_of(respondent)] == [None]


@pytest.mark.parametrize("side", ["person", "client"])
def test_nobody_has_more_open_complaints_than_the_settings_say(monkeypatch: pytest.MonkeyPatch, side: str) -> None:
    by, other = make.author(), make.author()
    monkeypatch.setattr(settings, f"COMPLAINTS_OPEN_OF_{side.upper()}", 1)
    first, second, third = make.draft(by), make.draft(by if side == "person" else other), make.draft(other)
    if side == "client":
        Complaint.objects.exclude(pk=third.pk).update(by_client="shop")
    first, second = make.fresh(first), make.fresh(second)
    handed_in(first)
    with pytest.raises(Conflict, match="not decided yet"):
        handed_in(second)
    assert make.fresh(second).state == State.DRAFT
    handed_in(third)
    intake.withdraw_complaint(complaint=make.fresh(first), by=by)
    handed_in(make.fresh(second))
