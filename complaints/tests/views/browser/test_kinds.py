"""A picture and a text as their author uploads them and both sides and a reviewer see them."""

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from complaints.models import Complaint, Work
from complaints.tests import deciding as do
from complaints.tests import factories as make
from complaints.tests import specimens
from complaints.tests.views.browser.test_evidence import look, open_as
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


def test_a_picture_from_the_upload_to_the_case_page(page: Page, live_server: LiveServer) -> None:
    author = make.author()
    work = upload(page, live_server, author)
    expect(page.locator(".work-picture img")).to_be_visible()
    look(page, "picture-work")
    complaint = complained(author, work, specimens.cropped(PICTURE), "image")
    open_as(page, live_server, author, complaint.get_absolute_url())
    expect(page.locator(".work-picture img")).to_have_count(2)
    expect(page.locator("video")).to_have_count(0)
    slider = page.locator(".wipe-slider input").first
    before = slider.input_value()
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert slider.input_value() != before
    look(page, "picture-author")
    open_as(page, live_server, do.respondent(complaint), complaint.answer_url)
    expect(page.locator(".work-picture img")).to_have_count(2)
    look(page, "picture-respondent")
    holder, case, _complaint = do.claim(complaint)
    open_as(page, live_server, holder, f"/reviews/{case.number}/work/")
    expect(page.locator("#videos .work-picture img")).to_have_count(2)
    expect(page.locator("#videos")).to_contain_text("Same imagery in both pictures")
    look(page, "picture-case")


def test_two_texts_and_what_they_share(page: Page, live_server: LiveServer) -> None:
    author = make.author()
    text = " ".join(specimens.SENTENCES)
    own = make.post(make.account_of(author), text.encode(), kind="text", title="The kiln")
    complaint = complained(author, own, f"My own words. {text}".encode(), "text")
    open_as(page, live_server, author, complaint.get_absolute_url())
    expect(page.locator(".work-text")).to_have_count(2)
    expect(page.locator(".text-diff mark").first).to_be_visible()
    look(page, "text-author")
