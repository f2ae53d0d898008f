"""The order of publication: a file that was stored for another work before does not date this one back."""

import json
from datetime import timedelta
from io import RawIOBase
from tempfile import TemporaryFile
from typing import cast

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from complaints import evidence_file
from complaints.actions import comparison_evidence, works
from complaints.models import Complaint
from complaints.states import ComplaintState as State
from complaints.tests import engine
from complaints.tests import factories as make
from complaints.views import evidence
from portal import clock
from portal.platforms import FetchedFile

pytestmark = pytest.mark.django_db

LATER = timedelta(days=40)
FILM = engine.sample_video("potter", "posted twice")


def stored_copy(complaint: Complaint) -> evidence.Publication:
    shown = evidence.publications(complaint, {}, names_works=True)
    (found,) = (each for each in shown if str(each.text) == "Alleged copy stored by the portal")
    return found


def two_complaints_of_one_file() -> tuple[Complaint, Complaint]:
    """Two accounts post the same bytes; the second complaint comes forty days after the first."""
    first = make.complaint(State.NOTIFIED, copy=make.post(make.account(), FILM, title="First post"))
    with clock.freeze_time(clock.now() + LATER):
        again = make.post(make.account(), FILM, title="Second post", published_at=clock.now() - timedelta(days=2))
        second = make.complaint(State.NOTIFIED, copy=again)
    return first, second


def test_a_file_known_from_another_post_reached_the_portal_with_this_one_only_now() -> None:
    first, second = two_complaints_of_one_file()
    assert first.copy is not None
    assert second.copy is not None
    assert first.copy.media == second.copy.media
    before, now = stored_copy(first), stored_copy(second)
    assert now.at - before.at > LATER - timedelta(minutes=1)
    assert (before.known_at, before.known_from) == (None, None)
    assert (now.known_at, now.known_from) == (before.at, first.copy)
    texts = [str(each.text) for each in evidence.publications(second, {})]
    assert texts.index("Alleged copy published") < texts.index("Alleged copy stored by the portal")


def test_the_sides_are_told_of_the_earlier_file_and_whoever_decides_of_the_post() -> None:
    first, second = two_complaints_of_one_file()
    make.answer(second)
    reviewer, case = make.claim(second)
    pages = {}
    for name, person, address in (
        ("author", second.complainant, second.get_absolute_url()),
        ("reviewer", reviewer, reverse("reviews:case_page", args=[case.number])),
    ):
        client = Client()
        client.force_login(person)
        pages[name] = client.get(address).content.decode().partition('class="publications"')[2].partition("</ol>")[0]
        assert "The portal had already stored exactly the same file" in pages[name]
    assert first.copy is not None
    assert first.copy.url in pages["reviewer"]
    assert "First post" not in pages["author"]


def test_the_sealed_file_says_when_either_came() -> None:
    _first, second = two_complaints_of_one_file()
    plain = comparison_evidence.read_evidence(second.comparisons.get().evidence)
    told = json.loads(evidence_file.read_entry(plain, "evidence.json"))["copy"]
    assert second.copy is not None
    assert second.copy.stored_at is not None
    assert second.copy.media is not None
    assert second.copy.media.stored_at is not None
    assert told["stored_at"] == second.copy.stored_at.isoformat()
    assert told["same_bytes_stored_at"] == second.copy.media.stored_at.isoformat()


@pytest.mark.parametrize("stated_by_uploader", [True, False])
def test_the_date_of_a_file_counts_only_where_the_platform_does_not_stand_for_its_own(
    monkeypatch: pytest.MonkeyPatch, stated_by_uploader: bool
) -> None:
    address = make.post(make.account(), FILM, stated_by_uploader=stated_by_uploader)
    work = works.work_from_post("fake", make.post_of(address))
    with TemporaryFile(buffering=0) as raw:
        file = FetchedFile(cast("RawIOBase", raw))
        file.write(FILM)
        file.seek(0)
        file.modified_at = clock.now() - LATER
        monkeypatch.setattr(make.fake(), "open_media", lambda _id: file)
        assert works.fetch_work_video(work) == ""
    work.refresh_from_db()
    assert work.file_modified_at == (file.modified_at if stated_by_uploader else None)
    shown = evidence.in_order(evidence.publications_of(work, _("published"), _("stored"), _("modified")))
    assert [str(each.text) for each in shown] == [*(["modified"] if stated_by_uploader else []), "published", "stored"]


def test_a_recording_that_is_sent_again_for_another_post_is_dated_by_the_second_time() -> None:
    author = make.author()
    media = make.video(author)
    first = works.work_from_recording(media=media, platform="fake", account_id="7")
    with clock.freeze_time(clock.now() + LATER):
        second = works.work_from_recording(media=media, platform="fake", account_id="8")
    assert first.stored_at == media.stored_at
    assert second.stored_at is not None
    assert first.stored_at is not None
    assert second.stored_at - first.stored_at >= LATER


def test_works_from_before_the_time_was_kept_are_not_dated_before_the_portal_knew_them() -> None:
    _first, second = two_complaints_of_one_file()
    copy = second.copy
    assert copy is not None
    copy.attached_at = None
    assert copy.stored_at == copy.registered_at
