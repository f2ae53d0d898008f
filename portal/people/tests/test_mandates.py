"""Mandates: given and ended by the creator, read by agents, in force for a time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed
from portal.people import mandates
from portal.people.actions import mandates as actions
from portal.people.models import Agency, Mandate, User
from portal.people.roles import Role

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


@pytest.fixture
def mandate(creator: User, agency: Agency) -> Mandate:
    return actions.grant_mandate(creator=creator, agency=agency, ends_at=clock.now() + YEAR, by=creator)


def test_agent_acts_from_start_until_before_the_end(agent: User, creator: User, mandate: Mandate) -> None:
    moment = timedelta(microseconds=1)
    answers = [
        mandates.may_act_for(agent, creator, at)
        for at in (mandate.starts_at - moment, mandate.starts_at, mandate.ends_at - moment, mandate.ends_at)
    ]
    assert answers == [False, True, True, False]


def test_others_do_not_act(
    agent: User, creator: User, stranger: User, mandate: Mandate, make: Callable[..., User]
) -> None:
    elsewhere = make("elsewhere", Role.AGENT, agency=Agency.objects.create(code="south", name="South"))
    reviewer_of_agency = make("odd", Role.REVIEWER, agency=agent.agency)
    now = mandate.starts_at
    assert not mandates.may_act_for(agent, stranger, now)
    assert not mandates.may_act_for(elsewhere, creator, now)
    assert not mandates.may_act_for(reviewer_of_agency, creator, now)
    assert not mandates.may_act_for(agent, elsewhere, now)
    assert not mandates.may_act_for(creator, creator, now)
    agent.is_active = False
    assert not mandates.may_act_for(agent, creator, now)


def test_ended_mandate_ends_at_once_and_once(agent: User, creator: User, mandate: Mandate) -> None:
    actions.end_mandate(mandate=mandate, by=creator)
    assert not mandates.may_act_for(agent, creator, clock.now())
    with pytest.raises(Conflict):
        actions.end_mandate(mandate=mandate, by=creator)
    events = [event.event for event in trail.events_of(trail.subject_of(mandate))]
    assert events == ["people.mandate.granted", "people.mandate.ended"]


def test_mandate_that_ended_can_be_given_again(creator: User, agency: Agency, mandate: Mandate) -> None:
    with pytest.raises(Invalid):
        actions.grant_mandate(creator=creator, agency=agency, ends_at=clock.now() + YEAR, by=creator)
    actions.end_mandate(mandate=mandate, by=creator)
    actions.grant_mandate(creator=creator, agency=agency, ends_at=clock.now() + YEAR, by=creator)


def test_only_the_creator_gives_and_ends(agent: User, stranger: User, creator: User, mandate: Mandate) -> None:
    for somebody in (agent, stranger):
        with pytest.raises(NotAllowed):
            actions.end_mandate(mandate=mandate, by=somebody)
        with pytest.raises(NotAllowed):
            actions.grant_mandate(creator=creator, agency=mandate.agency, ends_at=clock.now() + YEAR, by=somebody)
    with pytest.raises(NotAllowed):
        actions.grant_mandate(creator=agent, agency=mandate.agency, ends_at=clock.now() + YEAR, by=agent)


def test_database_refuses_overlaps(creator: User, mandate: Mandate) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Mandate.objects.create(
            creator=creator,
            agency=mandate.agency,
            starts_at=mandate.ends_at - timedelta(seconds=1),
            ends_at=mandate.ends_at + YEAR,
        )


@given(st.integers(1, 1000), st.integers(-1000, 2000))
def test_running_is_a_half_open_interval(length: int, offset: int) -> None:
    start = clock.now()
    mandate = Mandate(starts_at=start, ends_at=start + timedelta(seconds=length))
    assert mandate.is_running(start + timedelta(seconds=offset)) == (0 <= offset < length)


def test_creator_gives_and_ends_on_their_page(client: Client, creator: User, agency: Agency) -> None:
    client.force_login(creator)
    day = clock.today() + YEAR
    form = {"agency": agency.pk, "last_day": day.isoformat()}
    assert client.post("/accounts/mandates/", form).headers["Location"] == "/accounts/mandates/"
    mandate = Mandate.objects.get()
    assert mandate.ends_at.date() == day + timedelta(days=1)
    again = client.post("/accounts/mandates/", form)
    assert list(again.context["form"].errors) == ["agency"]
    assert again.context["form"]["last_day"].value() == day.isoformat()
    assert client.post(f"/accounts/mandates/{mandate.pk}/end/").status_code == 302
    assert client.post(f"/accounts/mandates/{mandate.pk}/end/").status_code == 409


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("agency", ""),
        ("agency", "999999"),
        ("agency", "x"),
        ("agency", "9" * 40),
        ("agency", "1\x00"),
        ("last_day", ""),
        ("last_day", "tomorrow"),
        ("last_day", "2001-01-01"),
        ("last_day", "9999-12-31"),
        ("last_day", "2026-02-30"),
    ],
)
def test_wrong_input_is_answered_at_its_field(
    client: Client, creator: User, agency: Agency, field: str, value: str
) -> None:
    client.force_login(creator)
    form = {"agency": str(agency.pk), "last_day": (clock.today() + YEAR).isoformat(), field: value}
    answer = client.post("/accounts/mandates/", form)
    assert list(answer.context["form"].errors) == [field]
    assert not Mandate.objects.exists()


def test_somebody_elses_mandate_does_not_exist(client: Client, stranger: User, mandate: Mandate) -> None:
    client.force_login(stranger)
    assert client.post(f"/accounts/mandates/{mandate.pk}/end/").status_code == 404
    assert client.get(f"/accounts/mandates/{mandate.pk}/end/").status_code == 405


@pytest.mark.parametrize("role", Role.values)
def test_pages_by_role(client: Client, make: Callable[..., User], role: str) -> None:
    client.force_login(make("somebody", role))
    assert client.get("/accounts/mandates/").status_code == (200 if role == Role.CREATOR else 403)
    assert client.get("/accounts/clients/").status_code == (200 if role == Role.AGENT else 403)


def test_agent_sees_running_mandates_of_their_agency(
    client: Client, agent: User, creator: User, stranger: User, mandate: Mandate
) -> None:
    south = Agency.objects.create(code="south", name="South")
    actions.grant_mandate(creator=stranger, agency=south, ends_at=clock.now() + YEAR, by=stranger)
    client.force_login(agent)
    assert [row.creator for row in client.get("/accounts/clients/").context["page"]] == [creator]
    actions.end_mandate(mandate=mandate, by=creator)
    assert not list(client.get("/accounts/clients/").context["page"])
    assert client.get("/accounts/clients/?page=nonsense").status_code == 200
