"""What the browser says of a photo before it is sent, good only if that was measured."""

import io
import os

import pytest
from django.test import Client
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from playwright.sync_api import FilePayload, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.people.models import User
from portal.testing.pages import axe_violations, page_overflow

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("portal.evidence.tests.browser.site"),
]
PICTURES = os.environ.get("PICTURES", "")
TABLE, PAPER = (60, 52, 48), (244, 243, 238)


WHOLE, TEXT = (0, 0, 1800, 2400), (300, 300, 1200, 2050)


def photo(
    *,
    blur: float = 0,
    left: int = 200,
    light: float = 1,
    side: int = 2400,
    table: tuple[int, int, int] = TABLE,
    shown: tuple[int, int, int, int] = WHOLE,
) -> FilePayload:
    """A page of text on a table; `left` px of table beside it, less than 0 where the page is cut off; `shown` of it."""
    image = Image.new("RGB", (1800, 2400), table)
    draw = ImageDraw.Draw(image)
    draw.rectangle((left, 200, 1600, 2200), fill=PAPER)
    for line in range(40):
        words = f"Line {line} of a licence that was given to nobody, number {line * 7919}"
        draw.text((max(left, 0) + 60, 260 + 46 * line), words, font=ImageFont.load_default(34), fill=(25, 25, 30))
    image = image.filter(ImageFilter.GaussianBlur(blur)).point(lambda level: int(level * light)).crop(shown)
    image.thumbnail((side, side))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def open_form(page: Page, live_server: LiveServer, person: User) -> Locator:
    client = Client()
    client.force_login(person)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(f"{live_server.url}/appeal/")
    return page.locator(".upload-drop")


GOOD, BLURRED = "The photo is sharp", "looks blurred"
UNREADABLE, NO_EDGES = "No readable text", "edges of the document cannot be seen"
CUT, DARK, SMALL = "cut off. Move back", "very dark", "is small"


def test_photos_are_examined_before_they_are_sent(page: Page, live_server: LiveServer, creator: User) -> None:
    drop = open_form(page, live_server, creator)
    said = drop.locator(".photo-checks")
    for name, made, wanted in (
        ("sharp", photo(), [GOOD]),
        ("blurred", photo(blur=7), [BLURRED]),
        ("cut", photo(left=-300), [CUT]),
        ("cut on all sides", photo(shown=TEXT), [NO_EDGES]),
        ("white on white", photo(table=PAPER), [NO_EDGES]),
        ("blurred, cut on all sides", photo(shown=TEXT, blur=7), [BLURRED, NO_EDGES]),
        ("far too blurred", photo(shown=TEXT, blur=60), [UNREADABLE, NO_EDGES]),
        ("empty", photo(shown=(1300, 300, 1590, 1500)), [UNREADABLE, NO_EDGES]),
        ("dark", photo(light=0.15), [DARK]),
        ("small", photo(side=700), [SMALL]),
    ):
        drop.locator("input[type=file]").set_input_files(made)
        expect(said.locator("li")).to_have_count(len(wanted))
        for row, text in zip(said.locator("li").all(), wanted, strict=True):
            expect(row).to_contain_text(text)
        expect(said.locator("canvas")).to_have_count(1)
        if PICTURES:
            page.set_viewport_size({"width": 390, "height": 900})
            page.screenshot(path=f"{PICTURES}/photo-{name}.png")
    assert axe_violations(page) == []
    assert page_overflow(page) == 0
    drop.locator("input[type=file]").set_input_files(
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}
    )
    expect(said).to_have_count(0)
