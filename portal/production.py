"""What production refuses, and what `check --deploy` warns of.

The refusals run whenever settings are read, so that no process, web or worker, starts on them.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as Caution
from django.core.exceptions import ImproperlyConfigured

_KEY_BYTES = 32
_SHORTEST_SECRET = 50


def refuse_unsafe_settings(values: Mapping[str, Any]) -> None:
    """Raise ImproperlyConfigured that lists every reason why these settings are not fit for production."""
    reasons = unsafe_settings(values)
    if reasons:
        raise ImproperlyConfigured("PORTAL_MODE=production refuses to start: " + " ".join(reasons))


def unsafe_settings(values: Mapping[str, Any]) -> list[str]:
    """The reasons, one sentence each; none when the settings are fit."""
    found = {
        "PORTAL_MODE is either demo or production.": values["MODE"] != "production",
        "DEBUG must be off.": values["DEBUG"],
        "DATABASE_URL must name a server: the embedded PostgreSQL is for demos.": _embedded(values["DATABASES"]),
        "CELERY_BROKER_URL must name a server: the embedded Valkey is for demos.": "valkey.sock"
        in values["CELERY_BROKER_URL"],
        "CACHE_URL must name a server: the embedded Valkey is for demos.": "valkey.sock" in values["CACHE_URL"],
        f"SECRET_KEY must be random, {_SHORTEST_SECRET} characters or longer.": _weak(values["SECRET_KEY"]),
        "EVIDENCE_KEYS must hold id:base64 of 32 random bytes.": not _real_keys(values["EVIDENCE_KEYS"]),
        "BASE_URL must begin with https://.": not values["BASE_URL"].startswith("https://"),
        "ALLOWED_HOSTS must name the hosts that serve the site.": _any_host(values["ALLOWED_HOSTS"]),
        "EMAIL_URL must name a mail server.": "smtp" not in values["EMAIL_BACKEND"],
    }
    return [reason for reason, holds in found.items() if holds]


def _embedded(databases: Mapping[str, Any]) -> bool:
    return bool(databases["default"]["ENGINE"] == "portal.localservers")


def _weak(secret: str) -> bool:
    return len(secret) < _SHORTEST_SECRET or len(set(secret)) < _SHORTEST_SECRET // 4


def _real_keys(keys: list[str]) -> bool:
    return bool(keys) and all(_real_key(key) for key in keys)


def _real_key(key: str) -> bool:
    name, _, encoded = key.partition(":")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return False
    # 32 random bytes hold about 30 different ones; a key typed by hand or all zeros does not.
    return bool(name) and len(raw) == _KEY_BYTES and len(set(raw)) >= _KEY_BYTES // 2


def _any_host(hosts: list[str]) -> bool:
    return not hosts or "*" in hosts or set(hosts) <= {"localhost", "127.0.0.1"}


@register(Tags.security, deploy=True)
def deployment_cautions(**_kwargs: object) -> list[CheckMessage]:
    """What a production can run with, but better would not."""
    found: list[CheckMessage] = []
    owner = settings.DATABASE_OWNER
    if not owner or owner["USER"] == settings.DATABASES["default"]["USER"]:
        found.append(
            Caution(
                "The app connects as the owner of its tables, so it could change its own history.",
                hint="Give DATABASE_OWNER_URL the owner and DATABASE_URL a role that owns nothing.",
                id="portal.W001",
            )
        )
    if not settings.METRICS_TOKEN:
        found.append(Caution("Nobody can read /metrics.", hint="Set METRICS_TOKEN.", id="portal.W002"))
    if settings.SANDBOX:
        what = "The sandbox is on: anybody can act as any of its accounts and publish videos."
        found.append(Caution(what, hint="Leave SANDBOX unset.", id="portal.W003"))
    return found
