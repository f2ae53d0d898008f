"""The benchmark of restitution runs, gives every figure, and finds nobody lost or doubled."""

import json

import pytest

from portal.testing.processes import run_manage


@pytest.mark.slow
def test_small_run_gives_every_figure() -> None:
    sizes = ["--followers", "5000", "--told", "1000"]
    done = run_manage("bench", "restitution", "--json", *sizes)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    rates = ("followers_per_s", "bare_update_per_s", "ratio", "tell_per_s", "restore_per_s", "batch_p50_ms", "pages")
    assert all(told[name] > 0 for name in rates)
    assert [told[name] for name in ("lost", "doubled", "not_restored", "not_ended")] == [0, 0, 0, 0]
    assert (told["moved"], told["already"], told["passed"], told["bare_updated"]) == (3700, 500, 625, 4200)
    assert told["settings"]["followers"] == 5000
