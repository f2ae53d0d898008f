"""A long video as the real web server sends it to a real browser: by ranges to a player, and whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page

from portal.jobs import runner
from portal.media import sending
from portal.media.actions import files
from portal.media.models import MediaFile
from portal.media.tests.conftest import PURPOSE
from portal.people.models import User
from portal.sandbox import drawing
from portal.testing.processes import web_server

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
_PLAY = """([address, second]) => new Promise((done, fail) => {
  const video = document.createElement("video");
  const end = setTimeout(() => fail(new Error(`did not play to its end: ${video.error?.message}`)), 20000);
  video.muted = true;
  video.onended = () => { clearTimeout(end); done(video.currentTime); };
  video.onloadedmetadata = () => { video.currentTime = second; video.play(); };
  video.src = address;
  document.body.append(video);
})"""
_FETCH = """async (address) => {
  const answer = await fetch(address);
  return [answer.status, (await answer.arrayBuffer()).byteLength];
}"""


@pytest.fixture
def small_parts() -> None:
    """Parts as large as they are."""


@pytest.fixture
def video(creator: User, tmp_path: Path) -> MediaFile:
    """A playable video that is longer than one answer to a range: a box of nothing lies behind its pictures."""
    drawn = drawing.draw_video(drawing.SUBJECTS[0], seconds=8, width=480, height=270)
    padding = sending.MAX_RANGE_BYTES + 1000
    path = tmp_path / "film.mp4"
    path.write_bytes(drawn + (padding + 8).to_bytes(4) + b"free" + bytes(padding))
    with path.open("rb") as stream:
        made = files.store_stream(stream, owner=creator, purpose=PURPOSE, name="film.mp4")
    runner.run_due_jobs(["media.probe"])
    made.refresh_from_db()
    assert made.playable
    return made


@pytest.fixture
def site(storage: Path, tmp_path: Path, transactional_db: None) -> Iterator[str]:
    """The address of the web server."""
    with web_server(tmp_path / "web.log", EVIDENCE_DIR=str(storage)) as address:
        yield address


def test_a_long_video_plays_and_is_sent_whole(page: Page, site: str, video: MediaFile, creator: User) -> None:
    client = Client()
    client.force_login(creator)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    statuses: list[int] = []
    page.on("response", lambda told: statuses.append(told.status) if "/media/" in told.url else None)
    page.goto(f"{site}/about/")
    assert page.evaluate(_PLAY, [f"/media/{video.pk}/", 7.0]) == pytest.approx(8, abs=0.3)
    assert set(statuses) == {206}
    for _ in range(5):  # more than are sent at a time: each has made room when it was sent
        assert page.evaluate(_FETCH, f"/media/{video.pk}/") == [200, video.size]
