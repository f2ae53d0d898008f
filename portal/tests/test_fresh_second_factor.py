"""Every URL as staff whose second factor is older than twelve hours: it asks for the factor, or stands in a short list."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from portal.people import second_factor
from portal.people.models import User
from portal.testing.sign_in import app_code, give_app
from portal.testing.transactions import rolled_back
from portal.tests import role_walk as walk
from portal.tests.test_roles import admin_rows, rows

pytestmark = pytest.mark.django_db

STAFF = ("reviewer", "senior_reviewer", "area_lead", "auditor", "admin", "holder", "judge")
NOTHING = {"403", "404", "405", "in"}
# Pages that are for staff alone and open without: what they show is nobody's but their own.
PAGES_WITHOUT = {
    "reviews:queue": "numbers and ages of cases; no names, no documents",
    "reviews:next": "by GET only the way to the queue",
    "reviews:team": "figures",
    "reviews:conflicts": "one's own declarations",
    "reviews:lease": "how long the case is still in hand",
    "reviews:leave": "empty forms; sending one asks",
    "reviews:release": "by GET only the way to the forms",
    "reviews:hand_over": "by GET only the way to the forms",
    "reviews:conflict": "by GET only the way to the forms",
}
# Pages that everybody has of their own, and that ask staff for the factor all the same.
OWN_PAGES_WITH = {
    "privacy:erasure": "where one's data are given up for good",
    "evidence:looks": "names of one's private documents",
}


@pytest.fixture
def stale(world: walk.World, settings: Settings) -> Iterator[dict[str, Client]]:
    """A browser of each of the staff, who have a second factor and did not use it in this session."""
    settings.SECOND_FACTOR_ENFORCED = True
    with rolled_back():
        clients = {role: walk.client_of(world, role) for role in STAFF}
        for role in STAFF:
            person = world.people[role]
            assert isinstance(person, User)
            give_app(person)
        yield clients


def test_staff_pages_and_everything_that_staff_send_ask_for_the_factor(
    world: walk.World, stale: dict[str, Client]
) -> None:
    wrong = [problem for row in rows() for problem in _problems(world, stale, row)]
    assert not wrong, "\n".join(wrong)


def test_every_page_of_the_admin_asks_for_the_factor(world: walk.World, stale: dict[str, Client]) -> None:
    for prefix in walk.admin_pages():
        for what, shown in zip(("changelist", "add"), admin_rows()[prefix], strict=False):
            if shown != "-":
                address = reverse(f"admin:{prefix}_{what}")
                assert _asks(stale["admin"], "GET", address), address
                assert _asks(stale["admin"], "POST", address), address


def test_lists_of_what_needs_no_factor_name_what_exists() -> None:
    names = walk.all_names()
    assert names >= PAGES_WITHOUT.keys() | OWN_PAGES_WITH.keys()
    assert names >= second_factor._SENT_WITHOUT
    for prefix in second_factor._SENT_WITHOUT_PREFIXES:
        assert any(name.startswith(prefix) for name in names), prefix


def test_what_was_typed_is_sent_after_the_factor_was_used(world: walk.World, stale: dict[str, Client]) -> None:
    client, case = stale["holder"], world.args["case"]
    address = reverse("certification:review_ask", args=case)
    asked = client.post(address, {"text": "Which year was it?"})
    assert asked.headers["Location"].startswith(reverse("mfa_reauthenticate"))
    answer = client.post(reverse("mfa_reauthenticate"), {"code": app_code(), "next": address})
    assert "Which year was it?" in answer.content.decode()


def test_part_of_a_page_leads_back_to_the_page_that_it_was_for(world: walk.World, stale: dict[str, Client]) -> None:
    page = reverse("reviews:case_page", args=world.args["case"])
    look = reverse("reviews:second_look", args=world.args["case"])
    headers = {"hx-request": "true", "hx-current-url": f"http://testserver{page}"}
    answer = stale["holder"].get(look, headers=headers)
    assert answer.headers["HX-Redirect"] == f"{reverse('mfa_reauthenticate')}?next={page.replace('/', '%2F')}"


def _problems(world: walk.World, stale: dict[str, Client], row: list[str]) -> list[str]:
    name, wanted, method, *outcomes = row
    said = dict(zip(walk.ROLES, outcomes, strict=True))
    address = reverse(name, args=[] if wanted == "-" else world.args[wanted.replace("_", " ")])
    guarded, served = _is_guarded(name, method, said), [role for role in STAFF if said[role] not in NOTHING]
    return [f"{method} {name} as {role}" for role in served if guarded != _asks(stale[role], method, address)]


def _is_guarded(name: str, method: str, said: dict[str, str]) -> bool:
    if name in second_factor._FACTOR_VIEWS or (method == "GET" and name in OWN_PAGES_WITH):
        return True
    if method == "GET":
        for_staff_alone = said["stranger"] in NOTHING or said["creator"] == "200" != said["stranger"]
        return for_staff_alone and name not in PAGES_WITHOUT
    return name not in second_factor._SENT_WITHOUT and not name.startswith(second_factor._SENT_WITHOUT_PREFIXES)


def _asks(client: Client, method: str, address: str) -> bool:
    answer = walk.ask(client, method.lower(), address)
    return answer.headers.get("Location", "").startswith(reverse("mfa_reauthenticate"))
