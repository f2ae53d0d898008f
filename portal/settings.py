"""Settings, all from the environment; `.env.example` lists every variable with its default.

Two modes. `demo` (the default) runs on embedded servers with demo people. `production` refuses
embedded servers, DEBUG and default secrets (portal/production.py).
"""

import json
import logging
from pathlib import Path

import environ
from django.conf import global_settings
from django.utils.translation import gettext_lazy as _

from portal import databases, logs, pools, production
from portal.engines import isolation, limited_process
from portal.localservers import keys, postgres, valkey
from portal.web import api_settings, content_security

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")

MODE = env.str("PORTAL_MODE", default="demo")
DEMO = MODE == "demo"
DEBUG = env.bool("DEBUG", default=False)
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".local"))).resolve()
# Where `manage.py serve` listens; elsewhere the web server's own configuration says so.
PORT = env.int("PORT", default=8000)
BASE_URL = env.str("BASE_URL", default=f"http://localhost:{PORT}")
# Names of safety switches that production runs without on purpose (portal/production.py).
ALLOW_UNSAFE = env.list("ALLOW_UNSAFE", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
if "PORTAL_MODE" not in env:
    production.refuse_demo_by_default(
        [*ALLOWED_HOSTS, *production.hosts_of_addresses(BASE_URL, env.str("BIND", default=""))]
    )
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# A demo makes both secrets at first need and keeps them in DATA_DIR.
_given = keys.SecretKeys(env.str("SECRET_KEY", default=""), env.list("EVIDENCE_KEYS", default=[]))
_kept = keys.load_keys(DATA_DIR) if DEMO and not (_given.secret_key and _given.evidence_keys) else _given
SECRET_KEY = _given.secret_key or _kept.secret_key
# Earlier secrets, comma separated: what they signed (sessions, links in mails) is still taken, nothing new is signed.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Comma separated `id:base64(32 bytes)`; the first key encrypts, all of them decrypt (portal/vault.py).
EVIDENCE_KEYS = _given.evidence_keys or _kept.evidence_keys
# Base64 of 32 bytes: the root of fingerprints, which must never change. Unset: the last of EVIDENCE_KEYS.
FINGERPRINT_KEY = env.str("FINGERPRINT_KEY", default="")
# Base64 of 32 random bytes: signs the daily heads of the audit trail (portal/audit/heads.py), which are mailed to
# AUDIT_HEADS_TO. Keep it from whoever administers the database.
AUDIT_SIGNING_KEY = env.str("AUDIT_SIGNING_KEY", default="")
AUDIT_HEADS_TO = env.list("AUDIT_HEADS_TO", default=[])
# The file of a demo's clock offset; the tests and the demo move time through it (portal/clock.py).
CLOCK_FILE = Path(env.str("CLOCK_FILE", default=str(DATA_DIR / "clock"))) if DEMO else None

# A small video platform in the same database, at /sandbox/, for trying the portal out.
SANDBOX = env.bool("SANDBOX", default=DEMO)
# The platforms that this portal serves: a JSON list of {code, name, kind, base_url, credentials} (portal/connectors), or
# the name of a file that holds it, such as a mounted secret.
_platforms_file = env.str("PLATFORMS_FILE", default="")
PLATFORMS = (
    json.loads(Path(_platforms_file).read_text(encoding="utf-8"))
    if _platforms_file
    else env.json("PLATFORMS", default=[{"code": "sandbox", "name": "Sandbox", "kind": "sandbox"}] if SANDBOX else [])
)
# Hosts of platforms that may be on a private network or on this machine; all others must be public (portal/outbound/http).
PLATFORM_PRIVATE_HOSTS = env.list("PLATFORM_PRIVATE_HOSTS", default=["localhost", "127.0.0.1"] if DEMO else [])

# Registers that are asked over HTTP: a JSON list of entries (docs/registers.md), or the name of a file that holds it.
_registers_file = env.str("REGISTERS_FILE", default="")
REGISTERS = (
    json.loads(Path(_registers_file).read_text(encoding="utf-8"))
    if _registers_file
    else env.json("REGISTERS", default=[])
)
# What a file of a register may come to, unpacked; that of all US health care providers has some 10 GB and 9 million rows.
REGISTER_MOST_BYTES = env.int("REGISTER_MOST_BYTES", default=32 << 30)
REGISTER_MOST_ROWS = env.int("REGISTER_MOST_ROWS", default=20_000_000)

INSTALLED_APPS = [
    "portal",
    "complaints",
    "certification",
    "portal.privacy",
    "portal.reviews",
    "portal.webhooks",
    "portal.connectors",
    "portal.sandbox",
    "portal.notifications",
    "portal.media",
    "portal.evidence",
    "portal.people",
    "portal.audit",
    "portal.outbound",
    "portal.jobs",
    "portal.web",
    "pgtrigger",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.idp.oidc",
    "rest_framework",
    "drf_spectacular",
    "drf_standardized_errors",
    "django_htmx",
    "csp",
    "django_structlog",
    "portal.people.apps.BackofficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
]

MIDDLEWARE = [
    "portal.web.health.LivezMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.web.metrics.LatencyMiddleware",
    "portal.web.compression.PublicGZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.web.sessions.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "portal.web.form_owners.OwnedCsrfMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "portal.web.requestlog.RequestLogMiddleware",
    "portal.web.middleware.SecurityHeadersMiddleware",
    "portal.web.middleware.LanguageAndTimeZoneMiddleware",
    "portal.web.middleware.DomainErrorMiddleware",
    "portal.people.second_factor.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.web.middleware.UploadRedirectMiddleware",
    "portal.web.form_recovery.FormRecoveryMiddleware",
    "portal.people.form_drafts.FormDraftMiddleware",
    "portal.web.bodies.BodyMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.web.context.theme_context",
                "portal.web.context.form_context",
                "portal.people.context.people_context",
                "portal.notifications.context.unread_context",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "portal.web.templatetags.constants",
            ],
        },
    }
]

