"""Possible copies of a picture, a sound and a text, from the author's works to a draft with both filled in."""

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from complaints import evidence_file, matching
from complaints.models import Complaint, PossibleCopy
from complaints.tests import factories as make
from complaints.tests.test_library_kinds import COPIES, KINDS, complained_of, registered
from complaints.tests.views.browser.test_evidence import look_at_evidence, open_as
from portal.engines import fingerprints
from portal.media.actions import probes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("moving")]


@pytest.fixture(autouse=True)
def _real_engine(_quick_engine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (matching, evidence_file, probes):
        monkeypatch.setattr(module, "fingerprints", fingerprints)


def test_an_author_finds_copies_of_every_kind_and_complains(page: Page, live_server: LiveServer) -> None:
    author = make.author()
    for kind in KINDS:
        registered(kind, owner=author)
        complained_of(kind, COPIES[kind])
    assert PossibleCopy.objects.filter(work__owner=author).count() == len(KINDS)
    open_as(page, live_server, author, "/complaints/works/")
    expect(page.locator("#possible-copies li")).to_have_count(len(KINDS))
    look_at_evidence(page, "possible-list")
    for found in PossibleCopy.objects.select_related("work__media"):
        kind = found.work.kind
        page.goto(f"{live_server.url}/complaints/works/copies/{found.pk}/")
        look_at_evidence(page, f"possible-{kind}")
        if kind == "text":
            page.get_by_role("button", name="Draft a complaint").click()
            page.wait_for_url(re.compile(r"/original/$"))
    made = Complaint.objects.get(complainant=author)
    assert (made.original, made.state) == (PossibleCopy.objects.get(complaint=made).work, "draft")
