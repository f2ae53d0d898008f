"""Marked copies: what a reviewer sees of a document, made in the child, once, and gone after half a day."""

import io
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageChops

from portal import clock, vault
from portal.engines import documents
from portal.evidence import blobs, markings
from portal.evidence.actions import files, keys, marked_copies, retention
from portal.evidence.models import EvidenceAccess, EvidenceFile, MarkedCopy, MarkedPage, OrphanBlob
from portal.evidence.tests.conftest import PURPOSE
from portal.jobs import runner
from portal.jobs.models import Job
from portal.people.models import User
from portal.testing.concurrency import run_until_killed

Stored = Callable[..., EvidenceFile]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def marking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Test papers are shown marked."""
    rule = markings.Marking(lambda _file, _viewer: "C-000007", lambda _file: None)
    monkeypatch.setattr(markings, "_markings", {PURPOSE: rule})


@pytest.fixture
def ready(stored: Stored) -> EvidenceFile:
    file = stored()
    runner.run_due_jobs()
    file.refresh_from_db()
    return file


def request_copy(file: EvidenceFile, viewer: User, case: str = "C-000007") -> MarkedCopy:
    marked_copies.request_copies([file], viewer=viewer, case=case)
    return MarkedCopy.objects.get(file=file, viewer=viewer)


def page_of(user: User, file: EvidenceFile, number: int = 1) -> tuple[int, bytes]:
    client = Client()
    client.force_login(user)
    answer = client.get(reverse("evidence:page", args=[file.pk, number]))
    return answer.status_code, answer.content


def difference(first: bytes, second: bytes) -> int:
    """How many pixels of two pictures of one size differ visibly."""
    pictures = [Image.open(io.BytesIO(data)).convert("L") for data in (first, second)]
    assert pictures[0].size == pictures[1].size
    return sum(ImageChops.difference(*pictures).histogram()[25:])


def test_the_reviewer_sees_the_mark_and_the_owner_the_page(ready: EvidenceFile, reviewer: User, creator: User) -> None:
    assert page_of(reviewer, ready)[0] == 404
    request_copy(ready, reviewer)
    assert page_of(reviewer, ready)[0] == 404
    assert not EvidenceAccess.objects.exists()
    runner.run_due_jobs()
    (status, shown), (_, own) = page_of(reviewer, ready), page_of(creator, ready)
    assert status == 200
    assert difference(shown, own) > 20_000
    look = EvidenceAccess.objects.get()
    assert (look.by, look.page, look.why) == (reviewer, 1, "C-000007")
    assert own == files.page_content(ready.pages.get(number=1))


def test_each_quarter_of_the_page_has_the_mark(ready: EvidenceFile) -> None:
    plain = files.page_content(ready.pages.get(number=2))
    marked = documents.mark_page(plain, "p_abcdefghjkmn   C-000007   2026-11-29 12:00 UTC").data
    first, second = (Image.open(io.BytesIO(data)).convert("L") for data in (plain, marked))
    width, height = first.size
    for left in (0, width // 2):
        for top in (0, height // 2):
            box = (left, top, left + width // 2, top + height // 2)
            assert sum(ImageChops.difference(first.crop(box), second.crop(box)).histogram()[25:]) > 4_000


@pytest.mark.parametrize("text", ["", "x" * 121, "医生"], ids=["empty", "too long", "not ascii"])
def test_a_text_that_cannot_be_drawn_is_refused(ready: EvidenceFile, text: str) -> None:
    with pytest.raises(documents.Refused):
        documents.mark_page(files.page_content(ready.pages.get(number=1)), text)


def test_the_copy_of_one_reviewer_is_not_another_ones(ready: EvidenceFile, reviewer: User, stranger: User) -> None:
    request_copy(ready, reviewer)
    runner.run_due_jobs()
    other = User.objects.create_user("second@example.org", role="reviewer")
    assert [page_of(user, ready)[0] for user in (other, stranger)] == [404, 404]
    assert EvidenceAccess.objects.count() == 0


def test_a_second_request_changes_nothing_and_another_case_makes_a_new_copy(
    ready: EvidenceFile, reviewer: User
) -> None:
    copy = request_copy(ready, reviewer)
    assert request_copy(ready, reviewer) == copy
    assert Job.objects.filter(kind="evidence.mark").count() == 1
    runner.run_due_jobs()
    other = request_copy(ready, reviewer, "C-000008")
    assert other != copy
    assert other.mark == f"{reviewer.public_id}   C-000008   {other.asked_at:%Y-%m-%d %H:%M} UTC"
    runner.run_due_jobs()
    assert MarkedPage.objects.filter(copy=other).count() == 2
    assert MarkedPage.objects.count() == 2


def test_half_a_day_later_nothing_is_left(ready: EvidenceFile, reviewer: User, storage: Path) -> None:
    before = sum(path.is_file() for path in storage.rglob("*"))
    request_copy(ready, reviewer)
    runner.run_due_jobs()
    with clock.freeze_time(clock.now() + timedelta(hours=13)):
        assert page_of(reviewer, ready)[0] == 404
        assert [marked_copies.purge_marked_copies(), marked_copies.purge_marked_copies()] == [1, 0]
    with clock.freeze_time(clock.now() + timedelta(hours=15)):
        assert blobs.sweep_orphan_blobs() == 2
    assert not MarkedCopy.objects.exists()
    assert sum(path.is_file() for path in storage.rglob("*")) == before


def test_copies_go_with_the_document(ready: EvidenceFile, reviewer: User, storage: Path) -> None:
    request_copy(ready, reviewer)
    runner.run_due_jobs()
    with clock.freeze_time(clock.now() + timedelta(days=8)):
        assert retention.purge_due_files() == 1
        assert not MarkedCopy.objects.exists()
    with clock.freeze_time(clock.now() + timedelta(days=9)):
        blobs.sweep_orphan_blobs()
    assert not [path for path in storage.rglob("*") if path.is_file()]


def test_a_document_purged_while_it_is_drawn_leaves_no_copy(
    ready: EvidenceFile, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_copy(ready, reviewer)
    draw = documents.mark_page

    def purge_meanwhile(data: bytes, text: str) -> documents.Page:
        EvidenceFile.objects.filter(pk=ready.pk).update(purge_at=clock.now())
        retention.purge_due_files()
        return draw(data, text)

    monkeypatch.setattr(documents, "mark_page", purge_meanwhile)
    runner.run_due_jobs()
    assert not MarkedCopy.objects.exists()
    with clock.freeze_time(clock.now() + timedelta(hours=2)):
        blobs.sweep_orphan_blobs()
    assert not OrphanBlob.objects.exists()


@pytest.mark.parametrize(
    ("place", "name", "call"),
    [(blobs, "store_blob", 2), (MarkedPage.objects, "bulk_create", 1)],
    ids=["between pages", "before commit"],
)
def test_a_killed_worker_loses_and_doubles_nothing(
    ready: EvidenceFile, reviewer: User, place: object, name: str, call: int
) -> None:
    request_copy(ready, reviewer)
    job = Job.objects.get(kind="evidence.mark")
    run_until_killed(partial(runner.run_job, job.pk), place, name, call=call)
    assert not MarkedPage.objects.exists()
    with clock.freeze_time(clock.now() + timedelta(minutes=10)):
        assert runner.run_job(job.pk)
        assert page_of(reviewer, ready)[0] == 200
    assert list(MarkedPage.objects.values_list("number", flat=True)) == [1, 2]


def test_a_page_that_cannot_be_drawn_is_said_and_tried_again_later(
    ready: EvidenceFile, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_data: bytes, _text: str) -> documents.Page:
        raise documents.Refused("broken")

    copy = request_copy(ready, reviewer)
    with monkeypatch.context() as patch:
        patch.setattr(documents, "mark_page", refuse)
        for minutes in range(0, 90, 15):
            with clock.freeze_time(copy.asked_at + timedelta(minutes=minutes)):
                runner.run_due_jobs()
                copy.refresh_from_db()
                if copy.failed_at:
                    break
        assert copy.failed_at is not None
        client = Client()
        client.force_login(reviewer)
        with clock.freeze_time(copy.failed_at + timedelta(minutes=1)):
            assert b"open the case again" in client.get(reverse("evidence:viewer", args=[ready.pk])).content
    with clock.freeze_time(copy.failed_at + timedelta(minutes=11)):
        assert request_copy(ready, reviewer) != copy
        runner.run_due_jobs()
        assert page_of(reviewer, ready)[0] == 200


def test_keys_of_copies_are_rotated(ready: EvidenceFile, reviewer: User, settings: object) -> None:
    copy = request_copy(ready, reviewer)
    key = copy.data_key()
    fresh = "fresh:" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
    settings.EVIDENCE_KEYS = [fresh, *settings.EVIDENCE_KEYS]  # type: ignore[attr-defined]
    assert keys.rotate_keys()["marked copies"] == 1
    copy.refresh_from_db()
    assert copy.key_id == vault.current_key_id() == "fresh"
    assert copy.data_key() == key
