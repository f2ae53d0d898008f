"""A film sent by the field: with progress, over an interruption and a reload, cancelled, refused."""

import itertools
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from django.test import Client
from playwright.sync_api import Page, Route, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from portal.jobs import runner
from portal.jobs.models import Job
from portal.media import parts, sending
from portal.media.actions import files
from portal.media.models import MediaFile, MediaState
from portal.media.tests.conftest import noise
from portal.people.models import User
from portal.sandbox import drawing
from portal.testing.pages import axe_violations, page_overflow

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("portal.media.tests.browser.site"),
]
HEAD = b"\0\0\0\x18ftypisom"  # as an MP4 begins
FILM = HEAD + noise(20_000_000 - len(HEAD))
Line = Callable[[int], None]


@pytest.fixture
def small_parts() -> None:
    """Parts as large as they are: a film of megabytes is sent."""


@pytest.fixture
def film(tmp_path: Path) -> Path:
    place = tmp_path / "dance.mp4"
    place.write_bytes(FILM)
    return place


@pytest.fixture
def form(page: Page, live_server: LiveServer, creator: User) -> Iterator[Page]:
    """The page with the field, as somebody signed in sees it; scripts must not have failed on it."""
    client = Client()
    client.force_login(creator)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Security Policy" in said.text else None)
    page.goto(f"{live_server.url}/film/")
    yield page
    assert wrong == []


