"""Every setting in one place, read from the environment by typed readers that fail loudly.

| variable | meaning | default |
|---|---|---|
| `TRIALWRIGHT_HOME` | the installation's folder | `~/.local/share/trialwright` |
| `DATABASE_URL` | a PostgreSQL 15 or newer, as the web's own role | the embedded server |
| `DATABASE_OWNER_URL` | the same database, as the role that migrates | `DATABASE_URL` |
| `TRIALWRIGHT_HOSTS` | host names served, separated by commas | this machine only |
| `TRIALWRIGHT_TIME_ZONE` | where days begin, as in the IANA database | `Asia/Shanghai` |
| `TRIALWRIGHT_REGISTRY` | the registry library of `/trials` | `registry` there; else the sample |
| `TRIALWRIGHT_IDLE_MINUTES` | after how long without use a session ends, and a screen locks | 15 |
| `TRIALWRIGHT_SESSION_HOURS` | after how long a session ends in any case | 12 |
| `TRIALWRIGHT_SECOND_FACTOR` | `yes` where nobody goes on with a password alone | `no` |
| `TRIALWRIGHT_HOST` | this host's name among those that share a database | the machine's own |
| `TRIALWRIGHT_WITNESS` | who else gets the signed heads: a write-once folder elsewhere, an \
`https://` address that takes PUT, or `mailto:` and two addresses | none |
| `TRIALWRIGHT_MAIL` | the mail server, `smtps://USER:PASSWORD@HOST:PORT` (or `smtp://`, with \
STARTTLS unless it is this machine), or a folder that mails are put into | `mail` there |
| `TRIALWRIGHT_MAIL_FROM` | the address that mails come from | `trialwright@localhost` |
| `TRIALWRIGHT_MAIL_DOMAIN` | where people have their mail, under their usernames; a username that \
is an address is used as it is | `localhost` |
| `TRIALWRIGHT_ADDRESS` | where people find this installation, as links in mails have it | this \
machine's own |
| `TRIALWRIGHT_BACKUPS` | the folder of backups, best on another machine; with it the server makes \
them by itself | none |
| `TRIALWRIGHT_BACKUP_HOURS` | how many hours lie between two of them | 24 |
| `TRIALWRIGHT_BACKUP_KEEP` | of how many days, weeks and months the newest is kept | `7d 5w 12m` |
| `TRIALWRIGHT_CACHE_DIR` | where compiled code of the design engine is kept | the user's cache |
| `TRIALWRIGHT_LOGS` | `text`, or `json` for a JSON object a line | `text` |
| `TRIALWRIGHT_HTTPS` | `yes` when served over HTTPS: secure cookies, HSTS | `no` |
"""

import os
import socket
from zoneinfo import available_timezones

from csp.constants import NONE, SELF

from trialwright.config import embedded
from trialwright.config.databases import from_url
from trialwright.config.home import SetupError, home, private_folder, secret
from trialwright.config.limits import LONGEST_BODY, LONGEST_UPLOAD
from trialwright.config.telling import address, kept_backups, mail, witness
from trialwright.messages.catalogue import LOCALE, named_languages


def _yes(name: str) -> bool:
    value = os.environ.get(name, "no")
    if value not in ("yes", "no"):
        raise SetupError(f"{name} is {value!r}. Write yes or no.")
    return value == "yes"


def _number(name: str, default: int, *, most: int, of: str) -> int:
    value = os.environ.get(name, str(default))
    if not (value.isascii() and value.isdigit()) or not 1 <= int(value) <= most:
        raise SetupError(f"{name} is {value!r}. Write a whole number of {of}, from 1 to {most}.")
    return int(value)


def _time_zone(name: str, default: str) -> str:
    value = os.environ.get(name, default)
    if value not in available_timezones():
        raise SetupError(f"{name} is {value!r}. Write a name such as Asia/Shanghai.")
    return value


def _one_of(name: str, *values: str) -> str:
    value = os.environ.get(name, values[0])
    if value not in values:
        raise SetupError(f"{name} is {value!r}. Write {' or '.join(values)}.")
    return value


SECRET_KEY = secret("django")
# The processes of a host add up what they count in this folder; read before any of them counts.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(private_folder("metrics")))
TRIALWRIGHT_METRICS_TOKEN = secret("metrics")
DEBUG = False
HTTPS = _yes("TRIALWRIGHT_HTTPS")
ALLOWED_HOSTS = os.environ.get("TRIALWRIGHT_HOSTS", "127.0.0.1,localhost,[::1]").split(",")

