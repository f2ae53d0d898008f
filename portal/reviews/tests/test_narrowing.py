"""The filters and tabs that narrow which case comes next."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from portal import clock
from portal.people.models import User
from portal.reviews.models import ReviewCase, ReviewerSkill
from portal.reviews.tests import factories as make

pytestmark = pytest.mark.django_db
QUEUE, NEXT = "reviews:queue", "reviews:next"


@pytest.fixture
def reviewer() -> User:
    """A reviewer of two areas."""
    user = make.reviewer()
    ReviewerSkill.objects.create(user=user, skill="law")
    return user


@pytest.fixture
def desk(reviewer: User) -> Client:
    client = Client()
    client.force_login(reviewer, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_next_gives_the_oldest_within_the_chosen_area(desk: Client) -> None:
    make.case()
    older, _newer = make.case(skill="law"), make.case(skill="law", reasons=["failed:form"])
    page = desk.get(reverse(QUEUE), {"skill": "law"}).content.decode()
    assert "Only:" in page
    sent = {"tab": "waiting", "skill": "law"}
    assert all(f'name="{name}" value="{value}"' in page for name, value in sent.items())
    assert desk.post(reverse(NEXT), sent).headers["Location"] == make.case_url(older, product="")


def test_next_keeps_to_the_chosen_kind(desk: Client) -> None:
    first, second = make.case(), make.case()
    ReviewCase.objects.filter(pk=first.pk).update(kind="test.other")
    assert desk.post(reverse(NEXT), {"kind": make.KIND}).headers["Location"] == make.case_url(second, product="")


def test_flags_and_dates_pick_no_case(desk: Client) -> None:
    oldest = make.case(due_at=clock.now() + timedelta(days=9))
    make.case(reasons=["failed:form"], due_at=clock.now() - timedelta(days=1))
    page = desk.get(reverse(QUEUE), {"reason": "failed:form", "overdue": "on"}).content.decode()
    assert "Only:" not in page
    assert "Flags and due dates only filter the list." in page
    sent = {"reason": "failed:form", "overdue": "on", "case": "C-000002"}
    assert desk.post(reverse(NEXT), sent).headers["Location"] == make.case_url(oldest, product="")


def test_when_the_filter_holds_no_case_the_page_says_so_and_keeps_it(desk: Client) -> None:
    make.case()
    page = desk.post(reverse(NEXT), {"tab": "waiting", "skill": "law"}, follow=True)
    assert page.redirect_chain[-1][0] == f"{reverse(QUEUE)}?skill=law"
    assert "Clear the filter" in page.content.decode()
    page = desk.post(reverse(NEXT), {"tab": "appeals"}, follow=True)
    assert page.redirect_chain[-1][0] == f"{reverse(QUEUE)}?tab=appeals"


@pytest.mark.parametrize("sent", [{"skill": "\x00"}, {"skill": "made-up", "kind": "'; drop"}, {"tab": "none"}])
def test_made_up_filters_count_as_none(desk: Client, sent: dict[str, str]) -> None:
    case = make.case()
    assert desk.post(reverse(NEXT), sent).headers["Location"] == make.case_url(case, product="")
