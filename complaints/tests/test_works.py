"""Deleting works: what goes with them, what they are kept for, and how much of the quota they take."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from complaints.actions import drafts, works
from complaints.models import Authorisation, Complaint, Fingerprint, Work
from complaints.policies import works as policy
from complaints.states import ComplaintState as State
from complaints.tests import deciding
from complaints.tests import factories as make
from portal import clock
from portal.errors import Invalid, NotAllowed
from portal.media import quotas
from portal.media.actions import retention
from portal.media.models import MediaFile, MediaPart
from portal.people.actions import departures, profile
from portal.people.departures import CLOSED_KEPT
from portal.people.models import User
from portal.reviews.clocks import APPEAL_WINDOW
from portal.testing.reading import page_text
from portal.testing.shared import Enter

pytestmark = pytest.mark.django_db


def registered(author: User) -> Work:
    return works.register_work(by=author, title="Kiln", media=make.video(author))


def media_of(work: Work) -> MediaFile:
    assert work.media_id is not None
    return MediaFile.objects.get(pk=work.media_id)


def named_in_complaint(state: State) -> tuple[Work, Complaint]:
    """A registered work, and a complaint in a state that names it as the original."""
    author = make.author()
    work = registered(author)
    complaint = make.draft(author)
    drafts.name_original_video(complaint=complaint, by=author, work=work)
    for step in make.PATHS[state]:
        step(complaint)
        complaint = make.fresh(complaint)
    return work, complaint


def test_registered_works_count_until_they_are_deleted(settings: Settings) -> None:
    settings.MEDIA_QUOTA_VIDEOS = 2
    author = make.author()
    mine = [registered(author) for _ in range(2)]
    with pytest.raises(Invalid, match="You are storing 2 files"):
        make.video(author)
    works.delete_work(work=mine[0], by=author)
    assert quotas.video_use_of(author).count == 1
    registered(author)


def test_video_and_fingerprints_go_with_a_work() -> None:
    work, complaint = named_in_complaint(State.RECEIVED)
    make.run_jobs()
    make.withdraw(make.fresh(complaint))
    author, media = complaint.complainant, media_of(work)
    Authorisation.objects.create(author=author, platform="fake", account_id="1", handle="one", work=work)
    assert Fingerprint.objects.filter(media=media).exists()
    works.delete_work(work=work, by=author)
    media.refresh_from_db()
    assert (media.purged_at is not None, media.name) == (True, "")
    assert not Fingerprint.objects.filter(media=media).exists()
    assert not MediaPart.objects.filter(file=media).exists()
    assert not Work.objects.registered_by(author).exists()
    assert make.fresh(complaint).original == work, "the complaint still says what it was about"


def test_a_work_that_no_complaint_names_leaves_nothing() -> None:
    author = make.author()
    work = registered(author)
    works.delete_work(work=work, by=author)
    assert not Work.objects.filter(pk=work.pk).exists()
    assert media_of(work).purged_at is not None


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (State.DRAFT, "draft .* refers to it"),
        (State.RECEIVED, "not been decided yet"),
        (State.IN_REVIEW, "not been decided yet"),
    ],
)
def test_a_complaint_keeps_its_works(state: State, why: str) -> None:
    work, complaint = named_in_complaint(state)
    with pytest.raises(NotAllowed, match=why):
        works.delete_work(work=work, by=complaint.complainant)
    assert media_of(work).purged_at is None


def test_what_was_compared_is_kept_as_long_as_an_appeal_may_come() -> None:
    work, complaint = named_in_complaint(State.IN_REVIEW)
    deciding.decide(complaint, "dismissed", ())
    decided = make.fresh(complaint)
    with pytest.raises(NotAllowed, match="are kept until"):
        works.delete_work(work=work, by=complaint.complainant)
    assert decided.decided_at is not None
    with clock.freeze_time(decided.decided_at + APPEAL_WINDOW + timedelta(seconds=1)):
        works.delete_work(work=work, by=complaint.complainant)
    assert media_of(work).purged_at is not None


def test_followers_who_return_keep_the_work(moving: object) -> None:
    author = make.author()
    work = registered(author)
    complaint = make.draft(author)
    drafts.name_original_video(complaint=complaint, by=author, work=work)
    for step in make.PATHS[State.IN_REVIEW]:
        step(complaint)
        complaint = make.fresh(complaint)
    deciding.decide(complaint, "upheld", ("warn", "restitution"))
    deciding.confirm(complaint)
    decided = make.fresh(complaint)
    assert decided.decided_at is not None
    with clock.freeze_time(decided.decided_at + APPEAL_WINDOW + timedelta(seconds=1)):
        assert "Followers are still to be returned" in str(policy.refuse_deleting_work(work, author))


def test_nobody_else_deletes_it() -> None:
    work = registered(make.author())
    with pytest.raises(NotAllowed, match="Only its author"):
        works.delete_work(work=work, by=make.author())


def test_a_video_that_another_complaint_needs_goes_later() -> None:
    """The same file, sent as a recording: its complaint keeps the video, not the work."""
    work, complaint = named_in_complaint(State.WITHDRAWN)
    media = media_of(work)
    Complaint.objects.filter(pk=complaint.pk).update(original=None, copy=None, submitted_at=None)
    draft = make.draft(complaint.complainant)
    kept = works.work_from_recording(media=media, platform="fake", account_id="7")
    Complaint.objects.filter(pk=draft.pk).update(copy=kept)
    assert "draft" in str(policy.refuse_deleting_work(work, complaint.complainant))
    drafts.discard_draft(complaint=make.fresh(draft), by=draft.complainant)
    works.delete_work(work=work, by=complaint.complainant)
    retention.purge_due_videos()
    assert media_of(work).purged_at is not None


def test_the_page_says_why_not_and_then_deletes(enter: Enter) -> None:
    author = make.author()
    client, work = enter(author), registered(author)
    complaint = make.draft(author)
    drafts.name_original_video(complaint=complaint, by=author, work=work)
    url = work.get_absolute_url()
    assert f"draft {complaint.number} refers to it" in page_text(client.get(url))
    assert client.post(f"{url}delete/")["Location"] == url
    drafts.discard_draft(complaint=make.fresh(complaint), by=author)
    assert "Delete “Kiln”?" in page_text(client.get(f"{url}delete/"))
    assert client.post(f"{url}delete/")["Location"] == "/complaints/works/"
    assert "0 of 10 files, 0.0 of 5 GB" in page_text(client.get("/complaints/works/"))


def test_works_and_drafts_go_with_a_closed_account() -> None:
    work, complaint = named_in_complaint(State.WITHDRAWN)
    author = complaint.complainant
    other, draft = registered(author), make.draft(author)
    profile.close_account(person=author)
    with clock.freeze_time(clock.now() + CLOSED_KEPT + timedelta(seconds=1)):
        assert departures.purge_departed_people() == 1
        retention.purge_due_videos()
    assert not Work.objects.filter(pk=other.pk).exists()
    assert not Complaint.objects.filter(pk=draft.pk).exists()
    assert media_of(work).purged_at is not None
    assert make.fresh(complaint).text, "the record of a complaint is kept for five years"


def test_a_complaint_that_can_be_appealed_keeps_works_and_name_of_a_closed_account() -> None:
    work, complaint = named_in_complaint(State.IN_REVIEW)
    author = complaint.complainant
    deciding.decide(complaint, "dismissed", ())
    profile.close_account(person=author)
    with clock.freeze_time(clock.now() + CLOSED_KEPT + timedelta(seconds=1)):
        assert departures.purge_departed_people() == 0
    author.refresh_from_db()
    assert author.display_name
    assert media_of(work).purged_at is None
