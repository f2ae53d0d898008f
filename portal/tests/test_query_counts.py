"""Every page that lists rows asks the database as often for twenty as for one; tests of the helper's own at the end."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from certification.models import Certificate
from portal.testing.queries import assert_queries_do_not_grow, copy_row
from portal.tests import role_walk as walk

pytestmark = pytest.mark.django_db

Adding = Callable[[walk.World], object]


def _certificate(world: walk.World) -> Certificate:
    """Somebody else's, valid and in the register."""
    return copy_row(world.certificate, holder=copy_row(world.certificate.holder))


LISTS: dict[tuple[str, str], Adding] = {
    # role, URL name (with what it asks for) -> how another row for it is made
    ("anonymous", "certification:register"): _certificate,
    ("creator", "certification:home"): lambda world: copy_row(world.application, state="withdrawn"),
}


@pytest.mark.parametrize(("role", "page"), LISTS)
def test_twenty_rows_cost_as_much_as_one(role: str, page: str, world: walk.World) -> None:
    name, _space, wanted = page.partition(" ")
    args = world.args[wanted] if wanted and not wanted.startswith("?") else []
    client = walk.client_of(world, role)
    assert_queries_do_not_grow(client, reverse(name, args=args), lambda: LISTS[role, page](world))
