"""What was sent stays as it was sent, whatever area leads edit afterwards: letters, statements, decided applications."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core import mail as outbox
from django.test import Client

from certification.models import (
    ApplicantCategory,
    Application,
    Certificate,
    CredentialType,
    Inquiry,
    Jurisdiction,
    KeyArea,
)
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal import clock
from portal.jobs import runner
from portal.languages import language_codes
from portal.notifications.models import Notification
from portal.people.models import User
from portal.reviews.models import Decision, ReasonCode

pytestmark = pytest.mark.django_db

EDITED = "Edited afterwards"
# Every row whose text an area lead can edit and which somebody was told of.
_EDITABLE: dict[Any, tuple[str, ...]] = {
    ReasonCode: ("labels", "texts"),
    KeyArea: ("names", "summaries"),
    Jurisdiction: ("names",),
    ApplicantCategory: ("names", "help_texts"),
    CredentialType: ("names", "issuers", "help_texts", "identifier_labels", "identifier_hints"),
}
_TOKEN = re.compile(r'name="(csrfmiddlewaretoken|form_draft)" value="[^"]*"|nonce="[^"]*"')


def edit_everything() -> None:
    """Area leads give every text of their data another wording, in every language."""
    edited = dict.fromkeys(language_codes(), EDITED)
    for model, fields in _EDITABLE.items():
        assert model.objects.update(**dict.fromkeys(fields, edited))
    CredentialType.objects.update(registry_name=EDITED)


def read_pages(person: User | None, *addresses: str) -> list[str]:
    """The main parts of pages in every language, without what differs at each load."""
    client = Client()
    if person is not None:
        client.force_login(person)
    pages = []
    for language in language_codes():
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200, address
            pages.append(_TOKEN.sub("", answer.content.decode().partition("<main")[2]))
    return pages


def assert_unchanged(person: User | None, *addresses: str) -> None:
    """Pages read the same after every edit."""
    read_pages(person, *addresses)  # What was new has been seen now.
    with clock.freeze_time(clock.now()):
        before = read_pages(person, *addresses)
        edit_everything()
        assert read_pages(person, *addresses) == before


@pytest.mark.parametrize("state", [State.APPROVED, State.REJECTED, State.REJECTED_FINAL])
def test_a_decided_application_keeps_its_words(state: State) -> None:
    application = make.application(state, "cn-law")
    assert_unchanged(application.applicant, application.get_absolute_url(), "/messages/")


def test_the_appeal_form_shows_the_statement_as_it_was_sent() -> None:
    application = make.application(State.REJECTED, "cn-law")
    assert_unchanged(application.applicant, f"{application.get_absolute_url()}appeal/")


@pytest.mark.parametrize("decide", [make.suspend, make.revoke])
def test_a_certificate_against_which_something_was_decided_keeps_its_words(
    decide: Callable[[Certificate], Inquiry],
) -> None:
    certificate = make.certificate("cn-law")
    decide(certificate)
    assert_unchanged(certificate.holder, certificate.holder_url, "/messages/")


def test_the_public_page_of_a_certificate_keeps_its_words() -> None:
    assert_unchanged(None, make.certificate("cn-law").get_absolute_url())


def test_a_mail_that_is_sent_late_says_what_was_decided() -> None:
    application = make.application(State.REJECTED, "cn-law")
    name = application.area.name
    Notification.objects.update(delivery="pending")
    edit_everything()
    runner.run_due_jobs()
    texts = [f"{mail.subject} {mail.body}" for mail in outbox.outbox]
    assert texts
    assert not [text for text in texts if EDITED in text]
    assert any(name in text for text in texts)


def test_messages_are_kept_in_every_language() -> None:
    application = make.application(State.REJECTED, "cn-law")
    for row in Notification.objects.filter(user=application.applicant, kind__startswith="certification."):
        assert set(row.subjects) == set(row.bodies) == set(language_codes())
        assert row.subjects["en"] != row.subjects["zh-hans"]
        assert application.area.names["zh-hans"] in row.subjects["zh-hans"] + row.bodies["zh-hans"]


def test_the_admin_shows_a_decision_as_it_was_told() -> None:
    make.application(State.REJECTED, "cn-law")
    decision = Decision.objects.get(adverse=True)
    told = [reason["text"] for reason in decision.statement]
    assert told
    edit_everything()
    assert [reason["text"] for reason in Decision.objects.get(pk=decision.pk).statement] == told


def test_the_names_are_kept_in_the_rows() -> None:
    certificate = make.certificate("cn-law")
    before = names_of(certificate)
    edit_everything()
    again = Certificate.objects.get(pk=certificate.pk)
    assert names_of(again) == before
    assert EDITED not in str(before)
    assert Application.objects.get(pk=again.application_id).area_name == before[0]


def names_of(certificate: Certificate) -> list[str]:
    """Area, place, category and credential types, as the certificate says them."""
    row = Certificate.objects.get(pk=certificate.pk)
    types = [(one.type_name, one.issuer_name, one.register_name) for one in row.application.credentials.order_by("pk")]
    return [row.area_name, row.place_name, row.category_name, str(types)]


def test_a_draft_shows_the_names_of_today() -> None:
    draft = make.draft("cn-law")
    edit_everything()
    again = Application.objects.get(pk=draft.pk)
    assert (again.area_name, again.place_name, again.category_name) == (EDITED, EDITED, EDITED)
    assert [one.type_name for one in again.credentials.all()] == [EDITED]