# The web's role may only insert into and read the ledger; migrations run as the owner.
if "DATABASE_URL" in os.environ:
    DATABASES = {
        "default": from_url(os.environ["DATABASE_URL"]),
        "owner": from_url(os.environ.get("DATABASE_OWNER_URL", os.environ["DATABASE_URL"])),
    }
else:
    DATABASES = {
        "default": from_url(embedded.address().url(embedded.WEB)),
        "owner": from_url(embedded.address().url(embedded.OWNER)),
    }

# Signing and sealing keys, and the signed heads of the ledger: both outside the database.
TRIALWRIGHT_KEYS = private_folder("keys")
TRIALWRIGHT_HEADS = private_folder("heads")
# The first of several hosts that signs has the heads file; the others leave signing to it.
TRIALWRIGHT_HOST = os.environ.get("TRIALWRIGHT_HOST") or socket.gethostname()
TRIALWRIGHT_WITNESS = witness(os.environ.get("TRIALWRIGHT_WITNESS", ""))
globals().update(mail(os.environ.get("TRIALWRIGHT_MAIL") or str(private_folder("mail"))))
DEFAULT_FROM_EMAIL = os.environ.get("TRIALWRIGHT_MAIL_FROM", "trialwright@localhost")
TRIALWRIGHT_MAIL_DOMAIN = os.environ.get("TRIALWRIGHT_MAIL_DOMAIN", "localhost")
TRIALWRIGHT_ADDRESS = address(os.environ.get("TRIALWRIGHT_ADDRESS", "http://localhost:8000"))
TRIALWRIGHT_CUTS = private_folder("cuts")
TRIALWRIGHT_BACKUPS = os.environ.get("TRIALWRIGHT_BACKUPS") or None
TRIALWRIGHT_BACKUP_HOURS = _number("TRIALWRIGHT_BACKUP_HOURS", 24, most=744, of="hours")
TRIALWRIGHT_BACKUP_KEEP = kept_backups(os.environ.get("TRIALWRIGHT_BACKUP_KEEP", "7d 5w 12m"))
TRIALWRIGHT_REGISTRY = os.environ.get("TRIALWRIGHT_REGISTRY", str(home() / "registry"))
TRIALWRIGHT_SAMPLE = str(private_folder("registry-sample"))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "trialwright.ledger",
    "trialwright.accounts",
    "trialwright.conduct",
    "trialwright.web",
]
MIDDLEWARE = [
    "trialwright.web.metrics.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "trialwright.web.readable.ReadableMiddleware",
    "trialwright.web.bodies.WholeBodyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "trialwright.web.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "trialwright.web.lifetime.SessionLifetimeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "trialwright.web.wrong_clock.WrongClockMiddleware",
]
TRIALWRIGHT_SECOND_FACTOR = _yes("TRIALWRIGHT_SECOND_FACTOR")
if TRIALWRIGHT_SECOND_FACTOR:
    MIDDLEWARE.append("trialwright.web.account.required.RequiredFactorMiddleware")
ROOT_URLCONF = "trialwright.config.urls"
WSGI_APPLICATION = "trialwright.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.Person"
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_AGE = _number("TRIALWRIGHT_SESSION_HOURS", 12, most=24, of="hours") * 60 * 60
TRIALWRIGHT_IDLE_MINUTES = _number("TRIALWRIGHT_IDLE_MINUTES", 15, most=720, of="minutes")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [(language.code, language.name) for language in named_languages()]
LOCALE_PATHS = [LOCALE]
USE_I18N = True
USE_TZ = True
# The calendar in which visits are counted, and the clock that pages show.
TIME_ZONE = _time_zone("TRIALWRIGHT_TIME_ZONE", "Asia/Shanghai")

# The longest form is a few kilobytes, a file some megabytes; the server that receives requests
# stops at this too, and what isn't for a page that takes a file at less (`web.bodies`).
DATA_UPLOAD_MAX_MEMORY_SIZE = LONGEST_UPLOAD
LONGEST_FORM = LONGEST_BODY
# No file lies on the disk on its way: it may hold clinical data.
FILE_UPLOAD_MAX_MEMORY_SIZE = LONGEST_UPLOAD
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

STATIC_URL = "/static/"
STATIC_ROOT = private_folder("static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_LOGS = {"text": "line", "json": "json"}[_one_of("TRIALWRIGHT_LOGS", "text", "json")]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "trialwright.config.logs.LineFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
        "json": {"class": "trialwright.config.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": _LOGS}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Statements and their parameters are never logged: they hold what participants said.
    "loggers": {
        "django.db.backends": {"level": "WARNING"},
        # That requests wait for a thread is no news.
        "waitress.queue": {"level": "ERROR"},
    },
}