# --- data -----------------------------------------------------------------------------------

if env.str("DATABASE_URL", default=""):
    DATABASES = {"default": env.db("DATABASE_URL")}
    DATABASE_OWNER = env.db("DATABASE_OWNER_URL") if env.str("DATABASE_OWNER_URL", default="") else None
else:
    DATABASES = {"default": postgres.database_settings(DATA_DIR)}
    DATABASES["default"]["NAME"] = env.str("DATABASE_NAME", default=postgres.DATABASE_NAME)
    DATABASE_OWNER = postgres.database_settings(DATA_DIR, owner=True)
# Tests and benchmarks copy their databases from this one instead of running all migrations.
DATABASES["default"]["TEST"] = {"TEMPLATE": env.str("DATABASE_TEMPLATE", default="")}
# Longest time in ms for a statement, a wait for a lock, and an idle transaction; 0: no limit (portal/databases.py).
DATABASE_LIMITS_MS = {
    name: env.int(f"DATABASE_{name.upper()}_MS", default=value)
    for name, value in databases.default_limits_ms(env.str("PORTAL_PROCESS", default="")).items()
}
# Whether a pooler in transaction mode, such as PgBouncer, stands before the database.
DATABASE_TRANSACTION_POOLING = env.bool("DATABASE_TRANSACTION_POOLING", default=False)
_CONNECTION = databases.connection_settings(DATABASE_LIMITS_MS, transaction_pooling=DATABASE_TRANSACTION_POOLING)
_CONNECTION["OPTIONS"] = DATABASES["default"].get("OPTIONS", {}) | _CONNECTION["OPTIONS"]
DATABASES["default"].update(_CONNECTION)
# A new connection per request costs four to five times a pooled one; 0 switches the pool off (tests).
DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", default=8)
if DATABASE_POOL_SIZE:
    _POOL = {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 10}
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = _POOL
# A pooled connection is tried before it is lent out, so that a restarted server causes no error.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Only the tests' own cluster runs without fsync.
LOCALSERVERS_DURABLE = env.bool("LOCALSERVERS_DURABLE", default=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="") or valkey.broker_url(DATA_DIR)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
# The times of each pool are sent with its jobs (portal/pools.py); this bounds whatever else a worker may be given.
CELERY_TASK_TIME_LIMIT = pools.LONGEST_SECONDS
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = pools.DEFAULT_POOL
# A worker that is started without -Q serves all of them.
CELERY_TASK_QUEUES = {name: {"exchange": name, "routing_key": name} for name in pools.POOLS}
# How many processes `serve` gives to each pool.
POOL_PROCESSES = {
    name: env.int(f"POOL_{name.upper()}_PROCESSES", default=pool.processes) for name, pool in pools.POOLS.items()
}
# Everything periodic hangs on this one tick (portal/jobs/queue.py); a late tick is not worth running.
CELERY_BEAT_SCHEDULE = {"tick": {"task": "portal.jobs.tick", "schedule": 2.0, "options": {"expires": 10}}}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat")
# How long a job is held after the last sign of its worker (three in a lease), and when one that was sent but not
# started is sent again.
JOBS_LEASE_SECONDS = env.int("JOBS_LEASE_SECONDS", default=90)
JOBS_RESEND_SECONDS = env.int("JOBS_RESEND_SECONDS", default=20)
if CELERY_BROKER_URL.startswith(("redis", "rediss", "unix")):
    # The restore settings redeliver a killed worker's tasks within seconds instead of minutes.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": pools.LONGEST_SECONDS + 60,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
        # A request continues at once if the broker is down; the sweep sends what it could not.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
        "interval_max": 0.1,
    }

