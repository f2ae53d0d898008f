"""A Chinese doctor on a phone: what to have ready, few fields at once, the way from what is missing to its field, the camera."""

import os

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from certification.models import Application
from certification.tests import factories as make
from portal.people.models import User
from portal.testing.cameras import DRAWN_CAMERA
from portal.testing.pages import axe_violations, covered_controls, page_overflow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("PICTURES", "")
MOST_FIELDS = 7  # there were 19 when all were shown


@pytest.fixture
def doctor(creator: User) -> Application:
    """A doctor's draft of which one number is declared."""
    User.objects.filter(pk=creator.pk).update(language="zh-hans")
    made = make.draft("cn-medicine", creator)
    made.documents.all().delete()
    made.credentials.exclude(type__code="cn-identity").delete()
    return made


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer, creator: User) -> Page:
    """Their phone."""
    client = Client()
    client.force_login(creator)
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="zh-CN", base_url=live_server.url
    )
    cookies = {"sessionid": client.cookies["sessionid"].value, "django_language": "zh-hans"}
    context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()])
    page = context.new_page()
    page.set_default_timeout(60_000)
    return page


def look(page: Page, name: str) -> None:
    assert axe_violations(page) == []
    assert page_overflow(page) == 0
    assert covered_controls(page) == []
    for scheme in ("light", "dark") if PICTURES else ():
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=f"{PICTURES}/phone-{name}-{scheme}.png", full_page=True)
    page.emulate_media(color_scheme="light")


def test_a_doctor_sees_few_fields_and_what_is_missing(phone: Page, doctor: Application) -> None:
    phone.goto(reverse("certification:application_start", args=["cn-law"]))
    phone.get_by_text("需要准备什么").first.click()  # in another area: of this one there is a draft
    look(phone, "start")
    phone.goto(f"/certification/applications/{doctor.number}/evidence/")
    fields = phone.locator("main form input:visible, main form textarea:visible, main form select:visible")
    assert fields.count() <= MOST_FIELDS
    expect(phone.get_by_text("还缺").first).to_be_visible()
    expect(phone.get_by_text("拍照").first).to_be_visible()
    expect(phone.locator(".continue-elsewhere")).to_be_hidden()
    look(phone, "evidence")
    phone.goto(f"/certification/applications/{doctor.number}/check/")
    look(phone, "check")
    phone.get_by_role("link", name="在职证明").first.click()
    card = phone.locator(".evidence-card > details", has=phone.locator("#kind-cn-employment"))
    expect(card).to_have_attribute("open", "")
    expect(card.locator("input:visible").first).to_be_visible()


def test_a_document_is_photographed_in_the_page(phone: Page, doctor: Application) -> None:
    phone.add_init_script(DRAWN_CAMERA)
    phone.goto(f"/certification/applications/{doctor.number}/evidence/?open=cn-doctor-qualification")
    upload = phone.locator(".upload-drop:visible").first
    upload.get_by_role("button", name="拍照").click()
    dialog = phone.get_by_role("dialog")
    expect(dialog.get_by_role("status")).to_have_text("画面清晰，四边完整，可以拍照。")
    dialog.get_by_role("button", name="拍摄").click()
    dialog.get_by_role("button", name="使用此照片").click()
    expect(upload.locator(".photo-checks")).to_contain_text("照片清晰，四边完整。")
    look(phone, "photographed")
    phone.locator("button[name=stay]").click()
    expect(phone.get_by_text("photo-").first).to_be_visible()
    assert doctor.documents.get().file.name.startswith("photo-")


def test_pages_about_ones_own_data_fit_on_a_phone(phone: Page, doctor: Application) -> None:
    for name, address in (
        ("data", "/accounts/data/"),
        ("looks", "/evidence/looks/"),
        ("erasure", "/accounts/data/erasure/"),
    ):
        phone.goto(address)
        look(phone, name)
