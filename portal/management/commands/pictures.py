"""`manage.py pictures`: draw the pictures of the README anew, from a demo that runs."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from PIL import Image

from portal.management.chromium import MISSING, chromium_path

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = settings.BASE_DIR / "docs" / "pictures"
MOST_BYTES = 150_000


class Command(BaseCommand):
    help = "Draw docs/pictures anew from a demo that runs, with its register filled. Takes a case as a reviewer."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default=settings.BASE_URL, help="Where the demo is (default: BASE_URL).")
        parser.add_argument("--folder", type=Path, default=FOLDER)

    def handle(self, *args: Any, **options: Any) -> None:
        options["folder"].mkdir(parents=True, exist_ok=True)
        for name, visit in PICTURES.items():
            with _browser_page(options["url"].rstrip("/")) as page:
                visit(page)
                data = _as_webp(page.screenshot(animations="disabled"))
            if len(data) > MOST_BYTES:
                raise CommandError(f"{name} has {len(data)} bytes, more than {MOST_BYTES}.")
            (options["folder"] / f"{name}.webp").write_bytes(data)
            self.stdout.write(f"{name}.webp: {len(data) // 1000} kB")


def _visit_register(page: "Page") -> None:
    page.goto("/register/")
    if page.get_by_text("its register is still being filled").count():
        raise CommandError("The demo's register is still being filled. Please try again in a few minutes.")


def _visit_case(page: "Page") -> None:
    """The next lawyer's application of a reviewer, or the case that they have in hand."""
    _sign_in(page, "Demo reviewer B")
    page.goto("/reviews/?skill=cn-law")
    page.locator("form[action$='/reviews/next/'] button").first.click()
    page.wait_for_url("**/work/")
    page.wait_for_load_state("networkidle")


def _visit_return(page: "Page") -> None:
    """The complaint of a demo creator whose followers have returned, with the card of their return on top."""
    _sign_in(page, "Demo creator B")
    page.goto("/complaints/")
    page.get_by_role("link", name="Evening mood", exact=True).first.click()
    page.locator("figure.stacked-bar").first.wait_for()
    page.evaluate("document.querySelector('figure.stacked-bar').closest('.card').scrollIntoView({behavior: 'instant'})")
    page.wait_for_timeout(500)  # for posters and headers that follow


PICTURES: dict[str, Callable[["Page"], None]] = {
    "register": _visit_register,
    "case": _visit_case,
    "followers": _visit_return,
}


def _sign_in(page: "Page", name: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()


@contextmanager
def _browser_page(url: str) -> Iterator["Page"]:
    """A page of the system's Chromium, in English and light colours. Raises CommandError without a browser."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- one of the developers' tools
    except ImportError as error:
        raise CommandError("Playwright is one of the developers' tools: make venv-dev") from error
    path = chromium_path()
    if path is None:
        raise CommandError(MISSING)
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver, driver.chromium.launch(executable_path=path, args=arguments) as browser:
        context = browser.new_context(
            base_url=url, viewport={"width": 1280, "height": 800}, locale="en", color_scheme="light"
        )
        yield context.new_page()


def _as_webp(picture: bytes) -> bytes:
    out = BytesIO()
    Image.open(BytesIO(picture)).convert("RGB").save(out, "WEBP", quality=82, method=6)
    return out.getvalue()
