"""Both videos in step and pairs of pictures with a dividing line, as the author, the other side and a reviewer use them."""

import random
import re
from collections.abc import Callable

import numpy as np
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from complaints import notices
from complaints.models import Complaint
from complaints.states import ComplaintState as State
from complaints.states import Side
from complaints.tests import factories as make
from portal.bench.originality.drawn_sounds import draw_sound
from portal.bench.originality.sound_edits import HERTZ, Sound
from portal.engines.fingerprints.tests import moving, sounds, specimens
from portal.people.models import User
from portal.testing.pages import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SECONDS = 10


@pytest.fixture(autouse=True)
def _quick_engine() -> None:
    """The engine that there is."""


def playable(pictures: list[np.ndarray], voice: Sound) -> bytes:
    """A WebM, which the browser of the tests plays."""
    options = {"deadline": "realtime", "cpu-used": "8", "g": "12"}
    timed = ((number / moving.RATE, picture) for number, picture in enumerate(pictures))
    film = specimens.encoded(timed, codec="libvpx-vp9", kind="webm", **options)
    return sounds.with_wave(film, voice, sounds.HERTZ, kind="webm", codec="libopus")


def voice(seed: int, seconds: float) -> Sound:
    """Somebody who speaks, at a rate that Opus has."""
    drawn = draw_sound("voice", random.Random(seed), random.Random(seed), seconds)  # noqa: S311 -- a drawing
    times = np.arange(int(seconds * sounds.HERTZ)) / sounds.HERTZ
    return np.interp(times, np.arange(len(drawn)) / HERTZ, drawn).astype(drawn.dtype)


@pytest.fixture(scope="module")
def videos() -> tuple[bytes, bytes]:
    """An original, and its copy from second 2 on: mirrored, cropped, with another sound."""
    pictures = moving.film(3, seconds=SECONDS)
    edited = [
        np.asarray(Image.fromarray(each[18:162, 32:288][:, ::-1]).resize((320, 180)))
        for each in pictures[2 * moving.RATE :]
    ]
    return playable(pictures, voice(1, SECONDS)), playable(edited, voice(2, SECONDS - 2))


@pytest.fixture
def complaint(videos: tuple[bytes, bytes]) -> Complaint:
    author = make.author()
    mine = make.post(make.account_of(author), videos[0], title="How I repaired the tower clock")
    theirs = make.post(make.account(), videos[1], title="How we repaired the clock")
    made = make.draft(author, original=mine, copy=theirs)
    make.submit(made)
    make.run_jobs()
    return make.fresh(made)


