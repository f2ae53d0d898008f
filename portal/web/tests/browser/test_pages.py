"""Every page that can be reached, as every person of the demo: no axe violation, nothing wider than the window, no complaint."""

import os
import re

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from portal.testing.pages import PageInspector

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# The crawl takes minutes a person; EVERYBODY=1 sends the others, too.
OTHERS = ["creator A", "agent", "reviewer A", "senior reviewer A", "area lead", "auditor", "administrator A"]
CAST = ["creator B", *(OTHERS if os.environ.get("EVERYBODY") else [])]


def test_pages_of_a_passer_by(page: Page, live_server: LiveServer, demo: None) -> None:
    look = PageInspector(page, live_server.url, "anybody")
    paths = look.everywhere("/", "/ui/", "/accounts/signup/", "/accounts/password/reset/")
    look.at("/nothing-here/", status=404)
    assert {"/", "/about/", "/accounts/login/"} <= set(paths)
    assert not look.faults, "\n".join(look.faults)


@pytest.mark.parametrize("name", CAST)
def test_pages_of_everybody(page: Page, live_server: LiveServer, demo: None, name: str) -> None:
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("button", name=re.compile(f"Demo {name}")).click()
    page.wait_for_load_state()
    look = PageInspector(page, live_server.url, name.replace(" ", "_"))
    paths = look.everywhere("/home/")
    assert len(paths) > 3
    assert not look.faults, "\n".join(look.faults)
