"""What the scripts add to pages that work without them: keys, menus, files with progress."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.testing import sample_documents

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page: Page, server: LiveServer, name: str) -> None:
    page.goto(f"{server.url}/accounts/login/")
    page.get_by_role("button", name=re.compile(f"Demo {name}")).click()
    page.wait_for_load_state()


def test_keys_follow_focus_and_list_themselves(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/ui/")
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keyboard shortcuts on this page")
    expect(help_.get_by_text("Primary action")).to_be_visible()
    page.keyboard.press("n")
    expect(page).not_to_have_url(re.compile("#forms"))
    page.keyboard.press("Escape")
    expect(help_).to_have_count(0)
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile("#forms"))
    page.goto(live_server.url)
    page.keyboard.press("/")
    field = page.get_by_role("searchbox")
    expect(field).to_be_focused()
    page.keyboard.type("?n/")
    expect(field).to_have_value("?n/")


def test_help_names_a_disclosure_by_its_heading_alone(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/ui/")
    options = "<label>Kind<select><option>Application</option></select></label><button>Show</button>"
    filters = (
        f"<details data-key=z><summary>Filter <kbd>z</kbd></summary>{options}</details><details data-key='?'></details>"
    )
    page.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", filters)
    page.keyboard.press("?")
    rows = page.get_by_role("dialog").locator("dd")
    assert rows.all_inner_texts()[-2:] == ["Filter", "Show keyboard shortcuts"]


def test_one_menu_is_open_and_escape_closes_it(page: Page, live_server: LiveServer) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(live_server.url)
    page.locator("summary").first.click()
    panel = page.get_by_role("navigation", name="Menu")
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).not_to_be_visible()
    expect(page.locator("summary").first).to_be_focused()


def test_switches_work_without_scripts(browser: Browser, live_server: LiveServer) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/about/")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page).to_have_url(f"{live_server.url}/about/")
    context.close()


def test_times_stand_in_the_zone_of_the_device(browser: Browser, live_server: LiveServer) -> None:
    context = browser.new_context(timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.goto(f"{live_server.url}/ui/")
    expect(page.locator("#progress")).to_contain_text("UTC")
    page.reload()
    expect(page.locator("#progress")).not_to_contain_text("UTC")
    context.close()


@pytest.fixture
def documents(demo: None, page: Page, live_server: LiveServer) -> Page:
    """The page where a demo creator adds documents to a draft."""
    sign_in(page, live_server, "creator A")
    page.get_by_role("link", name="Continue the draft").click()
    expect(page.get_by_role("heading", name="Evidence and documents")).to_be_visible()
    return page


def test_files_are_sent_with_progress_and_the_page_comes_once(documents: Page, tmp_path: Path) -> None:
    (tmp_path / "licence.pdf").write_bytes(sample_documents.make_pdf("Licence"))
    field = documents.locator('input[type="file"]').first
    field.set_input_files(tmp_path / "licence.pdf")
    expect(documents.locator(".upload-chosen")).to_contain_text("licence.pdf")
    with documents.expect_response(lambda answer: "x-upload" in answer.request.headers) as sent:  # not the autosave
        documents.get_by_role("button", name="Save", exact=True).click()
    assert sent.value.status == 204
    expect(documents.locator("main").get_by_role("strong").filter(has_text="licence.pdf")).to_be_visible()


def test_a_refused_file_is_told_in_place(documents: Page, tmp_path: Path) -> None:
    (tmp_path / "licence.pdf").write_bytes(b"MZ" + bytes(500))
    documents.locator('input[type="file"]').first.set_input_files(tmp_path / "licence.pdf")
    documents.get_by_role("button", name="Save", exact=True).click()
    expect(documents.locator(".field-error").first).to_contain_text("not a PDF")
    expect(documents.locator("#error-summary, [aria-invalid='true']").first).to_be_focused()


def test_a_dropped_file_is_chosen(documents: Page) -> None:
    script = """(zone) => {
      const data = new DataTransfer();
      data.items.add(new File(["x"], "dropped.pdf", {type: "application/pdf"}));
      zone.dispatchEvent(new DragEvent("dragover", {dataTransfer: data, bubbles: true, cancelable: true}));
      zone.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
    }"""
    zone = documents.locator(".upload-drop").first
    zone.evaluate(script)
    expect(zone).to_contain_text("dropped.pdf")
    expect(zone).not_to_have_class(re.compile("is-over"))


def test_a_key_opens_a_panel_and_never_closes_it(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/ui/")
    panel = "<details id=probe><summary data-key=z>Reject</summary><input id=one>{}</details>"
    page.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", panel.format(""))
    page.keyboard.press("z")
    assert page.locator("#probe").get_attribute("open") is not None
    page.keyboard.press("z")
    assert page.locator("#probe").get_attribute("open") is not None
    assert page.evaluate("document.activeElement.id") == "one"
    wrong = panel.format("<textarea id=two aria-invalid=true></textarea>").replace("id=probe", "id=probe open")
    page.evaluate("html => document.querySelector('#probe').outerHTML = html", wrong)
    page.keyboard.press("z")
    assert page.locator("#probe").get_attribute("open") is not None
    assert page.evaluate("document.activeElement.id") == "two"
