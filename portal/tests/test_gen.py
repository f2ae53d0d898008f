import json

import pytest
from django.urls import reverse

from portal.tests import role_walk as walk
from portal.tests.role_table import ROWS

pytestmark = pytest.mark.django_db
NEW = json.load(open("/tmp/w/newnames.json"))

@pytest.mark.parametrize("role", walk.ROLES)
def test_gen(role):
    world = walk.world()
    client = walk.client_of(world, role)
    out = {}
    rows = [line.split()[:3] for line in ROWS.strip().splitlines() if not line.startswith("#")]
    rows += [[n, w, m] for n, w in NEW for m in ("GET", "POST")]
    for name, wanted, method in rows:
        args = [] if wanted == "-" else world.args[wanted.replace("_", " ")]
        try:
            out[f"{name} {wanted} {method}"] = walk.outcome(walk.ask(client, method.lower(), reverse(name, args=args)))
        except Exception as e:
            out[f"{name} {wanted} {method}"] = "ERR" + repr(e)[:80]
    json.dump(out, open(f"/tmp/w/roles_{role}.json", "w"))
