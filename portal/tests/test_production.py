"""Production refuses what is fit for a demo only, and passes Django's own deployment checks."""

import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from portal import production

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
}

# What `serve` and the tests set for their own processes.
TESTS_OWN = {
    "PROMETHEUS_MULTIPROC_DIR",
    "SERVE_GREETING",
    "STATIC_HASHED",
    "LOCALSERVERS_DURABLE",
    "CLOCK_FILE",
    "OUTBOX_DIR",
    "DATABASE_TEMPLATE",
}


def _check(tmp_path: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}}
    environment = kept | FIT | {"DATA_DIR": str(tmp_path)} | changes
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
        ({"DEBUG": "1", "BASE_URL": "http://trust.example", "ALLOWED_HOSTS": "*"}, "DEBUG.*BASE_URL.*ALLOWED_HOSTS"),
        ({"EMAIL_URL": "filemail://"}, "EMAIL_URL must name a mail server"),
        ({"PORTAL_MODE": "prod"}, "PORTAL_MODE is either"),
    ],
)
def test_unfit_settings_are_refused_by_every_process(tmp_path: Path, changes: dict[str, str], said: str) -> None:
    result = _check(tmp_path, **changes)
    assert result.returncode != 0
    assert re.search(said, result.stderr), result.stderr


def test_owner_and_app_must_differ_is_a_warning(tmp_path: Path) -> None:
    result = _check(tmp_path, DATABASE_OWNER_URL="", METRICS_TOKEN="")
    assert "portal.W001" in result.stderr
    assert "portal.W002" in result.stderr


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
        "BASE_URL": "https://x", "ALLOWED_HOSTS": ["x"], "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    }  # fmt: skip
    assert [reason[:13] for reason in production.unsafe_settings(values)] == ["EVIDENCE_KEYS"]


def test_env_example_lists_every_variable() -> None:
    read = set()
    for name in ("portal/settings.py", "portal/webserver.py"):
        text = (ROOT / name).read_text()
        read |= set(re.findall(r'(?:env\.\w+|environ\.get)\(\s*"([A-Z0-9_]+)"', text))
    listed = re.findall(r"^#?\s?([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) == read - TESTS_OWN