def open_as(page: Page, server: LiveServer, user: User, path: str) -> None:
    client = Client()
    client.force_login(user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(f"{server.url}{path}")


def look_at_evidence(page: Page, name: str) -> None:
    for picture in page.locator(".moments .wipe-pictures img").all():
        picture.scroll_into_view_if_needed()
    look(page, name, widths=(390, 1280), schemes=("light", "dark"))


def time_of(page: Page, video: str) -> float:
    return float(page.eval_on_selector(f'video[data-video="{video}"]', "video => video.currentTime"))


def wait_for(page: Page, video: str, second: float) -> None:
    for _ in range(50):
        if abs(time_of(page, video) - second) < 0.3:
            return
        page.wait_for_timeout(200)
    facts = "each => [each.currentTime, each.readyState, each.seeking, each.duration, each.playbackRate]"
    state = page.locator(f'video[data-video="{video}"]').evaluate(facts)
    rows = page.locator("tr[data-row]").first.evaluate("each => JSON.stringify(each.dataset)")
    pytest.fail(f"{video} is not at {second}: {state} {rows}")


def test_the_author_sees_both_videos_in_step_and_wipes(
    page: Page, live_server: LiveServer, complaint: Complaint
) -> None:
    assert complaint.state == State.NOTIFIED
    open_as(page, live_server, complaint.complainant, complaint.get_absolute_url())
    expect(page.locator(".change-sentences")).to_contain_text(
        re.compile("0:02–0:10 .*: mirrored, cropped to 6[345] %, sound replaced")
    )
    bar = page.locator("[data-seek]")
    expect(bar).to_be_visible()
    bar.fill("5")
    wait_for(page, "a", 5.0)
    wait_for(page, "b", 3.0)
    bar.focus()
    for _ in range(25):
        page.keyboard.press("ArrowRight")
    wait_for(page, "a", 6.0)
    wait_for(page, "b", 4.0)
    expect(bar).to_have_attribute("aria-valuetext", "0:06 – 0:04")
    page.locator("[data-act=play]").click()
    page.wait_for_function("() => document.querySelector(\"video[data-video='b']\").currentTime > 4.6")
    assert time_of(page, "a") - time_of(page, "b") == pytest.approx(2, abs=0.4)
    page.locator("[data-act=play]").click()
    page.locator(".comparison details summary").first.click()
    page.locator("tr[data-row] a[data-stretch]").first.click()
    wait_for(page, "a", 2.0)
    wait_for(page, "b", 0.0)
    first = page.locator("[data-wipe]").first
    slider = first.locator("[data-wipe-at]")
    before = first.locator(".wipe-over").evaluate("each => getComputedStyle(each).clipPath")
    slider.focus()
    page.keyboard.press("Home")
    after = first.locator(".wipe-over").evaluate("each => getComputedStyle(each).clipPath")
    assert before != after
    assert "0%" in after
    slider.fill("50")
    page.locator("[data-moment]").nth(1).click()
    page.wait_for_function("() => !document.querySelector(\"video[data-video='a']\").seeking")
    assert time_of(page, "a") - time_of(page, "b") == pytest.approx(2, abs=0.3)
    look_at_evidence(page, "evidence-author")


def test_without_script_pairs_lie_beside_each_other_and_videos_play(
    new_context: Callable[..., object], live_server: LiveServer, complaint: Complaint
) -> None:
    context = new_context(java_script_enabled=False)
    page = context.new_page()  # type: ignore[attr-defined]
    open_as(page, live_server, complaint.complainant, complaint.get_absolute_url())
    assert page.locator("[data-seek]").is_hidden()
    assert page.locator("[data-wipe-at]").first.is_hidden()
    boxes = [page.locator(".moment").first.locator(".wipe-picture").nth(number).bounding_box() for number in (0, 1)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[1]["y"] >= boxes[0]["y"] + boxes[0]["height"] - 1
    assert page.locator("video[controls]").count() == 2


def test_the_other_side_sees_the_same_in_chinese(page: Page, live_server: LiveServer, complaint: Complaint) -> None:
    page.context.set_extra_http_headers({"Accept-Language": "zh-hans"})
    page.goto(notices.case_file_link(complaint, Side.RESPONDENT).replace(settings.BASE_URL, live_server.url))
    expect(page.locator(".change-sentences")).to_contain_text(re.compile("裁剪至 6[345]%"))
    expect(page.locator(".change-sentences")).to_contain_text("替换了声音")
    expect(page.locator(".moments img").first).to_be_visible()
    look_at_evidence(page, "evidence-respondent")


def test_a_reviewer_sees_it_on_the_case_page(page: Page, live_server: LiveServer, complaint: Complaint) -> None:
    make.answer(complaint)
    complaint = make.fresh(complaint)
    reviewer, case = make.claim(complaint)
    open_as(page, live_server, reviewer, reverse("reviews:case_page", args=[case.number]))
    expect(page.locator(".change-sentences")).to_contain_text("mirrored, cropped to")
    page.locator("[data-seek]").fill("6")
    wait_for(page, "b", 4.0)
    assert page.locator(".moments img").first.evaluate("each => each.complete")
    look_at_evidence(page, "evidence-reviewer")
