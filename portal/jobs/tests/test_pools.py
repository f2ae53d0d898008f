"""One table says which pool does what; the times of a pool agree with what is inside and around them."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import run_checks
from pytest_django import Settings

from portal import pools
from portal.engines import documents, fingerprints
from portal.jobs import queue, registry, time_limits
from portal.management.commands import serve

ROOT: Path = settings.BASE_DIR


def test_every_kind_stands_in_the_table() -> None:
    ours = {name for name in registry.kinds if not name.startswith("test.")}
    assert ours == {name for name in pools.ROUTES if not name.startswith("test.")}
    assert set(pools.ROUTES.values()) == set(pools.POOLS)


def test_an_upload_is_checked_however_many_videos_are_compared() -> None:
    checking = pools.pool_of("media.probe")
    assert [name for name, pool in pools.ROUTES.items() if pool == checking] == ["media.probe"]


def test_a_job_is_sent_to_its_pool_with_the_times_of_the_pool() -> None:
    for name, kind in registry.kinds.items():
        pool = pools.POOLS[pools.pool_of(name)]
        assert queue._delivery(name) == {
            "queue": kind.queue,
            "soft_time_limit": pool.attempt_seconds,
            "time_limit": pool.hard_seconds,
        }


def test_serve_starts_a_process_for_each_pool() -> None:
    processes = serve._processes()
    for name in pools.POOLS:
        words = " ".join(processes[name])
        assert f" -Q {name} -n {name}@%h -c {settings.POOL_PROCESSES[name]} " in words


def test_the_operations_manual_names_the_same_pools() -> None:
    text = (ROOT / "docs/operations.md").read_text()
    started = re.findall(r"celery -A portal worker -Q (\w+) -n (\w+)@%h -c (\d+)", text)
    assert started == [(name, name, str(pool.processes)) for name, pool in pools.POOLS.items()]


def test_the_times_agree() -> None:
    assert not [error for error in run_checks() if error.id == "jobs.E001"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("JOBS_LEASE_SECONDS", 60), ("CELERY_TASK_TIME_LIMIT", 540), ("EMAIL_TIMEOUT", 90)],
)
def test_a_setting_that_does_not_agree_is_an_error(settings: Settings, name: str, value: int) -> None:
    setattr(settings, name, value)
    assert time_limits.check_time_limits()


@pytest.mark.parametrize(
    ("engine", "change"),
    [
        (documents, {"render_seconds": 200}),
        (documents, {"wall_seconds": 240}),
        (fingerprints, {"fingerprint_seconds": 1200}),
        (fingerprints, {"wall_seconds": 1200}),
    ],
)
def test_a_child_that_outlives_its_attempt_is_an_error(
    monkeypatch: pytest.MonkeyPatch, engine: object, change: dict[str, int]
) -> None:
    monkeypatch.setattr(engine, "LIMITS", replace(engine.LIMITS, **change))  # type: ignore[attr-defined]
    errors = time_limits.check_time_limits()  # one for each pool whose jobs ask such a child
    assert errors
    assert all("opening a file" in error.msg for error in errors)
