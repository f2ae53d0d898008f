"""A return of followers that is over and flagged, as a senior reviewer finds it in the list, reads it and leaves it as it is."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from complaints.tests import restitutions as make
from complaints.tests.test_late_flags import SameDevice, compare, done, flagged
from complaints.tests.views.browser.test_evidence import look_at_evidence, open_as
from portal.platforms import registry
from portal.reviews.tests import factories as reviews

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_senior_reviewer_leaves_a_flagged_return_as_it_is(
    page: Page, live_server: LiveServer, sandbox: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = replace(registry._connectors["sandbox"], signals=SameDevice())
    monkeypatch.setitem(registry._connectors, "sandbox", served)
    stage = make.stage()
    make.follow(stage.source, make.viewers(5), post=stage.copy)
    row = compare(done(stage))
    open_as(page, live_server, reviews.senior(), "/complaints/restitutions/")
    expect(page.get_by_text("Something about the two accounts stands out.")).to_be_visible()
    look_at_evidence(page, "returns-list")
    page.locator("tbody th a").first.click()
    expect(page.locator("main")).to_contain_text("What stands out")
    look_at_evidence(page, "returns-flagged")
    page.get_by_role("link", name="Leave as it is").click()
    expect(page.locator("main")).to_contain_text("Both sides use the same device")
    look_at_evidence(page, "returns-review")
    page.locator("main textarea").fill("They share the device of a library, where both work.")
    page.locator("main form button[type=submit]").click()
    expect(page.locator("#controls")).to_contain_text("They share the device of a library")
    assert not flagged(row)
