"""The benchmark of the pages runs, asks what it says it asks, and leaves nothing in the portal's own URLs."""

import json
import os

import pytest
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from portal.testing.processes import run_manage


@pytest.mark.slow
def test_small_run_gives_every_figure() -> None:
    sizes = ["--certificates", "60", "--cases", "100", "--seconds", "0.3", "--turns", "1", "--connections", "2"]
    done = run_manage("bench", "web", "--json", *sizes, environment=os.environ | {"STATIC_HASHED": "1"})
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    for page in ("register", "status", "queue", "gate"):
        assert told[page]["requests_per_s"] > 0
        assert told[page]["ratio"] > 0
        assert told[page]["p95_ms"] > 0
    assert told["settings"]["certificates"] == 60


def test_view_to_compare_with_is_not_part_of_the_portal() -> None:
    with pytest.raises(Resolver404):
        resolve("/bench/page/")
    with pytest.raises(NoReverseMatch):
        reverse("bench")
