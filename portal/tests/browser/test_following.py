"""Pages that follow what happens: status, badge and timeline change together, without a visit in between."""

from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from complaints.reference import loading
from complaints.states import ComplaintState
from complaints.tests import factories as originality
from complaints.tests.conftest import use_fake_platform, use_quick_engine

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _stand_ins(storage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loading.load_complaint_reference()
    use_fake_platform(monkeypatch)
    use_quick_engine(monkeypatch)


def test_a_complaint_follows_its_comparison(page: Page, live_server: LiveServer) -> None:
    made = originality.complaint(ComplaintState.RECEIVED)
    client = Client()
    client.force_login(made.complainant)
    page.context.add_cookies(
        [{"name": name, "value": one.value, "url": live_server.url} for name, one in client.cookies.items()]
    )
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(f"{live_server.url}{made.get_absolute_url()}")
    with page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true"):
        expect(page.locator("#state-badge")).to_have_count(1)
    expect(page.locator("#timeline li[aria-current=step]")).to_contain_text("Comparison of the two works")
    originality.run_jobs()
    expect(page.locator("#timeline")).to_contain_text("The other side was notified")
    expect(page.locator("#timeline li[aria-current=step]")).to_contain_text("The other side can answer")
    expect(page.locator("#state-badge")).not_to_contain_text("Received")
    expect(page.locator("#status")).to_contain_text("The other side can answer until")
    expect(page.locator("main .comparison")).to_have_count(1)
    expect(page.locator("main")).to_have_count(1)
    assert faults == []