# One cache for all processes, so that rate limits count every request.
CACHE_URL = env.str("CACHE_URL", default="") or valkey.cache_url(DATA_DIR)
CACHES = {"default": {"BACKEND": "portal.web.shared_cache.SharedCache", "LOCATION": CACHE_URL}}

# Evidence is encrypted before it is stored, here as there.
EVIDENCE_DIR = Path(env.str("EVIDENCE_DIR", default=str(DATA_DIR / "evidence")))
S3_BUCKET = env.str("S3_BUCKET", default="")
_LOCAL_FILES = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"location": EVIDENCE_DIR, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
}
_S3_FILES = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": S3_BUCKET,
        "endpoint_url": env.str("S3_ENDPOINT_URL", default="") or None,
        "region_name": env.str("S3_REGION", default="") or None,
        "access_key": env.str("S3_ACCESS_KEY", default="") or None,
        "secret_key": env.str("S3_SECRET_KEY", default="") or None,
        "default_acl": "private",
        "querystring_auth": True,
        "file_overwrite": False,
    },
}
# Tests serve static files as they lie, without collecting them first.
STATIC_HASHED = env.bool("STATIC_HASHED", default=True)
_STATIC = "portal.web.static_files.HashedStaticFiles"
STORAGES = {
    "default": _S3_FILES if S3_BUCKET else _LOCAL_FILES,
    "staticfiles": {"BACKEND": _STATIC if STATIC_HASHED else "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = not STATIC_HASHED
WHITENOISE_AUTOREFRESH = not STATIC_HASHED
# Beside their files, forms hold at most so many bytes; portal/web/bodies.py says which of them may be larger than 64 kB.
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 << 20
# Until they are encrypted, private documents are kept in memory or in temporary files without a name.
FILE_UPLOAD_HANDLERS = ["portal.evidence.uploads.BoundedUploadHandler"]
# Whether the processes that open them are cut off from the network; a demo tries it at its first file only.
PARSER_ISOLATION = env.bool("PARSER_ISOLATION", default=True) and (DEMO or isolation.isolation_available())
limited_process.switch_isolation(on=PARSER_ISOLATION)
# Videos are received and stored in parts (portal/media), so that memory does not limit their size.
MEDIA_MAX_BYTES = env.int("MEDIA_MAX_BYTES", default=512 << 20)
# What one person may keep of videos (portal/media/quotas.py), and of documents (portal/evidence/quotas.py).
MEDIA_QUOTA_VIDEOS = env.int("MEDIA_QUOTA_VIDEOS", default=10)
MEDIA_QUOTA_BYTES = env.int("MEDIA_QUOTA_BYTES", default=5_000_000_000)

# Complaints that one person, and one API client, may have open at once (complaints/policies/limits.py).
COMPLAINTS_OPEN_OF_PERSON = env.int("COMPLAINTS_OPEN_OF_PERSON", default=50)
COMPLAINTS_OPEN_OF_CLIENT = env.int("COMPLAINTS_OPEN_OF_CLIENT", default=5000)

# The class that finds similar works among many; what it must do is said in complaints/library/__init__.py.
LIBRARY_ENGINE = env.str("LIBRARY_ENGINE", default="complaints.library.pages.PageLibrary")
# What makes vectors of works for complaints.library.vectors.VectorLibrary.
LIBRARY_EMBEDDING = env.str("LIBRARY_EMBEDDING", default="complaints.library.vectors.WordEmbedding")
EVIDENCE_QUOTA_FILES = env.int("EVIDENCE_QUOTA_FILES", default=300)
EVIDENCE_QUOTA_BYTES = env.int("EVIDENCE_QUOTA_BYTES", default=1_000_000_000)
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"

# --- people ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [*global_settings.PASSWORD_HASHERS, "portal.people.drawn_secrets.DrawnSecretHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "portal.people.passwords.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/home/"
LOGIN_URL = "account_login"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_SERIALIZER = "portal.people.suspended_requests.SealingSerializer"

ACCOUNT_ADAPTER = "portal.people.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {"signup": "portal.people.signup.PortalSignupForm"}
ACCOUNT_SIGNUP_FORM_CLASS = "portal.people.forms.SignupDetails"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = 3
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
# A mail may take a few minutes, above all when the mail server was away for a moment. Mails and pages name this time.
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if BASE_URL.startswith("https") else "http"
# How many proxies of ours stand before the web server: the address that the outermost of them saw counts for rate
# limits (portal/web/client_address.py). None: not set, which production refuses.
_proxies = env.str("TRUSTED_PROXY_COUNT", default="0" if DEMO else "")
TRUSTED_PROXY_COUNT = int(_proxies) if _proxies.isdecimal() else None

MFA_ADAPTER = "portal.people.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {"add_webauthn": "portal.people.passkeys.PasskeyForm"}
# Whether every role but creator and guest must set up a second factor and use it before deciding
# (portal/people/second_factor.py). A demo lets its demo people through and says so on the page.
SECOND_FACTOR_ENFORCED = env.bool("SECOND_FACTOR_ENFORCED", default=not DEMO)

# --- languages and time ---------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
FORMAT_MODULE_PATH = ["portal.web.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- safety ---------------------------------------------------------------------------------

SECURE_HTTPS = env.bool("SECURE_HTTPS", default=not DEMO)
SECURE_SSL_REDIRECT = SECURE_HTTPS
SESSION_COOKIE_SECURE = SECURE_HTTPS
CSRF_COOKIE_SECURE = SECURE_HTTPS
# security.W003 looks for Django's own CSRF middleware by its name; ours extends it (portal/web/form_owners.py).
SILENCED_SYSTEM_CHECKS = ["security.W003"]
SECURE_HSTS_SECONDS = 31536000 if SECURE_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HTTPS
SECURE_HSTS_PRELOAD = SECURE_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = content_security.CONTENT_SECURITY_POLICY

# Probes come by address and without TLS.
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^healthz/$", r"^metrics$"]
# Bearer token for /metrics; without one it answers this machine only, and in production nobody.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# How many seconds a day of hold has, before followers return or an account is closed. In a demo nobody waits a week.
HOLD_DAY_SECONDS = env.int("HOLD_DAY_SECONDS", default=10 if DEMO else 86_400)
# Of one address (of IPv6: its first 64 bits) in one process; portal/webworker.py. This machine is not counted.
WEB_ADDRESS_CONNECTIONS = env.int("WEB_ADDRESS_CONNECTIONS", default=100)
WEB_ADDRESS_REQUESTS_PER_SECOND = env.float("WEB_ADDRESS_REQUESTS_PER_SECOND", default=30.0)
# Bytes of uploads that one process has let in and not stored yet: of all, of one address, of one person or link.
WEB_UPLOAD_BYTES = env.int("WEB_UPLOAD_BYTES", default=2 << 30)
WEB_ADDRESS_UPLOAD_BYTES = env.int("WEB_ADDRESS_UPLOAD_BYTES", default=512 << 20)
WEB_SENDER_UPLOAD_BYTES = env.int("WEB_SENDER_UPLOAD_BYTES", default=256 << 20)

# --- logs -----------------------------------------------------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = logs.configure_logging(level=LOG_LEVEL, as_json=env.bool("LOG_JSON", default=not DEMO))
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = "public_id"
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False

# --- mail -----------------------------------------------------------------------------------

EMAIL_CONFIG = env.email("EMAIL_URL", default="filemail://")
vars().update(EMAIL_CONFIG)
EMAIL_FILE_PATH = env.str("OUTBOX_DIR", default=str(DATA_DIR / "outbox"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Creator Trust Portal <no-reply@localhost>")
# Where people write when something about their account is wrong; stands in mails and on pages.
SUPPORT_EMAIL = env.str("SUPPORT_EMAIL", default="support@localhost")
# The folder with the operator's terms, privacy notice and contact (portal/web/operator_texts.py); None for none.
OPERATOR_TEXTS = Path(_folder) if (_folder := env.str("OPERATOR_TEXTS", default="")) else None

# --- API ------------------------------------------------------------------------------------

REST_FRAMEWORK = api_settings.REST_FRAMEWORK
DRF_STANDARDIZED_ERRORS = api_settings.DRF_STANDARDIZED_ERRORS
SPECTACULAR_SETTINGS = api_settings.SPECTACULAR_SETTINGS
# For each API client, or person, or address (portal/web/quotas.py).
API_CALLS_PER_MINUTE = {
    "register": env.int("API_REGISTER_PER_MINUTE", default=120),
    "applications": env.int("API_APPLICATIONS_PER_MINUTE", default=240),
    "gate": env.int("API_GATE_PER_MINUTE", default=60_000),
    "lists": env.int("API_LISTS_PER_MINUTE", default=120),
    "complaints": env.int("API_COMPLAINTS_PER_MINUTE", default=240),
}

if not DEMO:
    production.refuse_unsafe_settings(globals())
