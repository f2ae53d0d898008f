"""Texts by language, and a third language that needs a setting and a catalogue only."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.core import mail
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from certification.models import Certificate, KeyArea, Requirement
from certification.tests import factories as make
from complaints.actions import follower_messages
from complaints.models import Complaint, Remedy, Restitution, RestitutionPage
from portal.jobs import runner
from portal.languages import (
    TranslatedField,
    TranslatedFormField,
    in_each_language,
    supported_language,
    text_in_language,
)
from portal.people import letters
from portal.people.models import User
from portal.people.roles import Role
from portal.people.tests.linking import prove
from portal.reviews.models import Decision, ReasonCode, ReviewCase
from portal.testing.fake_platform import FakePlatform

GERMAN = {
    "How it works": "Wie es geht",
    "Something went wrong": "Bei uns ging etwas kaputt",
    "Your account is closed": "Ihr Konto ist geschlossen",
    "You now follow @%(target)s instead of @%(source)s": "Sie folgen @%(target)s statt @%(source)s",
}


@pytest.fixture
def german(settings: Settings, tmp_path: Path) -> None:
    """German as the third language: a setting, and a catalogue of few messages."""
    catalog = Catalog(locale="de", fuzzy=False)
    for message, text in GERMAN.items():
        catalog.add(message, text, flags=["python-format"] if "%" in message else [])
    path = tmp_path / "de" / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    path.write_bytes(compiled.getvalue())
    settings.LANGUAGES = [*settings.LANGUAGES, ("de", "German")]
    settings.LOCALE_PATHS = [*settings.LOCALE_PATHS, tmp_path]


@pytest.fixture
def reader(client: Client, german: None) -> Client:
    client.cookies["django_language"] = "de"
    return client


def shown(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Law"), ("pt", "Direito"), ("pt-br", "Direito"), ("zh-hans", "法律"), ("zh-hant", "Law"), ("fr", "Law")],
)
def test_the_text_is_that_of_the_language_or_its_base_or_the_default(language: str, text: str) -> None:
    texts = {"en": "Law", "pt": "Direito", "zh-hans": "法律", "fr": ""}
    assert text_in_language(texts, language) == text
    with translation.override(language):
        assert text_in_language(texts) == text


def test_without_a_text_nothing_is_shown() -> None:
    assert text_in_language({}) == ""
    with translation.override(None):
        assert text_in_language({"en": "Law"}) == "Law"


@pytest.mark.parametrize(
    ("tag", "language"), [("zh", "zh-hans"), ("zh-CN", "zh-hans"), ("EN-gb", "en"), ("fr", "en"), ("", "en")]
)
def test_a_language_tag_of_a_platform_becomes_a_language_of_the_portal(tag: str, language: str) -> None:
    assert supported_language(tag) == language


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({}, "cannot be blank"),
        (["Law"], "by language"),
        ({"en": 7}, "by language"),
        ({"en": ""}, "by language"),
        ({"en": "Law", "xx": "Lex"}, "Unknown: xx"),
        ({"zh-hans": "法律"}, "in this language, too: English"),
        ({"en": "L", "zh-hans": "法" * 11}, "at most 10"),
    ],
)
def test_a_field_refuses_texts_that_could_not_be_shown(value: Any, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        TranslatedField(max_length=10).clean(value, None)


def test_a_form_has_an_input_for_each_language() -> None:
    field: TranslatedFormField = TranslatedField("name", max_length=10).formfield()
    assert field.clean(["Law", ""]) == {"en": "Law"}
    with pytest.raises(ValidationError, match="in this language, too: English"):
        field.clean(["", "法律"])
    assert not field.has_changed({"en": "Law"}, ["Law", ""])
    html = field.widget.render("names", {"en": "Law"}, {"id": "names"})
    for part in ('for="names_0">English', 'for="names_1">Simplified Chinese', 'name="names_zh-hans"', 'maxlength="10"'):
        assert part in html
    long = TranslatedField(max_length=2000, blank=True).formfield()
    assert "<textarea" in long.widget.render("texts", None)
    assert long.clean(["", ""]) == {}


def test_a_function_is_rendered_in_each_language(german: None) -> None:
    assert in_each_language(lambda: str(translation.get_language())) == {"en": "en", "zh-hans": "zh-hans", "de": "de"}


@pytest.mark.django_db
def test_pages_and_the_switch_are_in_a_third_language(reader: Client) -> None:
    page = shown(reader, "/about/")
    assert '<html lang="de"' in page
    assert "Wie es geht" in page
    assert [
        code for code in ("en", "zh-hans", "de") if f'name="language" value="{code}"' in " ".join(page.split())
    ] == ["en", "zh-hans"]
    reader.post("/language/", {"language": "en", "next": "/about/"})
    assert 'value="de" lang="de"' in " ".join(shown(reader, "/about/").split())
    with translation.override("de"):
        assert "Bei uns ging etwas kaputt" in render_to_string("500.html")


@pytest.mark.django_db
def test_a_letter_is_in_a_third_language(reader: Client) -> None:
    assert '<option value="de"' in shown(reader, "/accounts/signup/")
    person = User.objects.create_user("ana@example.org", "a-long-password", display_name="Ana", language="de")
    letters.write_letter_to(person, "people/email/closed")
    runner.run_due_jobs()
    assert [letter.subject for letter in mail.outbox] == ["Ihr Konto ist geschlossen"]


@pytest.mark.django_db
def test_an_area_a_label_and_a_reason_are_in_a_third_language(reader: Client, platform: FakePlatform) -> None:
    make.reference()
    area, rule = KeyArea.objects.get(code="cn-farming"), Requirement.objects.get(area__code="cn-farming")
    area.names["de"], rule.labels["de"] = "Landwirtschaft", "Praxis geprüft"
    reason = ReasonCode.objects.get(code="fulfilled")
    reason.labels["de"] = "Anforderung erfüllt"
    for row in (area, rule, reason):
        row.full_clean()
        row.save()
    platform.open_account("7", "Ana")
    certificate: Certificate = make.certificate("cn-farming")
    prove(certificate.holder, platform)
    runner.run_due_jobs()

    assert "Landwirtschaft, China" in shown(reader, "/areas/cn-farming/")
    assert "Praxis geprüft" in shown(reader, certificate.get_absolute_url())
    assert platform.labels["7"][certificate.serial].texts["de"] == "Praxis geprüft"
    with translation.override("de"):
        assert ReviewCase.objects.get().title == "Landwirtschaft · China · Experienced practitioner"
        assert Decision(told=[reason.as_told()]).statement[0]["label"] == "Anforderung erfüllt"
    with translation.override("zh-hans"):
        assert certificate.label == "从业经验已核实：农业"


@pytest.mark.django_db
def test_the_admin_asks_for_a_third_language(reader: Client) -> None:
    make.reference()
    reader.force_login(make.person(Role.ADMIN))
    area = KeyArea.objects.get(code="cn-law")
    assert 'name="names_de"' in shown(reader, f"/admin/certification/keyarea/{area.pk}/change/")
    assert "cn-law" in shown(reader, "/admin/certification/credentialtype/?q=律师")


@pytest.mark.usefixtures("german")
def test_followers_are_told_in_a_third_language() -> None:
    row = Restitution(pk=1, remedy=Remedy(complaint=Complaint()), source_handle="copy", target_handle="ana")
    page = RestitutionPage(moved=[7])
    (message,) = follower_messages.return_messages(row, page)
    assert message.subject.endswith(" · Sie folgen @ana statt @copy")
    assert message.subject.count(" · ") == 2
