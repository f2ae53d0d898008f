"""/livez, /healthz/ and /metrics."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from portal import clock
from portal.jobs import heartbeat
from portal.jobs.models import Job, JobState
from portal.pools import POOLS
from portal.web import health

SERVERS = ["database", "broker", "cache"]


def say_all_live() -> None:
    """As after a tick, while every pool has a worker."""
    heartbeat.record_heartbeat()
    heartbeat.record_heartbeat(POOLS)


@pytest.fixture
def blocked_database(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the checks that asked a database that is down."""
    asked: list[str] = []

    def ask(name: str) -> None:
        asked.append(name)
        raise OperationalError

    for name in health._checks:
        if name not in {"broker", "cache"}:
            monkeypatch.setitem(health._checks, name, partial(ask, name))
    return asked


def test_livez_asks_for_no_database_and_no_host(client: Client) -> None:
    # No django_db mark: a query would fail this test.
    answer = client.get("/livez", headers={"host": "10.1.2.3"})
    assert (answer.status_code, answer.content) == (200, b"alive\n")


@pytest.mark.django_db
def test_healthz_is_well_when_a_tick_ran(client: Client) -> None:
    say_all_live()
    answer = client.get("/healthz/")
    assert answer.status_code == 200, answer.content
    assert answer.json()["checks"] == dict.fromkeys(
        [*SERVERS, "worker", *POOLS, "failed_jobs", "platforms", "official_registers", "fingerprint_key"], "ok"
    )


def test_healthz_waits_for_a_database_that_is_down_only_once(client: Client, blocked_database: list[str]) -> None:
    answer = client.get("/healthz/")
    checks = answer.json()["checks"]
    assert (answer.status_code, checks["database"], checks["cache"]) == (503, "failing", "ok")
    assert {checks[name] for name in ["worker", *POOLS, "failed_jobs", "platforms", "official_registers"]} == {
        "not asked: no database"
    }
    assert blocked_database == ["database"]


@pytest.mark.django_db
def test_healthz_fails_without_workers(client: Client) -> None:
    cache.delete("jobs.heartbeat")
    assert client.get("/healthz/").status_code == 503
    say_all_live()
    with clock.freeze_time(clock.now() + timedelta(minutes=2)):
        answer = client.get("/healthz/")
    assert answer.status_code == 503
    assert "no tick for" in answer.json()["checks"]["worker"]


@pytest.mark.django_db
@pytest.mark.parametrize("gone", list(POOLS))
def test_healthz_names_the_pool_without_a_worker(client: Client, gone: str) -> None:
    heartbeat.record_heartbeat()
    heartbeat.record_heartbeat([pool for pool in POOLS if pool != gone])
    answer = client.get("/healthz/")
    assert answer.status_code == 503
    assert {name for name, result in answer.json()["checks"].items() if result != "ok"} == {gone}
    assert answer.json()["checks"][gone] == "no worker yet"


@pytest.mark.django_db
def test_healthz_fails_when_work_of_a_pool_waits_longer_than_it_may(client: Client) -> None:
    say_all_live()
    for kind in ("jobs.purge_done", "complaints.compare"):
        Job.objects.create(kind=kind, key=kind, run_after=clock.now() - timedelta(minutes=10))
    answer = client.get("/healthz/")
    checks = answer.json()["checks"]
    assert (answer.status_code, checks["fast"], checks["media"]) == (503, "due work waits for 600 s", "ok")


@pytest.mark.django_db
def test_healthz_tells_of_failed_jobs_and_goes_on_serving(client: Client) -> None:
    say_all_live()
    Job.objects.create(kind="people.letter", key="one", state=JobState.FAILED, finished_at=clock.now())
    answer = client.get("/healthz/")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["checks"]["failed_jobs"]) == ("degraded", "1 given up")


@pytest.mark.django_db
def test_healthz_says_which_server_is_gone(client: Client, settings: Settings) -> None:
    say_all_live()
    from portal.celery import app

    before = app.conf.broker_url
    app.conf.broker_url = app.conf.broker_read_url = "redis+socket:///nowhere/valkey.sock"
    try:
        answer = client.get("/healthz/")
    finally:
        app.conf.broker_url = app.conf.broker_read_url = before
    assert (answer.status_code, answer.json()["checks"]["broker"]) == (503, "failing")
    assert b"nowhere" not in answer.content


@pytest.mark.django_db
def test_metrics_count_jobs(client: Client) -> None:
    Job.objects.create(kind="some.kind", key="one", run_after=clock.now() - timedelta(seconds=30))
    text = client.get("/metrics").content.decode()
    assert 'portal_jobs{kind="some.kind",state="queued"} 1.0' in text
    assert 'portal_jobs_oldest_due_seconds{pool="fast"} 3' in text


@pytest.mark.django_db
def test_metrics_tell_of_each_pool(client: Client) -> None:
    heartbeat.record_heartbeat(["uploads"])
    Job.objects.create(kind="media.probe", key="one", state=JobState.FAILED, finished_at=clock.now())
    text = client.get("/metrics").content.decode()
    assert 'portal_jobs_failed{pool="uploads"} 1.0' in text
    assert 'portal_jobs_failed{pool="outbound"} 0.0' in text
    assert re.search(r'^portal_pool_heartbeat_seconds\{pool="uploads"\} ', text, re.MULTILINE)


@pytest.mark.django_db
def test_metrics_count_requests_by_view_and_status(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    # Set for the whole process by whatever imported portal.wsgi before.
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    for path in ("/register/", "/register/nobody/", "/nowhere/"):
        client.get(path)
    text = client.get("/metrics").content.decode()
    for view, status in (("certification:register", "2xx"), ("certification:certificate", "4xx"), ("", "4xx")):
        labels = f'{{status="{status}",view="{view}"}}'
        assert re.search(f"^portal_request_seconds_count{labels} [1-9]", text, re.MULTILINE), text
        assert f"portal_request_seconds_sum{labels}" in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token", "given", "address", "status"),
    [
        ("", "", "127.0.0.1", 200),
        ("", "", "192.0.2.7", 403),
        ("right", "", "127.0.0.1", 403),
        ("right", "Bearer wrong", "127.0.0.1", 403),
        ("right", "Bearer right", "192.0.2.7", 200),
    ],
)
def test_metrics_are_for_the_token_or_this_machine(
    client: Client, settings: Settings, token: str, given: str, address: str, status: int
) -> None:
    settings.METRICS_TOKEN = token
    answer = client.get("/metrics", headers={"authorization": given}, REMOTE_ADDR=address)
    assert answer.status_code == status


@pytest.mark.django_db
def test_metrics_in_production_need_a_token(client: Client, settings: Settings) -> None:
    settings.DEMO = False
    assert client.get("/metrics").status_code == 403
