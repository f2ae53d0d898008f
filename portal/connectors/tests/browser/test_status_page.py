"""The status of platforms in a browser: it keeps itself up to date, and fits phone and desktop."""

from typing import Any

import pytest
from django.conf import settings as configured
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.jobs import runner
from portal.outbound import lookups
from portal.outbound.http import ClientSettings, traffic
from portal.people.models import User
from portal.people.roles import Role
from portal.testing.fake_platform import FakePlatform
from portal.testing.pages import PageInspector
from portal.testing.shared import Enter

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.usefixtures("slow_platforms")
def test_a_check_is_shown_as_it_goes(page: Page, live_server: LiveServer, platform: FakePlatform, enter: Enter) -> None:
    settings = ClientSettings(rate=10, quota=5000, break_after=3)
    for kind, status in (("no_answer", None), ("server_error", 502), ("unreachable", None)):
        permit = traffic.admit_call("fake", settings, patience=1, probe_seconds=1)
        traffic.record_failure(permit, kind, status)
    client = enter(User.objects.create_user("lead@example.org", role=Role.AREA_LEAD))
    session: Any = {
        "name": configured.SESSION_COOKIE_NAME,
        "value": client.cookies[configured.SESSION_COOKIE_NAME].value,
    }
    page.context.add_cookies([session | {"url": live_server.url}])
    look = PageInspector(page, live_server.url, "lead")
    look.at("/platforms/")
    page.context.clear_cookies(name=configured.LANGUAGE_COOKIE_NAME)
    page.goto(f"{live_server.url}/platforms/")
    expect(page.get_by_text("Not answering")).to_be_visible()
    page.get_by_role("button", name="Check now Fake platform").click()
    expect(page.get_by_text("Checking, a few seconds")).to_be_visible()
    runner.run_due_jobs([lookups.LOOK_UP])
    expect(page.get_by_text("Checked: it answers")).to_be_visible()
    assert not look.faults, "\n".join(look.faults)