@pytest.fixture
def line(form: Page) -> Line:
    """Sets how fast the browser may send; 0 cuts the line."""
    session = form.context.new_cdp_session(form)
    session.send("Network.enable")

    def speed(bytes_a_second: int) -> None:
        limits = {"latency": 5, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
        session.send("Network.emulateNetworkConditions", limits | {"offline": bytes_a_second == 0})

    speed(6_000_000)
    return speed


def _choose(page: Page, film: Path) -> None:
    page.locator('input[type="file"]').set_input_files(film)


def _await_arrival(page: Page, least: int) -> None:
    for _ in range(200):
        begun = MediaFile.objects.unfinished().first()
        if begun is not None and files.count_arrived_bytes(begun) >= least:
            return
        page.wait_for_timeout(100)
    pytest.fail(f"less than {least} bytes arrived")


def test_a_video_is_sent_with_progress_and_goes_with_the_form(form: Page, film: Path, line: Line) -> None:
    _choose(form, film)
    expect(form.get_by_role("progressbar")).to_be_visible()
    expect(form.locator("[data-video-amount]")).to_contain_text("MB / 19.1 MB")
    form.get_by_role("button", name="Send", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text("wait until the file has been uploaded")
    box = form.get_by_role("checkbox", name="dance.mp4")
    expect(box).to_be_checked()
    expect(form.locator('input[type="file"]')).to_be_hidden()
    form.get_by_label("title").fill("much too long")
    form.get_by_role("button", name="Send", exact=True).click()
    expect(form.get_by_role("checkbox", name="dance.mp4")).to_be_checked()
    form.get_by_label("title").fill("short")
    form.get_by_role("button", name="Send", exact=True).click()
    expect(form.locator(".sent")).to_have_count(1)
    file = MediaFile.objects.get()
    assert b"".join(parts.read_video(file)) == FILM
    assert Job.objects.get().kind == "media.probe"


def test_after_a_reload_it_goes_on_where_it_stopped(form: Page, film: Path, line: Line) -> None:
    _choose(form, film)
    _await_arrival(form, 8 << 20)
    form.reload()
    expect(form.get_by_text("upload incomplete")).to_be_visible()
    offsets: list[str] = []
    form.on("request", lambda asked: offsets.append(asked.headers.get("upload-offset", "")))
    _choose(form, film)
    expect(form.get_by_role("checkbox", name="dance.mp4")).to_be_checked()
    expect(form.get_by_text("upload incomplete")).to_have_count(0)
    assert min(int(offset) for offset in offsets if offset) >= 8 << 20
    assert b"".join(parts.read_video(MediaFile.objects.get())) == FILM


def test_a_lost_connection_is_told_and_it_goes_on_by_itself(form: Page, film: Path, line: Line) -> None:
    _choose(form, film)
    _await_arrival(form, 4 << 20)
    line(0)
    expect(form.get_by_text("The upload resumes when")).to_be_visible()
    line(6_000_000)
    expect(form.get_by_role("checkbox", name="dance.mp4")).to_be_checked()
    assert b"".join(parts.read_video(MediaFile.objects.get())) == FILM


def test_sending_can_be_cancelled_and_what_is_left_deleted(form: Page, film: Path, line: Line) -> None:
    _choose(form, film)
    _await_arrival(form, 4 << 20)
    form.get_by_role("button", name="Cancel upload").click()
    expect(form.locator('input[type="file"]')).to_be_visible()
    form.wait_for_timeout(500)
    assert not MediaFile.objects.kept().exists()
    _choose(form, film)
    _await_arrival(form, 4 << 20)
    form.reload()
    form.get_by_role("button", name="Delete the uploaded part").click()
    expect(form.get_by_text("upload incomplete")).to_have_count(0)
    assert not MediaFile.objects.kept().exists()


def test_what_is_too_large_or_refused_is_told_at_the_field(form: Page, film: Path, settings: Settings) -> None:
    settings.MEDIA_MAX_BYTES = 1 << 20
    form.reload()
    _choose(form, film)
    expect(form.get_by_role("alert")).to_contain_text("larger than 1 MB")
    assert not MediaFile.objects.exists()
    settings.MEDIA_MAX_BYTES = 512 << 20
    form.reload()
    settings.MEDIA_MAX_BYTES = 2 << 20  # the limit was lowered while the page stood open
    _choose(form, film)
    expect(form.get_by_role("alert")).to_contain_text("larger than 2 MB")
    expect(form.locator('input[type="file"]')).to_be_visible()


def test_a_refusal_of_the_check_comes_by_itself(form: Page, tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_bytes(b"only text")
    _choose(form, tmp_path / "notes.mp4")
    expect(form.get_by_text("being checked")).to_be_visible()
    MediaFile.objects.update(state=MediaState.REFUSED, refusal="no_video")
    expect(form.locator(".upload-kept")).to_contain_text("no video, only sound")
    expect(form.get_by_role("checkbox")).not_to_be_checked()
    expect(form.locator('input[type="file"]')).to_be_visible()


def test_the_field_works_without_javascript(form: Page, live_server: LiveServer, tmp_path: Path) -> None:
    (tmp_path / "short.mp4").write_bytes(HEAD + noise(500_000))
    context = form.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    context.add_cookies(form.context.cookies())  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{live_server.url}/film/")
    expect(page.get_by_text("Without JavaScript a file can have up to 20 MB")).to_be_visible()
    page.locator('input[type="file"]').set_input_files(tmp_path / "short.mp4")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".sent")).to_have_count(1)
    context.close()


def test_the_field_fits_and_can_be_read(form: Page, film: Path, line: Line) -> None:
    line(1_000_000)
    _choose(form, film)
    expect(form.locator("[data-video-amount]")).to_contain_text("MB / 19.1 MB")
    _judge(form, "sending")
    form.reload()
    expect(form.get_by_text("upload incomplete")).to_be_visible()
    _judge(form, "begun")
    line(-1)
    _choose(form, film)
    expect(form.get_by_role("checkbox")).to_be_checked()
    _judge(form, "kept")


def test_a_video_plays_and_seeks_in_answers_that_are_shorter_than_asked(
    form: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "MAX_RANGE_BYTES", 20_000)
    (tmp_path / "film.mp4").write_bytes(drawing.draw_video(drawing.SUBJECTS[0], seconds=8, width=480, height=270))
    _choose(form, tmp_path / "film.mp4")
    expect(form.get_by_role("checkbox", name="film.mp4")).to_be_checked()
    runner.run_due_jobs()
    expect(form.locator(".upload-kept")).to_contain_text("0:08 · 480 × 270")
    ranges: list[str] = []
    form.on("response", lambda told: ranges.append(told.headers.get("content-range", "")))
    form.get_by_role("button", name="Send", exact=True).click()
    video = form.locator("video")
    seek = """video => new Promise((done, fail) => {
      const end = setTimeout(() => fail(new Error("did not play to its end")), 15000);
      video.onended = () => { clearTimeout(end); done(video.currentTime); };
      const jump = () => { video.currentTime = video.duration - 1; video.play(); };
      video.readyState ? jump() : video.onloadedmetadata = jump;
    })"""
    assert video.evaluate(seek) == pytest.approx(8, abs=0.3)
    assert len([told for told in ranges if told.startswith("bytes ")]) > 2


def _judge(page: Page, name: str) -> None:
    """On phones and wide screens, light and dark."""
    expect(page.locator("h1")).to_have_text(re.compile("Your film"))
    themes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for width, theme in itertools.product((390, 1280), themes):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        if folder := os.environ.get("SCREENS"):
            page.screenshot(path=f"{folder}/{name}-{width}-{theme}.png", full_page=True)
        assert page_overflow(page) <= 0
        assert axe_violations(page) == []


def test_a_piece_for_which_there_is_no_room_is_sent_again_by_itself(form: Page, film: Path, line: Line) -> None:
    tries = itertools.count()

    def answer(route: Route) -> None:
        if route.request.method != "PATCH" or next(tries) > 3:
            route.continue_()
        else:
            route.fulfill(status=429, headers={"Retry-After": "15"}, body="Too many files.", content_type="text/plain")

    form.route("**/media/uploads/*/", answer)
    _choose(form, film)
    expect(form.get_by_text("Too many files are being uploaded at the moment.")).to_be_visible()
    expect(form.get_by_role("checkbox", name="dance.mp4")).to_be_checked()
