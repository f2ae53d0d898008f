"""The pages of the life cycle in a browser: readable by everybody, at every width."""

from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from certification.actions import abolitions, batches, inspections
from certification.models import KeyArea
from certification.tests import factories as make
from portal import clock
from portal.jobs.runner import run_due_jobs
from portal.people.models import User
from portal.people.roles import Role
from portal.testing.pages import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FOUND = "The register shows that the licence was cancelled in September."
WHY = {
    "en": "The crafts are not regulated any more.",
    "zh-hans": "手工艺不再属于需要认证的重点领域，特此公告取消认证。",
}


def enter(page: Page, server: LiveServer, person: User) -> None:
    client = Client()
    client.force_login(person)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server.url}])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_can_be_read(page: Page, live_server: LiveServer, creator: User, language: str) -> None:
    certificate = make.certificate("cn-law", applicant=creator)
    crafts = make.certificate("cn-crafts", applicant=creator)
    lead, second = make.person(Role.AREA_LEAD), make.person(Role.AREA_LEAD)
    reasons, lines = ["doubt-register"], f"{certificate.serial}, {FOUND}"
    batch = batches.prepare_suspensions(
        area=certificate.area, by=lead, reasons=reasons, explanation=make.ENOUGH, lines=lines
    )
    row = abolitions.propose_abolition(
        by=lead,
        takes_effect_at=clock.now() + timedelta(days=70),
        explanations=WHY,
        area=KeyArea.objects.get(code="cn-crafts"),
    )
    abolitions.announce_abolition(abolition=row, by=second)
    run_due_jobs()
    inspections.draw_inspections()
    inspections.ask_inspected()
    User.objects.update(language=language)
    inspected = certificate if certificate.inspections.exists() else crafts
    certificates, staff = "/certification/certificates", "/certification"
    pages = {
        creator: {
            "lapsing": f"{certificates}/{crafts.serial}/",
            "inspected": f"{certificates}/{inspected.serial}/",
            "change": f"{certificates}/{certificate.serial}/change/",
            "inspection": f"{certificates}/{inspected.serial}/inspection/",
        },
        lead: {
            "batches": f"{staff}/batches/",
            "batch-new": f"{staff}/batches/new/",
            "batch": f"{staff}/batches/{batch.pk}/",
            "abolitions": f"{staff}/abolitions/",
            "inspections": f"{staff}/inspections/",
        },
        make.reviewer(): {"renewals": f"{staff}/unchanged-renewals/"},
    }
    for person, addresses in pages.items():
        enter(page, live_server, person)
        page.context.add_cookies([{"name": "language", "value": language, "url": live_server.url}])
        for name, address in addresses.items():
            answer = page.goto(f"{live_server.url}{address}")
            assert answer
            assert answer.status == 200, address
            look(page, f"{name}-{language}")
