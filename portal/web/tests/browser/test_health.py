"""The browser and the workers of these tests are real."""

from pathlib import Path

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_the_site_is_well_with_real_workers(page: Page, live_server: LiveServer, workers: Path) -> None:
    answer = page.goto(f"{live_server.url}/healthz/")
    assert answer is not None
    assert answer.status == 200, answer.text()
    assert '"worker": "ok"' in page.content()
