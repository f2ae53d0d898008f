"""Pages by key: walking forwards and back shows every row once, whatever the order and the ties."""

import itertools
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from portal import clock
from portal.people.models import User
from portal.people.roles import Role
from portal.web.pagination import Page, keyset_page, rows_after

pytestmark = pytest.mark.django_db

ORDERS = [("pk",), ("-pk",), ("role", "pk"), ("-joined_at", "pk"), ("role", "-joined_at", "-pk")]

_NUMBERS = itertools.count()


def _people(count: int) -> list[User]:
    now = clock.now()
    roles = [Role.CREATOR, Role.REVIEWER, Role.AUDITOR]
    rows = [
        User(
            email=f"{next(_NUMBERS)}@example.org",
            role=roles[n % 3],
            password="!",
            joined_at=now - timedelta(days=n // 4, microseconds=n % 2),
        )
        for n in range(count)
    ]
    return User.objects.bulk_create(rows)


def _get(address: str, order: tuple[str, ...], size: int, *, after: int = 0) -> Page[User]:
    rows = User.objects.filter(pk__gt=after)
    return keyset_page(RequestFactory().get(f"/list/{address}"), rows, order=order, size=size)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(0, 23), size=st.integers(1, 9), order=st.sampled_from(ORDERS))
def test_every_row_once_there_and_back(count: int, size: int, order: tuple[str, ...]) -> None:
    last = User.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    _people(count)
    wanted = list(User.objects.filter(pk__gt=last).order_by(*order))
    page = _get("", order, size, after=last)
    pages = [page]
    while page.next_url:
        page = _get(page.next_url, order, size, after=last)
        pages.append(page)
    assert [row for one in pages for row in one] == wanted
    back = [page]
    while page.previous_url:
        page = _get(page.previous_url, order, size, after=last)
        back.insert(0, page)
    assert [list(one) for one in back] == [list(one) for one in pages]
    assert not pages[0].previous_url


def test_rows_that_come_and_go_move_nobody_else() -> None:
    people = _people(9)
    first = _get("", ("pk",), 3)
    people[0].delete()
    people[3].delete()
    second = _get(first.next_url, ("pk",), 3)
    assert list(second) == people[4:7]


def test_filters_stay_in_the_address() -> None:
    _people(5)
    request = RequestFactory().get("/list/?area=law&area=farming&cursor=x")
    query = parse_qs(keyset_page(request, User.objects.all(), order=("pk",), size=2).next_url.lstrip("?"))
    assert query["area"] == ["law", "farming"]
    assert len(query["cursor"]) == 1


@pytest.mark.parametrize("change", [lambda text: text[:-1] + "x", lambda text: text[5:], lambda _: "", lambda _: "\0"])
def test_a_cursor_that_was_touched_shows_the_first_page(change: Any) -> None:
    _people(5)
    first = _get("", ("pk",), 2)
    cursor = parse_qs(first.next_url.lstrip("?"))["cursor"][0]
    request = RequestFactory().get("/list/", {"cursor": change(cursor)})
    assert list(keyset_page(request, User.objects.all(), order=("pk",), size=2)) == list(first)


def test_a_cursor_of_another_list_shows_the_first_page() -> None:
    _people(5)
    other = _get("", ("role", "pk"), 2).next_url
    assert list(_get(other, ("pk",), 2)) == list(_get("", ("pk",), 2))


def test_a_page_is_one_question(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    _people(20)
    middle = _get("", ("role", "pk"), 5).next_url
    with django_assert_num_queries(1):
        list(_get(middle, ("role", "pk"), 5))


@pytest.mark.parametrize("order", ORDERS)
def test_a_cursor_continues_to_the_end(order: tuple[str, ...]) -> None:
    _people(7)
    seen: list[User] = []
    cursor: str | None = ""
    while cursor is not None:
        rows, cursor = rows_after(User.objects.all(), cursor, order=order, size=3)
        seen += rows
    assert seen == list(User.objects.order_by(*order))
