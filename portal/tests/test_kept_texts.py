"""Every form in which somebody writes a text keeps it while they write: as a draft, or by saving itself."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from portal.tests import role_walk as walk
from portal.tests.browser.further_pages import further_visits
from portal.tests.role_table import ROWS

pytestmark = pytest.mark.django_db
_FORM = re.compile(r'<form\b[^>]*method="post".*?</form>', re.DOTALL)
_KEPT = ('name="form_draft"', "hx-trigger=")
_FEWEST = 12  # forms with a text: a walk that finds none proves nothing
# The sandbox and the admin. Pages of a sign-in halfway are no part of the walk: people/tests/test_recoveries.py.
_OTHERS = (
    "/sandbox/",
    "/admin/",
)


def test_every_text_is_kept_while_it_is_written(world_to_visit: walk.World) -> None:
    world = world_to_visit
    pages = [(address, walk.client_of(world, role)) for role, address in _pages(world)]
    pages += [(address, visit.client) for visit in further_visits(world) for address in visit.addresses]
    found: dict[tuple[str, int], bool] = {}
    for address, client in pages:
        if not address.startswith(_OTHERS):
            for number, form in enumerate(_forms(client, address)):
                # Whoever has not signed in has no drafts, so one who has is enough.
                kept = any(mark in form for mark in _KEPT)
                found[address, number] = found.get((address, number), False) or kept
    assert len(found) >= _FEWEST
    assert [address for (address, _number), kept in found.items() if not kept] == []


def _pages(world: walk.World) -> list[tuple[str, str]]:
    rows = [line.split() for line in ROWS.strip().splitlines() if not line.startswith("#")]
    return [
        (role, reverse(name, args=[] if wanted == "-" else world.args[wanted.replace("_", " ")]))
        for name, wanted, method, *outcomes in rows
        if method == "GET"
        for role, outcome in zip(walk.ROLES, outcomes, strict=True)
        if outcome == "200"
    ]


def _forms(client: Client, address: str) -> list[str]:
    answer = client.get(address)
    if answer.status_code != 200 or "html" not in answer.get("Content-Type", "") or answer.streaming:
        return []
    return [form for form in _FORM.findall(answer.content.decode()) if "<textarea" in form]
