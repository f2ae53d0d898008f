"""A benchmark in a process of its own, as people run it."""

import json
import os
from typing import Any

from portal.testing.processes import run_manage


def bench(name: str, *sizes: str, seconds: float = 300) -> dict[str, Any]:
    """The figures of a small run, as JSON gives them."""
    # A test that imports portal.wsgi leaves its folder of latencies in the environment; each web server removes its own.
    own = {key: value for key, value in os.environ.items() if key != "PROMETHEUS_MULTIPROC_DIR"}
    done = run_manage("bench", name, "--json", *sizes, environment=own | {"STATIC_HASHED": "1"}, seconds=seconds)
    assert done.returncode == 0, done.stderr[-2000:]
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures
