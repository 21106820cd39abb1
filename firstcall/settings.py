"""Django's settings. What is the administrator's to choose is in `configuration`."""

from __future__ import annotations

import secrets
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from firstcall import schedule
from firstcall.configuration import configuration
from firstcall.secret_key import find_secret_key

CONFIGURATION = configuration()

# The commands that serve make a key that lasts before they begin; without one, what is signed ends with the process.
SECRET_KEY = find_secret_key(CONFIGURATION) or secrets.token_urlsafe(50)
DEBUG = False
ALLOWED_HOSTS = CONFIGURATION.hosts

_https = CONFIGURATION.public_url.startswith("https://")
CSRF_TRUSTED_ORIGINS = [CONFIGURATION.public_url] if CONFIGURATION.public_url else []
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CONFIGURATION.behind_proxy else None

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "firstcall.jobs",
    "firstcall.access",
    "firstcall.records",
    "firstcall.touchpoints",
    "firstcall.scorekeeping",
]
MIDDLEWARE: list[str] = []
AUTH_USER_MODEL = "access.User"

_dsn: dict[str, Any] = conninfo_to_dict(CONFIGURATION.database_url.get_secret_value())
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _dsn.pop("dbname", "firstcall"),
        "USER": _dsn.pop("user", ""),
        "PASSWORD": _dsn.pop("password", ""),
        "HOST": _dsn.pop("host", ""),
        "PORT": _dsn.pop("port", ""),
        # A thread keeps its connection; one that has died since is noticed and replaced.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **_dsn},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rooms keep the functions of their jobs in `jobs.py`.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
SCHEDULE = schedule.SCHEDULE

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
