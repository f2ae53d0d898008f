"""Where things stand on a phone, and forms of every side that keep what was typed when the language is switched."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import FloatRect, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from certification.tests import factories as certification
from complaints import notices
from complaints.reference import loading
from complaints.states import ComplaintState, Side
from complaints.tests import factories as make
from complaints.tests.conftest import use_fake_platform, use_quick_engine
from portal.people.roles import Role
from portal.reviews.models import ReasonCode

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TYPED = "Typed before the language was switched."
PHONE = {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def _stand_ins(storage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loading.load_complaint_reference()
    use_fake_platform(monkeypatch)
    use_quick_engine(monkeypatch)


def become(page: Page, server: LiveServer, client: Client) -> None:
    cookies = [{"name": name, "value": one.value, "url": server.url} for name, one in client.cookies.items()]
    page.context.add_cookies(cookies)  # type: ignore[arg-type]


def box(place: Locator) -> FloatRect:
    found = place.bounding_box()
    assert found is not None
    return found


def test_the_code_of_a_certificate_is_seen_on_a_phone_without_scrolling(page: Page, live_server: LiveServer) -> None:
    certificate = certification.certificate()
    for language in ("en", "zh-hans"):
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page.goto(f"{live_server.url}{certificate.get_absolute_url()}")
        if language != "en":
            page.locator("button[name=language]").first.click()
            expect(page.locator("html")).to_have_attribute("lang", language)
        code = box(page.locator(".certificate-code svg"))
        assert code["width"] >= 80
        assert code["y"] + code["height"] <= PHONE["height"]
        assert code["x"] + code["width"] <= PHONE["width"]


@pytest.mark.parametrize("width", [390, 1280])
def test_labels_of_matching_segments_stand_beside_their_bars(page: Page, live_server: LiveServer, width: int) -> None:
    made = make.complaint(ComplaintState.NOTIFIED)
    client = Client()
    client.force_login(made.complainant)
    become(page, live_server, client)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{live_server.url}{made.get_absolute_url()}")
    chart = box(page.locator(".segment-chart"))
    above, below = page.locator("figure:has(.segment-chart) .segment-chart-label").all()
    assert box(above)["y"] + box(above)["height"] <= chart["y"]
    assert box(below)["y"] >= chart["y"] + chart["height"]


def switch_keeps(page: Page, address: str, field: str, *, key: str = "") -> None:
    """Type into a field, which a key may have to open, switch the language, and look for it."""
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    if key:
        page.keyboard.press(key)
    page.locator(field).first.fill(TYPED)
    page.locator("button[name=language]").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page.locator(field).first).to_have_value(TYPED)


def test_a_complaint_keeps_what_was_typed(page: Page, live_server: LiveServer) -> None:
    made = make.draft(make.person())
    client = Client()
    client.force_login(made.complainant)
    become(page, live_server, client)
    switch_keeps(page, f"{live_server.url}/complaints/{made.number}/notice/", "main [name=text]")


def test_an_answer_without_an_account_keeps_what_was_typed(page: Page, live_server: LiveServer) -> None:
    made = make.complaint(ComplaintState.NOTIFIED)
    client = Client()
    client.get("/" + notices.case_file_link(made, Side.RESPONDENT).split("/", 3)[3])
    become(page, live_server, client)
    switch_keeps(page, f"{live_server.url}{made.answer_url}answer/", "main [name=text]")


def test_a_decision_keeps_what_was_typed(page: Page, live_server: LiveServer) -> None:
    made = make.complaint(ComplaintState.IN_REVIEW)
    reviewer, case = make.claim(made)
    client = Client()
    client.force_login(reviewer)
    become(page, live_server, client)
    switch_keeps(page, f"{live_server.url}/reviews/{case.number}/work/", "#id_uphold_explanation", key="a")


def test_an_admin_form_keeps_what_was_typed(page: Page, live_server: LiveServer) -> None:
    admin = make.person(Role.ADMIN)
    client = Client()
    client.force_login(admin)
    become(page, live_server, client)
    address = reverse("admin:reviews_reasoncode_change", args=[ReasonCode.objects.earliest("pk").pk])
    switch_keeps(page, f"{live_server.url}{address}", "#content textarea")
