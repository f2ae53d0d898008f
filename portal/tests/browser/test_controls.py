"""Every control of every page that the role table knows can be pressed, on a phone and on a desk, in every role."""

from collections.abc import Iterable, Iterator

import pytest
from django.test import Client
from django.urls import resolve, reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from portal.testing.pages import covered_controls, page_overflow
from portal.tests import role_walk
from portal.tests.browser import further_pages
from portal.tests.role_table import ADMIN, ROWS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = (390, 1280)
# Where a page looks the same for all who see it, these see it first.
ORDER = ("anonymous", "respondent", "creator", "holder", "judge", "senior_reviewer", "area_lead", "admin", "agent")
# Addresses that answer with something else than a page: files, parts of pages, answers for programs.
NO_PAGES = {
    "web:robots", "web:session", "certification:sitemap", "certification:sitemap_part", "certification:paper",
    "certification:reading",
    "certification_api:areas", "certification_api:certificates", "certification_api:certificate",
    "certification_api:applications", "certification_api:application", "api_schema", "api_docs", "healthz", "metrics",
    "evidence:viewer", "evidence:page", "evidence:status", "evidence:original", "outbound:lookup", "media:video", "media:status",
    "sandbox:video", "complaints:video", "complaints:poster", "complaints:file_page", "complaints:answer_video", "complaints:answer_poster",
    "complaints:answer_document_page", "complaints:review_video", "complaints:evidence_file", "complaints:evidence_picture",
    "complaints:answer_evidence_file", "complaints:answer_evidence_picture", "complaints:review_evidence_file", "complaints:review_evidence_picture", "admin:jsi18n",
    "certification_api:gate", "api_unknown", "complaints_api:complaints", "complaints_api:complaint", "media:uploads",
    "media:upload", "media:poster", "media:kept", "sandbox:poster",
    "admin:webhook_delivery_attempts", "certification:credential", "certification:badge", "certification:pdf",
    "certification:status_list", "certification:oembed", "certification:did_document", "certification_api:gate_list",
    "certification_api:profession_gate", "certification_api:professions", "certification_api:certificate_snapshot",
    "certification_api:certificate_changes",
}  # fmt: skip


# Addresses that lead on, take what is sent, or show what signing in and being asked again shows elsewhere.
LEAD_ON = {
    "web:home", "certification:renewal", "certification:review_ask", "certification:review_look_up",
    "certification:review_ask_register",
    "certification:renewal_unchanged", "certification:inspection_answer",
    "certification:review_paper", "certification:review_number", "privacy:export", "privacy:download",
    "privacy:sign_in_again", "privacy:erasure_cancel", "people:recovery_request", "people:mandate_end", "account_email_verification_sent",
    "account_confirm_login_code", "account_confirm_password_reset_code", "account_complete_password_reset",
    "mfa_authenticate", "mfa_download_recovery_codes", "mfa_reauthenticate_webauthn", "mfa_remove_webauthn",
    "mfa_edit_webauthn", "mfa_login_webauthn", "mfa_signup_webauthn", "notifications:send_again", "reviews:next",
    "reviews:decide", "reviews:confirm", "reviews:second_look", "reviews:send_back", "reviews:lease", "reviews:release",
    "reviews:hand_over", "reviews:conflict", "complaints:answer_open", "complaints:review_contact",
    "complaints:review_evidence_again",
}  # fmt: skip


class Looker:
    """One browser that looks at pages as different people, and writes down what cannot be pressed."""

    def __init__(self, page: Page, base: str) -> None:
        self.base, self.page = base, page
        self.faults: list[str] = []
        self.seen: list[str] = []

    def look_as(self, who: str, client: Client, addresses: Iterable[str]) -> None:
        """Look at pages as somebody who has what `client` has in its cookies. One window for all keeps styles and scripts."""
        self.page.context.clear_cookies()
        cookies = [{"name": name, "value": one.value, "url": self.base} for name, one in client.cookies.items()]
        self.page.context.add_cookies(cookies)  # type: ignore[arg-type]
        for address in addresses:
            self._look(who, address)

    def _look(self, who: str, address: str) -> None:
        self.seen.append(address)
        answer = self.page.goto(self.base + address)
        if answer is None or answer.status != 200:
            self.faults.append(f"{who} {address}: status {answer.status if answer else 0}")
            return
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            found = covered_controls(self.page)
            if (wide := page_overflow(self.page)) > 0:
                found.append(f"{wide} px too wide")
            self.faults += [f"{who} {address} at {width} px: {fault}" for fault in found]


def test_every_control_can_be_pressed(page: Page, live_server: LiveServer, world_to_visit: role_walk.World) -> None:
    world, looker = world_to_visit, Looker(page, live_server.url)
    for role in ORDER:
        looker.look_as(role, role_walk.client_of(world, role), pages_of(world, role))
    for visit in further_pages.further_visits(world):
        looker.look_as(visit.who, visit.client, visit.addresses)
    assert not looker.faults, "\n".join(looker.faults)
    assert {resolve(address).view_name for address in looker.seen} >= table_names() - NO_PAGES - LEAD_ON


def table_names() -> set[str]:
    """The URL names of the table that can be opened."""
    return {row[0] for row in table_rows() if row[2] == "GET"}


def table_rows() -> list[list[str]]:
    """The lines of the table, split."""
    return [line.split() for line in ROWS.strip().splitlines() if not line.startswith("#")]


def pages_of(world: role_walk.World, role: str) -> Iterator[str]:
    """The addresses of what the table opens to a role, without what somebody before it sees in the same way."""
    for name, wanted, method, *outcomes in table_rows():
        if method != "GET" or name in NO_PAGES:
            continue
        opened = [each for each in ORDER if outcomes[role_walk.ROLES.index(each)] == "200"]
        if role in opened and (role == opened[0] or len(opened) < 6):
            yield reverse(name, args=[] if wanted == "-" else world.args[wanted.replace("_", " ")])
    if role == "admin":
        yield from admin_pages()


def admin_pages() -> Iterator[str]:
    """The admin's pages of rows."""
    models = role_walk.admin_pages()
    for prefix, *shown in (line.split() for line in ADMIN.strip().splitlines()):
        row = models[prefix].objects.order_by("pk").first()
        for what, there in zip(("changelist", "add", "change", "delete", "history"), shown, strict=True):
            needs_row = what not in {"changelist", "add"}
            if there != "-" and not (needs_row and row is None):
                yield reverse(f"admin:{prefix}_{what}", args=[row.pk] if needs_row else [])
