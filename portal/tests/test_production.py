"""Production refuses what is fit for a demo only, and passes Django's own deployment checks."""

import base64
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finders
from django.db import connection
from django.test import Client, override_settings
from pytest_django import Settings

from portal import databases, grants, production
from portal.jobs.registry import periodics
from portal.people.models import User
from portal.pools import POOLS

ROOT = Path(__file__).resolve().parent.parent.parent
FIT = {
    "PORTAL_MODE": "production",
    "DATABASE_URL": "postgres://portal_app:pw@db.example:5432/portal",
    "DATABASE_OWNER_URL": "postgres://portal_owner:pw@db.example:5432/portal",
    "CELERY_BROKER_URL": "amqp://portal:pw@mq.example//",
    "CACHE_URL": "redis://cache.example/1",
    "SECRET_KEY": "".join(chr(65 + number % 50) for number in range(70)),
    "EVIDENCE_KEYS": "2026:" + base64.b64encode(bytes(range(32))).decode(),
    "BASE_URL": "https://trust.example",
    "ALLOWED_HOSTS": "trust.example",
    "EMAIL_URL": "smtp+tls://user:pw@mail.example:587",
    "METRICS_TOKEN": "some-token",
    "AUDIT_SIGNING_KEY": base64.b64encode(bytes(range(32))).decode(),
    "AUDIT_HEADS_TO": "auditor@example.org",
    "TRUSTED_PROXY_COUNT": "1",
    "DEFAULT_FROM_EMAIL": "Portal <no-reply@trust.example>",
    "SUPPORT_EMAIL": "help@trust.example",
}
# Every safety switch, with an unsafe value.
UNSAFE = {
    "SECOND_FACTOR_ENFORCED": "0",
    "SECURE_HTTPS": "0",
    "HOLD_DAY_SECONDS": "1",
    "SANDBOX": "1",
    "PLATFORMS": '[{"code": "toy", "name": "Toy", "kind": "sandbox"}]',
    "TRUSTED_PROXY_COUNT": "0",
    "PARSER_ISOLATION": "0",
    "DATABASE_STATEMENT_TIMEOUT_MS": "0",
    "DATABASE_LOCK_TIMEOUT_MS": "-1",
    "DATABASE_IDLE_IN_TRANSACTION_SESSION_TIMEOUT_MS": "0",
    "WEB_ADDRESS_REQUESTS_PER_SECOND": "0",
    "STATIC_HASHED": "0",
    "LOG_LEVEL": "DEBUG",
}

# What `serve` and the tests set for their own processes.
TESTS_OWN = {
    "PORTAL_PROCESS",
    "PROMETHEUS_MULTIPROC_DIR",
    "SERVE_GREETING",
    "LOCALSERVERS_DURABLE",
    "CLOCK_FILE",
    "OUTBOX_DIR",
    "DATABASE_TEMPLATE",
}

_SHOW_SETTINGS = """
import json, django
django.setup()
from portal import settings, webserver
plain = bool | int | float | str | list | dict
shown = [{k: v for k, v in vars(each).items() if k[0] != "_" and isinstance(v, plain)} for each in (settings, webserver)]
print(json.dumps(shown, default=str, indent=0))
"""


