"""What production refuses, what it may be told to accept, and what `check --deploy` says of both.

The refusals run whenever settings are read, so that no process, web or worker, starts on them. A safety switch that
is off is refused like the rest, unless ALLOW_UNSAFE names it; what is allowed is logged at every start and each hour.
"""

import base64
import binascii
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Error as Problem
from django.core.checks import Warning as Caution
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)

Values = Mapping[str, Any]
_KEY_BYTES = 32
_SHORTEST_SECRET = 50
_DAY_SECONDS = 86_400
_MOST_PROXIES = 10

# Numbers with which nothing works that is not above 0.
POSITIVE = (
    *("WEB_ADDRESS_CONNECTIONS", "WEB_UPLOAD_BYTES", "WEB_ADDRESS_UPLOAD_BYTES", "WEB_SENDER_UPLOAD_BYTES"),
    *("JOBS_LEASE_SECONDS", "JOBS_RESEND_SECONDS"),
)


# ALLOW_UNSAFE may name it, although no process that only serves needs it: an app that owns its tables.
OWNER = "DATABASE_OWNER_URL"
_OWNS_TABLES = """
    SELECT EXISTS (SELECT 1 FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
    AND pg_has_role(current_user, relowner, 'USAGE'))"""


@dataclass(frozen=True)
class SafetySwitch:
    """A setting that may be unsafe on purpose: ALLOW_UNSAFE names it by `name`, its environment variable.

    `is_unsafe` tells it from the settings; `risk` is what then can happen, one sentence. `value` finds what is shown of
    it where no setting has its name.
    """

    name: str
    risk: str
    is_unsafe: Callable[[Values], bool]
    value: Callable[[Values], object] | None = None

    def sentence(self, values: Values) -> str:
        """What it is set to, and what can happen."""
        value = values.get(self.name) if self.value is None else self.value(values)
        return f"{self.name}={_shown(value)}: {self.risk}"


def _time_limit(limit: str, risk: str) -> SafetySwitch:
    """A limit of database connections, by its name in PostgreSQL; behind a pooler it is the pooler's to set."""

    def milliseconds(values: Values) -> int:
        return int(values["DATABASE_LIMITS_MS"][limit])

    return SafetySwitch(
        f"DATABASE_{limit.upper()}_MS",
        risk,
        lambda values: not values["DATABASE_TRANSACTION_POOLING"] and milliseconds(values) <= 0,
        milliseconds,
    )


SAFETY_SWITCHES = (
    SafetySwitch(
        "SECOND_FACTOR_ENFORCED",
        "people who decide can sign in with a password or a mailed code alone.",
        lambda values: not values["SECOND_FACTOR_ENFORCED"],
    ),
    SafetySwitch(
        "SECURE_HTTPS",
        "session cookies travel without TLS, and nothing redirects to it.",
        lambda values: not values["SECURE_HTTPS"],
    ),
    SafetySwitch(
        "HOLD_DAY_SECONDS",
        "a day of hold is no day, so followers move and accounts close before anybody can object.",
        lambda values: values["HOLD_DAY_SECONDS"] != _DAY_SECONDS,
    ),
    SafetySwitch(
        "SANDBOX",
        "the sandbox is on: anybody can act as any of its accounts and publish videos.",
        lambda values: bool(values["SANDBOX"]),
    ),
    SafetySwitch(
        "PLATFORMS",
        "a platform of the kind sandbox is served: its accounts prove nothing.",
        lambda values: any(entry.get("kind") == "sandbox" for entry in values["PLATFORMS"]),
    ),
    SafetySwitch(
        "TRUSTED_PROXY_COUNT",
        "behind a proxy everyone shares one address, so that one person can lock out all.",
        lambda values: values["TRUSTED_PROXY_COUNT"] == 0,
    ),
    SafetySwitch(
        "PARSER_ISOLATION",
        "uploads are opened without isolation, so that a fault in a parser reaches files, keys and the network.",
        lambda values: not values["PARSER_ISOLATION"],
    ),
    _time_limit("statement_timeout", "a statement may run for ever, and hold a thread for as long."),
    _time_limit("lock_timeout", "one stuck lock holds every thread that needs it."),
    _time_limit(
        "idle_in_transaction_session_timeout", "a process that hangs in a transaction keeps its locks for ever."
    ),
    SafetySwitch(
        "WEB_ADDRESS_REQUESTS_PER_SECOND",
        "one address may send as many requests as it likes.",
        lambda values: values["WEB_ADDRESS_REQUESTS_PER_SECOND"] <= 0,
    ),
    SafetySwitch(
        "STATIC_HASHED",
        "static files are searched for at every request, and browsers keep old ones.",
        lambda values: not values["STATIC_HASHED"],
    ),
    SafetySwitch(
        "LOG_LEVEL",
        "libraries log what they send and receive, personal data among it.",
        lambda values: str(values["LOG_LEVEL"]).upper() not in {"INFO", "WARNING", "ERROR", "CRITICAL"},
    ),
)


