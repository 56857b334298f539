"""Every setting in one place, read from the environment by typed readers that fail loudly.

| variable | meaning | default |
|---|---|---|
| `TRIALWRIGHT_HOME` | the installation's folder | `~/.local/share/trialwright` |
| `DATABASE_URL` | a PostgreSQL 15 or newer, as the web's own role | the embedded server |
| `DATABASE_OWNER_URL` | the same database, as the role that migrates | `DATABASE_URL` |
| `TRIALWRIGHT_HOSTS` | host names served, separated by commas | this machine only |
| `TRIALWRIGHT_TIME_ZONE` | where days begin, as in the IANA database | `Asia/Shanghai` |
| `TRIALWRIGHT_REGISTRY` | the registry library of `/trials` | `registry` there; else the sample |
| `TRIALWRIGHT_IDLE_MINUTES` | after how long a screen left alone is locked | 15 |
| `TRIALWRIGHT_HTTPS` | `yes` when served over HTTPS: secure cookies, HSTS | `no` |
"""

import os
from zoneinfo import available_timezones

from csp.constants import NONE, SELF

from trialwright.config import embedded
from trialwright.config.databases import from_url
from trialwright.config.home import SetupError, home, private_folder, secret


def _yes(name: str) -> bool:
    value = os.environ.get(name, "no")
    if value not in ("yes", "no"):
        raise SetupError(f"{name} is {value!r}. Write yes or no.")
    return value == "yes"


def _minutes(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    if not (value.isascii() and value.isdigit()) or not 1 <= int(value) <= 720:
        raise SetupError(f"{name} is {value!r}. Write a whole number of minutes, from 1 to 720.")
    return int(value)


def _time_zone(name: str, default: str) -> str:
    value = os.environ.get(name, default)
    if value not in available_timezones():
        raise SetupError(f"{name} is {value!r}. Write a name such as Asia/Shanghai.")
    return value


SECRET_KEY = secret("django")
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
TRIALWRIGHT_CUTS = private_folder("cuts")
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
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "trialwright.web.readable.ReadableMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "trialwright.web.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
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
SESSION_COOKIE_AGE = 12 * 60 * 60
TRIALWRIGHT_IDLE_MINUTES = _minutes("TRIALWRIGHT_IDLE_MINUTES", 15)
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
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
USE_I18N = True
USE_TZ = True
# The calendar in which visits are counted, and the clock that pages show.
TIME_ZONE = _time_zone("TRIALWRIGHT_TIME_ZONE", "Asia/Shanghai")

STATIC_URL = "/static/"
STATIC_ROOT = private_folder("static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Statements and their parameters are never logged: they hold what participants said.
    "loggers": {"django.db.backends": {"level": "WARNING"}},
}
