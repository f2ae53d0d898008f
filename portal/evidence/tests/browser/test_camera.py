"""The camera in the page: what it says while it shows a document, what becomes of the photo, and the phone's own camera."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.evidence.tests.browser.test_photos import GOOD, open_form, photo
from portal.people.models import User
from portal.testing.cameras import DRAWN_CAMERA
from portal.testing.pages import axe_violations, page_overflow

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("portal.evidence.tests.browser.site"),
]
PICTURES = os.environ.get("PICTURES", "")
WORDS_MS = 1000
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

SLOW = """
const soon = navigator.mediaDevices.getUserMedia;
navigator.mediaDevices.getUserMedia = () => {
    window.asked = new Promise((resolve) => { window.allow = resolve; }).then(soon);
    return window.asked;
};
"""
# The page looks at the picture ten times as often.
HASTE = """
const wait = window.setTimeout;
window.setTimeout = (work, ms) => wait(work, ms / 10);
"""
REFUSED = """navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no", "NotAllowedError"); };"""
ABSENT = """navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no", "NotFoundError"); };"""
UNKNOWN = """delete Navigator.prototype.mediaDevices;"""


@contextmanager
def phone(browser: Browser, script: str = "", **options: Any) -> Iterator[Page]:
    context = browser.new_context(**PHONE | options)
    page = context.new_page()
    if script:
        page.add_init_script(script)
    yield page
    context.close()


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/camera-{name}.png")


def move(page: Page, **paper: float) -> None:
    page.evaluate("(paper) => Object.assign(window.paper, paper)", paper)


def opened(page: Page, drop: Locator) -> Locator:
    drop.get_by_role("button", name="Take a photo").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Take photo")).to_be_focused()
    return dialog


def test_the_camera_says_what_is_wrong_before_the_photo_is_taken(
    browser: Browser, live_server: LiveServer, creator: User
) -> None:
    with phone(browser, DRAWN_CAMERA) as page:
        dialog = opened(page, open_form(page, live_server, creator))
        words = dialog.get_by_role("status")
        expect(words).to_contain_text("Sharp, and all four edges can be seen")
        picture(page, "good")
        move(page, left=-300)
        expect(words).to_have_text("An edge is cut off. Move back until all four are inside the frame.")
        picture(page, "cut")
        move(page, left=150, blur=8)
        expect(words).to_have_text("Blurred. Hold the phone still.")
        move(page, blur=0, light=0.1)
        expect(words).to_have_text("Too dark. Move to better light.")
        move(page, light=1)
        expect(words).to_contain_text("Sharp, and all four edges can be seen")
        assert axe_violations(page) == []
        assert page_overflow(page) == 0
        page.set_viewport_size({"width": 844, "height": 390})
        expect(dialog.get_by_role("button", name="Cancel")).to_be_in_viewport(ratio=1)
        picture(page, "landscape")


def test_words_stand_for_a_second(browser: Browser, live_server: LiveServer, creator: User) -> None:
    with phone(browser, DRAWN_CAMERA + HASTE) as page:
        words = opened(page, open_form(page, live_server, creator)).get_by_role("status")
        expect(words).to_contain_text("Sharp")
        since = words.evaluate("""(words) => new Promise((resolve) => {
            const times = [performance.now()];
            const move = () => { window.paper.left = window.paper.left < 0 ? 150 : -300; };
            new MutationObserver(() => {
                times.push(performance.now());
                if (times.length > 8) resolve(times.slice(2).map((time, at) => time - times[at + 1]));
                else move();
            }).observe(words, {childList: true});
            move();
        })""")
        assert min(since) >= WORDS_MS


def test_a_photo_of_the_camera_is_a_file_of_the_field(browser: Browser, live_server: LiveServer, creator: User) -> None:
    with phone(browser, DRAWN_CAMERA) as page:
        drop = open_form(page, live_server, creator)
        field = drop.locator("input[type=file]").first
        field.set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"})
        move(page, left=-300)
        dialog = opened(page, drop)
        dialog.get_by_role("button", name="Take photo").click()
        expect(dialog.get_by_role("button", name="Use this photo")).to_be_focused()
        expect(dialog.get_by_role("status")).to_contain_text("seems to be cut off")
        expect(dialog.get_by_role("img")).to_be_visible()
        assert page.evaluate("window.running") == 0
        assert axe_violations(page) == []
        picture(page, "taken")
        move(page, left=150)
        dialog.get_by_role("button", name="Take again").click()
        expect(dialog.get_by_role("button", name="Take photo")).to_be_focused()
        expect(dialog.locator("canvas")).to_have_count(0)
        assert page.evaluate("window.running") == 1
        page.keyboard.press("Enter")
        expect(dialog.get_by_role("status")).to_contain_text(GOOD)
        page.keyboard.press("Enter")
        expect(dialog).to_have_count(0)
        expect(drop.get_by_role("button", name="Take a photo")).to_be_focused()
        assert page.evaluate("window.running") == 0
        names = field.evaluate("(field) => [...field.files].map((file) => file.name)")
        assert [name[:6] for name in names] == ["a.pdf", "photo-"]
        expect(drop.locator(".photo-checks")).to_contain_text(GOOD)
        picture(page, "used")
        field.evaluate(
            "(field) => { const files = new DataTransfer(); files.items.add(field.files[1]); field.files = files.files; }"
        )
        page.get_by_label("Text").fill("It was mine.")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text(names[1]).first).to_be_visible()


