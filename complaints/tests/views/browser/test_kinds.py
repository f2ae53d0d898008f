"""A picture and a text as their author uploads them and both sides and a reviewer see them."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from complaints import notices
from complaints.models import Complaint, Work
from complaints.states import Side
from complaints.tests import deciding as do
from complaints.tests import factories as make
from complaints.tests import specimens
from complaints.tests.views.browser.test_evidence import look_at_evidence, open_as
from portal.people.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("moving")]
PICTURE = specimens.picture()


@pytest.fixture(autouse=True)
def _quick_engine() -> None:
    """The engine that there is."""


def upload(page: Page, server: LiveServer, author: User) -> Work:
    """Register a picture as its author does."""
    open_as(page, server, author, "/complaints/works/new/")
    page.get_by_label("Title").fill("The kiln at the river")
    file = {"name": "kiln.mp4", "mimeType": "video/mp4", "buffer": specimens.as_bytes(PICTURE)}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(page.locator("[data-video-kept] input[type=checkbox]")).to_be_checked()
    make.run_jobs()
    expect(page.locator("[data-video-kept]")).to_contain_text("picture · 640 × 480")
    page.get_by_role("button", name="Register").click()
    page.wait_for_url(re.compile(r"/complaints/works/\d+/$"))
    return Work.objects.get(owner=author)


def complained(author: User, original: str | Work, copied: bytes, kind: str) -> Complaint:
    from complaints.actions import drafts

    address = make.post(make.account(), copied, kind=kind, title="A kiln that I found")
    made = make.draft(author, original="" if isinstance(original, Work) else original, copy=address)
    if isinstance(original, Work):
        drafts.name_original_video(complaint=made, by=author, work=original)
    for step in make.IN_REVIEW:
        step(make.fresh(made))
    return make.fresh(made)


def open_in_chinese(page: Page, server: LiveServer, complaint: Complaint) -> None:
    """The other side comes by its link, without an account."""
    page.context.clear_cookies()
    page.set_extra_http_headers({"Accept-Language": "zh-hans"})
    page.goto(notices.case_file_link(complaint, Side.RESPONDENT).replace(settings.BASE_URL, server.url))
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^zh"))
    page.set_extra_http_headers({})


def test_a_picture_from_the_upload_to_the_case_page(page: Page, live_server: LiveServer) -> None:
    author = make.author()
    work = upload(page, live_server, author)
    expect(page.locator(".work-picture img")).to_be_visible()
    look_at_evidence(page, "picture-work")
    complaint = complained(author, work, specimens.cropped(PICTURE), "image")
    open_as(page, live_server, author, complaint.get_absolute_url())
    expect(page.locator(".work-picture img")).to_have_count(2)
    expect(page.locator("video")).to_have_count(0)
    slider = page.locator(".wipe-slider input").first
    before = slider.input_value()
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert slider.input_value() != before
    look_at_evidence(page, "picture-author")
    open_as(page, live_server, do.respondent(complaint), complaint.answer_url)
    expect(page.locator(".work-picture img")).to_have_count(2)
    look_at_evidence(page, "picture-respondent")
    holder, case, _complaint = do.claim(complaint)
    open_as(page, live_server, holder, f"/reviews/{case.number}/work/")
    expect(page.locator("#videos .work-picture img")).to_have_count(2)
    expect(page.locator("#videos")).to_contain_text("Same imagery in both pictures")
    look_at_evidence(page, "picture-case")


def test_two_animations_are_shown_at_several_moments(page: Page, live_server: LiveServer) -> None:
    author = make.author()
    own = make.post(make.account_of(author), specimens.animation(1), kind="image", title="The kiln turns")
    complaint = complained(author, own, specimens.animation(1, cut=20), "image")
    open_as(page, live_server, author, complaint.get_absolute_url())
    expect(page.locator(".moments .moment")).to_have_count(6)
    expect(page.locator("#evidence")).to_contain_text("Original at 0:01")
    expect(page.locator("[data-moment]")).to_have_count(0)
    look_at_evidence(page, "animation-author")


def test_two_sounds_move_together_along_what_they_share(page: Page, live_server: LiveServer) -> None:
    author = make.author()
    own = make.post(make.account_of(author), specimens.sound(1, 20), kind="audio", title="The song of the kiln")
    complaint = complained(author, own, specimens.excerpt_of_sound(1, 20), "audio")
    open_as(page, live_server, author, complaint.get_absolute_url())
    expect(page.locator("audio[data-video]")).to_have_count(2)
    expect(page.locator(".wave-chart")).to_be_visible()
    moments = "() => [...document.querySelectorAll('audio')].map(each => each.currentTime)"
    page.wait_for_function("() => [...document.querySelectorAll('audio')].every(each => each.readyState > 0)")
    page.locator("[data-seek]").fill("9")
    page.wait_for_function("() => Math.abs(document.querySelector('audio[data-video=b]').currentTime - 7) < 0.3")
    assert page.evaluate(moments)[0] == pytest.approx(9, abs=0.1)
    page.locator(".segment-chart a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('audio[data-video=a]').currentTime < 3")
    muted = "() => [...document.querySelectorAll('audio')].map(each => each.muted)"
    page.locator("[data-act=play]").click()
    page.wait_for_function("() => !document.querySelector('audio[data-video=b]').paused")
    assert page.evaluate(muted) == [False, True]
    page.locator("[data-hear]").click()
    assert page.evaluate(muted) == [True, False]
    page.locator("[data-act=play]").click()
    page.wait_for_function("() => [...document.querySelectorAll('audio')].every(each => each.paused && !each.muted)")
    page.locator(".comparison details summary").first.click()
    look_at_evidence(page, "sound-author")
    open_in_chinese(page, live_server, complaint)
    look_at_evidence(page, "sound-respondent")
    holder, case, _complaint = do.claim(complaint)
    open_as(page, live_server, holder, f"/reviews/{case.number}/work/")
    page.locator("#videos [data-seek]").fill("9")
    page.wait_for_function("() => Math.abs(document.querySelector('audio[data-video=b]').currentTime - 7) < 0.3")
    look_at_evidence(page, "sound-case")


def test_two_texts_and_what_they_share(page: Page, live_server: LiveServer) -> None:
    author = make.author()
    text = " ".join(specimens.SENTENCES)
    own = make.post(make.account_of(author), text.encode(), kind="text", title="The kiln")
    complaint = complained(author, own, f"My own words. {text}".encode(), "text")
    open_as(page, live_server, author, complaint.get_absolute_url())
    expect(page.locator(".work-text")).to_have_count(2)
    expect(page.locator(".text-diff mark").first).to_be_visible()
    look_at_evidence(page, "text-author")
    page.locator(".whole-texts summary").click()
    expect(page.locator(".whole-texts mark").first).to_be_visible()
    open_in_chinese(page, live_server, complaint)
    look_at_evidence(page, "text-respondent")
    holder, case, _complaint = do.claim(complaint)
    open_as(page, live_server, holder, f"/reviews/{case.number}/work/")
    expect(page.locator("#videos .text-passage mark").first).to_be_visible()
    look_at_evidence(page, "text-case")
