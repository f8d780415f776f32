"""Settings, all from the environment; README.md, Configuration, lists every variable.

Embedded (the default): SQLite and files under `var/`, no broker, this machine only; nothing to configure.
Production: PostgreSQL, Redis and a document store. Setting any of DATABASE_URL, REDIS_URL, STORAGE_URL, SECRET_KEY or
ALLOWED_HOSTS (or INVOREC_MODE=production) is a production start, refused until all of them are there and safe.
"""

import sys
from pathlib import Path
from typing import Any

import dj_database_url
from environs import Env, validate

from invorec import logs, startup, storage_url

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

# -- the environment, read once; every bad value is named before anything else happens
env = Env(eager=False)
MODE = env.str("INVOREC_MODE", "", validate=validate.OneOf(["embedded", "production"]))
VAR_DIR = Path(env.str("INVOREC_VAR", str(BASE_DIR / "var"))).absolute()
DEBUG = env.bool("DEBUG", False)
LOG_LEVEL = env.str("INVOREC_LOG_LEVEL", "INFO", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"]))

_positive = validate.Range(min=0, min_inclusive=False)
MAX_UPLOAD_BYTES = env.int("INVOREC_MAX_UPLOAD_BYTES", 25 * 1024**2, validate=_positive)
MAX_PAGES = env.int("INVOREC_MAX_PAGES", 50, validate=_positive)
MAX_PAGE_PIXELS = env.int("INVOREC_MAX_PAGE_PIXELS", 100_000_000, validate=_positive)

# the process that reads one untrusted document
ENGINE_WALL_S = env.float("INVOREC_ENGINE_WALL_S", 120, validate=_positive)
ENGINE_CPU_S = env.int("INVOREC_ENGINE_CPU_S", 100, validate=_positive)
ENGINE_MEMORY_BYTES = env.int("INVOREC_ENGINE_MEMORY_BYTES", 2 * 1024**3, validate=_positive)
INSPECT_WALL_S = env.float("INVOREC_INSPECT_WALL_S", 10, validate=_positive)  # at upload, while the client waits
REVIEW_BELOW = env.float("INVOREC_REVIEW_BELOW", 0.8, validate=validate.Range(0, 1))
OCR_READER = env.str("INVOREC_OCR_READER", "paddle", validate=validate.OneOf(["paddle", "tesseract"]))
ENGINE_SANDBOX = env.str("INVOREC_ENGINE_SANDBOX", "auto", validate=validate.OneOf(["auto", "none"]))

# longer than ENGINE_WALL_S, so that a live worker never loses its job
JOB_LEASE_S = env.float("INVOREC_JOB_LEASE_S", 180, validate=_positive)
JOB_MAX_ATTEMPTS = env.int("INVOREC_JOB_MAX_ATTEMPTS", 3, validate=_positive)
WORKER_POLL_S = env.float("INVOREC_WORKER_POLL_S", 0.2, validate=_positive)

# what a plan or a workspace allows that has no number of its own
REQUESTS_PER_MINUTE = env.int("INVOREC_REQUESTS_PER_MINUTE", 60, validate=_positive)
UPLOADS_PER_HOUR = env.int("INVOREC_UPLOADS_PER_HOUR", 1000, validate=_positive)
# from one address; 0: as many as the workspace that it speaks for
IP_REQUESTS_PER_MINUTE = env.int("INVOREC_IP_REQUESTS_PER_MINUTE", 0, validate=validate.Range(min=0))
IP_UPLOADS_PER_HOUR = env.int("INVOREC_IP_UPLOADS_PER_HOUR", 0, validate=validate.Range(min=0))

# credits and members (contract section 10)
CREDITS_LOW_PERCENT = env.int("INVOREC_CREDITS_LOW_PERCENT", 10, validate=validate.Range(0, 100))
INVITATION_DAYS = env.int("INVOREC_INVITATION_DAYS", 7, validate=_positive)

_given = {name: startup.secret(env, name) for name in startup.PRODUCTION_VARIABLES}
PRODUCTION = MODE == "production" or any(_given.values())

# webhooks (contract section 12)
WEBHOOK_TIMEOUT_S = env.float("INVOREC_WEBHOOK_TIMEOUT_S", 15, validate=_positive)  # of the whole exchange
WEBHOOK_LEASE_S = env.float("INVOREC_WEBHOOK_LEASE_S", 30, validate=_positive)
_schedule: list[str] = env.list(
    "INVOREC_WEBHOOK_SCHEDULE_S", ["60", "300", "900", "3600", "21600", "86400"], validate=startup.only_seconds
)
WEBHOOK_SLOTS = env.int("INVOREC_WEBHOOK_SLOTS", 256, validate=_positive)  # deliveries in flight, per process
WEBHOOK_PER_ENDPOINT = env.int("INVOREC_WEBHOOK_PER_ENDPOINT", 4, validate=_positive)
WEBHOOK_PER_WORKSPACE = env.int("INVOREC_WEBHOOK_PER_WORKSPACE", 16, validate=_positive)
WEBHOOK_POLL_S = env.float("INVOREC_WEBHOOK_POLL_S", 0.25, validate=_positive)
WEBHOOK_MAX_RESPONSE_BYTES = env.int("INVOREC_WEBHOOK_MAX_RESPONSE_BYTES", 64 * 1024, validate=_positive)
WEBHOOK_ALLOWED_NETWORKS: list[str] = env.list("INVOREC_WEBHOOK_ALLOWED_NETWORKS", [], validate=startup.only_networks)
WEBHOOK_MAX_ENDPOINTS = env.int("INVOREC_WEBHOOK_MAX_ENDPOINTS", 16, validate=_positive)  # a workspace and mode
WEBHOOK_OVERLAP_S = env.float("INVOREC_WEBHOOK_OVERLAP_S", 86_400, validate=_positive)  # of two secrets
EVENT_RETENTION_DAYS = env.int("INVOREC_EVENT_RETENTION_DAYS", 30, validate=_positive)

REQUIRE_HTTPS = env.bool("INVOREC_REQUIRE_HTTPS", PRODUCTION)  # plain HTTP: redirect the site, 400 under /v1
HSTS_S = env.int("INVOREC_HSTS_S", 31_536_000)
_proxy_header = env.str("INVOREC_PROXY_SSL_HEADER", "")  # e.g. X-Forwarded-Proto, only behind a proxy that sets it
# addresses or networks whose X-Forwarded-For is believed
TRUSTED_PROXIES: list[str] = env.list("INVOREC_TRUSTED_PROXIES", [])
METRICS_FROM: list[str] = env.list("INVOREC_METRICS_FROM", [])  # addresses or networks that may see /metrics

_mail = env.dj_email_url("EMAIL_URL", "console:")  # printed, where no server is named
DEFAULT_FROM_EMAIL = env.str("INVOREC_MAIL_FROM", "InvoRec <invorec@localhost>")
_fallbacks = startup.secret(env, "SECRET_KEY_FALLBACKS")
_aws_key, _aws_secret = startup.secret(env, "AWS_ACCESS_KEY_ID"), startup.secret(env, "AWS_SECRET_ACCESS_KEY")
startup.refuse_bad_values(env)
if JOB_LEASE_S <= ENGINE_WALL_S:
    startup.refuse(["INVOREC_JOB_LEASE_S: must be longer than INVOREC_ENGINE_WALL_S, or two workers read one document"])

WEBHOOK_SCHEDULE_S = [float(step) for step in _schedule]  # between attempts; each is lengthened by up to a tenth
if WEBHOOK_LEASE_S < WEBHOOK_TIMEOUT_S + 5:
    startup.refuse(
        ["INVOREC_WEBHOOK_LEASE_S: must be 5 s longer than INVOREC_WEBHOOK_TIMEOUT_S, or two processes send one event"]
    )

if "EMAIL_BACKEND" not in _mail:
    startup.refuse(["EMAIL_URL: begins with smtp:, submission:, smtps:, console:, file: or dummy:"])

# -- where things are
if PRODUCTION:
    _faults = startup.production_faults(given=_given, mode=MODE, debug=DEBUG)
    try:
        _database = dict(dj_database_url.parse(_given["DATABASE_URL"] or "postgres://"))
    except ValueError:
        _faults.append("DATABASE_URL: not a database URL")
    try:
        _storage = storage_url.storage_from_url(_given["STORAGE_URL"], access_key=_aws_key, secret_key=_aws_secret)
    except ValueError as error:
        if _given["STORAGE_URL"]:
            _faults.append(f"STORAGE_URL: {error}")
    if _faults:
        startup.refuse(_faults)
    SECRET_KEY = _given["SECRET_KEY"]
    ALLOWED_HOSTS = [host.strip() for host in _given["ALLOWED_HOSTS"].split(",") if host.strip()]
    DATABASES = {"default": _database | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}}
    _redis = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _given["REDIS_URL"],
        "KEY_PREFIX": "invorec",
        # a cache that is down must cost a request milliseconds, not its time-out
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
    CACHES = {"default": _redis, "limits": _redis | {"BACKEND": "invorec.lib.counters.RedisCounters"}}
else:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    SECRET_KEY = startup.generated_secret(VAR_DIR / "secret_key")
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "invorec.sqlite3",
            # One writer at a time, and it says so at BEGIN: with the deferred default, two transactions that first read
            # and then write end in "database is locked" at once, whatever the time-out.
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL"},
        }
    }
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        "limits": {"BACKEND": "invorec.lib.counters.FileCounters", "LOCATION": str(VAR_DIR / "limits.sqlite3")},
    }
    _storage = storage_url.file_storage(str(VAR_DIR / "files"))
STORAGES = {
    "default": _storage,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# -- Django
ROOT_URLCONF = "invorec.urls"
WSGI_APPLICATION = "invorec.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
APPEND_SLASH = False
INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",  # nothing registers itself
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "billing",
    "webhooks",
    "extraction",
    "api",
    "invorec",
]
MIDDLEWARE = [
    "api.middleware.RequestIdMiddleware",
    "invorec.access_log.AccessLogMiddleware",
    "api.middleware.ApiBoundaryMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # straight from the packages: there is nothing to collect
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_UPLOAD_BYTES  # a raw body is an upload too

SECRET_KEY_FALLBACKS = [key.strip() for key in _fallbacks.split(",") if key.strip()]

# -- mail
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["EMAIL_USE_TLS"], _mail["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 10
EMAIL_SUBJECT_PREFIX = ""

# -- transport security; REQUIRE_HTTPS is off only on this machine and behind a test
SECURE_SSL_REDIRECT = REQUIRE_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^v1/", r"^healthz$", r"^readyz$"]  # a redirected API call has already shown its key
SECURE_HSTS_SECONDS = HSTS_S if REQUIRE_HTTPS else 0
SECURE_PROXY_SSL_HEADER = (f"HTTP_{_proxy_header.upper().replace('-', '_')}", "https") if _proxy_header else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = REQUIRE_HTTPS
X_FRAME_OPTIONS = "DENY"

# -- API
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],  # closed unless a view opens itself
    "DEFAULT_SCHEMA_CLASS": "api.autoschema.OperationSchema",
    "EXCEPTION_HANDLER": "api.answers.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "InvoRec API",
    "DESCRIPTION": "Invoice PDFs, scans, photos and e-invoice XML as structured data.",
    "VERSION": "2026-04-08",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/v1",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "COMPONENT_SPLIT_PATCH": False,
    "TAGS": [
        {"name": "Invoices", "description": "Documents, what was read from them, and corrections."},
        {"name": "Schemas", "description": "Custom fields that a workspace wants read."},
        {"name": "Credits", "description": "What a workspace has to spend."},
        {"name": "Webhooks", "description": "Where events are sent, and what became of them."},
        {"name": "Events", "description": "What happened."},
    ],
    "ENUM_NAME_OVERRIDES": {
        "ErrorCode": "api.errors.CODES",
        "InvoiceStatus": "extraction.models.Invoice.Status",
        "InvoiceSource": "extraction.models.Invoice.Source",
        "DocumentType": "extraction.models.Invoice.DocumentType",
        "PaymentStatus": "extraction.models.Invoice.PaymentStatus",
        "ReadingMethod": "extraction.provenance.METHODS",
        "EventType": "webhooks.models.EVENT_TYPES",
        "DeliveryStatus": "webhooks.models.Delivery.Status",
        "DisabledReason": "webhooks.models.WebhookEndpoint.DisabledReason",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.openapi.require_uploads",
        "api.openapi.mark_replays",
        "api.openapi_webhooks.add_webhooks",
    ],
}
RATELIMIT_USE_CACHE = "limits"  # a store that all web processes share
RATELIMIT_FAIL_OPEN = True

# -- Celery (production; without a broker `manage.py run_worker` polls the same rows)
CELERY_BROKER_URL = _given["REDIS_URL"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# nothing waits in the broker for long (times to come stand on rows), so an hour is never reached
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_connect_timeout": 2, "socket_keepalive": True}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "invorec"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.2}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep-jobs": {"task": "extraction.tasks.sweep_jobs", "schedule": 15.0, "options": {"expires": 15}},
    "sweep-orphan-files": {"task": "extraction.tasks.sweep_orphan_files", "schedule": 3600.0},
    "remove-old-files": {"task": "extraction.tasks.remove_old_files", "schedule": 3600.0},
    "renew-accounts": {"task": "billing.tasks.renew_accounts", "schedule": 60.0, "options": {"expires": 60}},
    "purge-mails": {"task": "billing.tasks.purge_mails", "schedule": 3600.0},
    "purge-events": {"task": "webhooks.tasks.purge_events", "schedule": 3600.0},
    "purge-idempotency-records": {"task": "api.tasks.purge_idempotency_records", "schedule": 3600.0},
}

# -- logs
logs.configure_structlog()
LOGGING = logs.logging_config(pretty=sys.stderr.isatty(), level="DEBUG" if DEBUG else LOG_LEVEL)