def refuse_unsafe_settings(values: Values) -> None:
    """Raise ImproperlyConfigured that lists every reason why these settings are not fit for production."""
    reasons = unsafe_settings(values)
    if reasons:
        raise ImproperlyConfigured("PORTAL_MODE=production refuses to start: " + " ".join(reasons))


def refuse_demo_by_default(hosts: Iterable[str]) -> None:
    """Raise ImproperlyConfigured where PORTAL_MODE is not set and the portal would be reached from outside as a demo."""
    public = sorted({host for host in hosts if not _is_loopback(host)})
    if public:
        raise ImproperlyConfigured(
            f"PORTAL_MODE is not set, and the portal would be reached at {', '.join(public)}. Set PORTAL_MODE=production. A demo, in "
            "which anyone signs in as anyone, runs there only with PORTAL_MODE=demo."
        )


def hosts_of_addresses(base_url: str, bind: str) -> list[str]:
    """The hosts of the site's own address and of the addresses that the web server listens at ("host:port", comma separated)."""
    listening = [part.strip().rpartition(":")[0].strip("[]") or "0.0.0.0" for part in bind.split(",") if part.strip()]  # noqa: S104
    sockets = [host for host in listening if host not in {"unix", "fd"} and not host.startswith(("unix:", "fd:"))]
    return [urlsplit(base_url).hostname or "", *sockets]


def unsafe_settings(values: Values) -> list[str]:
    """The reasons, one sentence each; none when the settings are fit, or allowed."""
    found = {
        "PORTAL_MODE is either demo or production.": values["MODE"] != "production",
        "DEBUG must be off.": values["DEBUG"],
        "DATABASE_URL must name a server: the embedded PostgreSQL is for demos.": _embedded(values["DATABASES"]),
        "CELERY_BROKER_URL must name a server: the embedded Valkey is for demos.": "valkey.sock"
        in values["CELERY_BROKER_URL"],
        "CACHE_URL must name a server: the embedded Valkey is for demos.": "valkey.sock" in values["CACHE_URL"],
        f"SECRET_KEY must be random, {_SHORTEST_SECRET} characters or longer.": _weak(values["SECRET_KEY"]),
        "SECRET_KEY_FALLBACKS must be as strong as SECRET_KEY: what they sign is believed.": any(
            _weak(key) for key in values["SECRET_KEY_FALLBACKS"]
        ),
        "AUDIT_SIGNING_KEY must hold base64 of 32 random bytes.": bool(values["AUDIT_SIGNING_KEY"])
        and not _real_key(f"audit:{values['AUDIT_SIGNING_KEY']}"),
        "EVIDENCE_KEYS must hold id:base64 of 32 random bytes.": not _real_keys(values["EVIDENCE_KEYS"]),
        "BASE_URL must begin with https://.": not values["BASE_URL"].startswith("https://"),
        "ALLOWED_HOSTS must name the hosts that serve the site.": _any_host(values["ALLOWED_HOSTS"]),
        "EMAIL_URL must name a mail server.": "smtp" not in values["EMAIL_BACKEND"],
        f"TRUSTED_PROXY_COUNT must be set: how many proxies of ours stand before the web server, 0 to {_MOST_PROXIES}.": (
            values["TRUSTED_PROXY_COUNT"] not in range(_MOST_PROXIES + 1)
        ),
    }
    reasons = [reason for reason, holds in found.items() if holds]
    return reasons + _not_positive(values) + _refused_switches(values) + _unknown_names(values)


def unsafe_switches(values: Values) -> list[SafetySwitch]:
    """The safety switches that are off, allowed or not."""
    return [switch for switch in SAFETY_SWITCHES if switch.is_unsafe(values)]


def current_settings() -> Values:
    """The settings of this process, as a mapping."""
    return {name: getattr(settings, name) for name in dir(settings) if name.isupper()}


def log_allowed_switches() -> None:
    """Write one warning for each safety switch that production runs without; called at every start and each hour."""
    if settings.DEMO:
        return
    values = current_settings()
    for switch in unsafe_switches(values):
        logger.warning("unsafe_switch_allowed", extra={"switch": switch.name, "risk": switch.sentence(values)})


def _refused_switches(values: Values) -> list[str]:
    refused = [switch for switch in unsafe_switches(values) if switch.name not in values["ALLOW_UNSAFE"]]
    return [f"{switch.sentence(values)} If that is meant, name it: ALLOW_UNSAFE={switch.name}." for switch in refused]


def _not_positive(values: Values) -> list[str]:
    names = [name for name in POSITIVE if values[name] <= 0]
    return [f"{', '.join(names)} must be above 0."] if names else []


def _unknown_names(values: Values) -> list[str]:
    known = {switch.name for switch in SAFETY_SWITCHES} | {OWNER}
    unknown = sorted(set(values["ALLOW_UNSAFE"]) - known)
    if not unknown:
        return []
    return [f"ALLOW_UNSAFE names {', '.join(unknown)}; it can name {', '.join(sorted(known))}."]


