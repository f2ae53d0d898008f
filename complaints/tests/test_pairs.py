"""Which two videos and which two sides make a complaint; each row is one way in which they do not."""

from typing import Any

import pytest

from complaints.actions import drafts, intake, works
from complaints.models import Complaint, Work
from complaints.policies import pairs
from complaints.states import ComplaintState as State
from complaints.tests import engine
from complaints.tests import factories as make
from portal.errors import Conflict, Invalid
from portal.media.models import MediaFile
from portal.platforms import registry
from portal.testing.fake_platform import SITE

PLACE = {"platform": "fake", "account_id": "1", "external_id": "w1"}


def works_like(original: dict[str, object], copy: dict[str, object]) -> tuple[Work, Work]:
    return Work(pk=1, **original), Work(pk=2, **copy)


@pytest.mark.parametrize(
    ("original", "copy", "says"),
    [
        (PLACE, PLACE, "same work"),
        (PLACE, PLACE | {"external_id": "w2"}, "same account"),
        ({**PLACE, "external_id": ""}, {**PLACE, "external_id": ""}, "same account"),
        (PLACE, PLACE | {"platform": "other"}, None),
        (PLACE, PLACE | {"account_id": "2", "external_id": "w2"}, None),
        ({}, PLACE, None),
        ({}, {}, None),
    ],
)
def test_two_works_make_a_pair_unless_they_are_one_or_on_one_account(
    original: dict[str, object], copy: dict[str, object], says: str | None
) -> None:
    reason = pairs.refuse_video_pair(*works_like(original, copy))
    assert reason is None if says is None else says in str(reason)


def test_one_row_and_one_file_make_no_pair() -> None:
    media = MediaFile(sha256="a" * 64)
    one = Work(pk=1, media=media)
    assert "same work" in str(pairs.refuse_video_pair(one, one))
    assert "same file" in str(pairs.refuse_video_pair(one, Work(pk=2, media=media)))
    assert pairs.refuse_video_pair(one, None) is None


@pytest.mark.django_db
def test_nobody_complains_of_their_own_account() -> None:
    author = make.author()
    complaint = drafts.start_draft(by=author)
    with pytest.raises(Invalid) as refusal:
        drafts.name_copied_video(complaint=complaint, by=author, address=make.post(make.account_of(author)))
    assert "yours" in str(refusal.value.fields["address"][0])


@pytest.mark.django_db
def test_a_visitor_does_not_complain_of_the_account_that_they_are_known_by() -> None:
    from portal.people.actions import people

    for account in (make.account(), make.fake().open_account("Case_Sensitive", "sensitive")):
        visitor = people.find_or_add_visitor("fake", account.id, account.name, "en")
        complaint = drafts.start_draft(by=visitor)
        with pytest.raises(Invalid):
            drafts.name_copied_video(complaint=complaint, by=visitor, address=make.post(account))


@pytest.mark.django_db
@pytest.mark.parametrize("first", ["copy", "original"])
def test_the_second_video_is_refused_at_its_field_when_both_are_one(first: str) -> None:
    author = make.author()
    complaint = drafts.start_draft(by=author)
    address = make.post(make.account())
    steps: dict[str, Any] = {"copy": drafts.name_copied_video, "original": drafts.name_original_video}
    steps.pop(first)(complaint=complaint, by=author, address=address)
    ((_side, second),) = steps.items()
    with pytest.raises(Invalid) as refusal:
        second(complaint=complaint, by=author, address=address)
    assert "same work" in str(refusal.value.fields["address"][0])
    complaint = make.fresh(complaint)
    assert [complaint.original_id is None, complaint.copy_id is None].count(True) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "says"),
    [
        (State.RECEIVED, "already complained about this"),
        (State.INCOMPLETE, "already complained about this"),
        (State.IN_REVIEW, "already complained about this"),
        (State.WITHDRAWN, None),
        (State.LAPSED, None),
    ],
)
def test_the_same_pair_again(state: State, says: str | None) -> None:
    earlier = make.complaint(state)
    assert earlier.original is not None
    assert earlier.copy is not None
    places: dict[str, Any] = {"original": earlier.original.url, "copy": earlier.copy.url}
    if says is None:
        assert make.draft(earlier.complainant, **places).state == State.DRAFT
        return
    with pytest.raises(Invalid) as refusal:
        make.draft(earlier.complainant, **places)
    assert says in str(refusal.value)
    assert earlier.number in str(refusal.value)


@pytest.mark.django_db
def test_the_same_pair_is_known_by_its_recording() -> None:
    guest, account = make.guest(), make.account()
    film, recording = make.video(guest), make.video(guest)

    def named() -> Complaint:
        complaint = drafts.start_draft(by=guest)
        drafts.name_original_video(complaint=complaint, by=guest, media=film, title="My film")
        drafts.name_copied_video(complaint=complaint, by=guest, media=recording, account=account.handle)
        drafts.save_draft(complaint=complaint, by=guest, text="Mine.")
        return complaint

    first, second = named(), named()
    assert first.copy_id == second.copy_id
    make.submit(first)
    with pytest.raises(Invalid) as refusal:
        make.submit(second)
    assert first.number in str(refusal.value.fields["original"][0])


@pytest.mark.django_db
def test_two_windows_hand_in_the_same_pair_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = make.draft()
    second = make.draft(first.complainant, original=first.original.url, copy=first.copy.url)  # type: ignore[union-attr]
    monkeypatch.setattr(pairs, "refuse_repeated_pair", lambda _: None)
    make.submit(first)
    with pytest.raises(Conflict, match="already"):
        make.submit(second)
    assert make.fresh(second).state == State.DRAFT


@pytest.mark.django_db
def test_one_post_is_one_row_and_recordings_of_it_stand_beside_it() -> None:
    author, account = make.author(), make.account()
    address = make.post(account)
    key = make.post_of(address).id
    find = registry.get_connector("fake").works.find_work
    rows = {works.work_from_post("fake", find(text)).pk for text in (key, address, f"{SITE}/works/{key}/")}
    assert len(rows) == 1
    complaint = drafts.start_draft(by=author)
    film = make.video(author, engine.sample_video("potter", "recorded"))
    drafts.name_copied_video(complaint=complaint, by=author, address=address, media=film)
    assert complaint.copy is not None
    assert complaint.copy.pk not in rows
    assert (complaint.copy.external_id, complaint.copy.url) == (key, address)
    assert works.work_from_post("fake", find(key)).pk in rows
    assert intake.purge_idle_drafts() == 0
