"""Drafts of forms outlive the browser: sealed, for their writer alone, until the form is sent or a month is over."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from certification.models import Application
from certification.states import ApplicationState
from certification.tests import factories as make
from portal import clock
from portal.people.form_drafts import KEPT, MOST_DRAFTS, purge_form_drafts, save_form_draft
from portal.people.models import FormDraft, User
from portal.testing.reading import filled_form
from portal.testing.shared import Enter

pytestmark = pytest.mark.django_db
SAVE = "/accounts/drafts/"
TEXT = "The licence is mine, and here is why."
BY_SCRIPT = {"X-Upload": "1"}


@pytest.fixture
def asked(creator: User) -> Application:
    make.reference()
    return make.application(ApplicationState.INFO_REQUESTED, "cn-law", applicant=creator)


def address(application: Application) -> str:
    return f"/certification/applications/{application.number}/answer/"


def typed_on(client: Client, page: str, **typed: str) -> dict[str, str]:
    """The form of the page with what was typed, after its script has saved it."""
    sent = filled_form(client.get(page)) | typed
    answer = client.post(SAVE, sent, headers=BY_SCRIPT)
    assert answer.status_code == 200
    assert "Draft saved" in answer.json()["said"]
    return sent


def test_draft_is_sealed_and_there_again_in_another_browser(enter: Enter, creator: User, asked: Application) -> None:
    typed_on(enter(creator), address(asked), text="First")
    typed_on(enter(creator), address(asked), text=TEXT)
    row = FormDraft.objects.get()
    assert TEXT not in row.sealed
    assert TEXT in browser_of(creator).get(address(asked)).content.decode()


def browser_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_draft_goes_when_the_form_is_sent(enter: Enter, creator: User, asked: Application) -> None:
    client = enter(creator)
    sent = typed_on(client, address(asked), text=TEXT)
    assert client.post(address(asked), sent | {"stay": "1"}).status_code == 302
    assert FormDraft.objects.count() == 1, "only files were sent"
    assert TEXT in client.get(address(asked)).content.decode()
    assert client.post(address(asked), sent | {"send": "1"}).status_code == 302
    assert not FormDraft.objects.exists()


def test_a_save_that_comes_after_the_form_was_sent_brings_nothing_back(
    enter: Enter, creator: User, asked: Application
) -> None:
    client = enter(creator)
    sent = typed_on(client, address(asked), text=TEXT)
    assert client.post(address(asked), sent | {"send": "1"}).status_code == 302
    client.post(SAVE, sent, headers=BY_SCRIPT)
    assert not FormDraft.objects.exists()


def test_what_a_reviewer_has_seen_is_kept_for_each_credential_and_document(enter: Enter, creator: User) -> None:
    make.reference()
    application = make.application(ApplicationState.IN_REVIEW, "cn-law", applicant=creator)
    reviewer, case = make.claim(application)
    page, client = f"/reviews/{case.number}/work/", enter(reviewer)
    html = client.get(page).content.decode()
    forms = re.findall(r'action="(/certification/review/[^"]+/(?:look-up|paper)s?/[^"]*)"', html)
    assert forms
    for form in forms:
        sent = filled_form(client.get(page), form) | {"seen": f"{TEXT} {form}"}
        assert client.post(SAVE, sent, headers=BY_SCRIPT).status_code == 200
    again = browser_of(reviewer).get(page).content.decode()
    for form in forms:
        assert f"{TEXT} {form}" in again


def test_token_of_somebody_else_saves_nothing(enter: Enter, creator: User, stranger: User, asked: Application) -> None:
    sent = filled_form(enter(creator).get(address(asked))) | {"text": TEXT}
    other = enter(stranger)
    assert other.post(SAVE, sent, headers=BY_SCRIPT).status_code == 409
    sent.pop("form_owner")
    assert other.post(SAVE, sent, headers=BY_SCRIPT).status_code == 403
    assert Client().post(SAVE, sent, headers=BY_SCRIPT).status_code == 401
    assert not FormDraft.objects.exists()


def test_draft_goes_after_a_month_and_with_the_oldest_of_many(creator: User) -> None:
    for number in range(MOST_DRAFTS + 5):
        with clock.freeze_time(clock.now() + timedelta(seconds=number)):
            save_form_draft(creator.pk, f"form {number}", [("text", TEXT)])
    assert FormDraft.objects.count() == MOST_DRAFTS
    assert not FormDraft.objects.filter(form="form 4").exists()
    with clock.freeze_time(clock.now() + KEPT + timedelta(hours=1)):
        assert purge_form_drafts() == MOST_DRAFTS


def test_passwords_and_tokens_are_not_kept(creator: User) -> None:
    from portal.people.form_drafts import open_form_draft, sealed_drafts

    typed = [("password", "x"), ("csrfmiddlewaretoken", "y"), ("form_draft", "z"), ("text", TEXT)]
    save_form_draft(creator.pk, "a", typed)
    assert open_form_draft(creator, "a", sealed_drafts(creator)["a"]) == [["text", TEXT]]
