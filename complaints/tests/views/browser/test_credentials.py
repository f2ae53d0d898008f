"""Content Credentials on the evidence page: on a phone and a wide screen, light and dark, in English and Chinese."""

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from complaints.models import Complaint
from complaints.tests import engine
from complaints.tests import factories as make
from portal.testing.pages import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = {
    "content": "changed",
    "signer": "x" * 120,
    "signed_at": "",
    "problems": ["assertion.hashedURI.mismatch", "a" * 64],
    "ingredients": ["y" * 120] * 16,
    "actions": ["z" * 120] * 16,
    "generators": ["w" * 120] * 3,
}


def complaint(monkeypatch: pytest.MonkeyPatch, language: str) -> Complaint:
    """Both works are signed, the copy with texts as long as they may be."""
    said = {"film signed again": engine.CREDENTIALS["film signed"] | LONG}
    monkeypatch.setattr(engine, "CREDENTIALS", engine.CREDENTIALS | said)
    author = make.author()
    author.language = language
    author.save()
    own = make.post(make.account_of(author), engine.sample_video("signed"))
    made = make.draft(author, original=own, copy=make.post(make.account(), engine.sample_video("signed", "again")))
    for step in make.NOTIFIED:
        step(make.fresh(made))
    return make.fresh(made)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The signature is valid. The file was changed after it was signed."),
        ("zh-hans", "签名有效。文件在签名后被更改过。"),
    ],
)
def test_they_fit_every_screen(
    page: Page, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, language: str, sentence: str
) -> None:
    made = complaint(monkeypatch, language)
    client = Client()
    client.force_login(made.complainant)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(f"{live_server.url}{made.get_absolute_url()}")
    section = page.locator(".evidence-part", has_text="C2PA")
    expect(section).to_contain_text(sentence)
    look(page, f"credentials-{language}", widths=(390, 1280), schemes=("light", "dark"))
