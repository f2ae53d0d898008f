"""A form that names a post or an account: its page says that the platform is being asked, and goes on by itself."""

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from complaints.models import Complaint
from complaints.tests import factories as make
from portal.jobs import runner
from portal.outbound import lookups
from portal.people.models import LinkedAccount, User
from portal.testing.fake_platform import FakePlatform
from portal.testing.pages import look

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("slow_platforms"),
]


@pytest.fixture
def open_page(page: Page, live_server: LiveServer, author: User) -> Callable[[str], Page]:
    """Opens a page as the author sees it."""
    client = Client()
    client.force_login(author)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )

    def visit(path: str) -> Page:
        page.goto(f"{live_server.url}{path}")
        return page

    return visit


def answer() -> None:
    runner.run_due_jobs([lookups.LOOK_UP])


def test_what_is_typed_is_looked_up_beside_its_field(open_page: Callable[[str], Page], author: User) -> None:
    address = make.post(make.account(region="us", handle="copyist"), title="My best kiln")
    page = open_page("/complaints/new/")
    page.locator('main form button[type="submit"]').first.click()
    page.locator("#id_address").fill(address)
    page.locator("#id_address").blur()
    expect(page.locator("#found")).to_contain_text("We are looking it up")
    look(page, "draft-looked-up", widths=(390, 1280))
    for _question in ("the post", "its account"):
        answer()
        page.wait_for_timeout(1500)
    answer()
    expect(page.locator("#found-copy")).to_contain_text("My best kiln")
    look(page, "draft-found", widths=(390, 1280))


def test_a_form_is_sent_again_once_the_platform_has_answered(open_page: Callable[[str], Page], author: User) -> None:
    address = make.post(make.account(region="us", handle="copyist"), title="My best kiln")
    complaint = make.draft(author)
    page = open_page(f"/complaints/{complaint.number}/copy/")
    page.locator("#id_address").fill(address)
    page.locator('form button[name="next"]').click()
    expect(page.get_by_role("heading", name="Almost done: the platform is being queried.")).to_be_visible()
    expect(page.locator("#id_address")).to_have_value(address)
    look(page, "form-waits", widths=(390, 1280))
    deadline = 20
    while "/copy/" in page.url and deadline:
        answer()
        page.wait_for_timeout(500)
        deadline -= 1
    assert page.url.endswith("/original/")
    assert Complaint.objects.get(pk=complaint.pk).account_handle == "copyist"


def test_an_account_is_named_and_proven_while_its_platform_is_slow(
    open_page: Callable[[str], Page], platform: FakePlatform, author: User
) -> None:
    platform.open_account("77", "potter")
    page = open_page("/accounts/links/new/")
    page.get_by_label("Handle or address").fill("@potter")
    page.get_by_role("button", name="Continue to the code").click()
    expect(page.get_by_text("being looked up, a few seconds")).to_be_visible()
    look(page, "link-waits", widths=(390, 1280))
    answer()
    expect(page.get_by_role("button", name="verify now")).to_be_visible()
    link = LinkedAccount.objects.get(external_id="77")
    platform.profiles["77"] = link.code
    page.get_by_role("button", name="verify now").click()
    expect(page.get_by_role("heading", name="Almost done: the platform is being queried.")).to_be_visible()
    look(page, "prove-waits", widths=(390, 1280))
    deadline = 20
    while not LinkedAccount.objects.get(pk=link.pk).is_proven and deadline:
        answer()
        page.wait_for_timeout(500)
        deadline -= 1
    expect(page.get_by_text("is now linked to you")).to_be_visible()


def test_an_unknown_account_is_told_at_its_field(open_page: Callable[[str], Page], platform: FakePlatform) -> None:
    page = open_page("/accounts/links/new/")
    page.get_by_label("Handle or address").fill("@nobody")
    page.get_by_role("button", name="Continue to the code").click()
    expect(page.get_by_text("being looked up, a few seconds")).to_be_visible()
    answer()
    expect(page.locator(".field-error:not([hidden])")).to_contain_text("was not found on the platform")
    expect(page.get_by_label("Handle or address")).to_have_value("@nobody")
    look(page, "link-unknown", widths=(390, 1280))
