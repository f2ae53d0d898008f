"""What was read on papers, as the applicant is asked about it and a reviewer compares it."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from certification import readings
from certification.models import Application, Certificate, PaperReading, ReadState
from certification.tests import factories as make
from portal.engines import papers
from portal.engines.papers import Field, FieldKind, Hint, HintKind
from portal.jobs import runner
from portal.people.models import User
from portal.reviews.actions import queue
from portal.reviews.tests.factories import case_url
from portal.testing.pages import look
from portal.testing.visitors import sample_uploads

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
READ, TYPED = "12345678901234567", "12345678901234568"
BOX = ((200, 300), (700, 300), (700, 380), (200, 380))
PART = Hint(HintKind.SAVED_BEFORE, "", (0.55, 0.62, 0.3, 0.12))
LOWER = ((200, 500), (700, 500), (700, 580), (200, 580))


@pytest.fixture
def draft(creator: User, monkeypatch: pytest.MonkeyPatch) -> Application:
    """A lawyer's draft with a mistyped number, whose papers have been read."""
    fields = (
        Field(FieldKind.NUMBER, READ, BOX, 0.97, certain=True),
        Field(FieldKind.NAME, "Li Ming", LOWER, 0.84, certain=False),
    )

    def read_page(_data: bytes, **_bounds: Any) -> papers.PageReading:
        return papers.PageReading(900, 640, (), fields)

    monkeypatch.setattr(papers, "read_page", read_page)
    monkeypatch.setattr(papers, "inspect_picture", lambda _data, **_bounds: [PART, Hint(HintKind.EXAMINED)])
    made = make.draft("cn-law", creator)
    make.declare(made, made.credentials.select_related("type").get().type.code, TYPED)
    make.run_jobs()
    return made


@pytest.fixture
def unread(creator: User, monkeypatch: pytest.MonkeyPatch) -> Application:
    """A draft of which one document is still to be read, one could not be, and one has been."""

    def read_page(_data: bytes, **_bounds: Any) -> papers.PageReading:
        return papers.PageReading(900, 640, (), (Field(FieldKind.NUMBER, READ, BOX, 0.97, certain=True),))

    made = make.draft("cn-law", creator)
    make.run_jobs()
    PaperReading.objects.update(state=ReadState.FAILED)
    monkeypatch.setattr(papers, "read_page", read_page)
    make.declare(made, "cn-lawyer", TYPED)
    runner.run_due_jobs(["evidence.render"])
    return made


def enter(page: Page, server: LiveServer, person: User, address: str) -> None:
    client = Client()
    client.force_login(person)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server.url}])
    page.goto(f"{server.url}{address}")


def test_a_value_is_used_and_the_file_chosen_beside_it_is_kept(
    page: Page, live_server: LiveServer, creator: User, draft: Application
) -> None:
    enter(page, live_server, creator, f"/certification/applications/{draft.number}/evidence/")
    expect(page.get_by_text(f"We read {READ}.")).to_be_visible()
    look(page, "offers")
    before = draft.documents.current().count()
    page.locator("input[type=file]").first.set_input_files(sample_uploads()[0])
    page.get_by_role("button", name="Use what was read").first.click()
    expect(page.get_by_text(f"We read {READ}.")).to_have_count(0)
    credential = draft.credentials.select_related("type", "application").get()
    assert readings.declared_number(credential) == READ
    assert draft.documents.current().count() == before + 1


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_steps_say_what_is_being_read_and_show_it_once_it_was(
    page: Page, live_server: LiveServer, creator: User, unread: Application, language: str
) -> None:
    User.objects.filter(pk=creator.pk).update(language=language)
    for step in ("evidence", "check"):
        enter(page, live_server, creator, f"/certification/applications/{unread.number}/{step}/")
        expect(page.locator("#reading .callout")).to_have_count(2)
        look(page, f"reading-{step}-{language}")
    make.run_jobs()
    expect(page.locator("#reading button[name=use_read]")).to_be_visible(timeout=10_000)
    expect(page.locator("#reading[hx-get]")).to_have_count(0)
    look(page, f"read-check-{language}")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_of_an_area_and_of_a_suspended_renewal(
    page: Page, live_server: LiveServer, creator: User, language: str
) -> None:
    User.objects.filter(pk=creator.pk).update(language=language)
    old = make.certificate("cn-law", applicant=creator)
    new = make.certificate("cn-crafts", applicant=creator)
    Certificate.objects.filter(pk=new.pk).update(renews=old)
    make.suspend(old)
    Certificate.objects.filter(pk=new.pk).update(
        state="suspended", adverse_decision=Certificate.objects.get(pk=old.pk).adverse_decision_id
    )
    enter(page, live_server, creator, f"/certification/certificates/{new.serial}/")
    expect(page.locator(f"a[href$='{old.serial}/answer/']").first).to_be_visible()
    look(page, f"held-{language}")
    page.goto(f"{live_server.url}/areas/us-medicine/")
    look(page, f"area-{language}")


def test_a_reviewer_compares_what_was_declared_and_read(
    page: Page, live_server: LiveServer, draft: Application
) -> None:
    make.submit(draft)
    make.run_jobs()
    reviewer, case = make.claim(make.fresh(draft))
    enter(page, live_server, reviewer, case_url(case, product="certification"))
    runner.run_due_jobs(["evidence.mark"])
    page.reload()
    table = page.get_by_role("region", name="Declared, read and registered")
    expect(table.first).to_contain_text("different")
    expect(table.first).not_to_contain_text(READ)
    expect(page.locator(".page-marks polygon.is-certain").first).to_be_attached()
    expect(page.locator(".page-marks polygon.is-edited").first).to_be_attached()
    expect(page.get_by_text("Part that was saved at another quality", exact=True).last).to_be_visible()
    look(page, "compared")
    reviewer.language = "zh-hans"
    reviewer.save()
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    look(page, "compared-zh")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_are_not_asked_for_any_more_once_the_case_is_released_elsewhere(
    page: Page, live_server: LiveServer, draft: Application, language: str
) -> None:
    make.submit(draft)
    make.run_jobs()
    reviewer, case = make.claim(make.fresh(draft))
    User.objects.filter(pk=reviewer.pk).update(language=language)
    asked: list[int] = []
    address = f"/evidence/{draft.documents.current()[0].file_id}/"
    page.on("response", lambda answer: asked.append(answer.status) if answer.url.endswith(address) else None)
    enter(page, live_server, reviewer, case_url(case, product="certification"))
    queue.release_case(case, by=reviewer, why="I have to leave for today, sorry.")
    said = {"en": "The pages are no longer shown to you", "zh-hans": "您已无法查看这些页面"}[language]
    expect(page.get_by_text(said).first).to_be_visible()
    look(page, f"released-{language}")
    count = len(asked)
    page.wait_for_timeout(2500)  # longer than between two questions
    assert (len(asked), set(asked)) == (count, {200})
