"""The list of discrepancies in the admin: open and settled ones, and what it says where it is empty."""

import pytest
from django.urls import reverse

from portal import clock
from portal.outbound.models import Discrepancy, Effect, Problem
from portal.people.models import User
from portal.people.roles import Role
from portal.testing.shared import Enter

pytestmark = pytest.mark.django_db
NONE_YET, NONE_FOUND = (
    "What a platform does not show as decided appears here",
    "None matches the search and the filters.",
)


@pytest.fixture
def admin() -> User:
    return User.objects.create_user("admin@example.org", role=Role.ADMIN)


def test_an_empty_list_says_whether_something_was_searched_for(enter: Enter, admin: User) -> None:
    client, address = enter(admin), reverse("admin:outbound_discrepancy_changelist")
    for query, found, other in (
        ("", NONE_YET, NONE_FOUND),
        ("?q=OC-1", NONE_FOUND, NONE_YET),
        ("?settled_at__isempty=1", NONE_FOUND, NONE_YET),
    ):
        text = " ".join(client.get(address + query).content.decode().split())
        assert (found in text, other in text) == (True, False), query


def test_open_and_settled_ones_are_listed_apart(enter: Enter, admin: User) -> None:
    client, address = enter(admin), reverse("admin:outbound_discrepancy_changelist")
    for subject, settled in (("OC-open", None), ("OC-settled", clock.now())):
        Discrepancy.objects.create(
            key=subject, platform="sandbox", effect=Effect.FOLLOWERS, wanted=True, subject=subject,
            problem=Problem.REFUSED, settled_at=settled,
        )  # fmt: skip
    for value, shown, hidden in (("1", "OC-open", "OC-settled"), ("0", "OC-settled", "OC-open")):
        text = client.get(address, {"settled_at__isempty": value}).content.decode()
        assert (shown in text, hidden in text) == (True, False)
