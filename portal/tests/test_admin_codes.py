"""The admin names codes in words: in its filters, where no two options share a name, and in its lists."""

import re
from collections import Counter
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from certification.reference.loading import load_reference_data
from portal.people.roles import Role
from portal.reviews.models import ReasonCode, ReviewCase, ReviewerSkill
from portal.reviews.tests import factories as make
from portal.webhooks.registry import TEST_TYPE, webhook_types

pytestmark = pytest.mark.django_db

# Names of programs, for those who look for a fault: kinds of jobs and messages, and types of events as the API calls them.
TECHNICAL = {("jobs.job", "kind"), ("notifications.notification", "kind")}
CODES = {"kind", "skill", "outcome", "platform", "state", "reasons"}
PAGES = sorted(admin.site._registry.items(), key=lambda row: row[0]._meta.label_lower)
NAMES = [model._meta.label_lower for model, _page in PAGES]
CODE = re.compile(r"[a-z]{2,}([-_.:][a-z_]+)+")


@pytest.fixture
def office(settings: Settings) -> Client:
    settings.SECOND_FACTOR_ENFORCED = False
    load_reference_data()
    client = Client()
    client.force_login(make.person(Role.ADMIN), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def listed(office: Client, model: type[models.Model], **chosen: str) -> str:
    """The list of a model as HTML."""
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    page = office.get(url, chosen)
    assert page.status_code == 200, url
    return page.content.decode()


def filters_of(page: str) -> list[list[str]]:
    """The names of the options of each filter."""
    found = re.findall(r'<details data-filter-title="[^"]*".*?</details>', page, re.DOTALL)
    return [[unescape(name).strip() for name in re.findall(r"<a [^>]*>([^<]*)</a>", one)] for one in found]


def test_filters_offer_words_each_once(office: Client) -> None:
    filters = {(model._meta.label, *names) for model, _page in PAGES for names in filters_of(listed(office, model))}
    assert len(filters) > 20
    named = {*webhook_types(), TEST_TYPE}
    codes = {names for names in filters if any(CODE.fullmatch(name) and name not in named for name in names[1:])}
    repeated = {names for names in filters if max(Counter(names).values()) > 1}
    assert not codes | repeated


@pytest.mark.parametrize(("model", "listing"), PAGES, ids=NAMES)
def test_columns_fields_and_filters_of_codes_have_words(model: type[models.Model], listing: Any) -> None:
    request = RequestFactory().get("/")
    request.user = make.person(Role.ADMIN)
    shown = [*listing.get_list_display(request), *listing.get_list_filter(request)]
    shown += listing.get_fields(request) if listing.fields and not listing.has_change_permission(request) else []
    raw = {name for name in shown if isinstance(name, str) and name in CODES}
    bare = {field.name for field in model._meta.concrete_fields if field.name in raw and not field.choices}
    assert {(model._meta.label_lower, name) for name in bare} <= TECHNICAL


def test_filters_by_a_code_filter_and_made_up_ones_count_as_none(office: Client) -> None:
    for skill in ("us-medicine", "originality"):
        make.reviewer(skill=skill)
    assert "Medicine, United States" in listed(office, ReviewerSkill)
    chosen, made_up = (
        listed(office, ReviewerSkill, skill=skill).partition('id="result_list"')[2].partition("</table>")[0]
        for skill in ("originality", "'; drop")
    )
    assert ("Originality" in chosen, "Medicine, United States" in chosen) == (True, False)
    assert ("Originality" in made_up, "Medicine, United States" in made_up) == (True, True)


def test_cases_and_reasons_are_listed_in_words(office: Client) -> None:
    case = make.case(skill="us-medicine", reasons=["two_people"])
    make.reason()
    page = listed(office, ReviewCase)
    assert "Medicine, United States" in page
    assert make.KIND not in page
    detail = office.get(reverse("admin:reviews_reviewcase_change", args=[case.pk])).content.decode()
    assert "Two people decide" in detail
    assert "Medicine, United States" in detail
    assert ">rejected<" not in listed(office, ReasonCode)