def _shown(value: object) -> str:
    """A value of the environment for the log: switches and numbers as they are, anything longer by its kind only."""
    if isinstance(value, bool):
        return str(int(value))
    return str(value) if isinstance(value, int | float | str) else "…"


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


def _is_loopback(host: str) -> bool:
    name = host.strip("[]").lower()
    if name in {"", "localhost", "testserver"} or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _any_host(hosts: list[str]) -> bool:
    return not hosts or "*" in hosts or set(hosts) <= {"localhost", "127.0.0.1"}


@register(Tags.security, deploy=True)
def production_refusals(**_kwargs: object) -> list[CheckMessage]:
    """What production would refuse of these settings. A production that is refused does not get here: a demo does."""
    reasons = unsafe_settings({**current_settings(), "MODE": "production"})
    return [
        Problem(reason, hint="PORTAL_MODE=production refuses to start on it.", id="portal.E001") for reason in reasons
    ]


@register(Tags.security, deploy=True)
def owner_of_tables(**_kwargs: object) -> list[CheckMessage]:
    """The app's role must own no table: an error, unless ALLOW_UNSAFE names DATABASE_OWNER_URL."""
    if not _owns_its_tables():
        return []
    what = "The app connects as the owner of its tables, or nothing says otherwise: it could change its own history."
    if OWNER in settings.ALLOW_UNSAFE:
        return [Caution(what, hint="Remove it from ALLOW_UNSAFE once it is not needed.", id="portal.W003")]
    hint = f"Give {OWNER} the owner and DATABASE_URL a role that owns nothing. If that is meant: ALLOW_UNSAFE={OWNER}."
    return [Problem(what, hint=hint, id="portal.E002")]


def _owns_its_tables() -> bool:
    """By the settings where they name an owner, else by what the database says; without an answer: yes."""
    if owner := settings.DATABASE_OWNER:
        return bool(owner["USER"] == settings.DATABASES["default"]["USER"])
    try:
        with connection.cursor() as cursor:
            cursor.execute(_OWNS_TABLES)
            return bool(cursor.fetchone()[0])
    except DatabaseError:
        return True


@register(Tags.security, deploy=True)
def deployment_cautions(**_kwargs: object) -> list[CheckMessage]:
    """What a production can run with, but better would not."""
    found: list[CheckMessage] = []
    if not settings.METRICS_TOKEN:
        found.append(Caution("Nobody can read /metrics.", hint="Set METRICS_TOKEN.", id="portal.W002"))
    if not (settings.AUDIT_SIGNING_KEY and settings.AUDIT_HEADS_TO):
        what = (
            "The audit trail has no signed heads that someone else keeps: whoever owns the database could rewrite it."
        )
        found.append(Caution(what, hint="Set AUDIT_SIGNING_KEY and AUDIT_HEADS_TO.", id="portal.W006"))
    nowhere = [name for name in ("DEFAULT_FROM_EMAIL", "SUPPORT_EMAIL") if "@localhost" in getattr(settings, name)]
    if nowhere:
        what = f"Nobody can answer our e-mails: {' and '.join(nowhere)} is at localhost."
        found.append(Caution(what, hint="Set addresses that someone reads.", id="portal.W004"))
    return found + _platform_cautions() + _switch_cautions(current_settings())


def _platform_cautions() -> list[CheckMessage]:
    """Platforms that may be on a private network, and those whose credentials travel without TLS."""
    found: list[CheckMessage] = []
    if named := sorted(settings.PLATFORM_PRIVATE_HOSTS):
        what = f"PLATFORM_PRIVATE_HOSTS lets platforms be called on private networks: {', '.join(named)}."
        found.append(Caution(what, hint="Name only hosts of platforms that are there.", id="portal.W007"))
    plain = [entry["code"] for entry in settings.PLATFORMS if str(entry.get("base_url", "")).startswith("http://")]
    if plain:
        what = f"Calls to {', '.join(plain)} travel without TLS, with their credentials."
        found.append(Caution(what, hint="Give base_url an https address.", id="portal.W008"))
    return found


def _switch_cautions(values: Values) -> list[CheckMessage]:
    """What is allowed though unsafe, and what is allowed without need."""
    off = unsafe_switches(values)
    allowed: list[str] = values["ALLOW_UNSAFE"]
    found: list[CheckMessage] = [
        Caution(switch.sentence(values), hint="Remove it from ALLOW_UNSAFE once it is not needed.", id="portal.W003")
        for switch in off
        if switch.name in allowed
    ]
    needed = {switch.name for switch in off} | ({OWNER} if OWNER in allowed and _owns_its_tables() else set())
    needless = sorted(set(allowed) - needed)
    if needless:
        what = f"ALLOW_UNSAFE names {', '.join(needless)}, which is safe as it is set."
        found.append(Caution(what, hint="Remove it, so that a later slip is refused.", id="portal.W005"))
    return found