def test_escape_and_leaving_the_page_stop_the_camera(browser: Browser, live_server: LiveServer, creator: User) -> None:
    with phone(browser, DRAWN_CAMERA) as page:
        drop = open_form(page, live_server, creator)
        for leave in (
            lambda: page.keyboard.press("Escape"),
            lambda: page.get_by_role("button", name="Cancel").click(),
            lambda: page.evaluate("window.dispatchEvent(new Event('pagehide'))"),
            lambda: page.evaluate("""() => {
                Object.defineProperty(document, "hidden", {value: true, configurable: true});
                document.dispatchEvent(new Event("visibilitychange"));
            }"""),
        ):
            opened(page, drop)
            assert page.evaluate("window.running") == 1
            leave()
            expect(page.get_by_role("dialog")).to_have_count(0)
            assert page.evaluate("window.running") == 0
            expect(drop.get_by_role("button", name="Take a photo")).to_be_focused()
        assert drop.locator("input[type=file]").first.evaluate("(field) => field.files.length") == 0


def test_a_camera_that_opens_after_the_dialog_was_closed_is_stopped(
    browser: Browser, live_server: LiveServer, creator: User
) -> None:
    with phone(browser, DRAWN_CAMERA + SLOW) as page:
        open_form(page, live_server, creator).get_by_role("button", name="Take a photo").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("status")).to_have_text("Opening the camera …")
        expect(dialog.get_by_role("button", name="Take photo")).to_be_disabled()
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        assert page.evaluate("async () => { window.allow(); return (await window.asked).active; }") is False
        assert page.evaluate("window.running") == 0


@pytest.mark.parametrize(
    ("script", "said"), [(REFUSED, "This site was not allowed to use the camera"), (ABSENT, ""), (UNKNOWN, None)]
)
def test_without_a_camera_for_the_page_the_phone_opens_its_own(
    browser: Browser, live_server: LiveServer, creator: User, script: str, said: str | None
) -> None:
    with phone(browser, script) as page:
        drop = open_form(page, live_server, creator)
        if said is None:
            expect(drop.locator("[data-opens-camera]")).to_be_hidden()
        else:
            with page.expect_file_chooser() as chooser:
                drop.get_by_role("button", name="Take a photo").click()
            assert chooser.value.element.get_attribute("capture") == "environment"
            expect(page.get_by_role("dialog")).to_have_count(0)
        expect(drop.locator(".upload-camera [role=status]")).to_contain_text(said or "")
        expect(drop.locator("label", has_text="Take a photo")).to_be_visible()
        picture(page, "refused" if said else "own")
        drop.locator("input[capture=environment]").set_input_files(photo())
        expect(drop.locator(".photo-checks")).to_contain_text(GOOD)
        assert axe_violations(page) == []
        page.get_by_label("Text").fill("It was mine.")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("photo.jpg").first).to_be_visible()


def test_without_a_finger_or_a_script_there_is_the_field_only(
    browser: Browser, live_server: LiveServer, creator: User
) -> None:
    ways: list[dict[str, Any]] = [{"has_touch": False, "is_mobile": False}, {"java_script_enabled": False}]
    for options in ways:
        with phone(browser, **options) as page:
            drop = open_form(page, live_server, creator)
            expect(drop.locator("input[type=file]")).to_have_count(1)
            expect(drop.get_by_text("Take a photo")).to_have_count(0)


def test_a_dark_phone_in_chinese(browser: Browser, live_server: LiveServer, creator: User) -> None:
    with phone(browser, DRAWN_CAMERA, color_scheme="dark") as page:
        page.context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": live_server.url}])
        drop = open_form(page, live_server, creator)
        drop.get_by_role("button", name="拍照").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("status")).to_have_text("画面清晰，四边完整，可以拍照。")
        picture(page, "zh-good")
        move(page, blur=8)
        expect(dialog.get_by_role("status")).to_have_text("画面模糊，请拿稳手机。")
        picture(page, "zh-blurred")
        dialog.get_by_role("button", name="拍摄").click()
        expect(dialog.get_by_role("status")).to_contain_text("照片似乎模糊")
        picture(page, "zh-taken")
        assert axe_violations(page) == []
        assert page_overflow(page) == 0


@pytest.fixture
def browser_with_camera(browser_type: BrowserType, browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    """A browser of its own, whose device has a camera that shows a test picture."""
    arguments = [*browser_type_launch_args["args"], "--use-fake-device-for-media-stream"]
    made = browser_type.launch(**browser_type_launch_args | {"args": arguments})
    yield made
    made.close()


def test_only_pages_that_ask_for_documents_may_use_the_device(
    browser_with_camera: Browser, live_server: LiveServer, creator: User
) -> None:
    with phone(browser_with_camera, permissions=["camera"]) as page:
        drop = open_form(page, live_server, creator)
        dialog = opened(page, drop)
        dialog.get_by_role("button", name="Take photo").click()
        dialog.get_by_role("button", name="Use this photo").click()
        expect(drop.locator(".photo-checks li").first).to_be_visible()
        field = drop.locator("input[type=file]").first
        assert field.evaluate("(field) => field.files[0].type") == "image/jpeg"
        page.goto(f"{live_server.url}/about/")
        asked = """() => navigator.mediaDevices.getUserMedia({video: true}).then(() => "", (error) => error.name)"""
        assert page.evaluate(asked) == "NotAllowedError"
