"""Django's settings. What is the administrator's to choose comes from the environment:

DATABASE_URL          the PostgreSQL to use
FIRSTCALL_SECRET_KEY  signs sessions and tokens; without it each process makes one up, and what it signed ends with it
"""

from __future__ import annotations

import os
import secrets

from psycopg.conninfo import conninfo_to_dict

from firstcall import schedule

_dsn = conninfo_to_dict(os.environ.get("DATABASE_URL", ""))

SECRET_KEY = os.environ.get("FIRSTCALL_SECRET_KEY") or secrets.token_urlsafe(50)
DEBUG = False
ALLOWED_HOSTS: list[str] = []

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "procrastinate.contrib.django",
    "firstcall.jobs",
    "firstcall.access",
    "firstcall.records",
    "firstcall.touchpoints",
    "firstcall.scorekeeping",
]
MIDDLEWARE: list[str] = []
AUTH_USER_MODEL = "access.User"

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _dsn.pop("dbname", "firstcall"),
        "USER": _dsn.pop("user", ""),
        "PASSWORD": _dsn.pop("password", ""),
        "HOST": _dsn.pop("host", ""),
        "PORT": _dsn.pop("port", ""),
        "OPTIONS": _dsn,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rooms keep the functions of their jobs in `jobs.py`.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
SCHEDULE = schedule.SCHEDULE

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