def _check(tmp_path: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}}
    # A pool would try for ten seconds to reach the database, which is not there.
    environment = kept | FIT | {"DATA_DIR": str(tmp_path), "DATABASE_POOL_SIZE": "0"} | changes
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_fit_settings_pass_the_deployment_checks(tmp_path: Path) -> None:
    result = _check(tmp_path)
    assert result.returncode == 0, result.stderr
    assert not list(tmp_path.iterdir()), "production makes no keys of its own"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"DATABASE_URL": "", "CELERY_BROKER_URL": "", "CACHE_URL": ""}, "embedded PostgreSQL.*embedded Valkey"),
        ({"SECRET_KEY": ""}, "SECRET_KEY must be random"),
        ({"EVIDENCE_KEYS": ""}, "EVIDENCE_KEYS must hold"),
        ({"AUDIT_SIGNING_KEY": "c2hvcnQ="}, "AUDIT_SIGNING_KEY must hold"),
        ({"DEBUG": "1", "BASE_URL": "http://trust.example", "ALLOWED_HOSTS": "*"}, "DEBUG.*BASE_URL.*ALLOWED_HOSTS"),
        ({"EMAIL_URL": "filemail://"}, "EMAIL_URL must name a mail server"),
        ({"PORTAL_MODE": "prod"}, "PORTAL_MODE is either"),
        ({"TRUSTED_PROXY_COUNT": ""}, "TRUSTED_PROXY_COUNT must be set"),
        ({"TRUSTED_PROXY_COUNT": "11"}, "TRUSTED_PROXY_COUNT must be set"),
        ({"SECRET_KEY_FALLBACKS": "old"}, "SECRET_KEY_FALLBACKS must be as strong"),
        (UNSAFE, ".*".join(f"ALLOW_UNSAFE={name}" for name in UNSAFE)),
        ({"SANDBOX": "1", "SECURE_HTTPS": "0", "ALLOW_UNSAFE": "SANDBOX,PLATFORMS"}, "ALLOW_UNSAFE=SECURE_HTTPS"),
        *(({"PARSER_ISOLATION": off}, "ALLOW_UNSAFE=PARSER_ISOLATION") for off in ("false", "off", "no")),
        ({"WEB_ADDRESS_REQUESTS_PER_SECOND": "-5"}, "WEB_ADDRESS_REQUESTS_PER_SECOND=-5.0"),
        (
            {"WEB_UPLOAD_BYTES": "0", "WEB_ADDRESS_CONNECTIONS": "-1"},
            "WEB_ADDRESS_CONNECTIONS, WEB_UPLOAD_BYTES must be",
        ),
        ({"ALLOW_UNSAFE": "EVERYTHING"}, "ALLOW_UNSAFE names EVERYTHING"),
    ],
)
def test_unfit_settings_are_refused_by_every_process(tmp_path: Path, changes: dict[str, str], said: str) -> None:
    result = _check(tmp_path, **changes)
    assert result.returncode != 0
    assert re.search(said, result.stderr), result.stderr


def test_every_safety_switch_is_tried() -> None:
    assert [switch.name for switch in production.SAFETY_SWITCHES] == list(UNSAFE)


