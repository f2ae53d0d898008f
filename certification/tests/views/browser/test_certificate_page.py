"""A certificate's public page: what was checked, the state on a past date, the badge, and a report, as visitors see them."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from certification.models import CertificateReport
from certification.tests import factories as make
from portal import clock
from portal.testing.pages import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_visitor_verifies_embeds_and_reports(
    page: Page, live_server: LiveServer, settings: Settings, language: str
) -> None:
    settings.BASE_URL = live_server.url
    certificate = make.certificate("cn-medicine", applicant=make.person(display_name="王小明"))
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    page.goto(f"{live_server.url}{certificate.get_absolute_url()}")
    expect(page.locator("#checked li")).to_have_count(4)
    badge = page.locator("img.badge-preview")
    expect(badge).to_be_visible()
    assert badge.evaluate("picture => picture.complete && picture.naturalWidth") == 360
    yesterday = (clock.now() - timedelta(days=1)).date().isoformat()
    page.locator("#past input[name=on]").fill(yesterday)
    page.locator("#past button").click()
    expect(page).to_have_url(re.compile(f"on={yesterday}"))
    expect(page.locator("#past [role=status] li")).to_have_count(1)
    look(page, f"certificate-{language}")
    page.locator("#verify a[href$='/report/']").click()
    page.locator("textarea[name=text]").fill("The register has another name under this number, as its page says.")
    look(page, f"report-{language}")
    page.locator("main form button[type=submit]").click()
    expect(page).to_have_url(re.compile(rf"{certificate.serial}/$"))
    assert CertificateReport.objects.count() == 1
