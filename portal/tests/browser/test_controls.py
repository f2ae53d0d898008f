"""Every control of every page that the role table knows can be pressed, on a phone and on a desk, in every role."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from complaints.reference import loading
from complaints.tests.conftest import use_fake_platform, use_quick_engine
from portal.testing.pages import covered_controls, page_overflow
from portal.tests import role_walk
from portal.tests.role_table import ADMIN, ROWS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = (390, 1280)
# Where a page looks the same for all who see it, these see it first.
ORDER = ("anonymous", "respondent", "creator", "holder", "judge", "senior_reviewer", "area_lead", "admin", "agent")
# Addresses that answer with something else than a page: files, parts of pages, answers for programs.
NO_PAGES = {
    "web:robots", "web:session", "certification:sitemap", "certification:sitemap_part", "certification:paper",
    "certification_api:areas", "certification_api:certificates", "certification_api:certificate",
    "certification_api:applications", "certification_api:application", "api_schema", "api_docs", "healthz", "metrics",
    "evidence:viewer", "evidence:page", "evidence:status", "evidence:original", "outbound:lookup", "media:video", "media:status",
    "sandbox:video", "complaints:video", "complaints:poster", "complaints:file_page", "complaints:answer_video", "complaints:answer_poster",
    "complaints:answer_document_page", "complaints:review_video", "admin:jsi18n",
}  # fmt: skip


class Looker:
    """One browser that looks at pages as different people, and writes down what cannot be pressed."""

    def __init__(self, browser: Browser, base: str) -> None:
        self.base, self.browser = base, browser
        self.faults: list[str] = []
        self.seen: list[str] = []

    def enter(self, client: Client) -> Page:
        """A window of somebody who has what `client` has in its cookies."""
        context = self.browser.new_context(viewport={"width": WIDTHS[0], "height": 900}, reduced_motion="reduce")
        context.add_cookies(
            [{"name": name, "value": one.value, "url": self.base} for name, one in client.cookies.items()]
        )
        return context.new_page()

    def look(self, page: Page, who: str, address: str) -> None:
        """Look at one page at both widths."""
        answer = page.goto(self.base + address)
        if answer is None or answer.status != 200:
            self.faults.append(f"{who} {address}: status {answer.status if answer else 0}")
            return
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found = [*covered_controls(page), *([f"{wide} px too wide"] if (wide := page_overflow(page)) > 0 else [])]
            self.faults += [f"{who} {address} at {width} px: {fault}" for fault in found]


@pytest.fixture
def world(storage: Path, monkeypatch: pytest.MonkeyPatch) -> role_walk.World:
    """Somebody of each role and something of each kind, on a platform in memory."""
    loading.load_complaint_reference()
    use_fake_platform(monkeypatch)
    use_quick_engine(monkeypatch)
    return role_walk.world()


def test_every_control_can_be_pressed(browser: Browser, live_server: LiveServer, world: role_walk.World) -> None:
    looker = Looker(browser, live_server.url)
    for role in ORDER:
        page = looker.enter(role_walk.client_of(world, role))
        for address in pages_of(world, role):
            looker.look(page, role, address)
        page.context.close()
    assert not looker.faults, "\n".join(looker.faults)


def pages_of(world: role_walk.World, role: str) -> Iterator[str]:
    """The addresses of what the table opens to a role, without what somebody before it sees in the same way."""
    rows = [line.split() for line in ROWS.strip().splitlines() if not line.startswith("#")]
    for name, wanted, method, *outcomes in rows:
        if method != "GET" or name in NO_PAGES:
            continue
        opened = [each for each in ORDER if outcomes[role_walk.ROLES.index(each)] == "200"]
        if role in opened and (role == opened[0] or len(opened) < 6):
            yield reverse(name, args=[] if wanted == "-" else world.args[wanted.replace("_", " ")])
    if role == "admin":
        yield from admin_pages()


def admin_pages() -> Iterator[str]:
    """The admin's pages of rows."""
    models = role_walk.admin_pages()
    for prefix, *shown in (line.split() for line in ADMIN.strip().splitlines()):
        row = models[prefix].objects.order_by("pk").first()
        for what, there in zip(("changelist", "add", "change", "delete", "history"), shown, strict=True):
            needs_row = what not in {"changelist", "add"}
            if there != "-" and not (needs_row and row is None):
                yield reverse(f"admin:{prefix}_{what}", args=[row.pk] if needs_row else [])