def test_the_manual_names_what_is_refused() -> None:
    page = (ROOT / "docs/operations.md").read_text().partition("\n## Before you open\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"[A-Z][A-Z0-9_]+", page))
    assert not {*UNSAFE, *production.POSITIVE, production.OWNER} - named


def test_switches_that_are_named_are_warned_of_and_logged(tmp_path: Path) -> None:
    result = _check(tmp_path, **UNSAFE, ALLOW_UNSAFE=",".join(UNSAFE))
    assert result.stderr.count("portal.W003") == len(UNSAFE), result.stderr
    for name in UNSAFE:
        assert re.search(rf'"event": "unsafe_switch_allowed".*"switch": "{name}"', result.stderr), result.stderr
    assert "secret" not in result.stderr


def test_permission_that_is_not_needed_is_a_warning(tmp_path: Path) -> None:
    result = _check(tmp_path, ALLOW_UNSAFE="SANDBOX")
    assert re.search(r"portal.W005.*SANDBOX, which is safe", result.stderr), result.stderr


def test_check_says_in_a_demo_what_production_would_refuse(settings: Settings) -> None:
    settings.TRUSTED_PROXY_COUNT, settings.ALLOW_UNSAFE = None, []
    said = [problem.msg for problem in production.production_refusals()]
    assert any("SECOND_FACTOR_ENFORCED=0" in reason for reason in said)
    assert any("TRUSTED_PROXY_COUNT must be set" in reason for reason in said)
    assert not any("PORTAL_MODE" in reason for reason in said)


def test_allowed_switches_are_logged_hourly(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    assert periodics["portal.unsafe_switches"].every == 3600
    production.log_allowed_switches()
    assert not caplog.records, "a demo is no place to be warned of demo settings"
    settings.DEMO = False
    production.log_allowed_switches()
    assert {"SECOND_FACTOR_ENFORCED", "SANDBOX"} <= {record.switch for record in caplog.records}  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_sessions_outlive_a_change_of_the_secret_key(client: Client, settings: Settings) -> None:
    person = User.objects.create_user("ana@example.org", "long enough password")
    client.force_login(person)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "".join(map(chr, range(48, 120)))
    assert client.get("/accounts/profile/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert client.get("/accounts/profile/").status_code == 200, "it was signed anew meanwhile"


@pytest.mark.django_db
def test_sessions_end_where_the_old_secret_is_not_kept(client: Client, settings: Settings) -> None:
    client.force_login(User.objects.create_user("ana@example.org", "long enough password"))
    settings.SECRET_KEY = "".join(map(chr, range(48, 120)))
    assert client.get("/accounts/profile/").status_code == 302


def test_what_production_can_run_with_is_a_warning(tmp_path: Path) -> None:
    platforms = '[{"code": "toy", "name": "Toy", "kind": "sandbox", "base_url": "http://toy.example"}]'
    private = {"PLATFORMS": platforms, "PLATFORM_PRIVATE_HOSTS": "toy.example"}
    result = _check(tmp_path, METRICS_TOKEN="", AUDIT_HEADS_TO="", ALLOW_UNSAFE="PLATFORMS", **private)
    for caution in ("W002", "W006", "W007", "W008"):
        assert f"portal.{caution}" in result.stderr


def test_platforms_may_stand_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "platforms.json"
    secret.write_text('[{"code": "toy", "name": "Toy", "kind": "nowhere", "credentials": {"token": "s3cr3t"}}]')
    said = _check(tmp_path, PLATFORMS_FILE=str(secret)).stderr
    assert "there is no connector of the kind 'nowhere'" in said
    assert "s3cr3t" not in said


@pytest.mark.parametrize("owner", ["", FIT["DATABASE_URL"]])
def test_an_app_that_owns_its_tables_is_an_error_unless_it_is_named(tmp_path: Path, owner: str) -> None:
    changes = {"DATABASE_OWNER_URL": owner, "DATABASE_URL": "postgres://portal_app:pw@127.0.0.1:1/portal"}
    if owner:
        changes["DATABASE_OWNER_URL"] = changes["DATABASE_URL"]
    assert "portal.E002" in _check(tmp_path, **changes).stderr
    allowed = _check(tmp_path, **changes, ALLOW_UNSAFE=production.OWNER).stderr
    assert "portal.E002" not in allowed
    assert "portal.W003" in allowed
    assert "portal.W005" in _check(tmp_path, ALLOW_UNSAFE=production.OWNER).stderr, "allowed without need"


@pytest.mark.django_db
def test_the_database_is_asked_who_owns_the_tables() -> None:
    with override_settings(DATABASE_OWNER=None):
        assert production.owner_of_tables() == [], "the tests run as a role that owns nothing"
    with grants.as_database_owner(connection), override_settings(DATABASE_OWNER=None):
        assert [problem.id for problem in production.owner_of_tables()] == ["portal.E002"]


@pytest.mark.parametrize(
    "changes",
    [
        {"ALLOWED_HOSTS": "trust.example"},
        {"BASE_URL": "https://trust.example"},
        {"BIND": "0.0.0.0:8000"},
        {"BIND": ":80"},
    ],
)
def test_no_demo_by_default_where_others_reach_it(tmp_path: Path, changes: dict[str, str]) -> None:
    kept = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}}

    def check(**more: str) -> str:
        environment = kept | {"DATA_DIR": str(tmp_path)} | more
        command = [sys.executable, "manage.py", "check"]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False).stderr

    assert "PORTAL_MODE is not set" in check(**changes)
    assert "PORTAL_MODE is not set" not in check(**changes, PORTAL_MODE="demo")
    near = {"ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]", "BIND": "127.0.0.1:8000,unix:/run/portal.sock"}
    assert "PORTAL_MODE is not set" not in check(**near)


