"""What a new site starts with, and what a demo shows."""

from datetime import date

import pytest

from certification import demo, public
from certification.models import ApplicantCategory, Application, CredentialType, KeyArea, Requirement
from certification.reference import loading
from certification.states import ApplicationState
from portal.people import demo as people
from portal.reviews.models import Calendar, ReasonCode

pytestmark = pytest.mark.django_db


def test_loading_twice_adds_nothing_and_keeps_what_was_edited() -> None:
    for table in (Requirement, CredentialType, KeyArea, ApplicantCategory, ReasonCode, Calendar):
        table.objects.all().delete()
    assert all(loading.load_reference_data().values())
    KeyArea.objects.filter(code="cn-farming").update(names={"en": "Agriculture"})
    assert not any(loading.load_reference_data().values())
    assert KeyArea.objects.get(code="cn-farming").name == "Agriculture"


def test_loading_again_adds_the_days_off_of_later_years_only() -> None:
    loading.load_reference_data()
    days = Calendar.objects.get(code="us").days
    assert not Calendar.objects.get(code="us").working_days().is_working_day(date(2027, 12, 31))
    days.filter(day__gt=date(2027, 12, 24)).delete()
    days.filter(day=date(2026, 10, 12)).delete()
    loading.load_reference_data()
    again = Calendar.objects.get(code="us").working_days()
    assert again.is_working_day(date(2026, 10, 12))
    assert not again.is_working_day(date(2027, 12, 31))
    assert not again.is_working_day(date(2028, 7, 4))


def test_every_row_of_the_reference_is_sound() -> None:
    loading.load_reference_data()
    for row in [*CredentialType.objects.all(), *Requirement.objects.select_related("category")]:
        row.clean()


def test_every_open_area_can_be_applied_for() -> None:
    loading.load_reference_data()
    without = KeyArea.objects.open().filter(requirements=None)
    assert list(without) == []


def test_practice_labels_never_speak_of_a_licence() -> None:
    loading.load_reference_data()
    for row in Requirement.objects.filter(category__practice_only=True):
        assert row.labels["en"].startswith("Practice verified")
        assert row.labels["zh-hans"].startswith("实践核实")


def test_the_demo_walks_through_every_state_of_interest_and_stays_as_it_is() -> None:
    people.seed()
    demo.seed()
    states = dict(Application.objects.values_list("number", "state"))
    assert set(states.values()) >= {
        ApplicationState.DRAFT,
        ApplicationState.IN_REVIEW,
        ApplicationState.INFO_REQUESTED,
        ApplicationState.SECOND_REVIEW,
        ApplicationState.APPROVED,
        ApplicationState.REJECTED,
        ApplicationState.APPEALED,
    }
    assert [row.public_name for row in public.search_register("小明").certificates] == ["王小明（演示）"]
    demo.seed()
    assert dict(Application.objects.values_list("number", "state")) == states
