"""A senior reviewer finds a return of followers in the list, pauses it, and another stops it; on a phone, too."""

import os
from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from complaints.actions import restitution_pages
from complaints.models import Restitution
from complaints.tests import restitutions as make
from complaints.tests.distant import use_distant_platform, work
from portal.people.models import User
from portal.reviews.tests import factories as reviews
from portal.testing.pages import axe_violations, page_overflow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("PICTURES", "")
REASON = "The platform reports that the copy was published by mistake."


@pytest.fixture
def row(platform: object, monkeypatch: pytest.MonkeyPatch) -> Restitution:
    use_distant_platform(monkeypatch)
    stage = make.stage()
    make.follow(stage.source, make.viewers(5), post=stage.copy)
    begun = make.begun(stage, batch=2)
    restitution_pages.move_page(begun.pk)
    return make.fresh(begun)


@pytest.fixture
def open_as(page: Page, live_server: LiveServer) -> Callable[[User, str], Page]:
    """Opens a page as somebody sees it."""

    def visit(person: User, path: str) -> Page:
        client = Client()
        client.force_login(person)
        page.context.clear_cookies()
        page.context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
        )
        page.goto(f"{live_server.url}{path}")
        return page

    return visit


def look(page: Page, name: str) -> None:
    assert axe_violations(page) == []
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page_overflow(page) == 0
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)


def test_one_pauses_it_and_two_stop_it(open_as: Callable[[User, str], Page], row: Restitution) -> None:
    first, second = reviews.senior(), reviews.senior()
    page = open_as(first, "/complaints/restitutions/")
    assert set(page.locator("nav [aria-current=page]").all_text_contents()) == {"Returns"}
    look(page, "restitutions")
    page.get_by_role("link", name=f"@{row.source_handle}").click()
    page.get_by_role("link", name="Pause").click()
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text(REASON).first).to_be_visible()
    look(page, "restitution-paused")
    page.get_by_role("link", name="Propose to stop").click()
    page.get_by_label("Reason").fill(REASON)
    look(page, "restitution-stop")
    page.get_by_role("button", name="Propose to stop").click()
    expect(page.get_by_text("someone else must approve it")).to_be_visible()
    page = open_as(second, f"/complaints/restitutions/{row.pk}/")
    page.get_by_role("link", name="Stop and restore").click()
    page.get_by_role("button", name="Stop and restore").click()
    expect(page.get_by_text("Stopped. The followers are being restored")).to_be_visible()
    assert work(row).state == "reversed"
    page.reload()
    expect(page.get_by_text("Restored because it was stopped")).to_be_visible()
    expect(page.get_by_text("none of 2 followers differs")).to_be_visible()
    look(page, "restitution-stopped")
    page.goto(page.url.replace(f"restitutions/{row.pk}/", "returns/"))
    look(page, "yearly-returns")