@pytest.mark.parametrize(
    "key",
    [
        "demo:MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=",
        "noname",
        ":" + base64.b64encode(bytes(range(32))).decode(),
        "short:" + base64.b64encode(bytes(range(16))).decode(),
        "broken:%%%",
    ],
)
def test_weak_evidence_keys_are_refused(key: str) -> None:
    values = {
        "MODE": "production", "DEBUG": False, "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
        "CELERY_BROKER_URL": "amqp://", "CACHE_URL": "redis://", "SECRET_KEY": FIT["SECRET_KEY"], "EVIDENCE_KEYS": [key],
        "SECRET_KEY_FALLBACKS": [], "TRUSTED_PROXY_COUNT": 1, "SECOND_FACTOR_ENFORCED": True, "SECURE_HTTPS": True,
        "HOLD_DAY_SECONDS": 86400, "SANDBOX": False, "PLATFORMS": [], "STATIC_HASHED": True, "PARSER_ISOLATION": True, "LOG_LEVEL": "INFO",
        "DATABASE_LIMITS_MS": databases.WEB_LIMITS_MS, "DATABASE_TRANSACTION_POOLING": False, "WEB_ADDRESS_REQUESTS_PER_SECOND": 30.0,
        **dict.fromkeys(production.POSITIVE, 1),
        "ALLOW_UNSAFE": [], "AUDIT_SIGNING_KEY": "", "BASE_URL": "https://x", "ALLOWED_HOSTS": ["x"], "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    }  # fmt: skip
    assert [reason[:13] for reason in production.unsafe_settings(values)] == ["EVIDENCE_KEYS"]


def test_env_example_lists_every_variable() -> None:
    read = set()
    for name in ("portal/settings.py", "portal/webserver.py"):
        text = (ROOT / name).read_text()
        read |= set(re.findall(r'(?:env\.\w+|environ\.get)\(\s*"([A-Z0-9_]+)"', text))
    read |= {f"POOL_{name.upper()}_PROCESSES" for name in POOLS}
    read |= {f"DATABASE_{name.upper()}_MS" for name in databases.default_limits_ms("")}
    listed = re.findall(r"^#?\s?([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) == read - TESTS_OWN


def test_env_example_gives_the_defaults(tmp_path: Path) -> None:
    lines = re.findall(r"^([A-Z0-9_]+)=(.*)$", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)
    assert len(lines) > 20
    assert _plain_settings(tmp_path, **dict(lines)) == _plain_settings(tmp_path)


def _plain_settings(data_dir: Path, **environment: str) -> str:
    """What a demo and its web server are set to, as JSON; objects without the place where they lie in memory."""
    kept = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}}
    command = [sys.executable, "-c", _SHOW_SETTINGS]
    environment = kept | {"DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "portal.settings"} | environment
    shown = subprocess.check_output(command, cwd=ROOT, env=environment, text=True)
    return re.sub(r" at 0x[0-9a-f]+", "", shown)


def test_env_example_gives_the_processes_of_each_pool_as_they_are() -> None:
    given = re.findall(r"^POOL_([A-Z]+)_PROCESSES=(\d+)$", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)
    assert {name.lower(): int(number) for name, number in given} == {
        name: pool.processes for name, pool in POOLS.items()
    }


def test_a_static_file_is_found_in_one_place() -> None:
    found = [path for finder in get_finders() for path, _ in finder.list([])]
    assert "portal/js/portal.js" in found
    assert [path for path, times in Counter(found).items() if times > 1] == []
